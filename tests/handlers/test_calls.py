from __future__ import annotations

import asyncio
import threading

import pytest

from ordinis_rx.handlers.calls import Calls


async def noted(heard: list[int], n: int) -> None:
    await asyncio.sleep(0)
    heard.append(n)


async def test_calls_are_awaited_one_after_the_other() -> None:
    calls, under_way, most = Calls("test", 10), 0, 0

    async def call() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    for _ in range(5):
        calls.add(call())
    await calls.join()

    assert (most, calls.pending, calls.failures) == (1, 0, 0)


async def test_the_oldest_that_waits_gives_way_and_is_counted() -> None:
    calls, heard = Calls("test", 2), list[int]()

    for n in range(5):
        calls.add(noted(heard, n))
    await calls.join()

    assert heard == [3, 4]
    assert calls.dropped == 3


async def test_one_that_raises_harms_no_other() -> None:
    calls, heard = Calls("test", 10), list[int]()

    async def odd() -> None:
        raise RuntimeError("odd")

    calls.add(odd())
    calls.add(noted(heard, 1))
    await calls.join()

    assert (heard, calls.failures) == ([1], 1)


async def test_a_cancelled_future_inside_a_call_harms_no_other() -> None:
    calls, heard = Calls("test", 10), list[int]()
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    gone.cancel()

    calls.add(gone)
    calls.add(noted(heard, 1))
    await calls.join()

    assert (heard, calls.failures) == ([1], 1)


async def test_cancelling_drops_what_waits_and_ends_what_is_under_way() -> None:
    calls, heard, ended = Calls("test", 10), list[int](), asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    calls.add(endless())
    calls.add(noted(heard, 1))
    await asyncio.sleep(0)
    calls.cancel()
    await asyncio.wait_for(ended.wait(), 5)
    await calls.join()

    assert (heard, calls.dropped, calls.pending) == ([], 1, 0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_calls_go_on_after_a_cancel() -> None:
    calls, heard = Calls("test", 10), list[int]()

    calls.add(noted(heard, 1))
    calls.cancel()
    await calls.join()
    calls.add(noted(heard, 2))
    await calls.join()

    assert heard == [2]


def test_a_loop_that_closes_drops_what_waits_without_a_warning() -> None:
    heard: list[int] = []

    async def main() -> Calls:
        calls = Calls("test", 10)
        calls.add(noted(heard, 1))
        calls.add(noted(heard, 2))
        return calls

    calls = asyncio.run(main())

    assert (heard, calls.dropped, calls.pending) == ([], 1, 0)  # one had begun


async def test_calls_from_another_thread_run_on_the_loop_where_they_were_made() -> None:
    calls, threads = Calls("test", 10), list[int]()

    async def call() -> None:
        threads.append(threading.get_ident())

    def add() -> None:
        for _ in range(3):
            calls.add(call())

    await asyncio.to_thread(add)
    await calls.join()

    assert threads == [threading.get_ident()] * 3


def test_without_a_loop_a_call_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    calls = Calls("test", 10)

    calls.add(noted([], 1))

    assert calls.failures == 1
    assert "an async callback needs a running asyncio loop" in caplog.text


def test_at_least_one_call_must_be_allowed_to_wait() -> None:
    with pytest.raises(ValueError, match="max_pending must be 1 or more calls, got 0"):
        Calls("test", 0)
