"""What every test of a connection needs: somebody who listens, and a check that nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from reactivex import Observable


class Listener:
    """A subscriber whose progress can be awaited."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.errors: list[Exception] = []
        self.completed = 0
        self.subscription: Any = None
        self._changed = asyncio.Event()

    def to(self, source: Observable[bytes]) -> Listener:
        self.subscription = source.subscribe(self.on_next, self.on_error, self.on_completed)
        return self

    def on_next(self, value: bytes) -> None:
        self.values.append(value)
        self._changed.set()

    def on_error(self, error: Exception) -> None:
        self.errors.append(error)
        self._changed.set()

    def on_completed(self) -> None:
        self.completed += 1
        self._changed.set()

    async def until(self, condition: Callable[[Listener], object]) -> None:
        async def wait() -> None:
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(wait(), 5)

    async def error(self) -> Exception:
        """The error that ended the stream."""
        await self.until(lambda heard: heard.errors)
        (error,) = self.errors
        assert self.completed == 0
        return error


@pytest.fixture
def listener() -> Callable[[Observable[bytes]], Listener]:
    return lambda source: Listener().to(source)


@pytest.fixture
async def nothing_left() -> AsyncIterator[list[dict[str, Any]]]:
    """Fails when the test leaves a task, or when the loop had to report an exception that nobody took.

    What the loop reported is handed to the test, which may take it out of the list.
    """
    loop, reported = asyncio.get_running_loop(), list[dict[str, Any]]()
    loop.set_exception_handler(lambda _, context: reported.append(context))
    before = asyncio.all_tasks()
    gc.freeze()  # what is there already need not be looked at: late in a run that is a great deal
    yield reported
    gc.collect()  # an exception never retrieved is reported when its task is collected
    gc.unfreeze()
    assert reported == []
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    if left:  # a server's task may still be about to see that its peer has gone
        _, left = await asyncio.wait(left, timeout=0.5)
    assert left == set()
