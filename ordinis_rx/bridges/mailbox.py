"""The queue at the end of every bridge: bounded, counted, and safe between threads."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from reactivex import Observable
from reactivex.disposable import SingleAssignmentDisposable
from reactivex.scheduler.eventloop import AsyncIOThreadSafeScheduler

from ordinis_rx.checks import check_count, check_is
from ordinis_rx.errors import BufferOverflow
from ordinis_rx.gates import Gate, subscribing_through
from ordinis_rx.loops import running_loop
from ordinis_rx.operators.overflow import BufferStats, Overflow, queue_of

__all__ = ["EMPTY", "Bell", "Bound", "Mailbox", "call_on"]

_log = logging.getLogger(__name__)

Bound: TypeAlias = int | Literal["configured"] | None
"""How many values may wait: None for any number, ``"configured"`` for as many as the `StreamConfig.buffer_size` of the feed
that it hears (of several the most), and 1,000 where it hears none, or one that is shared already."""

_USUAL = 1000
"""How many may wait where nobody has said; and before a cold source waits, where any number may."""

_SLACK = 1 << 17
"""How many values a queue holds at most of what a cold source tells between two looks at the gate: one item of it, times
what operators make of that."""

EMPTY: Final = object()
"""What `Mailbox.get` gives when nothing waits."""


class Mailbox:
    """Holds what a stream tells until one consumer takes it, at most *maxsize* values, a `Bound`.

    A cold source waits when it is full (it is the `Gate` of what it subscribes to). For any other *overflow* decides; the
    first value dropped is logged, all are counted in `stats`. *wake* is called, by whoever pushes, when something came after
    `get` had found nothing.
    """

    def __init__(self, maxsize: Bound, overflow: Overflow, wake: Callable[[], None]) -> None:
        self._configurable = maxsize == "configured"
        self._configured = 0
        size = _USUAL if maxsize == "configured" else maxsize
        if size is not None:
            check_count("maxsize", size, "values")
        check_is("overflow", overflow, Overflow, "a member of Overflow")
        self._maxsize = size
        self._overflow = overflow
        self._waiting = queue_of(sys.maxsize if size is None else size, overflow, mark=False)
        self._soft = _USUAL if size is None else size
        self._resume: list[Callable[[], None]] = []
        self._waits = False
        self._wake = wake
        self._woken = False
        self._lock = threading.Lock()
        self._upstream = SingleAssignmentDisposable()
        self._ended = False
        self._received = 0
        self._discarded = 0
        self._conflated = 0
        self._peak = 0
        self.error: BaseException | None = None
        """What ended the stream, if it did not just complete."""

    def subscribe(self, stream: Observable[Any], loop: asyncio.AbstractEventLoop | None) -> None:
        """Fill from *stream*, whose timers run on *loop*."""
        scheduler = None if loop is None else _Gated(loop, self)
        with subscribing_through(self):
            self._upstream.disposable = stream.subscribe(
                self._put, self.end, self.end, scheduler=scheduler
            )

    def get(self) -> Any:
        """The value that has waited longest, or `EMPTY`."""
        resume: list[Callable[[], None]] = []
        with self._lock:
            if len(self._waiting):
                value: Any = self._waiting.take_one()
                if self._resume and 2 * len(self._waiting) <= self._soft:
                    resume, self._resume = self._resume, []
            else:
                self._woken = False
                value = EMPTY
        for action in resume:
            action()
        return value

    def is_open(self) -> bool:
        """Whether a cold source may tell more."""
        with self._lock:
            if not self._waits:
                # It tells whole items, and operators may make several facts of one: only a bound far out may drop those.
                self._waits = True
                self._widen(sys.maxsize if self._maxsize is None else max(_SLACK, self._soft))
            return self._ended or len(self._waiting) < self._soft

    def when_open(self, action: Callable[[], None]) -> None:
        """Call *action* when half of what waits has been taken."""
        with self._lock:
            if 2 * len(self._waiting) > self._soft and not self._ended:
                self._resume.append(action)
                return
        action()

    def have_room(self, values: int) -> None:
        """Let so many wait, where the consumer has no bound of its own; of several feeds, which it hears, the most."""
        with self._lock:
            if self._configurable and values > self._configured:
                self._configured = self._maxsize = self._soft = values
                self._widen(max(_SLACK, values) if self._waits else values)

    def _widen(self, size: int) -> None:
        """Go on with what waits in a queue for *size* values."""
        before = self._waiting
        size = max(size, len(before))
        self._discarded += before.dropped
        self._conflated += before.conflated
        self._waiting = queue_of(size, self._overflow, mark=False)
        self._waiting.put(tuple(before.take()))

    @property
    def over(self) -> bool:
        """True when nothing waits and nothing will come."""
        with self._lock:
            return self._ended and not len(self._waiting)

    @property
    def stats(self) -> BufferStats:
        """The counts at this moment."""
        with self._lock:
            pending = len(self._waiting)
            dropped = self._waiting.dropped + self._discarded
            conflated = self._waiting.conflated + self._conflated
            delivered = self._received - pending - dropped - conflated
            return BufferStats(self._received, delivered, dropped, conflated, pending, self._peak)

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more will come; what waits may still be taken."""
        with self._lock:
            if self._ended:
                return
            self._ended, self.error = True, error
            waking, self._woken = not self._woken, True
        if waking:
            self._wake()
        self._go_on()

    def shut(self) -> None:
        """Throw away what waits, and take no more. The source is let go of when it next pushes, or by `dispose`."""
        with self._lock:
            self._ended = True
            self._discarded += len(self._waiting)
            self._waiting.take()
        self._wake()
        self._go_on()

    def dispose(self) -> None:
        """Shut, and let go of the source at once; to be called where the source lives."""
        self.shut()
        self._upstream.dispose()

    def _go_on(self) -> None:
        """Let sources that wait go on: others may hear them, too."""
        with self._lock:
            resume, self._resume = self._resume, []
        for action in resume:
            action()

    def _put(self, value: Any) -> None:
        overflow: BufferOverflow | None = None
        with self._lock:
            self._received += 1
            if self._ended:
                self._discarded += 1
                late, first_drop, waking = True, False, False
            else:
                before = self._waiting.dropped
                try:
                    self._waiting.put((value,))
                except BufferOverflow as error:
                    overflow = error
                self._peak = max(self._peak, len(self._waiting))
                late, first_drop = False, before == 0 < self._waiting.dropped
                waking, self._woken = not self._woken, True
        if late:
            self._upstream.dispose()
        elif overflow is not None:
            self.end(overflow)
            self._upstream.dispose()
        elif first_drop:
            _log.warning(
                "a queue of %s values is full for the first time: %s gives way"
                " (maxsize=None keeps everything)",
                self._maxsize,
                "the newest" if self._overflow is Overflow.DROP_NEWEST else "the oldest",
            )
        if waking:
            self._wake()


class _Gated(AsyncIOThreadSafeScheduler):
    """The scheduler of a subscription, by which cold sources that are subscribed to later find the gate of its consumer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, gate: Gate) -> None:
        super().__init__(loop)
        self.gate = gate


class Bell:
    """Wakes one waiting coroutine, from any thread, once it is bound to the loop that the coroutine runs on."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    def bind(self) -> asyncio.AbstractEventLoop:
        """Belong to the running loop, which is returned; raises RuntimeError where none runs."""
        loop = running_loop()
        if loop is None:
            raise RuntimeError("no asyncio loop runs here; iter_blocking brings one of its own")
        self._loop, self._thread = loop, threading.get_ident()
        return loop

    def ring(self) -> None:
        """Wake who waits, or let who waits next not wait."""
        if threading.get_ident() == self._thread:
            self._rung.set()
        elif self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self) -> None:
        """Wait for a ring."""
        await self._rung.wait()
        self._rung.clear()


def call_on(loop: asyncio.AbstractEventLoop, action: Callable[[], object]) -> None:
    """Call *action* where *loop* runs: at once where that is here, or where it runs no more."""
    if running_loop() is loop or not loop.is_running():
        action()
    else:
        loop.call_soon_threadsafe(action)
