"""Doors between flows and plain Rx: what leaves a flow and comes back into one stays in the turn in which it left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx.clock import EventClock
from ordinis_rx.doors import entry_below, subscribing_for
from ordinis_rx.events import Reading
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators import (
    merge,
    on_clock,
    quotes,
    reorder,
    trades,
    window_by_count,
    window_by_time,
    with_latest,
    zip_latest_by,
)
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_quote, a_trade

EVENTS = [
    a_quote(99, 101),
    a_trade(100),
    a_quote(98, 100),
    a_trade(99),
    a_quote(97, 99),
    a_trade(98),
]


def reading(value: float) -> Reading:
    """A fact that a user makes: without `seq`."""
    return Reading(symbol="A", ts_event=0, value=value)


def pairs(events: Observable[Any]) -> Observable[Any]:
    return events.pipe(
        trades(), with_latest(events.pipe(quotes())), ops.map(lambda pair: reading(pair[0].price))
    )


def rows(events: Observable[Any]) -> Observable[Any]:
    return events.pipe(zip_latest_by("provider"), ops.map(lambda row: reading(len(row.quotes))))


def window_ends(events: Observable[Any]) -> Observable[Any]:
    counted = ops.flat_map(lambda window: window.pipe(ops.count(), ops.map(reading)))
    return events.pipe(window_by_count(2), counted)


def window_facts(events: Observable[Any]) -> Observable[Any]:
    made = ops.flat_map(lambda window: window.pipe(ops.map(lambda fact: reading(fact.seq))))
    return events.pipe(window_by_count(4), made)


@pytest.mark.parametrize(
    ("make", "seqs"),
    [
        (pairs, [2, 4, 6]),
        (rows, [1, 3, 5]),
        (window_ends, [2, 4, 6]),
        (window_facts, [1, 2, 3, 4, 5, 6]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1024])
def test_facts_made_of_values_take_the_seq_and_the_turn_of_what_caused_them(
    make: Callable[[Observable[Any]], Observable[Any]], seqs: list[int], size: int
) -> None:
    events = from_events(EVENTS, rows=size).pipe(share())
    told: list[tuple[int, int]] = []

    # A join refuses what comes from another root.
    made = make(events).pipe(with_latest(events))
    made.subscribe(lambda pair: told.append((pair[0].seq, pair[1].seq)))

    assert told == [(seq, seq) for seq in seqs]


def test_what_a_window_gives_when_its_source_ends_comes_after_the_rest() -> None:
    events = from_events(EVENTS[:3])
    told: list[int] = []

    made = merge(window_facts(events), window_ends(events))
    made.subscribe(lambda fact: told.append(fact.seq))

    assert told == sorted(set(told))
    assert len(told) == 3 + 2


def test_a_window_that_is_ended_by_the_next_fact_belongs_to_that_one() -> None:
    hot = Hot()
    counted = ops.flat_map(lambda window: window.pipe(ops.count(), ops.map(reading)))
    joined = hot.stream.pipe(window_by_time(10), counted, with_latest(hot.stream))
    told: list[tuple[float, int]] = []
    joined.subscribe(lambda pair: told.append((pair[0].value, pair[1].seq)))

    hot.push([a_trade(at=t, seq=seq) for seq, t in enumerate((1, 4, 12), 1)])

    assert told == [(2, 3)]


def test_nobody_is_below_but_while_somebody_subscribes() -> None:
    assert entry_below() is None

    with subscribing_for(None):
        assert entry_below() is None


@pytest.mark.parametrize(
    ("operator", "field", "value"),
    [
        (window_by_time(5), "ts_event", "x"),
        (zip_latest_by(), "provider", ["p"]),
        (reorder(5), "ts_event", "x"),
        (on_clock(EventClock()), "ts_event", "x"),
    ],
    ids=["window_by_time", "zip_latest_by", "reorder", "on_clock"],
)
def test_a_fact_that_an_operator_cannot_take_ends_its_stream_and_not_whoever_pushes(
    operator: Any, field: str, value: Any
) -> None:
    source, told = Subject[Any](), list[Exception]()
    source.pipe(operator).subscribe(None, told.append)
    odd = replace(a_quote(99, 101, at=2, seq=2), **{field: value})

    source.on_next(a_quote(99, 101, at=1, seq=1))
    source.on_next(odd)
    source.on_next(a_quote(99, 101, at=3, seq=3))

    assert [str(error) for error in told] == [f"{field} cannot be {value!r} in {odd!r}"]
    assert not source.observers


@pytest.mark.parametrize("operator", [window_by_count(1), zip_latest_by(), reorder(0)])
def test_what_a_subscriber_without_on_error_raises_is_for_whoever_pushes(operator: Any) -> None:
    def refuse(_: object) -> None:
        raise ValueError("not this one")

    source = Subject[Any]()
    source.pipe(operator).subscribe(refuse)

    with pytest.raises(ValueError, match="not this one"):
        source.on_next(a_quote(99, 101, at=1, seq=1))
