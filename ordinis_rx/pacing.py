"""Event time at the speed of a clock: what a source tells, told when it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reactivex import abc
from reactivex.disposable import SerialDisposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from ordinis_rx.batches import item_of
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Event
from ordinis_rx.gates import gate_of_subscriber
from ordinis_rx.loops import loop_for
from ordinis_rx.stream import Stream
from ordinis_rx.timebase import MILLI, SECOND, Nanos, seconds
from ordinis_rx.turns import FlowObserver

__all__ = ["paced"]

BEAT: Nanos = 20 * MILLI
"""One timer for all that falls due within it: a timer an event would cost more than the events."""

MOST = 10_000
"""Events told in one beat at most: a market too fast for its subscribers falls behind, but leaves the loop some air."""


def paced(
    tell: Callable[[], Iterator[Event]],
    start: Nanos | None,
    *,
    speed: float = 1.0,
    waits: bool = False,
    what: str = "a paced market",
) -> Stream[Event]:
    """Events of a fresh *tell()*, each as long after subscribing as its `ts_recv` is after *start*, *speed* times as fast.

    An event that has no `ts_recv` is due by its `ts_event`; without a *start*, the first event is due at once. With *waits*
    it waits for subscribers with a bounded queue (see `ordinis_rx.gates`), and makes up for it. Runs on the scheduler of the
    subscription, by default on the running asyncio loop; without either: a `RuntimeError`, in which *what* needs one.
    """

    def flow(
        observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        chosen = _loop_for(what) if scheduler is None else scheduler
        gate = gate_of_subscriber(scheduler) if waits else None
        began = chosen.now
        timer = SerialDisposable()
        entry, names = Entry(observer), Names()
        events = tell()
        waiting: Event | None = None
        first = True
        zero = start

        def take(now: Nanos, due: list[Event]) -> None:
            nonlocal waiting
            while waiting is not None and waiting.arrived <= now and len(due) < MOST:
                due.append(waiting)
                waiting = next(events, None)

        def beat(scheduler: abc.SchedulerBase, _: object = None) -> None:
            nonlocal waiting, zero, first
            if gate is not None and not gate.is_open():
                gate.when_open(begin)
                return
            due: list[Event] = []
            try:  # around the source alone: what a subscriber raises is not the source's error
                if first:
                    first, waiting = False, next(events, None)
                if zero is None:
                    zero = 0 if waiting is None else waiting.arrived
                passed = (scheduler.now - began).total_seconds()
                now = zero + round(passed * speed * SECOND)
                take(now, due)
            except Exception as error:
                if due:  # it came before what failed
                    entry.take(item_of(due, names))
                entry.on_error(error)
                return
            if due:
                entry.take(item_of(due, names))
            if waiting is None:
                entry.on_completed()
            elif not timer.is_disposed:
                wait = max(BEAT, round((waiting.arrived - now) / speed))
                timer.disposable = scheduler.schedule_relative(seconds(wait), beat)

        def begin() -> None:
            timer.disposable = chosen.schedule(beat)

        begin()
        return timer

    return Stream(flow)


def _loop_for(what: str) -> abc.SchedulerBase:
    return AsyncIOScheduler(loop_for(what, ", or a scheduler passed to subscribe()"))
