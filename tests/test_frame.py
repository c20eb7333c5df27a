"""Frames: facts and columns of the same rows, frames that rest on other frames, and copies that outlive them."""

from __future__ import annotations

import math
import typing
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.batches import Batch
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.consensus.facts import Report, ReportKind
from ordinis_rx.consensus.frames import ReportFrame
from ordinis_rx.event_json import from_json, to_json
from ordinis_rx.events import EVENT_TYPES, Event, Heartbeat, Quote, Reading, Trade
from ordinis_rx.frames import FRAMES, Frame, HeartbeatFrame, QuoteFrame, ReadingFrame, TradeFrame
from ordinis_rx.recipes import Recipe
from ordinis_rx.testing.identity import fingerprint

int64 = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([0, 2**62, 2**63 - 1])
hostile = st.floats() | st.sampled_from([math.nan, -0.0, math.inf, 1e308, 5e-324])
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: int64,
    float: hostile,
    str: st.text(max_size=3),
    bool: st.booleans(),
    bytes: st.binary(max_size=3),
    tuple[str, ...]: st.lists(st.text(max_size=3), max_size=2).map(tuple),
    tuple[float, ...]: st.lists(hostile, max_size=2).map(tuple),
}


def facts_of(kind: type[Event]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    return st.builds(
        kind,
        **{
            name: VALUES[hints[name]] if hints[name] in VALUES else st.sampled_from(hints[name])
            for name in kind.__struct_fields__
        },
    )


def by_columns(facts: list[Any]) -> Frame:
    """A frame that rests on columns and has never seen the facts."""
    frame = FRAMES[type(facts[0])](Names())
    frame.hold(facts)
    block = Block(frame.schema.kinds, len(facts) + 2)
    for j, name in enumerate(frame.schema.index):
        source, k = frame.lookup(name)
        block.columns[j][: frame.n] = source.columns[k][: frame.n]
    other = type(frame)(frame.names)
    objects = {name: list(frame.object_column(name)) for name in frame.schema.objects}
    other.hold_columns(block, frame.n, objects)
    return other


each_kind = pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)


@each_kind
@given(data=st.data())
def test_facts_become_columns_and_facts_again_bit_by_bit(
    kind: type[Event], data: st.DataObject
) -> None:
    facts = data.draw(st.lists(facts_of(kind), min_size=1, max_size=4))

    frame = by_columns(facts)

    assert list(map(fingerprint, frame.facts)) == list(map(fingerprint, facts))
    assert list(map(fingerprint, frame.copy().facts)) == list(map(fingerprint, facts))
    assert frame.facts is frame.facts


@each_kind
@given(data=st.data())
def test_every_fact_survives_json_but_for_infinities(
    kind: type[Event], data: st.DataObject
) -> None:
    fact = data.draw(facts_of(kind))

    back = from_json(to_json(fact))

    assert fingerprint(back) == fingerprint(with_nan_for_infinities(fact))


def with_nan_for_infinities(fact: Any) -> Any:
    def finite(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(finite, value))
        return value if not isinstance(value, float) or math.isfinite(value) else math.nan

    return type(fact)(**{name: finite(getattr(fact, name)) for name in fact.__struct_fields__})


# Frames that rest on others


def a_trade(seq: int, **changes: Any) -> Trade:
    fields: dict[str, Any] = {"symbol": "AB"[seq % 2], "price": 100.0 + seq, "size": 1.0 * seq}
    fields |= {"ts_event": seq, "provider": "sim", "conditions": (str(seq),), "venue": "V"}
    return Trade(seq=seq, **fields | changes)


def keep(parent: Frame, rows: list[int]) -> Frame:
    """The frame of those rows of *parent*."""
    kept = type(parent)(Names())
    kept.hold_derived(
        parent, len(rows), np.array(rows, np.int64), Recipe(parent.schema, parent.schema)
    )
    return kept


def written(
    parent: Frame,
    out: type[Frame],
    column: str,
    values: list[float],
    rows: list[int] | None = None,
    **constants: Any,
) -> Frame:
    """A frame of *out* with *column* written and everything else as the recipe says."""
    frame = out(Names())
    recipe = Recipe(parent.schema, out.schema, [column], constants)
    frame.block = Block(out.schema.kinds, len(values))
    for j, value in recipe.fixed.items():
        frame.block.columns[j].fill(value)
    frame.block.columns[out.schema.index[column]][:] = values
    chosen = None if rows is None else np.array(rows, np.int64)
    frame.hold_derived(parent, len(values), chosen, recipe)
    return frame


