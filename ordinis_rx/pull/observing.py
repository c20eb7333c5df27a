"""The same question again and again, as a stream of answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import SerialDisposable

from ordinis_rx.loops import loop_for
from ordinis_rx.timebase import Nanos, seconds
from ordinis_rx.wire.clock import clock_of

__all__ = ["observed"]

T = TypeVar("T")


def observed(begin: Callable[[], Callable[[], Awaitable[T]]], every: Nanos) -> Observable[T]:
    """What ``begin()``, called once a subscriber, answers now and *every* so many nanoseconds.

    One question at a time: what falls due while one is open is left out. Goes by the scheduler of the subscription, or else
    by the running asyncio loop, which the answers come from in any case. What a question raises ends the stream; disposing
    ends the question too.
    """

    def subscribe(
        observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        loop = loop_for("observe")
        answer = begin()

        def question(_: None) -> Observable[T]:
            return rx.defer(lambda _: rx.from_future(asyncio.ensure_future(answer(), loop=loop)))

        chain = _ticks(every).pipe(ops.map(question), ops.exclusive())
        return chain.subscribe(observer, scheduler=clock_of(scheduler, "observe").scheduler)

    return Observable(subscribe)


def _ticks(every: Nanos) -> Observable[None]:
    # rx.timer measures its own lateness by the wall clock, which has nothing to say in virtual time.
    def subscribe(
        observer: abc.ObserverBase[None], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        assert scheduler is not None  # chosen above
        timer = SerialDisposable()

        def tick(scheduler: abc.SchedulerBase, _: object = None) -> None:
            timer.disposable = scheduler.schedule_relative(seconds(every), tick)
            observer.on_next(None)

        timer.disposable = scheduler.schedule(tick)
        return timer

    return Observable(subscribe)
