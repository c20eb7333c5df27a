from __future__ import annotations

import asyncio
import functools
import threading
from typing import Any

import pytest
import reactivex as rx

from ordinis_rx.bridges import subscribe_isolated
from ordinis_rx.operators.overflow import Overflow
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_trade
from ordinis_rx.testing.probe import Source
from tests.raising import raising_at_the_end

TRADES = [a_trade(n, seq=n) for n in range(1, 6)]

in_thread_or_not = pytest.mark.parametrize("in_thread", [False, True], ids=["loop", "thread"])


@in_thread_or_not
async def test_every_value_is_told_in_order_and_then_the_end(in_thread: bool) -> None:
    heard: list[Any] = []

    isolated = subscribe_isolated(
        from_events(TRADES),
        heard.append,
        on_completed=lambda: heard.append("end"),
        in_thread=in_thread,
    )
    await asyncio.wait_for(isolated.join(), 5)

    assert heard == [*TRADES, "end"]
    assert isolated.stats.delivered == 5


@in_thread_or_not
async def test_the_error_is_told_after_what_waits(in_thread: bool) -> None:
    source, heard, error = Source(), list[Any](), RuntimeError("odd")
    isolated = subscribe_isolated(
        source.stream, heard.append, on_error=heard.append, in_thread=in_thread
    )

    source.tell(1)
    source.fail(error)
    await asyncio.wait_for(isolated.join(), 5)

    assert heard == [1, error]


@in_thread_or_not
async def test_a_callback_that_raises_is_counted_and_goes_on(
    in_thread: bool, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Any] = []

    def odd(trade: Any) -> None:
        heard.append(trade)
        raise RuntimeError(f"odd {trade.price}")

    isolated = subscribe_isolated(from_events(TRADES), odd, in_thread=in_thread)
    await asyncio.wait_for(isolated.join(), 5)

    assert (heard, isolated.failures) == (TRADES, 5)
    assert "an isolated callback raised RuntimeError('odd 1.0')" in caplog.messages


@in_thread_or_not
async def test_an_end_that_raises_is_counted_too(in_thread: bool) -> None:
    def odd() -> None:
        raise RuntimeError("odd")

    isolated = subscribe_isolated(
        from_events(TRADES), lambda _: None, on_completed=odd, in_thread=in_thread
    )
    await asyncio.wait_for(isolated.join(), 5)

    assert isolated.failures == 1


async def test_s15_a_slow_callback_holds_up_nobody_and_its_losses_are_counted() -> None:
    source, fast, slow = Source(), list[int](), list[int]()
    released = asyncio.Event()

    async def slowly(value: int) -> None:
        slow.append(value)
        await released.wait()

    isolated = subscribe_isolated(source.stream, slowly, maxsize=3)
    source.stream.subscribe(fast.append)
    for n in range(100):
        source.tell(n)
        await asyncio.sleep(0)
        assert fast[-1] == n

    assert slow == [0]
    assert isolated.stats.dropped == 96
    released.set()
    source.end()
    await asyncio.wait_for(isolated.join(), 5)
    assert slow == [0, 97, 98, 99]


async def test_s15_a_callback_that_blocks_its_thread_does_not_block_the_loop() -> None:
    source, told, released = Source(), list[int](), threading.Event()

    def block(value: int) -> None:
        told.append(value)
        assert released.wait(10)

    isolated = subscribe_isolated(source.stream, block, in_thread=True, maxsize=2)
    fast: list[int] = []
    source.stream.subscribe(fast.append)
    source.tell(0)
    while not told:
        await asyncio.sleep(0)
    for n in range(1, 10):
        source.tell(n)

    assert (fast, told) == (list(range(10)), [0])
    released.set()
    source.end()
    await asyncio.wait_for(isolated.join(), 5)
    assert told == [0, 8, 9]
    assert isolated.stats.dropped == 7


async def test_async_calls_are_one_at_a_time() -> None:
    under_way, most = 0, 0

    async def call(_: object) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    isolated = subscribe_isolated(from_events(TRADES), call)
    await asyncio.wait_for(isolated.join(), 5)

    assert (most, isolated.stats.delivered) == (1, 5)


async def test_a_busy_sync_callback_gives_the_loop_back_between_slices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, clock, turns = asyncio.get_running_loop(), [0.0], list[int]()
    monkeypatch.setattr(loop, "time", lambda: clock[0])

    def slow(trade: Any) -> None:
        clock[0] += 0.001
        turns.append(trade.seq)

    isolated = subscribe_isolated(from_events(TRADES), slow)
    seen: list[int] = []
    while len(turns) < 5:
        await asyncio.sleep(0)
        seen.append(len(turns))
    await isolated.join()

    assert {2, 4} <= set(seen)  # two calls of a millisecond a slice


async def test_dispose_cancels_the_call_under_way_and_drops_what_waits() -> None:
    source, ended, heard = Source(), asyncio.Event(), list[int]()

    async def endless(value: int) -> None:
        heard.append(value)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    isolated = subscribe_isolated(source.stream, endless, on_completed=lambda: heard.append(-1))
    for n in range(3):
        source.tell(n)
    await asyncio.sleep(0)
    isolated.dispose()
    isolated.dispose()
    await asyncio.wait_for(isolated.join(), 5)

    assert ended.is_set()
    assert (heard, source.live, isolated.stats.dropped) == ([0], [], 2)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_thread_or_not
