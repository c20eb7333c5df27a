"""Buffers: bounded, counted, in order, across threads, and clean at the end however it comes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reactivex import Observable
from reactivex.abc import DisposableBase
from reactivex.disposable import CompositeDisposable
from reactivex.scheduler import ImmediateScheduler, VirtualTimeScheduler
from reactivex.scheduler.eventloop import AsyncIOThreadSafeScheduler
from reactivex.subject import Subject

from ordinis_rx.batches import item_of
from ordinis_rx.codes import Names
from ordinis_rx.errors import BufferOverflow
from ordinis_rx.events import Event, Gap
from ordinis_rx.operators import BufferMeter, BufferStats, Overflow, buffer, mid
from ordinis_rx.stream import Stream, from_events
from ordinis_rx.testing import a_quote, a_trade
from ordinis_rx.turns import FlowObserver


class Played:
    """A buffer between a subject and a list, drained when the clock is moved."""

    def __init__(
        self,
        size: int = 1000,
        policy: Overflow = Overflow.DROP_OLDEST,
        *,
        mark: bool = True,
        then: Callable[[Any], None] | None = None,
    ) -> None:
        self.clock = VirtualTimeScheduler()
        self.source: Subject[Event] = Subject()
        self.meter = BufferMeter()
        self.heard: list[Any] = []
        stream = self.source.pipe(
            buffer(size, policy, scheduler=self.clock, mark=mark, meter=self.meter)
        )

        def hear(fact: Any) -> None:
            self.heard.append("gap" if isinstance(fact, Gap) else fact.price)
            if then is not None:
                then(fact)

        self.subscription = stream.subscribe(
            hear, self.heard.append, lambda: self.heard.append("|")
        )

    def push(self, *prices: float) -> None:
        for price in prices:
            self.source.on_next(a_trade(price))

    def drain(self) -> list[Any]:
        self.clock.advance_by(1)
        told, self.heard[:] = list(self.heard), []
        return told

    @property
    def stats(self) -> BufferStats:
        return self.meter.stats


def test_nothing_is_told_before_the_scheduler_has_its_turn() -> None:
    played = Played()

    played.push(1, 2)

    assert played.heard == []
    assert played.stats.pending == 2
    assert played.drain() == [1.0, 2.0]


def test_s16_what_is_dropped_is_counted_and_marked_in_its_place() -> None:
    played = Played(2)

    played.push(1, 2, 3)

    assert played.drain() == ["gap", 2.0, 3.0]
    assert played.stats == BufferStats(received=3, delivered=2, dropped=1, peak=2)


def test_marks_may_be_left_out() -> None:
    played = Played(1, Overflow.DROP_NEWEST, mark=False)

    played.push(1, 2)

    assert played.drain() == [1.0]


def test_conflation_tells_the_latest_of_a_symbol() -> None:
    played = Played(policy=Overflow.CONFLATE)

    played.push(1, 2, 3)

    assert played.drain() == [3.0]
    assert played.stats == BufferStats(received=3, delivered=1, conflated=2, peak=1)


def test_an_overflow_error_comes_after_what_waits_and_lets_the_source_go() -> None:
    played = Played(2, Overflow.ERROR)

    played.push(1, 2, 3)

    assert not played.source.observers
    told = played.drain()
    assert told[:2] == [1.0, 2.0]
    assert isinstance(told[2], BufferOverflow)
    assert played.stats == BufferStats(received=3, delivered=2, dropped=1, peak=2)


def test_completion_comes_after_what_waits() -> None:
    played = Played()

    played.push(1)
    played.source.on_completed()

    assert played.heard == []
    assert played.drain() == [1.0, "|"]


def test_an_error_comes_after_what_waits() -> None:
    played = Played()
    error = RuntimeError("broken")

    played.push(1)
    played.source.on_error(error)

    assert played.drain() == [1.0, error]


def test_an_end_with_nothing_waiting_is_told_too() -> None:
    played = Played()

    played.source.on_completed()

    assert played.drain() == ["|"]


def test_dispose_while_armed_tells_nothing_and_counts_what_waited_as_dropped() -> None:
    played = Played()
    played.push(1, 2)

    played.subscription.dispose()

    assert played.drain() == []
    assert not played.source.observers
    assert played.stats == BufferStats(received=2, dropped=2, peak=0)


def test_what_comes_while_the_buffer_is_drained_waits_for_the_next_drain() -> None:
    played = Played(then=lambda fact: played.push(2) if fact.price == 1 else None)

    played.push(1)
    played.clock.start()

    assert played.heard == [1.0, 2.0]
    assert played.stats == BufferStats(received=2, delivered=2, peak=1)


def test_an_end_that_comes_while_the_buffer_is_drained_is_told() -> None:
    played = Played(then=lambda _: played.source.on_completed())

    played.push(1)
    played.clock.start()

    assert played.heard == [1.0, "|"]


def test_a_consumer_that_raises_is_told_and_the_producer_is_not() -> None:
    errors: list[Exception] = []
    clock = VirtualTimeScheduler()

    def fail(_: Any) -> None:
        raise ZeroDivisionError

    from_events([a_trade(), a_trade()]).pipe(buffer(scheduler=clock)).subscribe(fail, errors.append)
    clock.start()

    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_a_meter_lets_go_of_a_buffer_whose_source_refuses_its_subscriber() -> None:
    def refusing(observer: FlowObserver, _: object = None) -> DisposableBase:
        for n in range(3):
            observer.on_item(item_of([a_trade(n)], Names()))
        raise RuntimeError("needs a running loop")

    clock, meter = VirtualTimeScheduler(), BufferMeter()
    heard: list[Any] = []
    source: Stream[Event] = Stream(refusing)
    source.pipe(buffer(5, scheduler=clock, meter=meter)).subscribe(heard.append, heard.append)
    clock.start()

    assert [type(each) for each in heard] == [RuntimeError]
    assert meter.stats == BufferStats(received=3, dropped=3, peak=0)
    assert not meter._at_work


def test_every_subscriber_has_a_buffer_of_its_own_and_the_meter_counts_all() -> None:
    clock, meter = VirtualTimeScheduler(), BufferMeter()
    stream = from_events([a_trade(), a_trade()]).pipe(buffer(1, scheduler=clock, meter=meter))

    stream.subscribe()
    stream.subscribe().dispose()
    stream.subscribe()
    clock.start()

    assert meter.stats == BufferStats(received=6, delivered=2, dropped=4, peak=1)


def test_operators_after_a_buffer_get_frames() -> None:
    clock = VirtualTimeScheduler()
    mids: list[float] = []
    quotes = from_events([a_quote(1, 3), a_quote(2, 4)])

    quotes.pipe(buffer(scheduler=clock), mid()).subscribe(lambda r: mids.append(r.value))
    clock.start()

    assert mids == [2.0, 3.0]


def test_the_subscribers_scheduler_serves_where_none_is_given() -> None:
    clock = VirtualTimeScheduler()
    heard: list[Any] = []

    from_events([a_trade()]).pipe(buffer()).subscribe(heard.append, scheduler=clock)
    clock.start()

    assert len(heard) == 1


def test_without_a_loop_or_a_scheduler_the_buffer_says_what_it_needs() -> None:
    errors: list[Exception] = []

    from_events([a_trade()]).pipe(buffer()).subscribe(on_error=errors.append)

    assert [type(error) for error in errors] == [RuntimeError]
    assert "give scheduler=" in str(errors[0])


def test_a_buffer_has_room_for_one_event_at_least() -> None:
    with pytest.raises(ValueError, match="size must be 1 or more events, got 0"):
        buffer(0)


@given(
    st.sampled_from([Overflow.DROP_OLDEST, Overflow.DROP_NEWEST, Overflow.CONFLATE]),
    st.integers(1, 4),
    st.lists(st.integers(0, 6), max_size=6),
)
def test_what_came_in_is_delivered_dropped_conflated_or_pending_at_any_moment(
    policy: Overflow, size: int, bursts: list[int]
) -> None:
    played = Played(size, policy, mark=False)
    sent = told = 0
    for burst in bursts:
        played.push(*range(burst))
        sent += burst
        stats = played.stats
        assert stats.received == sent
        assert stats.received == stats.delivered + stats.dropped + stats.conflated + stats.pending
        told += len(played.drain())
        assert played.stats.delivered == told
    played.subscription.dispose()
    assert played.stats.pending == 0


@given(st.lists(st.integers(1, 5), max_size=6))
def test_a_buffer_that_never_fills_changes_nothing(bursts: list[int]) -> None:
    facts = [a_trade(price) for price in range(sum(bursts))]
    heard: list[Event] = []
    stream: Observable[Event] = from_events(facts, rows=3)

    stream.pipe(buffer(scheduler=ImmediateScheduler.singleton())).subscribe(heard.append)

    assert [(fact.seq, fact) for fact in heard] == [
        (seq, a_trade(price, seq=seq)) for seq, price in enumerate(range(len(facts)), 1)
    ]


async def test_the_running_loop_serves_where_no_scheduler_is_given() -> None:
    heard: list[Any] = []
    done = asyncio.Event()

    from_events([a_trade(1), a_trade(2)]).pipe(buffer()).subscribe(
        lambda fact: heard.append(fact.price), on_completed=done.set
    )
    assert heard == []
    await done.wait()

    assert heard == [1.0, 2.0]


@pytest.mark.parametrize("own_scheduler", [False, True])
async def test_four_threads_may_push_and_the_loop_hears_all_in_each_threads_order(
    own_scheduler: bool,
) -> None:
    producers, each = 4, 500
    sources: list[Subject[Event]] = [Subject() for _ in range(producers)]
    everything: Observable[Event] = Observable(
        lambda observer, scheduler=None: CompositeDisposable(
            [source.subscribe(observer.on_next) for source in sources]
        )
    )
    loop = asyncio.get_running_loop()
    scheduler = AsyncIOThreadSafeScheduler(loop) if own_scheduler else None
    meter, done = BufferMeter(), asyncio.Event()
    heard: list[tuple[str, float]] = []
    here = threading.get_ident()

    def hear(fact: Any) -> None:
        assert threading.get_ident() == here
        heard.append((fact.symbol, fact.price))
        if len(heard) == producers * each:
            done.set()

    locked = threading.Lock()  # Rx asks producers to take turns

    def produce(k: int) -> None:
        for n in range(each):
            with locked:
                sources[k].on_next(a_trade(n, symbol=str(k), seq=1 + n))

    everything.pipe(buffer(10_000, scheduler=scheduler, meter=meter)).subscribe(hear)
    threads = [threading.Thread(target=produce, args=(k,)) for k in range(producers)]
    for thread in threads:
        thread.start()
    await asyncio.wait_for(done.wait(), 30)
    for thread in threads:
        thread.join()

    for k in range(producers):
        assert [price for symbol, price in heard if symbol == str(k)] == list(range(each))
    stats = meter.stats
    assert (stats.received, stats.delivered) == (producers * each, producers * each)
    assert (stats.dropped, stats.conflated, stats.pending) == (0, 0, 0)
