"""What makes two facts the same, fact by fact and by column, and how long it is known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.events import Trade
from ordinis_rx.frames import FRAMES
from ordinis_rx.operators.sameness import Remembered, key_of, keys_of, may_be_told_twice
from ordinis_rx.testing import a_bar, a_cancel, a_correction, a_quote, a_trade
from tests.columns import frame_by_column

FACTS: dict[str, list[Any]] = {
    "trades": [
        a_trade(1.0, provider="x", symbol="A", venue="N", trade_id="7"),
        a_trade(2.0, provider="y", symbol="B", venue="Q", trade_id="7"),
        a_trade(3.0),
    ],
    "bars": [a_bar(provider="x", revision=0), a_bar(provider="x", revision=1), a_bar(symbol="B")],
    "cancels": [a_cancel(provider="x", trade_id="7"), a_cancel(trade_id="")],
    "corrections": [
        a_correction(original_id="1", trade_id="2"),
        a_correction(original_id="", trade_id="2"),
        a_correction(original_id="", trade_id=""),
    ],
}


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_a_key_is_the_same_by_fact_and_by_column(kind: str) -> None:
    frame = frame_by_column(FACTS[kind])

    assert may_be_told_twice(frame)
    assert list(keys_of(frame)) == [key_of(fact) for fact in FACTS[kind]]
    assert frame.held is None  # no fact was made


def test_what_has_no_id_in_any_row_is_told_beforehand() -> None:
    trades = FRAMES[Trade](Names())
    trades.hold_columns(frame_by_column([a_trade(1.0)]).block, 1)  # type: ignore[arg-type]

    assert not may_be_told_twice(trades)
    assert not may_be_told_twice(frame_by_column([a_quote()]))
    assert key_of(a_quote()) is None


def test_what_has_no_id_is_always_new() -> None:
    known = Remembered(10)
    keys = [key_of(fact) for fact in (FACTS["corrections"][2], FACTS["trades"][2])] * 2

    assert known.new(Trade, [key for key in keys if key is not None]) == [0, 1, 2, 3]
    assert known.room == 10


ids = st.lists(st.integers(1, 12), max_size=60)


@given(ids, st.integers(1, 6), st.data())
def test_the_last_ids_are_known_and_twice_as_many_at_most(
    told: list[int], remember: int, data: st.DataObject
) -> None:
    known, new = Remembered(remember), list[int]()
    at = 0
    while at < len(told):  # in parts of any size
        part = told[at : at + data.draw(st.integers(1, 9))]
        new += [at + k for k in known.new(Trade, [(("x",), each) for each in part])]
        at += len(part)

    for k, each in enumerate(told):
        accepted = [told[j] for j in new if j < k]
        if each in accepted[-remember:]:
            assert k not in new
        if each not in accepted[-2 * remember :]:
            assert k in new
