"""Side outputs: counted whether or not anybody listens, and streams like any other."""

from __future__ import annotations

from typing import Any

import pytest

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.consensus import validate
from ordinis_rx.operators import SideOutput, mid
from ordinis_rx.testing import a_quote, a_trade


def test_what_is_told_is_counted_though_nobody_listens() -> None:
    side: SideOutput[Any] = SideOutput()

    side.tell([a_trade(), a_trade()])

    assert side.told == 2
    assert repr(side) == "SideOutput(2 told)"


def test_every_listener_hears_what_is_told_while_it_listens() -> None:
    side: SideOutput[Any] = SideOutput()
    first: list[Any] = []
    second: list[Any] = []

    listening = side.subscribe(first.append)
    side.tell([a_trade(seq=1)])
    side.subscribe(second.append)
    side.tell([a_trade(seq=2)])
    listening.dispose()
    side.tell([a_trade(seq=3)])

    assert [fact.seq for fact in first] == [1, 2]
    assert [fact.seq for fact in second] == [2, 3]


def test_a_listener_that_raises_is_told_and_does_not_stop_the_operator() -> None:
    side: SideOutput[Any] = SideOutput()
    errors: list[Exception] = []

    def fail(_: Any) -> None:
        raise ZeroDivisionError

    side.subscribe(fail, errors.append)
    side.tell([a_trade()])
    side.tell([a_trade()])

    assert side.told == 2
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_operators_work_on_a_side_output() -> None:
    side: SideOutput[Any] = SideOutput()
    mids: list[float] = []
    side.pipe(mid()).subscribe(lambda reading: mids.append(reading.value))

    side.tell([a_quote(3, 1)])

    assert mids == [2.0]


def test_nothing_told_is_nothing_heard() -> None:
    side: SideOutput[Any] = SideOutput()
    heard: list[Any] = []
    side.subscribe(heard.append)

    side.tell([])

    assert (heard, side.told) == ([], 0)


HANDED = {
    "time_bars: late": lambda side: oo.time_bars(1, late=side),
    "resample: late": lambda side: oo.resample(1, late=side),
    "reorder: late": lambda side: oo.reorder(1, side),
    "dedupe: duplicates": oo.dedupe,
    "drop_crossed: crossed": oo.drop_crossed,
    "skipped": lambda side: oo.ichimoku(skipped=side),
    "timeframes: late": lambda side: oo.timeframes("1m", late=side),
    "timeframes: skipped": lambda side: oo.timeframes("1m", skipped=side),
    "rsi: skipped": lambda side: oo.rsi(skipped=side),
    "consensus: rejects": lambda side: ox.consensus(rejects=side),
    "validate: rejects": lambda side: validate(rejects=side),
    "aggregate: rejects": lambda side: ox.aggregate(rejects=side),
}


@pytest.mark.parametrize("what", HANDED)
@pytest.mark.parametrize("other", [print, []])
def test_what_is_no_side_output_is_refused_where_it_is_handed_over(what: str, other: Any) -> None:
    with pytest.raises(TypeError, match=f"{what} must be a SideOutput, got"):
        HANDED[what](other)