async def test_dispose_from_within_the_callback_is_the_last_that_is_told(in_thread: bool) -> None:
    source, heard = Source(), list[int]()

    def once(value: int) -> None:
        heard.append(value)
        isolated.dispose()

    isolated = subscribe_isolated(
        source.stream, once, on_completed=lambda: heard.append(-1), in_thread=in_thread
    )
    for n in range(3):
        source.tell(n)
    await asyncio.wait_for(isolated.join(), 5)
    await asyncio.sleep(0)

    assert (heard, source.live) == ([0], [])


async def test_dispose_ends_a_thread_that_waits() -> None:
    source = Source()
    isolated = subscribe_isolated(source.stream, print, in_thread=True)

    isolated.dispose()
    await asyncio.wait_for(isolated.join(), 5)

    assert source.live == []


async def test_the_policy_is_the_callers() -> None:
    heard: list[Any] = []

    isolated = subscribe_isolated(
        rx.from_iterable(TRADES), heard.append, maxsize=2, overflow=Overflow.DROP_NEWEST
    )
    await isolated.join()

    assert heard == TRADES[:2]


async def test_an_error_that_nobody_hears_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    source = Source()
    isolated = subscribe_isolated(source.stream, print)
    source.fail(RuntimeError("odd"))
    await isolated.join()

    assert caplog.messages == ["an isolated subscriber's stream ended with RuntimeError('odd')"]


async def test_a_cancelled_future_in_a_callback_does_not_end_it() -> None:
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    gone.cancel()

    async def odd(_: object) -> None:
        await gone

    isolated = subscribe_isolated(from_events(TRADES), odd)
    await asyncio.wait_for(isolated.join(), 5)

    assert isolated.failures == 5


async def call(*_: object) -> None: ...


class Caller:
    async def __call__(self, *_: object) -> None: ...


@pytest.mark.parametrize("name", ["callback", "on_error", "on_completed"])
@pytest.mark.parametrize(
    "odd",
    [call, Caller(), Caller().__call__, functools.partial(call, 1), functools.partial(Caller())],
    ids=["function", "object", "method", "partial", "partial of an object"],
)
async def test_an_async_callback_in_a_thread_is_refused(name: str, odd: Any) -> None:
    functions: dict[str, Any] = {"callback": print, name: odd}

    with pytest.raises(TypeError, match="an async callback runs on the loop, not in a thread"):
        subscribe_isolated(from_events(TRADES), **functions, in_thread=True)


async def test_a_class_whose_objects_are_async_may_be_called_in_a_thread() -> None:
    class Note(Caller):
        def __init__(self, trade: object) -> None:
            heard.append(trade)

    heard: list[object] = []
    isolated = subscribe_isolated(from_events(TRADES), Note, in_thread=True)
    await asyncio.wait_for(isolated.join(), 5)

    assert (heard, isolated.failures) == (TRADES, 0)


async def test_a_function_in_a_thread_that_gives_what_is_to_be_awaited_has_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    isolated = subscribe_isolated(from_events(TRADES), lambda _: call(), in_thread=True)
    await asyncio.wait_for(isolated.join(), 5)

    assert isolated.failures == 5
    assert "an async callback runs on the loop, not in a thread" in caplog.messages[0]


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError()], ids=repr
)
async def test_a_callback_in_a_thread_may_raise_whatever_it_likes(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Any] = []

    def odd(trade: Any) -> None:
        heard.append(trade)
        raise error

    isolated = subscribe_isolated(
        from_events(TRADES), odd, on_completed=lambda: heard.append("end"), in_thread=True
    )
    await asyncio.wait_for(isolated.join(), 5)

    assert (heard, isolated.failures) == ([*TRADES, "end"], 5)
    assert f"an isolated callback raised {error!r}" in caplog.messages


def test_without_a_loop_it_says_what_brings_one() -> None:
    with pytest.raises(RuntimeError, match="no asyncio loop runs here"):
        subscribe_isolated(from_events(TRADES), print)


@pytest.mark.parametrize("name", ["callback", "on_error", "on_completed"])
async def test_what_cannot_be_called_is_refused_at_once(name: str) -> None:
    functions: dict[str, Any] = {"callback": print, name: 5}
    with pytest.raises(TypeError, match=f"subscribe_isolated: {name} must be a function, got 5"):
        subscribe_isolated(from_events(TRADES), **functions)


@in_thread_or_not
async def test_an_operator_that_raises_at_the_end_is_told_as_an_error(in_thread: bool) -> None:
    told: list[Any] = []

    isolated = subscribe_isolated(
        from_events(TRADES).pipe(raising_at_the_end),
        told.append,
        on_error=told.append,
        in_thread=in_thread,
    )
    await asyncio.wait_for(isolated.join(), 5)

    assert told[:-1] == TRADES
    assert repr(told[-1]) == "LookupError('at the end')"
