"""Event time at the speed of a clock: what a source tells, told when it is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from reactivex import abc
from reactivex.disposable import SerialDisposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from ordinis_rx.batches import item_of
from ordinis_rx.columns import Names
from ordinis_rx.events import Event
from ordinis_rx.stream import Stream
from ordinis_rx.timebase import MILLI, SECOND, Nanos, seconds
from ordinis_rx.turns import Entry, FlowObserver

__all__ = ["paced"]

BEAT: Nanos = 20 * MILLI
"""One timer for all that falls due within it: a timer an event would cost more than the events."""

MOST = 10_000
"""Events told in one beat at most: a market too fast for its subscribers falls behind, but leaves the loop some air."""


def paced(tell: Callable[[], Iterator[Event]], start: Nanos) -> Stream[Event]:
    """Events of a fresh *tell()*, each as long after subscribing as its `ts_recv` is after *start*.

    Runs on the scheduler of the subscription, by default on the running asyncio loop; without either: a `RuntimeError`.
    """

    def flow(
        observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        chosen = _running_loop() if scheduler is None else scheduler
        began = chosen.now
        timer = SerialDisposable()
        entry, names = Entry(observer), Names()
        events = tell()
        waiting = next(events, None)

        def beat(scheduler: abc.SchedulerBase, _: object = None) -> None:
            nonlocal waiting
            now = start + round((scheduler.now - began).total_seconds() * SECOND)
            due: list[Event] = []
            while waiting is not None and waiting.ts_recv <= now and len(due) < MOST:
                due.append(waiting)
                waiting = next(events, None)
            if due:
                entry.on_item(item_of(due, names))
            if waiting is None:
                entry.on_completed()
            elif not timer.is_disposed:
                wait = max(BEAT, waiting.ts_recv - now)
                timer.disposable = scheduler.schedule_relative(seconds(wait), beat)

        timer.disposable = chosen.schedule(beat)
        return timer

    return Stream(flow)


def _running_loop() -> abc.SchedulerBase:
    try:
        return AsyncIOScheduler(asyncio.get_running_loop())
    except RuntimeError:
        raise RuntimeError(
            "a paced market needs a running asyncio loop, or a scheduler passed to subscribe()"
        ) from None