TRADES = [a_trade(seq) for seq in range(1, 6)]
both = pytest.mark.parametrize(
    "parent", [TradeFrame.from_events(TRADES), by_columns(TRADES)], ids=["facts", "columns"]
)


def test_rows_that_are_kept_hand_on_the_very_facts() -> None:
    parent = TradeFrame.from_events(TRADES)

    kept = keep(keep(keep(parent, [0, 2, 3, 4]), [1, 2, 3]), [0, 2])

    assert all(one is other for one, other in zip(kept.facts, [TRADES[2], TRADES[4]], strict=True))


@both
def test_three_frames_deep_the_columns_are_those_of_the_rows_kept(parent: Frame) -> None:
    kept = keep(keep(keep(parent, [0, 2, 3, 4]), [1, 2, 3]), [0, 2])

    assert kept.price.tolist() == [103.0, 105.0]
    assert [kept.names.symbols.words[code] for code in kept.symbol] == ["B", "B"]
    assert list(kept.object_column("conditions")) == [("3",), ("5",)]
    assert kept.facts == [TRADES[2], TRADES[4]]


@both
def test_a_row_that_is_written_keeps_what_was_not_written(parent: Frame) -> None:
    dearer = written(keep(parent, [1, 3]), TradeFrame, "price", [1.0, 2.0])

    expected = [a_trade(2, price=1.0), a_trade(4, price=2.0)]
    assert dearer.facts == expected
    assert dearer.copy().facts == expected
    assert dearer.size.tolist() == [2.0, 4.0]


@both
def test_a_reading_of_a_trade_carries_its_common_fields_and_the_constants(parent: Frame) -> None:
    readings = written(parent, ReadingFrame, "value", [7.0, 8.0], rows=[4, 0], name="size")

    common = {"provider": "sim", "name": "size"}
    expected = [
        Reading(symbol="B", ts_event=5, seq=5, value=7.0, **common),
        Reading(symbol="B", ts_event=1, seq=1, value=8.0, **common),
    ]
    assert readings.facts == expected
    assert readings.seq.tolist() == [5, 1]


@both
def test_a_copy_has_the_constants_too(parent: Frame) -> None:
    readings = written(parent, ReadingFrame, "value", [7.0] * 5, name="size")

    copy = readings.copy()

    assert {fact.name for fact in copy.facts} == {"size"}
    assert copy.facts == readings.facts


@both
def test_constants_may_be_columns(parent: Frame) -> None:
    late = written(parent, TradeFrame, "price", [1.0] * 5, size=math.inf)

    assert late.size.tolist() == [math.inf] * 5
    assert (
        {fact.size for fact in late.facts}
        == {fact.size for fact in late.copy().facts}
        == {math.inf}
    )


@both
def test_facts_and_columns_agree_whoever_asks_first(parent: Frame) -> None:
    for first in ("facts", "columns"):
        frame = written(keep(parent, [0, 1, 4]), TradeFrame, "size", [1.0, 2.0, 3.0])
        if first == "facts":
            assert [fact.price for fact in frame.facts] == [101.0, 102.0, 105.0]
        assert frame.price.tolist() == [101.0, 102.0, 105.0]
        assert frame.size.tolist() == [1.0, 2.0, 3.0]
        assert [(fact.price, fact.size) for fact in frame.facts] == [(101, 1), (102, 2), (105, 3)]


@both
def test_a_chain_of_written_frames_is_right_three_deep(parent: Frame) -> None:
    first = written(parent, TradeFrame, "price", [1.0, 2.0, 3.0, 4.0, 5.0])
    second = written(keep(first, [0, 2, 4]), TradeFrame, "size", [10.0, 30.0, 50.0])
    third = written(second, ReadingFrame, "value", [9.0, 8.0], rows=[2, 1], name="last")

    assert [(f.price, f.size, f.conditions) for f in second.facts] == [
        (1.0, 10.0, ("1",)),
        (3.0, 30.0, ("3",)),
        (5.0, 50.0, ("5",)),
    ]
    assert [(f.symbol, f.seq, f.value) for f in third.facts] == [("B", 5, 9.0), ("B", 3, 8.0)]
    assert second.copy().facts == second.facts
    assert third.copy().facts == third.facts


# Blocks that are used again


def test_a_copy_does_not_change_when_its_block_is_used_again() -> None:
    parent = by_columns(TRADES)
    frame = written(parent, ReadingFrame, "value", [1.0, 2.0, 3.0, 4.0, 5.0])
    copy = frame.copy()
    assert frame.block is not None
    assert parent.block is not None

    frame.block.columns[frame.schema.index["value"]].fill(-1.0)
    parent.block.columns[parent.schema.index["ts_event"]].fill(-1)

    assert copy.value.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert copy.ts_event.tolist() == [1, 2, 3, 4, 5]


