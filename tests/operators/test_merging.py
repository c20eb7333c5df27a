"""Merging: one root out of several, the same however its inputs are cut, by arrival or by receive time."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest
import reactivex
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx.batches import Item
from ordinis_rx.events import Event
from ordinis_rx.frames import TradeFrame
from ordinis_rx.multicast import share
from ordinis_rx.operators import merge, mid, quotes, spread, trades, with_latest
from ordinis_rx.stepping import each_item
from ordinis_rx.stream import Stream, flow_of, from_events
from ordinis_rx.testing import (
    a_quote,
    a_reading,
    a_status,
    a_trade,
    difference,
    same,
    same_on_frames,
)
from ordinis_rx.turns import FlowObserver
from tests.heard import heard_out


def test_live_streams_are_told_by_arrival_with_numbers_of_their_own() -> None:
    one: Subject[Event] = Subject()
    other: Subject[Event] = Subject()
    told = heard_out(merge(one, other))

    one.on_next(a_trade(1, seq=70))
    other.on_next(a_trade(2, seq=5))
    one.on_next(a_trade(3, seq=71))

    assert [(trade.price, trade.seq) for trade in told] == [(1.0, 1), (2.0, 2), (3.0, 3)]


def test_a_merge_ends_when_all_have_ended() -> None:
    one: Subject[Event] = Subject()
    other: Subject[Event] = Subject()
    told = heard_out(merge(one, other))

    one.on_completed()
    other.on_next(a_trade(1))
    assert told[1:] == []
    other.on_completed()

    assert told[1:] == ["|"]


@pytest.mark.parametrize("by", ["arrival", "ts_recv"])
def test_a_merge_of_nothing_ends_at_once(by: Any) -> None:
    assert heard_out(merge(by=by)) == ["|"]


def test_the_first_error_ends_a_merge_and_lets_the_others_go() -> None:
    one: Subject[Event] = Subject()
    other: Subject[Event] = Subject()
    told = heard_out(merge(one, other))

    one.on_error(RuntimeError("broken"))

    assert [str(error) for error in told] == ["broken"]
    assert not other.observers


def test_dispose_lets_all_inputs_go() -> None:
    one: Subject[Event] = Subject()
    other: Subject[Event] = Subject()

    merge(one, other).subscribe().dispose()

    assert not one.observers
    assert not other.observers


def test_what_a_subscriber_pushes_comes_after_what_is_on_its_way() -> None:
    one: Subject[Any] = Subject()
    other: Subject[Any] = Subject()
    merged = merge(one, other).pipe(share())
    first: list[float] = []
    second: list[float] = []

    def answer(fact: Any) -> None:
        first.append(fact.price)
        if fact.price == 1:
            other.on_next(a_trade(2))

    merged.subscribe(answer)
    merged.subscribe(lambda fact: second.append(fact.price))
    one.on_next(a_trade(1))

    assert first == second == [1.0, 2.0]


def test_branches_of_one_source_are_merged_by_its_order_then_by_that_of_the_arguments() -> None:
    events = from_events([a_quote(1, 3), a_trade(9), a_quote(2, 6)]).pipe(share())

    told = heard_out(merge(events.pipe(spread()), events.pipe(mid()), events.pipe(trades())))

    names = [fact if isinstance(fact, str) else getattr(fact, "name", "trade") for fact in told]
    assert names == ["spread", "mid", "trade", "spread", "mid", "|"]


def test_the_order_of_one_event_does_not_hang_on_the_events_before() -> None:
    def told(*facts: Event) -> list[str]:
        shared = from_events(facts).pipe(share())
        inner = merge(shared.pipe(mid()), shared.pipe(trades()))
        kinds: list[str] = []
        merge(inner, shared.pipe(quotes())).subscribe(lambda fact: kinds.append(fact.type.name))
        return kinds

    assert told(a_quote(9, 11), a_quote(8, 10)) == ["READING", "QUOTE"] * 2
    assert told(a_quote(math.nan, 11), a_quote(8, 10)) == ["QUOTE", "READING", "QUOTE"]


def test_facts_of_one_event_stay_one_event() -> None:
    events = from_events([a_quote(1, 3), a_quote(2, 6)]).pipe(share())

    told = heard_out(merge(events.pipe(spread()), events.pipe(mid())))

    assert [fact.seq for fact in told[:-1]] == [1, 1, 2, 2]


def test_a_source_that_ends_within_its_turn_ends_the_merge_after_the_turn() -> None:
    events = from_events([a_quote(1, 3), a_quote(2, 6)]).pipe(share())

    told = heard_out(merge(events.pipe(ops.take(1)), events.pipe(ops.take(1), mid())))

    assert [fact if fact == "|" else fact.type.name for fact in told] == ["QUOTE", "READING", "|"]


def test_a_turn_within_a_turn_does_not_end_the_merge_before_the_outer_one_is_told() -> None:
    one: Subject[Any] = Subject()
    other: Subject[Any] = Subject()
    shared = one.pipe(share())
    told = heard_out(merge(shared.pipe(ops.take(1)), other.pipe(share(), ops.take(1))))
    shared.subscribe(lambda _: other.on_next(a_trade(2)))

    one.on_next(a_trade(1))

    assert [fact if fact == "|" else fact.price for fact in told] == [2.0, 1.0, "|"]


class RowByRow:
    """An operator that lends one frame again and again within a turn, as expanding kernels do."""

    def __init__(self, observer: FlowObserver) -> None:
        self._observer = observer
        self.on_error = observer.on_error
        self.on_completed = observer.on_completed
        self.exits = observer.exits

    def on_item(self, item: Item) -> None:
        row = TradeFrame(item.names)
        for fact in item.facts:
            row.hold([fact])
            row.turn = item.turn
            self._observer.on_item(row)


def test_what_an_input_lends_more_than_once_in_a_turn_is_copied() -> None:
    source = from_events([a_trade(1), a_trade(2), a_trade(3)])
    rows: Stream[Event] = Stream(lambda observer, _: flow_of(source, RowByRow(observer)))

    told = heard_out(merge(rows, from_events([])))

    assert [(trade.price, trade.seq) for trade in told[:-1]] == [(1.0, 1), (2.0, 2), (3.0, 3)]


def test_what_a_merge_tells_can_be_joined() -> None:
    one = from_events([a_quote(1, 3, symbol="A")])
    other = from_events([a_trade(9, symbol="A"), a_trade(8, symbol="B")])
    merged = merge(one, other).pipe(share())

    told = heard_out(merged.pipe(trades(), with_latest(merged.pipe(quotes()))))

    assert [(trade.price, quote.bid) for trade, quote in told[:-1]] == [(9.0, 1.0)]


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(ValueError, match="by must be one of 'arrival', 'ts_recv', got 'time'"):
        merge(by="time")  # type: ignore[arg-type]


FACTS: list[Event] = [
    a_quote(1, 3, symbol="A", provider="x"),
    a_trade(2, symbol="B", provider="y", trade_id="7", conditions=("I", "T")),
    a_status(provider="y"),
    a_quote(2, 3, symbol="B", provider="x"),
    a_trade(3, symbol="C", provider="x"),
    a_reading(4, symbol="A", name="mid", values=(1.0, 2.0)),
]


def two_branches(source: Observable[Event]) -> Observable[Event]:
    shared = source.pipe(share())
    return merge(shared, shared.pipe(mid()), shared.pipe(trades()))


def test_a_merge_of_branches_is_the_same_on_any_frames() -> None:
    same_on_frames(lambda: two_branches, FACTS * 2)


def test_a_merge_of_recordings_is_the_same_on_any_frames() -> None:
    def with_another(source: Observable[Event]) -> Observable[Event]:
        return merge(from_events(FACTS), source, by="ts_recv")

    same_on_frames(lambda: with_another, FACTS)


recordings = st.lists(st.lists(st.integers(1, 30), max_size=8).map(sorted), min_size=1, max_size=3)


@given(recordings, st.integers(1, 4))
def test_recordings_are_told_by_receive_time_then_by_the_order_of_the_arguments(
    times: list[list[int]], rows: int
) -> None:
    tapes = [
        [a_trade(k, at=0, ts_recv=t, symbol=str(n)) for n, t in enumerate(column)]
        for k, column in enumerate(times)
    ]

    told = heard_out(merge(*[from_events(tape, rows=rows) for tape in tapes], by="ts_recv"))

    wanted = sorted((trade for tape in tapes for trade in tape), key=lambda x: (x.ts_recv, x.price))
    wanted = [
        a_trade(x.price, ts_recv=x.ts_recv, symbol=x.symbol, seq=n) for n, x in enumerate(wanted, 1)
    ]
    assert not difference(told, [*wanted, "|"])


def test_a_recording_that_goes_back_in_time_keeps_its_own_order() -> None:
    one = from_events([a_trade(1, ts_recv=5), a_trade(2, ts_recv=3), a_trade(3, ts_recv=9)])
    other = from_events([a_trade(4, ts_recv=6)])

    told = heard_out(merge(one, other, by="ts_recv"))

    assert [trade.price for trade in told[:-1]] == [1.0, 2.0, 4.0, 3.0]


def test_a_fact_waits_until_the_next_of_every_recording_is_known() -> None:
    one: Subject[Event] = Subject()
    other: Subject[Event] = Subject()
    told = heard_out(merge(one, other, by="ts_recv"))

    one.on_next(a_trade(1, ts_recv=5))
    assert told == []
    other.on_next(a_trade(2, ts_recv=9))
    assert [trade.price for trade in told] == [1.0]
    one.on_completed()
    assert [trade.price for trade in told] == [1.0, 2.0]
    other.on_completed()

    assert told[2:] == ["|"]


def test_a_recordings_error_comes_in_its_place() -> None:
    broken = reactivex.concat(
        reactivex.from_iterable([a_trade(1, ts_recv=5)]), reactivex.throw(RuntimeError("cut off"))
    )
    whole = from_events([a_trade(2, ts_recv=3), a_trade(3, ts_recv=8)])

    told = heard_out(merge(broken, whole, by="ts_recv"))

    assert [getattr(fact, "price", str(fact)) for fact in told] == [2.0, 1.0, "cut off"]


def test_an_error_known_before_its_place_waits_for_it() -> None:
    one: Subject[Event] = Subject()
    other: Subject[Event] = Subject()
    told = heard_out(merge(one, other, by="ts_recv"))

    one.on_next(a_trade(1, ts_recv=5))
    one.on_error(RuntimeError("cut off"))
    assert told == []
    other.on_next(a_trade(2, ts_recv=3))
    other.on_next(a_trade(3, ts_recv=8))

    assert [getattr(fact, "price", str(fact)) for fact in told] == [2.0, 1.0, "cut off"]


def test_an_error_with_nothing_waiting_before_it_comes_at_once() -> None:
    told = heard_out(
        merge(reactivex.throw(RuntimeError("empty")), from_events(FACTS), by="ts_recv")
    )

    assert [str(error) for error in told] == ["empty"]


def test_many_rows_come_in_several_items_and_lose_nothing() -> None:
    tape = [a_trade(n, ts_recv=n) for n in range(3000)]

    told = heard_out(merge(from_events(tape), from_events(tape), by="ts_recv"))

    assert [fact.seq for fact in told[:-1]] == list(range(1, 6001))
    assert [fact.price for fact in told[:-1:2]] == [float(n) for n in range(3000)]


def test_who_has_heard_enough_stops_a_merge_of_recordings() -> None:
    tape = [a_trade(n, ts_recv=n) for n in range(3000)]

    items: list[Item] = []

    def note(item: Item) -> Item:
        items.append(item)
        return item

    merged = merge(from_events(tape), from_events(tape), by="ts_recv")
    told = heard_out(merged.pipe(each_item(lambda: note), ops.take(2)))

    assert len(told) == 3
    assert len(items) == 1


def test_every_subscriber_hears_the_same_story() -> None:
    merged = merge(from_events(FACTS), from_events(FACTS))

    assert same(heard_out(merged), heard_out(merged))


def test_run_takes_one_thread_for_all_inputs() -> None:
    threads: set[int] = set()

    def source(price: float) -> Observable[Any]:
        trades = from_events([a_trade(price, ts_recv=at) for at in range(1, 50)], rows=7)
        return trades.pipe(ops.do_action(lambda _: threads.add(threading.get_ident())))

    merged = merge(source(5), source(6), source(7), by="ts_recv").pipe(ops.to_list()).run()

    assert len(threads) == 1
    assert [trade.price for trade in merged] == [5, 6, 7] * 49


def test_when_one_input_cannot_be_subscribed_to_the_others_are_left() -> None:
    def refuse(*_: object) -> Any:
        raise OSError("lives on another loop")

    source, errors = Subject[Any](), list[Exception]()

    merge(source, Stream(refuse)).subscribe(None, errors.append)

    assert [str(error) for error in errors] == ["lives on another loop"]
    assert not source.observers
