"""Selection: what passes is the very fact that came, and nothing is built for what does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable

from ordinis_rx import operators as ox
from ordinis_rx.batches import Batch
from ordinis_rx.codes import Names
from ordinis_rx.events import EVENT_TYPES, Bar, Event, FeedError, Quote, StatusChange, Trade
from ordinis_rx.frames import TradeFrame
from ordinis_rx.stream import Stream, from_events, from_items
from ordinis_rx.testing import (
    a_bar,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
    through,
)

ONE_OF_EACH: list[Event] = [
    a_trade(),
    a_quote(),
    a_bar(),
    a_status(),
    a_gap(),
    a_feed_error(),
    a_heartbeat(),
    a_halt(),
    a_reading(),
]


@pytest.mark.parametrize(
    ("operator", "kind"),
    [
        (ox.trades(), "TRADE"),
        (ox.quotes(), "QUOTE"),
        (ox.bars(), "BAR"),
        (ox.statuses(), "STATUS"),
        (ox.gaps(), "GAP"),
        (ox.errors(), "ERROR"),
        (ox.heartbeats(), "HEARTBEAT"),
        (ox.halts(), "HALT"),
        (ox.readings(), "READING"),
    ],
)
def test_only_facts_of_the_kind_pass(operator: Any, kind: str) -> None:
    assert [fact.type.name for fact in through(operator, ONE_OF_EACH)] == [kind]


def test_the_very_fact_passes() -> None:
    trade = a_trade(seq=1)

    assert through(ox.trades(), [trade])[0] is trade


class Ear:
    """Takes items and keeps what a test asks about."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def on_item(self, item: Any) -> None:
        self.items.append(item)

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        pass

    def exits(self, found: set[int]) -> None:
        pass


def test_a_frame_of_the_kind_passes_without_a_copy() -> None:
    ear, frame = Ear(), TradeFrame.from_events([a_trade(), a_trade()]).copy()

    from_items(lambda names: [frame]).pipe(ox.trades()).flow(ear)  # type: ignore[attr-defined]

    assert ear.items == [frame]


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["trade", "quote"]))))
def test_every_fact_is_selected_by_exactly_one_kind(drawn: list[tuple[str, str]]) -> None:
    facts: list[Any] = [
        a_trade(symbol=symbol) if kind == "trade" else a_quote(symbol=symbol)
        for symbol, kind in drawn
    ]

    parts = [through(ox.trades(), facts), through(ox.quotes(), facts)]

    numbers = sorted(fact.seq for part in parts for fact in part)
    assert numbers == list(range(1, len(facts) + 1))


def test_an_empty_frame_of_a_batch_is_not_told() -> None:
    ear = Ear()
    empty = TradeFrame.from_events([])

    def items(names: Names) -> list[Batch]:
        return [Batch.of_frames([empty], names)]

    stream: Any = from_items(items).pipe(ox.trades())
    stream.flow(ear)

    assert [item.n for item in ear.items if item.n] == []


def test_selections_say_what_they_give() -> None:
    events: Observable[Event] = from_events(ONE_OF_EACH)
    trades: Observable[Trade] = events.pipe(ox.trades())
    quotes: Observable[Quote] = events.pipe(ox.quotes())
    bars: Observable[Bar] = events.pipe(ox.bars())
    statuses: Observable[StatusChange] = events.pipe(ox.statuses())
    errors: Observable[FeedError] = events.pipe(ox.errors())

    streams: list[Observable[Any]] = [trades, quotes, bars, statuses, errors]
    assert all(isinstance(stream, Stream) for stream in streams)
    assert len(EVENT_TYPES) > len(streams)
