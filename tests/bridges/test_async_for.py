from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest
import reactivex
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops
from reactivex.disposable import Disposable
from reactivex.scheduler import eventloop
from reactivex.subject import ReplaySubject, Subject

from ordinis_rx.bridges import aiter
from ordinis_rx.errors import BufferOverflow
from ordinis_rx.multicast import share
from ordinis_rx.operators import merge
from ordinis_rx.operators.overflow import Overflow
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_trade
from ordinis_rx.testing.probe import Source
from tests.raising import raising_at_the_end

TRADES = [a_trade(n, seq=n) for n in range(1, 6)]


async def test_every_value_comes_and_completion_ends_the_loop() -> None:
    trades = [a_trade(n, seq=n) for n in range(1, 6)]

    assert [trade async for trade in aiter(from_events(trades))] == trades


async def test_values_are_awaited_as_they_come() -> None:
    source, heard = Source(), list[int]()

    async def listen() -> None:
        async for value in aiter(source.stream):
            heard.append(value)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    for n in range(3):
        source.tell(n)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert heard == list(range(n + 1))
    source.end()
    await asyncio.wait_for(listening, 5)


async def test_the_error_that_ends_the_stream_is_raised_after_what_waits() -> None:
    source, error, heard = Source(), RuntimeError("odd"), list[int]()
    values = aiter(source.stream)
    async with values:
        source.tell(1)
        source.fail(error)

        heard.append(await anext(values))
        with pytest.raises(RuntimeError, match="odd") as raised:
            await anext(values)

        assert (heard, raised.value) == ([1], error)
        with pytest.raises(StopAsyncIteration):
            await anext(values)


async def test_a_break_lets_the_source_go() -> None:
    source = Source()

    async def first() -> int:
        async for value in aiter(source.stream):
            return int(value)
        return -1

    listening = asyncio.create_task(first())
    await asyncio.sleep(0)
    source.tell(7)

    assert await listening == 7
    del listening
    gc.collect()
    assert source.live == []


async def test_a_cancelled_task_lets_the_source_go() -> None:
    source = Source()

    async def listen() -> None:
        async with aiter(source.stream) as values:
            async for _ in values:
                pass

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    assert len(source.live) == 1
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening

    assert source.live == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_wait_may_be_cancelled_and_tried_again() -> None:
    source = Source()
    async with aiter(source.stream) as values:
        waiting = asyncio.ensure_future(anext(values))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        source.tell(1)

        assert await anext(values) == 1


async def test_closing_ends_an_iteration_that_waits() -> None:
    source = Source()
    values = aiter(source.stream)
    waiting = asyncio.ensure_future(anext(values))
    await asyncio.sleep(0)

    await values.aclose()
    await values.aclose()

    with pytest.raises(StopAsyncIteration):
        await waiting
    assert source.live == []


async def test_nothing_is_subscribed_to_before_the_first_step() -> None:
    source = Source()

    values = aiter(source.stream)
    assert source.live == []
    async with values:
        assert len(source.live) == 1


async def test_what_gives_way_is_counted() -> None:
    trades = [a_trade(n, seq=n) for n in range(1, 6)]
    values = aiter(rx.from_iterable(trades), maxsize=2)

    assert [trade async for trade in values] == trades[3:]
    assert (values.stats.received, values.stats.delivered, values.stats.dropped) == (5, 2, 3)


async def test_a_queue_that_may_drop_nothing_raises_when_it_is_full() -> None:
    values = aiter(rx.from_iterable([a_trade()] * 5), 2, Overflow.ERROR)

    with pytest.raises(BufferOverflow, match="buffer of 2 events is full"):
        _ = [trade async for trade in values]
    assert values.stats.delivered == 2


async def test_a_replay_is_heard_whole_without_a_bound() -> None:
    trades = [a_trade(n, seq=n + 1) for n in range(5000)]

    assert [trade async for trade in aiter(from_events(trades), maxsize=None)] == trades


async def test_a_producer_in_another_thread_is_heard_in_order() -> None:
    source, heard = Source(), list[int]()

    def produce() -> None:
        for n in range(500):
            source.tell(n)
        source.end()

    async with aiter(source.stream) as values:
        producing = asyncio.create_task(asyncio.to_thread(produce))
        async for value in values:
            heard.append(value)
        await producing

    assert heard == list(range(500))


async def test_timers_of_the_stream_run_on_the_loop() -> None:
    source = Source()
    async with aiter(source.stream):
        [scheduler] = source.schedulers

    assert isinstance(scheduler, eventloop.AsyncIOThreadSafeScheduler)


async def test_two_iterations_of_a_cold_stream_each_hear_it_whole() -> None:
    stream = reactivex.of(1, 2, 3).pipe(ops.map(lambda n: n * 10))

    assert [[n async for n in aiter(stream)] for _ in range(2)] == [[10, 20, 30]] * 2


