from __future__ import annotations

import asyncio

import pytest
from reactivex.scheduler.eventloop import AsyncIOScheduler
from reactivex.testing import TestScheduler

from ordinis_rx.wire.clock import clock_of


def test_a_scheduler_brings_its_own_time() -> None:
    scheduler = TestScheduler()
    clock = clock_of(scheduler, "a test")
    before = clock.seconds()
    scheduler.advance_by(12.5)
    assert clock.scheduler is scheduler
    assert clock.seconds() - before == 12.5


async def test_without_a_scheduler_the_running_loop_is_the_clock() -> None:
    clock = clock_of(None, "a test")
    assert isinstance(clock.scheduler, AsyncIOScheduler)
    before = asyncio.get_running_loop().time()
    assert before <= clock.seconds() <= asyncio.get_running_loop().time()
    came = asyncio.Event()
    clock.scheduler.schedule(lambda *_: came.set())
    await asyncio.wait_for(came.wait(), 5)


async def test_an_asyncio_scheduler_is_timed_by_the_loop_and_not_by_the_wall_clock() -> None:
    scheduler = AsyncIOScheduler(asyncio.get_running_loop())
    clock = clock_of(scheduler, "a test")
    assert clock.scheduler is scheduler
    before = asyncio.get_running_loop().time()
    assert before <= clock.seconds() <= asyncio.get_running_loop().time()


def test_a_loop_that_has_a_time_of_its_own_is_asked_for_it() -> None:
    class Slow(asyncio.SelectorEventLoop):
        def time(self) -> float:
            return super().time() / 2

    async def seconds() -> tuple[float, float]:
        return clock_of(None, "a test").seconds(), asyncio.get_running_loop().time()

    with asyncio.Runner(loop_factory=Slow) as runner:
        told, wanted = runner.run(seconds())
    assert told == pytest.approx(wanted, rel=0.01)


def test_where_no_loop_runs_the_error_names_who_needs_one_and_what_to_use_instead() -> None:
    loop = asyncio.new_event_loop()
    for scheduler in (None, AsyncIOScheduler(loop)):
        with pytest.raises(RuntimeError, match=r"a test needs a running .* iter_blocking"):
            clock_of(scheduler, "a test")
    loop.close()
