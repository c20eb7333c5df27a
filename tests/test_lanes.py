"""Lanes: a fact that comes alone is told the same as in a frame, in fewer calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from reactivex import Observable
from reactivex import operators as ops

from ordinis_rx import explain
from ordinis_rx import operators as oo
from ordinis_rx.batches import Item
from ordinis_rx.columns import Names
from ordinis_rx.consensus import AggregationConfig, consensus
from ordinis_rx.events import Trade
from ordinis_rx.frames import ReadingFrame, TradeFrame
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.record import ROOM, STOP, Layout, floats, integer, ints
from ordinis_rx.lanes import by_frame
from ordinis_rx.lifting import operator
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.paving import lane_into
from ordinis_rx.stream import flow_of
from ordinis_rx.testing import a_heartbeat, a_quote, a_trade
from ordinis_rx.testing.identity import difference
from ordinis_rx.timebase import SECOND
from ordinis_rx.turns import Entry


class Ear:
    """An observer of items that has no lane."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.heard: list[Any] = []

    def on_item(self, item: Item) -> None:
        self.items.append(item)
        self.heard += item.facts

    def on_error(self, error: Exception) -> None:
        self.heard.append(error)

    def on_completed(self) -> None:
        self.heard.append("the end")

    def exits(self, found: set[int]) -> None:
        found.add(id(self))


def a_row(price: float, seq: int = 1, symbol: str = "A") -> Trade:
    return a_trade(price, symbol=symbol, seq=seq)


REPEAT = Layout(reads="price:f", writes="row:i value:f", params="times:i", expands=True)
R_PRICE, R_ROW, R_VALUE, TIMES = REPEAT.slots


def repeat(n: int, call: Any) -> int:
    price, row, value = floats(call, R_PRICE), ints(call, R_ROW), floats(call, R_VALUE)
    times, room, stop = integer(call, TIMES), integer(call, ROOM), ints(call, STOP)
    written = 0
    for i in range(n):
        if written + times > room:
            stop[0] = i
            return written
        for k in range(times):
            row[written] = i
            value[written] = price[i] + k
            written += 1
    return written


PLAIN = Layout(reads="price:f", writes="value:f")


def too_many(n: int, _: Any) -> int:
    return n + 1


def broken(_: int, __: Any) -> int:
    raise ArithmeticError("no number")


# Who offers a lane, and who does not


def test_who_has_no_lane_is_handed_a_frame_of_one_row_the_same_one_again() -> None:
    ear, names = Ear(), Names()
    entry = Entry(ear)
    facts = [a_row(9.0), a_row(8.0, 2)]

    for tell in (by_frame(ear, Trade, names, entry), lane_into(ear, Trade, names, entry)):
        for fact in facts:
            tell(fact)

    assert ear.heard == facts * 2
    assert ear.items[0] is ear.items[1]
    assert ear.items[2] is ear.items[3]
    assert all(item.turn is entry.turn for item in ear.items)


def test_facts_of_another_kind_go_nowhere() -> None:
    heard: list[Any] = []
    hot = Hot()
    hot.stream.pipe(oo.trades()).subscribe(heard.append)
    hot.push([a_quote(1.0, 2.0, seq=1)])
    assert heard == []

    trade = a_row(9.0, 2)
    hot.push([trade])
    assert heard == [trade]


def test_a_pipeline_that_ends_in_frames_is_handed_a_frame_of_each_fact_at_its_end() -> None:
    hot, ear = Hot(), Ear()
    flow_of(hot.stream.pipe(oo.trades(), oo.notional()), ear)
    hot.push([a_row(9.0)])
    hot.push([a_quote(1.0, 2.0, seq=2)])

    assert [type(item) for item in ear.items] == [ReadingFrame]
    assert [reading.value for reading in ear.heard] == [9.0]


# The same as frames


@pytest.mark.parametrize("running", [pytest.param(None, id="compiled"), uncompiled])
def test_facts_alone_and_in_messages_meet_the_same_state(running: Any) -> None:
    facts = [a_row(float(k % 7), k + 1, "AB"[k % 2]) for k in range(40)]

    def heard(lengths: list[int]) -> list[Any]:
        hot, told = Hot(), list[Any]()
        hot.stream.pipe(oo.rolling_mean(3), oo.ema(span=3, of="value")).subscribe(told.append)
        at = 0
        for length in lengths:
            hot.push(facts[at : at + length])
            at += length
        return told

    if running is None:
        alone, mixed, whole = heard([1] * 40), heard([1, 5, 1, 1, 12, 1, 19]), heard([40])
    else:
        with running():
            alone, mixed, whole = heard([1] * 40), heard([1, 5, 1, 1, 12, 1, 19]), heard([40])

    assert len(whole) == 36
    assert alone == mixed == whole


def test_one_fact_that_becomes_many_is_told_whole_though_there_was_no_room() -> None:
    hot, told = Hot(), list[float]()
    many = operator(
        repeat, REPEAT, reads=TradeFrame, writes=ReadingFrame, params=(5,), constants={"name": "r"}
    )
    hot.stream.pipe(many).subscribe(lambda reading: told.append(reading.value))
    hot.push([a_row(10.0)])
    hot.push([a_row(20.0, 2)])

    assert told == [10, 11, 12, 13, 14, 20, 21, 22, 23, 24]


def test_late_facts_reach_the_side_output_and_time_passes_with_heartbeats() -> None:
    late: SideOutput[Any] = SideOutput()
    hot, told = Hot(), list[Any]()
    hot.stream.pipe(oo.time_bars(SECOND, flush_after=0, late=late)).subscribe(told.append)
    for seq, at in enumerate((0, 1, 2), 1):
        hot.push([a_trade(9.0 + at, at=at * SECOND, seq=seq)])
    hot.push([a_trade(5.0, at=0, seq=4)])
    hot.push([a_heartbeat(at=4 * SECOND, seq=5)])

    assert [bar.close for bar in told] == [9.0, 10.0, 11.0]
    assert late.told == 1