def test_a_copy_of_facts_does_not_change_when_the_frame_holds_others() -> None:
    frame = TradeFrame(Names())
    frame.hold(TRADES[:1])
    copy = frame.copy()

    frame.hold(TRADES[1:3])

    assert copy.facts == TRADES[:1]
    assert copy.price.tolist() == [101.0]


def test_a_frame_that_holds_new_facts_forgets_the_old_columns() -> None:
    frame = TradeFrame(Names())
    for facts in (TRADES[:1], TRADES[1:2], TRADES[2:5], TRADES[:2]):
        frame.hold(facts)

        assert len(frame) == len(facts)
        assert frame.price.tolist() == [fact.price for fact in facts]
        assert [frame.names.symbols.words[code] for code in frame.symbol] == [
            fact.symbol for fact in facts
        ]


def test_a_derived_frame_that_is_used_again_forgets_the_rows_before() -> None:
    parent = by_columns(TRADES)
    recipe = Recipe(TradeFrame.schema, TradeFrame.schema)
    kept = TradeFrame(Names())
    for rows in ([4], [0, 1, 2, 3], [2, 3]):
        kept.hold_derived(parent, len(rows), np.array(rows), recipe)

        assert kept.price.tolist() == [TRADES[r].price for r in rows]
        assert kept.facts == [TRADES[r] for r in rows]


def test_a_derived_frame_may_change_its_recipe_and_its_nature() -> None:
    parent = by_columns(TRADES)
    frame = written(parent, TradeFrame, "price", [1.0] * 5)
    assert frame.size.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]

    frame.hold_derived(parent, 5, None, Recipe(parent.schema, parent.schema))
    assert frame.price.tolist() == [trade.price for trade in TRADES]
    frame.hold(TRADES[:2])
    assert frame.price.tolist() == [101.0, 102.0]


def test_one_recipe_after_another_reads_no_column_of_the_last() -> None:
    parent = by_columns(TRADES)
    frame = written(parent, TradeFrame, "price", [1.0] * 5)

    frame.hold_derived(parent, 5, None, Recipe(parent.schema, parent.schema))

    assert frame.price.tolist() == [trade.price for trade in TRADES]


# Small things


def test_from_events_refuses_what_is_of_another_kind() -> None:
    with pytest.raises(TypeError, match="TradeFrame holds Trade facts, got Heartbeat"):
        TradeFrame.from_events([a_trade(1), Heartbeat(ts_event=1)])


def test_from_events_says_what_it_wants_where_it_gets_no_facts_at_all() -> None:
    with pytest.raises(TypeError, match=r"events must be several, as in \[fact\], got 5"):
        TradeFrame.from_events(5)  # type: ignore[arg-type]


def test_a_frame_of_no_rows_has_no_facts() -> None:
    empty = QuoteFrame.from_events([])

    assert (len(empty), empty.facts, empty.bid.tolist(), empty.copy().facts) == (0, [], [], [])


def test_a_frame_is_the_one_frame_of_its_kind() -> None:
    frame = HeartbeatFrame.from_events([Heartbeat(ts_event=1)])

    assert frame.of(Heartbeat) is frame
    assert frame.of(Quote) is None
    assert frame.frames() == (frame,)
    assert repr(frame) == "HeartbeatFrame(1 rows)"


def test_an_object_field_that_no_one_gave_has_its_default() -> None:
    frame = by_columns([a_trade(1)])
    assert frame.block is not None
    bare = TradeFrame(frame.names)
    bare.hold_columns(frame.block, 1)

    assert not bare.has_objects("conditions")
    assert bare.facts == [a_trade(1, conditions=(), venue="")]


def test_a_frame_tells_which_numbers_it_has_by_name() -> None:
    kinds = [QuoteFrame.kind_of(name) for name in ("bid", "seq", "mid", "price", "bid_venue")]

    assert kinds == ["f", "i", "f", None, None]
    assert TradeFrame.kind_of("mid") is None


def test_a_column_named_like_something_of_every_frame_does_not_hide_it() -> None:
    frame = ReportFrame.from_events([Report(symbol="A", ts_event=1, kind=ReportKind.TRADE)])

    block, j = frame.lookup("kind")

    assert frame.kind is Report
    assert Batch.of_frames([frame], frame.names).facts == frame.facts
    assert block.columns[j].tolist() == [list(ReportKind).index(ReportKind.TRADE)]
