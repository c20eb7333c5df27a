from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable
from reactivex import operators as ops

from ordinis_rx import lifting
from ordinis_rx.batches import Item
from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.events import Event, Trade
from ordinis_rx.frames import ReadingFrame, TradeFrame
from ordinis_rx.kernels.record import Layout, floats, ints
from ordinis_rx.stepping import each_item
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.testing import (
    a_bar,
    a_cancel,
    a_correction,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
    check_operator,
    same_on_frames,
)

Lifted = Callable[[Observable[Any]], Observable[Any]]

RUNNING = Layout(reads="symbol:i price:f", writes="value:f", state="total:f")
SYMBOL, PRICE, VALUE, TOTAL = RUNNING.slots


def running_total(n, call):  # type: ignore[no-untyped-def]
    symbol, price = ints(call, SYMBOL), floats(call, PRICE)
    value, total = floats(call, VALUE), floats(call, TOTAL)
    for i in range(n):
        total[symbol[i]] += price[i]
        value[i] = total[symbol[i]]
    return n


def totals_of_each_frame(n, call):  # type: ignore[no-untyped-def]
    symbol, price = ints(call, SYMBOL), floats(call, PRICE)
    value = floats(call, VALUE)
    total = 0.0 * symbol[0]
    for i in range(n):
        total += price[i]
        value[i] = total
    return n


RING = Layout(reads="symbol:i price:f", writes="row:i value:f", state="ring:f*3")
R_SYMBOL, R_PRICE, R_ROW, R_VALUE, R_RING = RING.slots


def one_too_far(n, call):  # type: ignore[no-untyped-def]
    symbol, row, ring = ints(call, R_SYMBOL), ints(call, R_ROW), floats(call, R_RING)
    for i in range(n):
        ring[3 * symbol[i] + 3] = 1.0
        row[i] = i
    return n


def the_row_before(n, call):  # type: ignore[no-untyped-def]
    row = ints(call, R_ROW)
    for i in range(n):
        row[i] = i - 1
    return n


def lifted(kernel: Any) -> Lifted:
    return lifting.operator(kernel, RUNNING, reads=TradeFrame, writes=ReadingFrame)


EVERY_KIND: list[Event] = [
    a_trade(9, at=1, trade_id="x", conditions=("12",), provider="p"),
    a_quote(math.nan, at=2, symbol="B"),
    a_bar(at=3),
    a_status(at=4, message="hello"),
    a_gap(4, 5, symbols=("A",)),
    a_feed_error(at=6, raw=b"{"),
    a_heartbeat(at=7),
    a_halt(at=8, code="T1"),
    a_cancel(at=9),
    a_correction(at=10),
    a_reading(-0.0, at=11, values=(math.nan, 1.0)),
]


def test_facts_of_every_kind_come_through_frames_and_columns_unchanged() -> None:
    same_on_frames(lambda: lambda source: source, EVERY_KIND)
    same_on_frames(lambda: lambda source: source, EVERY_KIND[::-1])


def test_a_plain_operator_may_be_checked_too() -> None:
    same_on_frames(lambda: ops.scan(lambda n, _: n + 1, 0), EVERY_KIND)


def test_what_compares_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing comes out of the operator for these 0 facts"):
        same_on_frames(lambda: lambda source: source, [])
    with pytest.raises(ValueError, match="cuts must have one way to cut at least, got none"):
        same_on_frames(lambda: lambda source: source, FEW, cuts=[])


def all_but_the_last(n, call):  # type: ignore[no-untyped-def]
    row = ints(call, R_ROW)
    for i in range(n - 1):
        row[i] = i
    return n - 1


def test_what_tells_nothing_of_lone_facts_alone_is_a_difference() -> None:
    def make() -> Lifted:
        return lifting.operator(all_but_the_last, RING, reads=TradeFrame, writes=ReadingFrame)

    with pytest.raises(AssertionError, match=r"frames: in frames of .* wanted nothing more"):
        same_on_frames(make, FEW)


