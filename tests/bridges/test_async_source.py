from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from reactivex import operators as ops

from ordinis_rx.bridges import aiter, from_async_iter


async def three() -> AsyncIterator[int]:
    for n in range(3):
        await asyncio.sleep(0)
        yield n


async def test_values_come_in_order_and_the_end_is_told() -> None:
    assert [n async for n in aiter(from_async_iter(three()))] == [0, 1, 2]


async def test_a_function_is_iterated_afresh_for_each_subscriber() -> None:
    stream = from_async_iter(three)

    heard = [[n async for n in aiter(stream)] for _ in range(2)]

    assert heard == [[0, 1, 2], [0, 1, 2]]


async def test_what_the_iterable_raises_ends_the_stream() -> None:
    async def odd() -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("odd")

    values = aiter(from_async_iter(odd))

    assert await anext(values) == 1
    with pytest.raises(RuntimeError, match="odd"):
        await anext(values)


async def test_a_cancelled_future_that_the_iterable_waits_for_ends_the_stream() -> None:
    gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    gone.cancel()

    async def odd() -> AsyncIterator[int]:
        yield 1
        yield await gone

    values = aiter(from_async_iter(odd))

    assert await anext(values) == 1
    with pytest.raises(RuntimeError, match="what was waited for was cancelled") as raised:
        await asyncio.wait_for(anext(values), 5)
    assert isinstance(raised.value.__cause__, asyncio.CancelledError)


async def test_who_cancels_the_iteration_itself_cancels_it_and_nothing_is_told() -> None:
    tasks, told = list[asyncio.Task[None] | None](), list[object]()

    async def mute() -> AsyncIterator[int]:
        tasks.append(asyncio.current_task())
        await asyncio.Event().wait()
        yield 1

    from_async_iter(mute).subscribe(told.append, told.append, lambda: told.append("end"))
    await asyncio.sleep(0)
    (task,) = tasks
    assert task is not None
    task.cancel()
    await asyncio.wait([task])

    assert (task.cancelled(), told) == (True, [])


class Endless:
    """Counts for ever, and says when it is closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.told = 0

    async def __call__(self) -> AsyncIterator[int]:
        try:
            while True:
                yield self.told
                self.told += 1
        finally:
            self.closed.set()


async def test_dispose_closes_the_generator() -> None:
    endless, heard = Endless(), list[int]()
    subscription = from_async_iter(endless).subscribe(heard.append)
    await asyncio.sleep(0)  # it never waits, and yet others get their turn

    subscription.dispose()
    await asyncio.wait_for(endless.closed.wait(), 5)
    count = len(heard)
    await asyncio.sleep(0)

    assert 0 < len(heard) == count
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_dispose_cancels_a_step_under_way() -> None:
    closed = asyncio.Event()

    async def mute() -> AsyncIterator[int]:
        try:
            await asyncio.Event().wait()
            yield 1
        finally:
            closed.set()

    subscription = from_async_iter(mute).subscribe()
    await asyncio.sleep(0)
    subscription.dispose()

    await asyncio.wait_for(closed.wait(), 5)


async def test_a_subscriber_that_has_heard_enough_stops_the_iterable_at_once() -> None:
    endless, heard = Endless(), list[int]()

    from_async_iter(endless).pipe(ops.take(2)).subscribe(heard.append)
    await asyncio.wait_for(endless.closed.wait(), 5)

    assert (heard, endless.told) == ([0, 1], 1)


async def test_a_subscriber_that_raises_is_told_and_the_generator_closed() -> None:
    endless, errors = Endless(), list[Exception]()

    def odd(_: int) -> None:
        raise RuntimeError("odd")

    from_async_iter(endless).subscribe(odd, errors.append)
    await asyncio.wait_for(endless.closed.wait(), 5)

    assert [str(error) for error in errors] == ["odd"]


async def test_a_plain_async_iterator_will_do() -> None:
    class Twice:
        def __init__(self) -> None:
            self.left = 2

        def __aiter__(self) -> Twice:
            return self

        async def __anext__(self) -> str:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return "x"

    assert [x async for x in aiter(from_async_iter(Twice()))] == ["x", "x"]


async def test_dispose_from_another_thread_ends_it_on_the_loop() -> None:
    endless = Endless()
    subscription = from_async_iter(endless).subscribe()
    await asyncio.sleep(0)

    await asyncio.to_thread(subscription.dispose)

    await asyncio.wait_for(endless.closed.wait(), 5)


def test_without_a_loop_the_subscriber_is_told_what_brings_one() -> None:
    errors: list[Exception] = []

    from_async_iter(three).subscribe(on_error=errors.append)

    assert [str(error) for error in errors] == [
        "from_async_iter needs a running asyncio loop; in a script, iter_blocking brings its own"
    ]