def test_a_consensus_tells_alone_what_it_tells_in_messages() -> None:
    bids = [129.0 if k % 3 == 2 and k > 20 else 99.0 for k in range(60)]
    quotes = [
        a_quote(bid, bid + 2.0, provider="abc"[k % 3], at=k, seq=k + 1)
        for k, bid in enumerate(bids)
    ]

    def heard(rows: int) -> list[Any]:
        hot, told = Hot(), list[Any]()
        hot.stream.pipe(consensus(AggregationConfig(emit="every"))).subscribe(told.append)
        for first in range(0, len(quotes), rows):
            hot.push(quotes[first : first + rows])
        return told

    alone = heard(1)
    assert not difference(heard(7), alone)
    assert alone[-1].outliers_excluded == ("c",)
    assert alone[5].outliers_excluded == ()


# Faults and changes on the way


@pytest.mark.parametrize(
    ("kernel", "error"), [(broken, "no number"), (too_many, "wrote 2 rows, with room for 1")]
)
def test_a_kernel_that_fails_ends_its_own_stream_alone(kernel: Any, error: str) -> None:
    hot, told, other = Hot(), list[str](), list[int]()
    lifted = operator(kernel, PLAIN, reads=TradeFrame, writes=ReadingFrame, constants={"name": "x"})
    with uncompiled():
        hot.stream.pipe(lifted).subscribe(print, lambda raised: told.append(str(raised)))
    hot.stream.subscribe(lambda fact: other.append(fact.seq))
    hot.push([a_row(9.0)])
    hot.push([a_row(9.0, 2)])

    assert [error in told[0], len(told), other] == [True, 1, [1, 2]]


@pytest.mark.parametrize("operator", [oo.notional(), oo.time_bars(SECOND)])
def test_a_field_that_fits_no_column_is_named(operator: Any) -> None:
    hot, told = Hot(), list[Exception]()
    hot.stream.pipe(operator).subscribe(print, told.append)
    hot.push([Trade(symbol="A", ts_event=1, seq=1, price="nine", size=1.0)])  # type: ignore[arg-type]

    assert "price cannot be 'nine'" in str(told[0])


def test_who_raises_is_let_go_and_counted_where_the_fact_came_in() -> None:
    hot, told, errors = Hot(), list[float](), list[Exception]()

    def refuse(_: object) -> None:
        raise OSError("mine")

    def costs(fact: Any) -> bool:
        return bool(fact.price > 0)

    paid: Observable[Any] = hot.stream.pipe(ops.filter(costs), oo.notional())
    readings: Observable[Any] = paid.pipe(share())
    readings.subscribe(refuse, errors.append)
    readings.subscribe(lambda reading: told.append(reading.value))
    hot.push([a_row(2.0)])
    hot.push([a_row(3.0, 2)])

    assert [str(error) for error in errors] == ["mine"]
    assert told == [2.0, 3.0]
    assert hot.failures == 1


@pytest.mark.parametrize("leave", [True, False], ids=["leaves", "stays"])
def test_who_comes_meanwhile_hears_the_next_fact_and_who_has_left_hears_none(leave: bool) -> None:
    hot, first, second, third = Hot(), list[int](), list[int](), list[int]()
    readings: Observable[Any] = hot.stream.pipe(oo.notional(), share())

    def hear(reading: Any) -> None:
        first.append(reading.seq)
        if reading.seq == 2:
            if leave:
                leaving.dispose()
            readings.subscribe(lambda told: third.append(told.seq))

    readings.subscribe(hear)
    leaving = readings.subscribe(lambda told: second.append(told.seq))
    for seq in (1, 2, 3):
        hot.push([a_row(9.0, seq)])

    assert first == [1, 2, 3]
    assert second == ([1] if leave else [1, 2, 3])
    assert third == [3]


def test_what_is_pushed_meanwhile_waits_its_turn() -> None:
    hot, told = Hot(), list[tuple[str, int]]()

    def hear(name: str) -> Callable[[Any], None]:
        def on_next(reading: Any) -> None:
            told.append((name, reading.seq))
            if name == "one" and reading.seq == 1:
                hot.push([a_row(9.0, 2)])

        return on_next

    readings: Observable[Any] = hot.stream.pipe(oo.notional(), share())
    readings.subscribe(hear("one"))
    readings.subscribe(hear("two"))
    hot.push([a_row(9.0, 1)])

    assert told == [("one", 1), ("two", 1), ("one", 2), ("two", 2)]


def test_a_join_below_settles_when_the_fact_has_arrived_on_all_its_ways() -> None:
    hot, told = Hot(), list[tuple[float, float]]()
    shared = hot.stream.pipe(share())
    pairs = shared.pipe(oo.notional(), oo.with_latest(shared.pipe(oo.ema(span=1))))
    pairs.subscribe(lambda pair: told.append((pair[0].value, pair[1].value)))
    for seq, price in enumerate((2.0, 3.0), 1):
        hot.push([a_row(price, seq)])

    assert told == [(2.0, 2.0), (3.0, 3.0)]


def test_counters_see_facts_that_come_alone() -> None:
    hot = Hot()
    readings = hot.stream.pipe(oo.notional())
    picture = explain(readings, counters=True)
    readings.subscribe()
    for seq in range(1, 4):
        hot.push([a_row(9.0, seq)])

    assert [step.split()[2:4] for step in str(picture).splitlines() if "notional" in step] == [
        ["3", "3"]
    ]