async def test_an_operator_that_raises_at_the_end_ends_the_iteration_with_its_error() -> None:
    values = aiter(from_events(TRADES).pipe(raising_at_the_end))
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)  # it goes up to the loop, too

    assert [await anext(values) for _ in TRADES] == TRADES
    with pytest.raises(LookupError, match="at the end"):
        await anext(values)


def test_a_policy_that_is_none_is_refused_at_the_call() -> None:
    with pytest.raises(TypeError, match="overflow must be a member of Overflow, got 'ERROR'"):
        aiter(from_events(TRADES), overflow="ERROR")  # type: ignore[arg-type]


MANY = [a_trade(1.0 + n, at=n, seq=n + 1) for n in range(3000)]


@pytest.mark.parametrize(
    ("behind", "times"),
    [
        (lambda cold: cold.pipe(ops.catch(rx.empty())), 1),
        (lambda cold: cold.pipe(ops.retry(2)), 1),
        (lambda cold: rx.concat(cold, cold), 2),
        (lambda cold: rx.merge(cold, cold), 2),
        (lambda cold: rx.of(1, 2).pipe(ops.flat_map(lambda _: cold)), 2),
        (lambda cold: rx.defer(lambda _: cold), 1),
        (lambda cold: merge(rx.just(a_trade(1.0)), cold), 1),
    ],
    ids=["catch", "retry", "concat", "merge", "flat_map", "defer", "merge of ours"],
)
async def test_a_cold_source_waits_whatever_of_plain_rx_subscribes_to_it(
    behind: Callable[[Observable[Any]], Observable[Any]], times: int
) -> None:
    heard = aiter(behind(from_events(MANY, rows=100)), maxsize=10)

    told = [trade async for trade in heard]

    assert (len(told) - len(MANY) * times in (0, 1), heard.stats.dropped) == (True, 0)


async def test_what_waits_when_a_cold_source_begins_to_ask_is_kept() -> None:
    before: ReplaySubject[Any] = ReplaySubject(3)
    for trade in TRADES[:3]:
        before.on_next(trade)
    both = merge(before.pipe(ops.take(3)), from_events(MANY[:50]))

    told = [trade async for trade in aiter(both, maxsize=3)]

    assert len(told) == 53


@pytest.mark.parametrize(
    "share_of",
    [lambda cold: rx.concat(rx.empty(), cold).pipe(share()), lambda cold: cold.pipe(share(2))],
)
async def test_a_source_that_waits_for_one_goes_on_for_the_others_when_that_one_leaves(
    share_of: Any,
) -> None:
    shared = share_of(from_events(MANY[:500], rows=1))
    one, other = aiter(shared, maxsize=5), aiter(shared, maxsize=500)

    async def first() -> None:
        async for _ in one:
            break
        await asyncio.sleep(0)
        await one.aclose()

    async def second() -> list[Any]:
        return [trade async for trade in other]

    _, told = await asyncio.wait_for(asyncio.gather(first(), second()), 10)

    assert len(told) == 500


async def _settled() -> None:
    """Let plain Rx subscribe to all that it has put off."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("overflow", [Overflow.DROP_OLDEST, Overflow.ERROR])
async def test_without_a_bound_nothing_is_dropped_when_a_cold_source_comes_later(
    overflow: Overflow,
) -> None:
    hot: Subject[Any] = Subject()
    later: Subject[Any] = Subject()
    both = rx.merge(hot, later.pipe(ops.flat_map(lambda _: from_events(TRADES))))
    values = aiter(both, maxsize=None, overflow=overflow)
    waiting = asyncio.ensure_future(anext(values))
    await _settled()
    for _ in range(140_000):
        hot.on_next(TRADES[0])
    later.on_next(1)
    await waiting
    await _settled()

    assert (values.stats.dropped, values.stats.received) == (0, 140_000)
    await values.aclose()


async def test_a_cold_source_waits_for_whoever_hears_it_and_not_for_who_subscribes_meanwhile() -> (
    None
):
    hot: Subject[Any] = Subject()
    hears = aiter(hot.pipe(ops.flat_map(lambda _: from_events(MANY, rows=100))), maxsize=10)
    waiting = asyncio.ensure_future(anext(hears))
    await _settled()

    def subscribe(observer: Any, scheduler: Any = None) -> Any:
        hot.on_next("go")
        observer.on_next(1)
        return Disposable()

    meanwhile = aiter(rx.create(subscribe), maxsize=10)
    assert await anext(meanwhile) == 1
    await waiting
    for _ in MANY[1:]:
        await anext(hears)

    assert hears.stats.dropped == 0
    await hears.aclose()
    await meanwhile.aclose()
