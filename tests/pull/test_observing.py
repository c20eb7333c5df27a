from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from reactivex.testing import TestScheduler

from ordinis_rx.pull.observing import observed
from ordinis_rx.timebase import SECOND
from tests.virtual import after, in_virtual_time, settled, virtual_loop


class _Asked:
    """Questions that take some time; remembers when each was asked."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)
        self.times: list[float] = []
        self.subscribers = 0
        self.given_up = 0

    def __call__(self) -> Callable[[], Coroutine[Any, Any, int]]:
        self.subscribers += 1
        return self._answer

    async def _answer(self) -> int:
        loop = virtual_loop()
        self.times.append(loop.time())
        number = len(self.times)
        try:
            if self.seconds:
                await after(self.seconds.pop(0))
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return number


@in_virtual_time
async def test_it_asks_at_once_and_then_regularly() -> None:
    asked, told = _Asked(), []
    observing = observed(asked, 10 * SECOND).subscribe(told.append)
    await after(25.0)
    observing.dispose()
    await after(60.0)

    assert told == [1, 2, 3]
    assert asked.times == pytest.approx([0.0, 10.0, 20.0])


@in_virtual_time
async def test_one_question_at_a_time_what_falls_due_meanwhile_is_left_out() -> None:
    asked, told = _Asked(25.0), []
    observing = observed(asked, 10 * SECOND).subscribe(told.append)
    await after(31.0)
    observing.dispose()
    await settled()

    assert asked.times == pytest.approx([0.0, 30.0])
    assert told == [1, 2]


@in_virtual_time
async def test_disposing_gives_the_question_up() -> None:
    asked, told = _Asked(25.0), []
    observing = observed(asked, 10 * SECOND).subscribe(told.append)
    await after(5.0)
    observing.dispose()
    await settled()

    assert (told, asked.given_up) == ([], 1)


@in_virtual_time
async def test_every_subscriber_asks_for_itself() -> None:
    asked = _Asked()
    stream = observed(asked, 10 * SECOND)
    assert asked.subscribers == 0

    for subscription in [stream.subscribe(), stream.subscribe()]:
        await settled()
        subscription.dispose()

    assert asked.subscribers == 2


@in_virtual_time
async def test_it_goes_by_the_scheduler_of_the_subscription() -> None:
    asked, told, scheduler = _Asked(), [], TestScheduler()
    observing = observed(asked, 10 * SECOND).subscribe(told.append, scheduler=scheduler)
    await after(100.0)  # of the loop: no time of the scheduler's
    assert told == []

    for moment in (1.0, 9.0, 11.0):
        scheduler.advance_to(moment)
        await settled()
    observing.dispose()

    assert told == [1, 2]


@in_virtual_time
async def test_an_error_ends_the_stream() -> None:
    def begin() -> Callable[[], Awaitable[int]]:
        async def fail() -> int:
            raise RuntimeError("odd")

        return fail

    errors: list[Exception] = []
    observed(begin, SECOND).subscribe(on_error=errors.append)  # type: ignore[arg-type]
    await settled()

    assert [str(error) for error in errors] == ["odd"]


def test_without_a_loop_there_is_nobody_to_ask() -> None:
    with pytest.raises(RuntimeError, match="observe needs a running asyncio loop"):
        observed(_Asked(), SECOND).subscribe()
