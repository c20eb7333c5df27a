"""Side outputs: counted whether or not anybody listens, and streams like any other."""

from __future__ import annotations

from typing import Any

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
