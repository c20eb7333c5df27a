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
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Trade
from ordinis_rx.frames import ReadingFrame
from ordinis_rx.lanes import by_frame
from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.paving import way_into
from ordinis_rx.stream import flow_of
from ordinis_rx.testing import a_heartbeat, a_quote, a_trade
from ordinis_rx.timebase import SECOND


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


# Who offers a lane, and who does not


def test_who_has_no_lane_is_handed_a_frame_of_one_row_the_same_one_again() -> None:
    ear, names = Ear(), Names()
    entry = Entry(ear)
    facts = [a_row(9.0), a_row(8.0, 2)]

    for tell in (by_frame(ear, Trade, names, entry), way_into(ear, Trade, names, entry).lane):
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


# Faults and changes on the way


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


@pytest.mark.parametrize("together", [1, 2], ids=["alone", "in a message"])
def test_who_came_before_a_message_hears_the_lone_facts_after_it_too(together: int) -> None:
    hot, told = Hot(), list[int]()
    for _ in range(2):  # two ends: a message is told fact by fact
        hot.stream.pipe(oo.trades()).subscribe()
    hot.push([a_row(9.0)])
    hot.stream.pipe(oo.trades()).subscribe(lambda fact: told.append(fact.seq))
    hot.push([a_row(9.0, 2 + k) for k in range(together)])
    hot.push([a_row(9.0, 8)])
    hot.push([a_row(9.0, 9)])

    assert told == [*range(2, 2 + together), 8, 9]


def test_who_comes_as_a_fact_is_pushed_from_within_another_hears_all_from_then_on() -> None:
    hot, told = Hot(), list[int]()

    def hear(fact: Any) -> None:
        if fact.seq == 1:
            hot.stream.pipe(oo.trades()).subscribe(lambda later: told.append(later.seq))
            hot.push([a_row(9.0, 2)])

    hot.stream.pipe(oo.trades()).subscribe(hear)
    hot.stream.pipe(oo.trades()).subscribe()
    for seq in (1, 3, 4):
        hot.push([a_row(9.0, seq)])

    assert told == [2, 3, 4]


@pytest.mark.parametrize("rows", [2, 20, 21])
def test_what_is_pushed_amid_a_message_comes_after_all_of_it(rows: int) -> None:
    hot, told = Hot(), list[int]()

    def hear(reading: Any) -> None:
        told.append(reading.seq)
        if reading.seq == 1:
            hot.push([a_row(9.0, rows + 1), a_row(9.0, rows + 2)])

    hot.stream.pipe(oo.notional()).subscribe(hear)
    hot.push([a_row(9.0, k + 1) for k in range(rows)])

    assert told == list(range(1, rows + 3))
    assert hot.peak == 1


@pytest.mark.parametrize("rows", [2, 20, 21])
def test_a_message_that_is_broken_off_by_the_interpreter_leaves_the_stream_as_it_was(
    rows: int,
) -> None:
    hot, told = Hot(), list[int]()

    def hear(reading: Any) -> None:
        if reading.seq == 2:
            raise KeyboardInterrupt
        told.append(reading.seq)

    hot.stream.pipe(oo.notional()).subscribe(hear)
    with pytest.raises(KeyboardInterrupt):
        hot.push([a_row(9.0, k + 1) for k in range(rows)])
    hot.push([a_row(9.0, 40), a_row(9.0, 41)])

    assert told == [1, 40, 41]


@pytest.mark.parametrize("step", [oo.notional(), oo.tick_bars(1)], ids=["a row each", "bars"])
def test_who_takes_frames_gets_a_message_in_one(step: Any) -> None:
    hot, ear = Hot(), Ear()
    flow_of(hot.stream.pipe(oo.trades(), step), ear)
    hot.push([a_row(9.0, k + 1) for k in range(4)])

    assert [item.n for item in ear.items] == [4]


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
