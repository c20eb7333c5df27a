"""A bounded buffer between who produces and who consumes: also the one safe way from one thread to another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable, SingleAssignmentDisposable

from ordinis_rx.batches import Item, item_of
from ordinis_rx.checks import check_count, check_flag, check_is
from ordinis_rx.codes import Names
from ordinis_rx.endings import leaving
from ordinis_rx.entries import Entry
from ordinis_rx.errors import BufferOverflow
from ordinis_rx.events import Event
from ordinis_rx.loops import running_loop
from ordinis_rx.operators.overflow import BufferStats, Overflow, queue_of
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import A, Operator

__all__ = ["BufferMeter", "buffer"]

_Arm: TypeAlias = Callable[[Callable[[], None]], object]
"""Has a function called soon, where the consumer lives."""


class BufferMeter:
    """Counts what goes through every `buffer` that it is handed to, over all their subscriptions; ask it from any thread.

    >>> BufferMeter().stats.received
    0
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: dict[int, Callable[[], BufferStats]] = {}
        self._over = BufferStats()
        self._numbers = count()

    @property
    def stats(self) -> BufferStats:
        """The counts at this moment, added up over all buffers."""
        with self._lock:
            return _sum(self._over, *(stats() for stats in self._at_work.values()))

    def watch(self, stats: Callable[[], BufferStats]) -> Callable[[], None]:
        """Count what a buffer counts; what is returned says that it is over, and keeps its last counts."""
        number = next(self._numbers)
        with self._lock:
            self._at_work[number] = stats

        def leave() -> None:
            with self._lock:
                if number in self._at_work:
                    self._over = _sum(self._over, self._at_work.pop(number)())

        return leave


