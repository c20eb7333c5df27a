"""The clock of a stream: a scheduler whose time is what the events say it is.

Ordinary timed operators of Rx (`debounce`, `delay`, `sample`, `timeout`, `window_with_time`) take it as ``scheduler=`` and
then do the same live, in replay and in tests, to the last bit.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from reactivex import abc, typing
from reactivex.scheduler.periodicscheduler import PeriodicScheduler

from ordinis_rx.checks import check_duration
from ordinis_rx.timebase import HOUR, MICRO, SECOND, Nanos, check_whole, from_datetime, to_datetime

__all__ = ["EventClock"]

_BEFORE: Nanos = -30_610_224_000 * SECOND
"""What a clock reads that has seen no event: the year 1000. No event can mean that, since its stamp is 64 bits wide."""

_EARLIEST: Nanos = -(2**63)
_NEVER: Nanos = 2**80


class EventClock(PeriodicScheduler):
    """A scheduler that is driven by the events of the stream that it is attached to with ``operators.on_clock(clock)``.

    - Time never runs ahead of the events, and never goes back: a late event finds the clock where it is.
    - What is due at or before an event's time runs first, each at its own time and in the order in which it was asked for;
      then comes the event. So a window that ends at an event's time does not hold that event.
    - What the event itself asks to be done at once is done right after it, before the next one.
    - Until the first event the clock does not know the time. What is asked for before counts from that event, unless the
      *start* (nanoseconds since 1970) is given. A moment named as a datetime is taken as it is.
    - When the stream ends, so that a `delay` tells what it holds and a `sample` ends, time goes on until nothing waits any
      more, but at most *run_out* nanoseconds: a timer that repeats would go on for ever. What waits then is dropped, and
      with the next subscription the clock starts afresh. It does so too when nobody listens any more.
    - Quiet streams stand still: without events, or heartbeats among them, nothing is due.

    Durations given to Rx operators are seconds or timedeltas, as everywhere in Rx; a datetime holds no more than
    microseconds. It has no lock: one thread at a time. Streams that are to drive one clock together are merged first.

    >>> from reactivex import operators as ops
    >>> from ordinis_rx.operators import on_clock
    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_trade
    >>> clock = EventClock()
    >>> trades = from_events([a_trade(price, at=at * SECOND) for price, at in ((1, 10), (2, 11), (3, 19))])
    >>> settled = trades.pipe(on_clock(clock), ops.debounce(5.0, scheduler=clock))
    >>> settled.subscribe(lambda trade: print(trade.price, "is the last for 5 s,", clock.nanos // SECOND)).dispose()
    2.0 is the last for 5 s, 16
    3.0 is the last for 5 s, 19
    """

    def __init__(self, start: Nanos | None = None, *, run_out: Nanos = HOUR) -> None:
        super().__init__()
        if start is not None:
            check_whole("EventClock: start", start)
        check_duration("EventClock: run_out", run_out, least=0)
        self._start = _BEFORE if start is None else start
        self._most = run_out
        self._heap: list[tuple[Nanos, int, _Timer]] = []
        self._asked = 0
        self._cancelled = 0
        self._drivers = 0
        self._run = 0
        self._nanos = self._start
        self._next = _NEVER
        self._ending = False

    @property
    def nanos(self) -> Nanos:
        """The time in nanoseconds since 1970, UTC."""
        return self._nanos

    @property
    def now(self) -> datetime:
        """The time as Rx operators ask for it, cut to microseconds."""
        return to_datetime(self._nanos)

    @property
    def waiting(self) -> int:
        """How many actions wait for their time."""
        return len(self._heap) - self._cancelled

    # What Rx operators ask for

    def schedule(
        self, action: abc.ScheduledAction[Any], state: Any | None = None
    ) -> abc.DisposableBase:
        """Run *action* at this time: after what has been asked for before, at the latest before the next event."""
        return self._at(self._nanos, action, state)

    def schedule_relative(
        self,
        duetime: timedelta | float,
        action: abc.ScheduledAction[Any],
        state: Any | None = None,
    ) -> abc.DisposableBase:
        """Run *action* when *duetime* (seconds, or a timedelta) has passed; at once where it is negative."""
        return self._at(self._nanos + max(0, _nanos(duetime)), action, state)

    def schedule_absolute(
        self,
        duetime: datetime | float,
        action: abc.ScheduledAction[Any],
        state: Any | None = None,
    ) -> abc.DisposableBase:
        """Run *action* at *duetime* (a datetime, or seconds since 1970); at once where that is past."""
        due = from_datetime(duetime) if isinstance(duetime, datetime) else _nanos(duetime)
        return self._at(max(self._nanos, due), action, state)

    def schedule_periodic(
        self,
        period: timedelta | float,
        action: typing.ScheduledPeriodicAction[Any],
        state: Any | None = None,
    ) -> abc.DisposableBase:
        """Run *action* every *period*, handing it what it returned last; never late, however far events are apart."""
        every = _nanos(period)
        if every <= 0:
            raise ValueError(f"a period of an EventClock must be positive, got {period!r}")

        def tick(_: abc.SchedulerBase, state: Any = None) -> None:
            following = action(state)
            if not timer.is_disposed:
                self._push(self._nanos + every, timer, tick, following)

        timer = _Timer(self)
        self._push(self._nanos + every, timer, tick, state)
        return timer

    # What drives it

    def attach(self) -> None:
        """Somebody begins to drive the clock; each must `release` or `detach` it in the end."""
        if self._ending:  # whoever begins in the wake of another begins afresh
            self._stop()
        self._drivers += 1

    def advance_to(self, moment: Nanos) -> None:
        """Let time go on to *moment*, and run what is due by then."""
        if self._nanos < _EARLIEST:
            self._begin(moment)
        if moment >= self._next:
            run = self._run
            self._work_off(moment)
            if run != self._run:
                return
        if moment > self._nanos:
            self._nanos = moment

    def run_due(self) -> None:
        """Run what is due by now."""
        if self._next <= self._nanos:
            self._work_off(self._nanos)

    def release(self) -> None:
        """A stream that drove the clock has ended; when it has told so, it calls `run_out`."""
        self._drivers -= 1
        self._ending = not self._drivers

    def run_out(self) -> None:
        """If nobody drives the clock any more, let it run out, and forget."""
        if self._ending:
            run = self._run
            try:
                self._work_off(self._nanos + self._most)
            finally:
                if run == self._run:
                    self._stop()

    def detach(self) -> None:
        """Somebody does not listen any longer; after the last one the clock stands still and forgets."""
        self.release()
        if self._ending:
            self._stop()

    # Within

    def _at(self, due: Nanos, action: Callable[..., Any], state: Any) -> _Timer:
        timer = _Timer(self)
        self._push(due, timer, action, state)
        return timer

    def _push(self, due: Nanos, timer: _Timer, action: Callable[..., Any], state: Any) -> None:
        timer.arm(action, state)
        self._asked += 1
        heapq.heappush(self._heap, (due, self._asked, timer))
        self._next = self._heap[0][0]

    def forget_one(self) -> None:
        """A timer that waits was cancelled; it is taken out when every second one is such."""
        self._cancelled += 1
        heap = self._heap
        if self._cancelled > 64 and 2 * self._cancelled > len(heap):
            heap[:] = [entry for entry in heap if not entry[2].is_disposed]
            heapq.heapify(heap)
            self._cancelled = 0
            self._next = heap[0][0] if heap else _NEVER

    def _begin(self, moment: Nanos) -> None:
        """The first event: what counts from the beginning counts from *moment*."""
        before, self._nanos = self._nanos, moment
        heap = self._heap
        heap[:] = [
            (due - before + moment if due < _EARLIEST else due, asked, timer)
            for due, asked, timer in heap
        ]
        heapq.heapify(heap)
        self._next = heap[0][0] if heap else _NEVER

    def _work_off(self, moment: Nanos) -> None:
        """Run what is due up to *moment*, as long as the run lasts."""
        heap, run = self._heap, self._run
        try:
            while heap and heap[0][0] <= moment and run == self._run:
                due, _, timer = heapq.heappop(heap)
                if timer.is_disposed:
                    self._cancelled -= 1
                    continue
                if due > self._nanos:
                    self._nanos = due
                timer.run()
        finally:
            self._next = heap[0][0] if heap else _NEVER

    def _stop(self) -> None:
        self._run += 1
        for _, _, timer in self._heap:
            timer.is_disposed = True
        self._heap.clear()
        self._cancelled = 0
        self._nanos = self._start
        self._next = _NEVER
        self._ending = False


class _Timer(abc.DisposableBase):
    """An action that waits for its time; afterwards, what it returned to be disposed of."""

    __slots__ = ("_action", "_clock", "_left", "_state", "is_disposed")

    def __init__(self, clock: EventClock) -> None:
        self._clock = clock
        self._action: Callable[..., Any] | None = None
        self._state: Any = None
        self._left: abc.DisposableBase | None = None
        self.is_disposed = False

    def arm(self, action: Callable[..., Any], state: Any) -> None:
        self._action, self._state = action, state

    def run(self) -> None:
        action, self._action = self._action, None
        assert action is not None
        left = action(self._clock, self._state)
        if isinstance(left, abc.DisposableBase):
            if self.is_disposed:
                left.dispose()
            else:
                self._left = left

    def dispose(self) -> None:
        if self.is_disposed:
            return
        self.is_disposed = True
        if self._action is not None:
            self._action = self._state = None
            self._clock.forget_one()
        elif self._left is not None:
            self._left.dispose()


def _nanos(duration: timedelta | float) -> Nanos:
    if isinstance(duration, timedelta):
        return duration // timedelta(microseconds=1) * MICRO
    return round(duration * SECOND)
