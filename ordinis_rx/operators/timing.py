"""Attach a clock to a stream, so that Rx's own timed operators go by the time of its events."""

from __future__ import annotations

from operator import index

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_is
from ordinis_rx.clock import EventClock
from ordinis_rx.endings import leaving
from ordinis_rx.frames import FRAMES
from ordinis_rx.misfits import MISFIT, misfit
from ordinis_rx.operators.event_time import OURS, moment
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import A, Operator

__all__ = ["on_clock"]


def on_clock(clock: EventClock) -> Operator[A, A]:
    """Hand everything on, fact by fact, and let each move *clock* to its time before anybody below sees it.

    Time is `ts_event` where that can be believed: a stamp more than a second after `ts_recv` counts as that, and what a
    feed tells by our own clock (status, gap, error) moves nothing. The root delivers row by row, so that a timer sees no
    fact that comes after it. Put it near the source, above the branches that are to see one time; see `EventClock` for
    what is run when.

    >>> from reactivex import operators as ops
    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_trade
    >>> from ordinis_rx.timebase import SECOND
    >>> clock = EventClock()
    >>> trades = from_events([a_trade(at, at=at * SECOND) for at in (0, 1, 2, 5)])
    >>> windows = trades.pipe(on_clock(clock), ops.buffer_with_time(2.0, scheduler=clock))
    >>> windows.subscribe(lambda held: print([trade.price for trade in held])).dispose()
    [0.0, 1.0]
    [2.0]
    [5.0]
    """

    check_is("on_clock: clock", clock, EventClock, "an EventClock()")

    def operator(source: Observable[A]) -> Stream[A]:
        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            driver = _Driver(observer, clock)
            end = Disposable(driver.leave)
            # A source cannot wait for the clock that it drives, and Rx hands the clock up to it.
            with leaving(end):
                upstream = flow_of(source, driver, None if scheduler is clock else scheduler)
            return CompositeDisposable(end, upstream)

        return Stream(flow)

    return operator


class _Driver:
    """One subscriber's way of driving the clock."""

    __slots__ = ("_clock", "_left", "_observer", "_telling")

    def __init__(self, observer: FlowObserver, clock: EventClock) -> None:
        self._observer = observer
        self._clock = clock
        self._left = self._telling = False
        clock.attach()

    def on_item(self, item: Item) -> None:
        if item.n == 1:
            self._tell(item)
            return
        for fact in item.facts:
            row = FRAMES[type(fact)](item.names)
            row.hold([fact])
            row.turn = item.turn
            self._tell(row)

    def _tell(self, row: Item) -> None:
        if self._left:
            return
        clock, fact = self._clock, row.facts[0]
        at: Nanos | None = None
        if type(fact) not in OURS:
            try:
                at = index(moment(fact))
            except MISFIT as error:
                self.on_error(misfit([fact], ("ts_event", "ts_recv"), error))
                return
        self._telling = True
        try:
            if at is not None:
                clock.advance_to(at)
            if not self._left:  # a timer's doing
                self._observer.on_item(row)
            if not self._left:
                clock.run_due()
        except BaseException:
            self._telling = False
            self.leave()
            raise
        self._telling = False
        if self._left:
            clock.run_out()

    def on_error(self, error: Exception) -> None:
        if not self._left:
            self._left = True
            self._clock.release()
            self._observer.on_error(error)
            self._clock.run_out()

    def on_completed(self) -> None:
        if not self._left:
            self._left = True
            self._clock.release()
            self._observer.on_completed()
            self._clock.run_out()

    def leave(self) -> None:
        """Drive no longer. What happens because of a fact may still take its time, as after the end."""
        if not self._left:
            self._left = True
            if self._telling:
                self._clock.release()
            else:
                self._clock.detach()

    def exits(self, found: set[int]) -> None:
        """Timers see in which order rows come: two ends, whatever is below, so that the root delivers row by row."""
        found |= {id(self), id(self._clock)}