def buffer(
    size: int = 1000,
    policy: Overflow = Overflow.DROP_OLDEST,
    *,
    scheduler: abc.SchedulerBase | None = None,
    mark: bool = True,
    meter: BufferMeter | None = None,
) -> Operator[A, A]:
    """Let at most *size* facts wait for the consumer, who is told on *scheduler*; when it is full, *policy* decides.

    The producer is never held up, and may push from any thread (one at a time, as Rx asks). The consumer is told by the
    scheduler: the one given, or else the one subscribed with, or else the running asyncio loop; with none of them,
    subscribing fails with RuntimeError. (Of reactivex's schedulers for a loop, only `AsyncIOThreadSafeScheduler` may be
    armed from another thread.) All that waits is told at once, in order; no clock is asked, and quiet costs nothing.

    Where facts were dropped, the consumer hears a `Gap` with the reason DROPPED in their place, which names their symbols
    (not with ``mark=False``). Completion and errors come after what waits; dispose throws away what waits, which counts as
    dropped. *meter* has the counts. Raises ValueError when *size* is below 1.

    >>> from reactivex.scheduler import VirtualTimeScheduler
    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_trade
    >>> clock, meter = VirtualTimeScheduler(), BufferMeter()
    >>> trades = from_events([a_trade(price) for price in range(5)])
    >>> _ = trades.pipe(buffer(2, scheduler=clock, meter=meter)).subscribe(lambda fact: print(fact.type.name, fact.seq))
    >>> clock.start()
    GAP 3
    TRADE 4
    TRADE 5
    >>> meter.stats
    BufferStats(received=5, delivered=2, dropped=3, conflated=0, pending=0, peak=2)
    """
    check_count("buffer: size", size, "events")
    check_is("buffer: policy", policy, Overflow, "an Overflow, Overflow.DROP_OLDEST say")
    check_is("buffer: scheduler", scheduler, abc.SchedulerBase | None, "a scheduler of Rx")
    check_is("buffer: meter", meter, BufferMeter | None, "a BufferMeter()")
    check_flag("buffer: mark", mark)
    watching = meter or BufferMeter()

    def operator(source: Observable[A]) -> Stream[A]:
        def flow(
            observer: FlowObserver, outer: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            chosen = scheduler or outer
            arm = _on_loop() if chosen is None else _on_scheduler(chosen)
            buffering = _Buffering(observer, arm, size, policy, mark, watching)
            end = Disposable(buffering.dispose)
            with leaving(end):  # or the meter would keep it for ever
                buffering.upstream.disposable = flow_of(source, buffering, outer)
            return CompositeDisposable(end, buffering.upstream)

        return Stream(flow)

    return operator


class _Buffering:
    """One subscriber's buffer. The lock guards what waits and the counts; at most one drain is armed or at work."""

    def __init__(
        self,
        observer: FlowObserver,
        arm: _Arm,
        size: int,
        policy: Overflow,
        mark: bool,
        meter: BufferMeter,
    ) -> None:
        self.upstream = SingleAssignmentDisposable()
        self._out = Entry(observer)
        self._names = Names()
        self._arm = arm
        self._waiting = queue_of(size, policy, mark=mark)
        self._put = self._waiting.put
        self._lock = threading.Lock()
        self._armed = False
        self._over = False
        self._error: Exception | None = None
        self._disposed = False
        self._delivered = 0
        self._discarded = 0
        self._peak = 0
        self._leave = meter.watch(self._stats)

    def _stats(self) -> BufferStats:
        with self._lock:
            pending = len(self._waiting)
            dropped = self._waiting.dropped + self._discarded
            conflated = self._waiting.conflated
            return BufferStats(
                received=self._delivered + dropped + conflated + pending,
                delivered=self._delivered,
                dropped=dropped,
                conflated=conflated,
                pending=pending,
                peak=max(self._peak, pending),
            )

    def on_item(self, item: Item) -> None:
        facts: list[Event] = item.facts
        overflow: BufferOverflow | None = None
        self._lock.acquire()  # not `with`, which costs twice as much, at every event
        try:
            if self._over:
                self._discarded += len(facts)
                return
            self._put(facts)
            if self._armed:
                return
            self._armed = True
        except BufferOverflow as error:
            overflow = error
        finally:
            self._lock.release()
        if overflow is None:
            self._arm(self._drain)
        else:
            self._end(overflow)
            self.upstream.dispose()

    def on_error(self, error: Exception) -> None:
        self._end(error)

    def on_completed(self) -> None:
        self._end(None)

    def exits(self, found: set[int]) -> None:
        """Nothing below sees in which order the branches above were told: they are told later."""

    def dispose(self) -> None:
        """Throw away what waits; an armed drain finds nothing to do."""
        with self._lock:
            self._over = self._disposed = True
            self._discarded += len(self._waiting)
            self._waiting.take()
        self._leave()

    def _end(self, error: Exception | None) -> None:
        with self._lock:
            if self._over:
                return
            self._over, self._error = True, error
            arming = not self._armed
            self._armed = True
        if arming:
            self._arm(self._drain)

    def _drain(self) -> None:
        with self._lock:
            pending = len(self._waiting)
            self._delivered += pending
            self._peak = max(self._peak, pending)  # what waits only grows between two drains
            facts = self._waiting.take()
            over = self._over
        try:
            if facts:
                self._out.on_item(item_of(facts, self._names))
            if over:
                self._finish()
        finally:
            with self._lock:
                more = self._armed = not over and (self._over or len(self._waiting) > 0)
            if more:
                self._arm(self._drain)  # rather than a loop: others live on the scheduler too

    def _finish(self) -> None:
        if self._disposed:
            return
        self._leave()
        if self._error is None:
            self._out.on_completed()
        else:
            self._out.on_error(self._error)


def _sum(*parts: BufferStats) -> BufferStats:
    return BufferStats(
        received=sum(part.received for part in parts),
        delivered=sum(part.delivered for part in parts),
        dropped=sum(part.dropped for part in parts),
        conflated=sum(part.conflated for part in parts),
        pending=sum(part.pending for part in parts),
        peak=max(part.peak for part in parts),
    )


def _on_scheduler(scheduler: abc.SchedulerBase) -> _Arm:
    def arm(drain: Callable[[], None]) -> object:
        def run(_: abc.SchedulerBase, __: Any = None) -> None:
            drain()

        return scheduler.schedule(run)

    return arm


def _on_loop() -> _Arm:
    """The running loop: directly from its own thread, woken from any other."""
    loop = running_loop()
    if loop is None:
        raise RuntimeError(
            "buffer needs to know where its consumer lives: subscribe where an asyncio loop runs, or give scheduler="
        )
    home = threading.get_ident()

    def arm(drain: Callable[[], None]) -> object:
        if threading.get_ident() == home:
            return loop.call_soon(drain)
        return loop.call_soon_threadsafe(drain)

    return arm
