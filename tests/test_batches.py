"""Batches: rows of several kinds as one item, told in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.batches import Batch, item_of, only_frames, only_rows
from ordinis_rx.codes import Names
from ordinis_rx.events import EVENT_TYPES, Bar, Event, Heartbeat, Quote, Reading, Trade
from ordinis_rx.frames import FRAMES, Frame, QuoteFrame, TradeFrame


def a_fact(kind: type[Event], seq: int) -> Any:
    own: dict[type[Event], dict[str, Any]] = {
        Trade: {"price": 1.0, "size": 1.0},
        Quote: {"bid": 1.0, "ask": 2.0},
        Heartbeat: {},
        Reading: {"value": 1.0},
    }
    return kind(symbol="A", ts_event=seq, seq=seq, **own[kind])


QUOTE, TRADE, BEAT = a_fact(Quote, 2), a_fact(Trade, 1), a_fact(Heartbeat, 3)


def test_one_fact_is_a_frame_and_several_are_a_batch() -> None:
    assert isinstance(item_of([TRADE], Names()), TradeFrame)
    assert isinstance(item_of([TRADE, QUOTE], Names()), Batch)
    assert item_of([TRADE, QUOTE], Names()).n == 2


def test_what_is_no_fact_is_named() -> None:
    with pytest.raises(TypeError, match="not a fact: 'price'"):
        item_of(["price"], Names())


def test_a_batch_has_one_frame_a_kind_in_the_order_of_kinds() -> None:
    batch = item_of([TRADE, QUOTE, BEAT, a_fact(Trade, 4)], Names())

    assert [(frame.kind, frame.n) for frame in batch.frames()] == [
        (Quote, 1),
        (Trade, 2),
        (Heartbeat, 1),
    ]
    assert batch.of(Bar) is None
    trades = batch.of(Trade)
    assert trades is not None
    assert trades.facts[0] is TRADE
    assert trades is batch.of(Trade)


def test_frames_in_a_batch_share_its_names_and_its_turn() -> None:
    batch = item_of([TRADE, QUOTE], names := Names())
    batch.turn = turn = object()

    assert all(frame.names is names and frame.turn is turn for frame in batch.frames())


kinds = st.sampled_from([Trade, Quote, Heartbeat, Reading])


@given(st.lists(st.tuples(st.integers(1, 4), kinds), unique=True, min_size=1, max_size=10))
def test_a_batch_is_told_by_seq_with_ties_in_the_order_of_kinds(rows: list[Any]) -> None:
    facts = [a_fact(kind, seq) for seq, kind in rows]
    frames = [
        FRAMES[kind].from_events([f for f in sorted(facts, key=lambda f: f.seq) if type(f) is kind])
        for kind in {kind for _, kind in rows}
    ]

    batch = Batch.of_frames(frames, Names())

    expected = sorted(facts, key=lambda fact: (fact.seq, EVENT_TYPES.index(type(fact))))
    assert batch.facts == expected
    assert batch.copy().facts == expected
    assert batch.n == len(rows)


def test_a_copy_of_a_batch_outlives_it() -> None:
    held = Batch(Names())
    held.hold([TRADE, QUOTE])
    quotes = QuoteFrame.from_events([QUOTE])
    of_frames = Batch.of_frames([quotes], quotes.names)
    copies = held.copy(), of_frames.copy()

    held.hold([BEAT])
    quotes.hold([a_fact(Quote, 9)])

    assert copies[0].facts == [TRADE, QUOTE]
    assert copies[1].facts == [QUOTE]


def test_a_batch_that_holds_new_facts_forgets_the_old_frames() -> None:
    batch = Batch(Names())
    batch.hold([TRADE, QUOTE])
    assert batch.of(Quote) is not None

    batch.hold([TRADE, BEAT])

    assert batch.of(Quote) is None
    assert repr(batch) == "Batch(TradeFrame(1 rows), HeartbeatFrame(1 rows))"


def test_a_kind_of_which_there_are_no_rows_has_no_frame() -> None:
    names = Names()
    trades, quotes = TradeFrame(names), QuoteFrame(names)
    trades.hold([])
    quotes.hold([QUOTE])

    batch = Batch.of_frames([trades, quotes], names)

    assert batch.of(Trade) is None
    assert batch.frames() == (quotes,)


def test_chosen_rows_rest_on_their_frame_in_a_frame_that_is_lent_anew() -> None:
    trades = TradeFrame.from_columns(
        symbol="A", ts_event=[1, 2, 3], price=[9.0, 8.0, 7.0], size=1.0
    )
    lent: dict[type[Any], Frame] = {}

    assert only_rows(trades, np.arange(3), lent) is trades
    assert only_rows(trades, np.arange(0), lent) is None
    assert not lent
    some = only_rows(trades, np.array([0, 2]), lent)
    assert some is not None
    assert some.same_as(trades[np.array([0, 2])])
    assert only_rows(trades, np.array([1]), lent) is some
    assert some.same_as(trades[1:2])


def test_frames_that_are_left_are_an_item() -> None:
    batch = item_of([TRADE, QUOTE, BEAT], Names())
    quotes, trades, beats = batch.frames()

    assert only_frames(batch, [quotes, trades, beats]) is batch
    assert only_frames(trades, [trades]) is trades
    assert only_frames(batch, [trades]) is trades
    assert only_frames(batch, []) is None
    two = only_frames(batch, [quotes, beats])
    assert two is not None
    assert two.facts == [QUOTE, BEAT]
