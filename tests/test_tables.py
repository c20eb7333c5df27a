"""Frames as values of their own: cut, compared, looked at."""

from __future__ import annotations

import copy
import io
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ordinis_rx.codes import Names
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.frames import FRAMES, Frame, HeartbeatFrame, TradeFrame
from ordinis_rx.testing import a_heartbeat, a_quote, a_trade, same

TRADES = [
    a_trade(10.0 + n, at=n, symbol="ABC"[n % 3], venue=f"v{n}", conditions=(str(n),), seq=n + 1)
    for n in range(12)
]


def on_columns(frame: Frame) -> Frame:
    """The same rows in a frame that has never seen the facts."""
    names = ("symbol", "provider")
    columns: dict[str, Any] = {name: getattr(frame, name) for name in frame.schema.index}
    words = (frame.names.symbols.words, frame.names.providers.words)
    columns |= {name: (columns[name], list(w)) for name, w in zip(names, words, strict=True)}
    objects = {name: list(frame.object_column(name)) for name in frame.schema.objects}
    return type(frame).from_columns(**columns, **objects)


both = pytest.mark.parametrize(
    "frame", [TradeFrame.from_events(TRADES), on_columns(TradeFrame.from_events(TRADES))]
)
bounds = st.none() | st.integers(-14, 14)


@both
@given(start=bounds, stop=bounds, step=st.sampled_from([None, 1, 2, 5, -1]))
def test_slices_are_those_of_a_list(
    frame: Frame, start: int | None, stop: int | None, step: int | None
) -> None:
    part = frame[start:stop:step]

    assert part.to_events() == TRADES[start:stop:step]
    assert part.price.tolist() == [trade.price for trade in TRADES[start:stop:step]]


@both
def test_a_mask_or_positions_choose_rows(frame: Frame) -> None:
    assert frame[frame.price > 19].to_events() == TRADES[10:]
    assert frame[np.array([3, 0, 3])].to_events() == [TRADES[3], TRADES[0], TRADES[3]]


@both
def test_a_number_is_a_fact(frame: Frame) -> None:
    assert (frame[0], frame[-1]) == (TRADES[0], TRADES[-1])
    with pytest.raises(IndexError):
        frame[12]


@both
@pytest.mark.parametrize("number", [np.int64, np.uint8, np.array])
def test_a_number_of_numpy_s_is_one_too(frame: Frame, number: Any) -> None:
    assert frame[number(3)] == TRADES[3]
    assert frame[np.flatnonzero(frame.price == 14.0)[0]] == TRADES[4]
    with pytest.raises(IndexError):
        frame[number(12)]


@both
def test_a_lone_row_is_made_a_fact_and_the_others_are_not(frame: Frame) -> None:
    at_hand = frame.held is not None

    assert [frame[row] for row in range(-12, 12)] == TRADES * 2
    assert (frame.held is not None) is at_hand
    for row in (12, -13):
        with pytest.raises(IndexError, match=f"TradeFrame has no row {row}, but 12 rows"):
            frame[row]
    assert list(frame) == TRADES


def test_a_lone_row_has_the_ids_and_conditions_of_that_row() -> None:
    ids, codes = ["7", "8", "9"], [("a",), (), ("b", "c")]
    frame = TradeFrame.from_columns(
        symbol="A", ts_event=[1, 2, 3], price=1.0, size=1.0, trade_id=ids, conditions=codes
    )

    assert [(frame[row].trade_id, frame[row].conditions) for row in (2, 0)] == [
        ("9", ("b", "c")),
        ("7", ("a",)),
    ]
    assert [trade.trade_id for trade in frame[np.array([2, 0])].facts] == ["9", "7"]


@pytest.mark.parametrize(
    "rows", [None, "price", np.True_, 2.0, ["A"], [1.0], np.zeros((1, 12), bool), ...]
)
def test_what_chooses_no_rows_is_refused_with_what_does(rows: Any) -> None:
    with pytest.raises(
        TypeError, match=r"(?s)a mask or an array of positions, not by .*frame\.price"
    ):
        TradeFrame.from_events(TRADES)[rows]
    assert TradeFrame.from_events(TRADES)[[]].to_events() == []  # type: ignore[call-overload]


@both
def test_some_rows_become_facts_and_the_others_do_not(frame: Frame) -> None:
    at_hand = frame.held is not None

    assert frame.facts_at([7, 2, 2]) == [TRADES[7], TRADES[2], TRADES[2]]
    assert frame.facts_at([]) == []
    assert (frame.held is not None) is at_hand


def test_facts_that_are_at_hand_are_told_themselves() -> None:
    frame = on_columns(TradeFrame.from_events(TRADES))
    facts = frame.facts

    assert frame.facts_at([3])[0] is facts[3]


