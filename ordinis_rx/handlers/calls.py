"""Async callbacks awaited one after the other, beside the stream that caused them."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections import deque
from collections.abc import Awaitable

from ordinis_rx.checks import check_count
from ordinis_rx.loops import cancelled_ourselves, running_loop

__all__ = ["Calls"]

_log = logging.getLogger(__name__)


class Calls:
    """Awaits what it is given in order, as one task of the loop that it was made on (or is first used on).

    At most *most* wait: beyond that the oldest is dropped, never begun. `failures` and `dropped` count. What is awaited may
    raise without harm to the others: it is logged. May be used from any thread.
    """

    def __init__(self, owner: str, most: int) -> None:
        check_count(f"{owner}: max_pending", most, "calls")
        self._owner = owner
        self._most = most
        self._loop = running_loop()
        self._lock = threading.Lock()
        self._waiting: deque[Awaitable[object]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._busy = False
        self.failures = 0
        self.dropped = 0

    @property
    def pending(self) -> int:
        """How many wait or are under way."""
        return len(self._waiting) + self._busy

    def add(self, call: Awaitable[object]) -> None:
        """Await *call* after those before it."""
        running = running_loop()
        loop = self._loop = self._loop or running
        if loop is None or loop.is_closed():
            _discard(call)
            self.fail(RuntimeError("an async callback needs a running asyncio loop"))
            return
        oldest = None
        with self._lock:
            if len(self._waiting) >= self._most:
                oldest = self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(call)
            starting, self._busy = not self._busy, True
        if oldest is not None:
            _discard(oldest)
        if starting and loop is running:
            self._start(loop)
        elif starting:
            loop.call_soon_threadsafe(self._start, loop)

    def fail(self, error: BaseException) -> None:
        """Count and log what a callback raised."""
        self.failures += 1
        _log.error("%s: a callback raised %r", self._owner, error, exc_info=error)

    async def join(self) -> None:
        """Wait until nothing is pending."""
        while self._busy:
            if self._task is None:
                await asyncio.sleep(0)  # begun by another thread, not yet here
            else:
                await asyncio.wait({self._task})

    def cancel(self) -> None:
        """Drop what waits and cancel what is under way. To be called where the loop runs."""
        self._drop_all()
        if self._task is not None:
            self._task.cancel()

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._task = loop.create_task(self._run())
        self._task.add_done_callback(self._stopped)

    def _stopped(self, task: asyncio.Task[None]) -> None:
        if self._task is task:
            self._task = None
        if task.cancelled():  # by us, or by a loop that closes; maybe before it began
            self._drop_all()
            self._busy = False

    def _drop_all(self) -> None:
        with self._lock:
            left, self._waiting = self._waiting, deque()
            self.dropped += len(left)
        for call in left:
            _discard(call)

    async def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return
                call = self._waiting.popleft()
            try:
                await call
            except Exception as error:
                self.fail(error)
            except asyncio.CancelledError as error:
                if cancelled_ourselves():
                    raise
                self.fail(error)  # something that the callback waited for was cancelled, not we


def _discard(call: Awaitable[object]) -> None:
    """Let go of a call that will not be awaited, without a warning that it never was."""
    if inspect.iscoroutine(call):
        call.close()
    elif isinstance(call, asyncio.Future):
        call.cancel()