def test_properties_may_have_nothing_come_out() -> None:
    same_on_frames(lambda: lambda source: source, [], silent=True)


trades = st.lists(
    st.builds(
        a_trade, st.floats(-1e6, 1e6), at=st.integers(0, 99), symbol=st.sampled_from(["A", "B"])
    ),
    max_size=12,
)


@given(trades, st.lists(st.integers(1, 5), max_size=5))
def test_a_kernel_with_state_is_the_same_for_any_cut(facts: list[Trade], cut: list[int]) -> None:
    same_on_frames(lambda: lifted(running_total), facts, cuts=[cut], silent=True)


@pytest.mark.parametrize("check", [same_on_frames, check_operator])
@pytest.mark.parametrize(
    ("kernel", "told"),
    [
        (one_too_far, "bounded: kernel one_too_far asked for row 3 of its state ring, which has 3"),
        (the_row_before, "bounded: kernel the_row_before wrote row -1 at 0, of 1 rows"),
    ],
)
def test_a_kernel_that_leaves_its_bounds_is_found_out_before_it_is_compiled(
    kernel: Any, told: str, check: Callable[[Any, Any], None]
) -> None:
    def make() -> Lifted:
        return lifting.operator(kernel, RING, reads=TradeFrame, writes=ReadingFrame)

    with pytest.raises(AssertionError, match=told):
        check(make, FEW)


def test_a_kernel_that_forgets_between_frames_is_found_out() -> None:
    with pytest.raises(
        AssertionError, match=r"^frames: in frames of .* kernels compiled.*item 1 is"
    ):
        same_on_frames(lambda: lifted(totals_of_each_frame), [a_trade(1), a_trade(2), a_trade(3)])


class Keeper:
    """Hands on each item one turn later than it came."""

    def __init__(self, observer: Any, keep: Callable[[Item], Item]) -> None:
        self.observer = observer
        self.keep = keep
        self.kept: Item | None = None
        self.on_error = observer.on_error
        self.exits = observer.exits

    def on_item(self, item: Item) -> None:
        self.tell(item.turn)
        self.kept = self.keep(item)

    def on_completed(self) -> None:
        self.observer.on_completed()

    def tell(self, turn: Any) -> None:
        if self.kept is not None:
            self.kept.turn = turn
            self.observer.on_item(self.kept)


def keeping(keep: Callable[[Item], Item]) -> Callable[[], Lifted]:
    return lambda: (
        lambda source: Stream(
            lambda observer, scheduler: flow_of(source, Keeper(observer, keep), scheduler)
        )
    )


FEW = [a_trade(1), a_trade(2), a_trade(3), a_trade(4)]
ONE_A_FRAME = [[1, 1, 1, 1]]


def test_an_operator_that_keeps_what_it_was_lent_is_found_out() -> None:
    with pytest.raises(AssertionError, match=r"^frames: .* that rest on"):
        same_on_frames(keeping(lambda item: item), FEW, cuts=ONE_A_FRAME)


def test_an_operator_that_keeps_a_frame_of_columns_is_found_out() -> None:
    def keep(item: Item) -> Item:
        return item.copy() if getattr(item, "rests_on_facts", True) else item

    with pytest.raises(AssertionError, match=r"^frames: .* that rest on columns"):
        same_on_frames(keeping(keep), FEW, cuts=ONE_A_FRAME)


def test_an_operator_that_keeps_a_copy_is_not() -> None:
    same_on_frames(keeping(lambda item: item.copy()), FEW, cuts=ONE_A_FRAME)


def test_facts_of_a_consensus_are_cut_into_frames_like_any_others() -> None:
    answers = [AggregatedQuote(symbol="A", ts_event=at, price=float(at)) for at in range(3)]

    with pytest.raises(AssertionError, match="frames: "):
        same_on_frames(
            lambda: each_item(lambda: lambda item: item if item.n == 1 else None), answers
        )