@both
@pytest.mark.parametrize(
    "again", [lambda frame: pickle.loads(pickle.dumps(frame)), copy.deepcopy, copy.copy]
)
def test_a_frame_that_was_pickled_or_copied_is_the_same_and_its_own(
    frame: Frame, again: Callable[[Frame], Frame]
) -> None:
    part = frame[3:].copy()

    for whole in (frame, part, frame[:0]):
        other = again(whole)
        assert type(other) is TradeFrame
        assert whole.same_as(other)
        assert other.to_events() == whole.to_events()

    other = again(part)
    part.price[:] = 0.0
    assert other.price.tolist() == [trade.price for trade in TRADES[3:]]


def test_sets_of_providers_and_objects_outlive_pickling() -> None:
    quotes = AggregatedQuoteFrame.from_columns(
        symbol=["B", "A"], ts_event=[1, 2], providers_used=[["y", "x"], None], status="OK"
    )
    trades = TradeFrame.from_columns(
        symbol="A", ts_event=[1, 2], price=1.0, size=1.0, conditions=[("I",), ()]
    )
    for frame in (quotes, trades):
        assert pickle.loads(pickle.dumps(frame)).same_as(frame)


def test_a_part_does_not_change_with_the_whole() -> None:
    whole = on_columns(TradeFrame.from_events(TRADES))
    part, all_of_it = whole[2:4], whole[:]

    whole.price[:] = 0.0

    assert part.price.tolist() == [12.0, 13.0]
    assert all_of_it.price.tolist() == [trade.price for trade in TRADES]


@both
def test_rows_may_be_coded_by_other_names(frame: Frame) -> None:
    names = Names()
    assert names.symbols["C"] == 0

    part = frame.picked(slice(3), names)

    assert [names.symbols.words[code] for code in part.symbol.tolist()] == ["A", "B", "C"]
    assert part.symbol.tolist()[2] == 0
    assert part.to_events() == TRADES[:3]


def test_the_same_rows_are_the_same_whatever_they_rest_on_and_however_coded() -> None:
    nan = [a_trade(math.nan, at=1, symbol="B", provider="p"), a_trade(-0.0, at=2, provider="q")]
    one = TradeFrame.from_events(nan)
    names = Names()
    assert names.symbols["A"] == names.providers["q"] == 0  # other numbers than in `one`
    other = on_columns(TradeFrame.from_events(nan, names))
    assert other.symbol.tolist() != one.symbol.tolist()
    assert other.provider.tolist() != one.provider.tolist()

    assert one.same_as(other)
    assert other.same_as(one)


@pytest.mark.parametrize(
    "change",
    [
        {"price": 0.0},
        {"symbol": "B"},
        {"provider": "q"},
        {"venue": "N"},
        {"conditions": ("I",)},
        {"at": 2},
    ],
)
def test_a_difference_is_one(change: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"price": -0.0, "at": 1, "provider": "p"}
    one = TradeFrame.from_events([a_trade(**fields)])
    other = TradeFrame.from_events([a_trade(**fields | change)])

    assert not one.same_as(other)
    assert not one.same_as(on_columns(other))


def test_frames_of_other_kinds_or_lengths_differ() -> None:
    one = TradeFrame.from_events(TRADES)

    assert not one.same_as(one[:3])
    assert not one[:0].same_as(HeartbeatFrame.from_events([]))
    assert one[:0].same_as(TradeFrame.from_events([]))


def test_every_kind_can_be_made_of_its_own_columns() -> None:
    quote = a_quote(9, math.nan, at=3, provider="p")
    for kind in FRAMES.values():
        if kind.kind is type(quote):
            frame = kind.from_events([quote])
            assert same(on_columns(frame).facts, [quote])


def drawn(frame: Frame, width: int = 120) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(frame)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_long_frame_shows_its_first_and_last_rows_and_what_they_tell() -> None:
    lines = drawn(TradeFrame.from_events(TRADES))

    assert lines[0].strip() == "TradeFrame, 12 rows"
    heads = lines[2]
    assert [name for name in ("symbol", "price", "venue", "seq") if name not in heads] == []
    assert "trade_id" not in heads  # nobody told one
    kinds = lines[3]
    assert [
        kind for kind in ("str", "1970-01-01 UTC", "float64", "tuple") if kind not in kinds
    ] == []
    body = lines[5:-1]
    assert len(body) == 11
    assert "…" in body[5]
    assert " 00:00:00.000000011 " in body[-1]


def test_a_short_frame_shows_all_and_an_empty_one_its_columns() -> None:
    assert drawn(TradeFrame.from_events(TRADES[:1]))[0].strip() == "TradeFrame, 1 row"
    assert len(drawn(TradeFrame.from_events(TRADES[:10]))) == 5 + 10 + 1
    assert "price" in drawn(TradeFrame.from_events([]))[2]


def test_members_and_sets_are_shown_by_name() -> None:
    frame = AggregatedQuoteFrame.from_columns(
        symbol="A", ts_event=[1], price=[2.5], providers_used=[["y", "x"]], status="DISPUTED"
    )

    told = "\n".join(drawn(frame))

    assert "x y" in told
    assert "DISPUTED" in told
    assert "half_width" not in told  # it is NaN


def test_heartbeats_have_next_to_nothing_to_show() -> None:
    assert "ts_event" in drawn(HeartbeatFrame.from_events([a_heartbeat(at=5)]))[2]
