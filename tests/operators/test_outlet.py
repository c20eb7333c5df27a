"""Where a flow ends in values: an observer that raises is let go at that value, and its siblings miss nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from reactivex import empty, merge
from reactivex import operators as ops

from ordinis_rx.batches import Item
from ordinis_rx.consensus import provider_stats
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators import window_by_count, zip_latest_by
from ordinis_rx.operators.outlet import ItemOutlet, ending_in
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_quote, a_trade


class Doubling(ItemOutlet):
    def on_item(self, item: Item) -> None:
        for fact in item.facts:
            self.tell(2 * fact.price, item.turn, fact.seq)


def test_an_observer_that_raises_is_let_go_and_told_and_its_siblings_miss_nothing() -> None:
    shared = from_events([a_trade(price) for price in (1, 2, 3)]).pipe(share())
    doubled = shared.pipe(ending_in(Doubling))
    heard: list[Any] = []
    told: list[Any] = []

    def fail(value: float) -> None:
        told.append(value)
        if value == 4:
            raise ZeroDivisionError

    failing = doubled.pipe(ops.do_action(fail), ops.catch(lambda error, _: empty()))
    merge(failing, doubled.pipe(ops.map(str))).subscribe(heard.append)

    assert told == [2.0, 4.0]
    assert [value for value in heard if isinstance(value, str)] == ["2.0", "4.0", "6.0"]


def test_the_observer_hears_its_own_error() -> None:
    errors: list[Exception] = []

    def fail(_: float) -> None:
        raise ZeroDivisionError

    from_events([a_trade(), a_trade()]).pipe(ending_in(Doubling)).subscribe(fail, errors.append)

    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_after_dispose_nothing_is_told() -> None:
    heard: list[float] = []
    stream = from_events([a_trade(1), a_trade(2)]).pipe(ending_in(Doubling))

    stream.pipe(ops.take(1)).subscribe(heard.append)

    assert heard == [2.0]


def test_an_outlet_says_what_it_makes_of_an_item() -> None:
    with pytest.raises(TypeError, match="on_item"):
        ItemOutlet(None)  # type: ignore[abstract, arg-type]


@pytest.mark.parametrize(
    "operator",
    [window_by_count(1), zip_latest_by(), provider_stats()],
    ids=["window", "zip", "stats"],
)
def test_an_error_that_nobody_takes_at_the_end_is_logged_by_a_hot_stream(
    operator: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise ValueError("no end")

    for on_completed in (None, refuse):
        hot = Hot()
        hot.stream.pipe(operator).subscribe(on_completed=on_completed)
        with caplog.at_level(logging.ERROR, logger="ordinis_rx"):
            hot.push([a_quote(9, 11, at=1, seq=1)])
            hot.complete() if on_completed else hot.error(OSError("gone"))

    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [
        "gone",
        "no end",
    ]
