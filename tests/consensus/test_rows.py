"""Facts as rows."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.batches import Batch, item_of
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.consensus import AggregationConfig, ProviderWeight
from ordinis_rx.consensus.rows import Rows, losses
from ordinis_rx.events import Event, StreamStatus
from ordinis_rx.frames import FRAMES
from ordinis_rx.kernels.consensus_layout import (
    CONSENSUS,
    LOST_ALL,
    LOST_ONE,
    LOST_PROVIDERS,
    LOST_SYMBOLS,
    QUOTE,
    TIME,
    TRADE,
)
from ordinis_rx.testing import a_bar, a_gap, a_heartbeat, a_quote, a_status, a_trade
from ordinis_rx.timebase import SECOND

TOLD = [
    a_trade(10.0, provider="b", seq=1, symbol="B"),
    a_quote(9.0, 11.0, provider="a", seq=2),
    a_heartbeat(provider="a", seq=3),
    a_gap(provider="a", seq=4, symbols=("A", "B")),
    a_bar(seq=5),
    a_quote(8.0, 11.0, provider="b", seq=6),
    a_status(StreamStatus.ERROR, provider="b", seq=7),
]


def column(rows: Rows, name: str) -> list[float]:
    at = [column.name for column in CONSENSUS.reads].index(name)
    block, j = rows.places[at]
    return block.columns[j][: rows.n].tolist()


def in_columns(facts: list[Event], names: Names) -> Batch:
    frames = []
    for kind, frame_class in FRAMES.items():
        of_kind = [fact for fact in facts if type(fact) is kind]
        if of_kind:
            frame = frame_class(names)
            frame.hold(of_kind)
            copy = frame_class(names)
            block = None
            for field in frame.schema.columns:
                block, _ = frame.lookup(field.name)
            assert block is not None
            objects = {name: list(frame.object_column(name)) for name in frame.schema.objects}
            copy.hold_columns(block, len(of_kind), objects)
            frames.append(copy)
    return Batch.of_frames(frames, names)


def test_rows_are_the_same_of_facts_and_of_columns() -> None:
    config = AggregationConfig(
        weights=(ProviderWeight("a", 2.0), ProviderWeight("b", enabled=False))
    )
    of_facts, of_columns = Rows(config), Rows(config)
    of_facts.take(item_of(TOLD, Names()))
    names = Names()
    of_columns.take(in_columns(TOLD, names))

    for rows in (of_facts, of_columns):
        assert column(rows, "kind") == [TRADE, QUOTE, TIME, LOST_ONE, LOST_ONE, QUOTE, LOST_SYMBOLS]
        assert column(rows, "seq") == [1, 2, 3, 4, 4, 6, 7]
        assert column(rows, "weight") == [-1.0, 2.0, 2.0, 2.0, 2.0, -1.0, -1.0]
        assert column(rows, "bid")[1] == 9.0
        assert column(rows, "price")[0] == 10.0


@pytest.mark.parametrize("count", [1, 3, 40])
@pytest.mark.parametrize("kind", [QUOTE, TRADE])
def test_one_fact_and_many_of_a_kind_are_the_rows_that_columns_give(kind: int, count: int) -> None:
    def fact(k: int) -> Event:
        common: Any = {
            "provider": "ab"[k % 2],
            "symbol": "AB"[k % 2],
            "at": k,
            "ts_recv": k + 1,
            "seq": k + 1,
        }
        if kind == TRADE:
            return a_trade(10.0 + k, size=2.0 + k, **common)
        return a_quote(9.0 + k, 11.0 + k, bid_size=3.0 + k, ask_size=4.0 + k, **common)

    told = [fact(k) for k in range(count)]
    config = AggregationConfig(
        weights=(ProviderWeight("a", 2.0), ProviderWeight("b", enabled=False)),
        max_age_by_symbol={"B": SECOND},
    )
    of_facts, of_columns, of_frame = Rows(config), Rows(config), Rows(config)
    of_facts.take(item_of(told, Names()))
    of_columns.take(in_columns(told, Names()))
    of_frame.take(in_columns(told, Names()).frames()[0])

    used = ["kind", "symbol", "provider", "ts_event", "ts_recv", "weight", "max_age", "seq"]
    used += ["price", "size", "flags"] if kind == TRADE else ["bid", "ask", "bid_size", "ask_size"]
    for rows in (of_columns, of_frame):
        assert {name: column(of_facts, name) for name in used} == {
            name: column(rows, name) for name in used
        }


def test_the_rows_of_one_frame_stay_in_its_columns() -> None:
    rows, names = Rows(AggregationConfig()), Names()
    (frame,) = in_columns([a_quote(seq=1), a_quote(seq=2)], names).frames()

    rows.take(frame)

    at = [column.name for column in CONSENSUS.reads].index("bid")
    assert rows.places[at] == frame.lookup("bid")
    assert not rows.stay


def test_frames_of_another_stream_have_the_weights_of_that() -> None:
    rows = Rows(AggregationConfig(weights=(ProviderWeight("x", 7.0),)))
    rows.take(in_columns([a_quote(provider="a", seq=1)], Names()).frames()[0])
    rows.take(in_columns([a_quote(provider="x", seq=1)], Names()).frames()[0])

    assert column(rows, "weight") == [7.0]


def test_a_longer_frame_is_held_whole() -> None:
    rows, names = Rows(AggregationConfig()), Names()
    for count in (1, 3, 2, 7):
        told: list[Event] = [a_quote(9.0 + k, 11.0, seq=k + 1) for k in range(count)]
        rows.take(in_columns(told, names).frames()[0])

        assert column(rows, "kind") == [QUOTE] * count
        assert column(rows, "weight") == [1.0] * count
        assert column(rows, "bid") == [9.0 + k for k in range(count)]


def test_who_is_new_in_a_frame_has_a_weight_and_an_age() -> None:
    weights = (ProviderWeight("b", 2.0),)
    rows = Rows(AggregationConfig(weights=weights, max_age_by_symbol={"B": SECOND}))
    names = Names()
    told: list[Any] = []
    for provider, symbol in (("a", "A"), ("b", "B"), ("a", "A")):
        told.append(a_trade(provider=provider, symbol=symbol, seq=len(told) + 1))
        rows.take(in_columns(told, names).frames()[0])

    assert column(rows, "weight") == [1.0, 2.0, 1.0]
    assert column(rows, "max_age") == [5 * SECOND, SECOND, 5 * SECOND]


def test_an_empty_frame_has_no_rows() -> None:
    rows, frame = Rows(AggregationConfig()), FRAMES[type(a_quote())](Names())
    frame.hold_columns(Block(frame.schema.kinds, 1), 0)

    assert rows.take(frame) == 0


def test_symbols_carry_the_age_that_is_theirs() -> None:
    rows = Rows(AggregationConfig(max_age_by_symbol={"B": SECOND}))
    rows.take(item_of(TOLD, Names()))

    assert column(rows, "max_age")[:2] == [SECOND, 5 * SECOND]


def test_the_rows_of_another_root_have_names_of_their_own() -> None:
    rows = Rows(AggregationConfig(weights=(ProviderWeight("x", 7.0),)))
    rows.take(item_of([a_trade(provider="a", seq=1)], Names()))
    rows.take(item_of([a_trade(provider="x", seq=1)], Names()))

    assert column(rows, "weight") == [7.0]


@pytest.mark.parametrize(
    ("fact", "lost"),
    [
        (a_status(StreamStatus.CONNECTED), []),
        (a_status(StreamStatus.CLOSED), [(LOST_SYMBOLS, "")]),
        (a_gap(provider="a"), [(LOST_SYMBOLS, "")]),
        (a_gap(), [(LOST_ALL, "")]),
        (a_gap(symbols=("A",)), [(LOST_PROVIDERS, "A")]),
        (a_gap(provider="a", symbols=("A",)), [(LOST_ONE, "A")]),
        (a_gap(provider="a", filled=True), []),
        (a_trade(), []),
    ],
)
def test_what_is_lost_by_a_fact(fact: Event, lost: list[tuple[int, str]]) -> None:
    assert losses(fact) == lost
