"""Is anybody there? A stream on which nothing comes for too long has failed, whatever its socket says."""

from __future__ import annotations

from reactivex import Observable, abc
from reactivex.disposable import (
    CompositeDisposable,
    SerialDisposable,
    SingleAssignmentDisposable,
)

from ordinis_rx.checks import check_positive
from ordinis_rx.errors import Stalled
from ordinis_rx.typing import A, Operator
from ordinis_rx.wire.clock import clock_of
from ordinis_rx.wire.passing import Passing

__all__ = ["GRAIN_SECONDS", "THE_CONNECTION", "liveness"]

THE_CONNECTION = "the connection"
"""What has stalled, when it is not a single symbol."""

GRAIN_SECONDS = 0.001
"""No timer is set finer than this, so that rounding cannot make it fire without end."""

_LOOKS_A_LIMIT = 4
"""A timer that fires late shows that the loop was held up, and for how long, but for the time since the last look. Were
that as long as a ping interval, half the limit, a ping that went out late could not be answered in time."""


def liveness(
    limit_seconds: float, *, first_seconds: float | None = None, what: str = THE_CONNECTION
) -> Operator[A, A]:
    """Fail with `Stalled` when nothing at all came for *limit_seconds*.

    Silence counts from subscribing, then from the newest item; every item counts, the empty ones that stand for a
    ping or pong as well. The first item has *first_seconds*, where they are given: dialling takes its time. The clock is the
    scheduler given to ``subscribe``, or else the running asyncio loop (a RuntimeError where there is neither). When the
    loop itself was held up, by a slow subscriber or because the machine slept, what has arrived meanwhile is heard before
    judging, and the time for which it was held up is no silence: nobody was asked in it, so nobody could answer.
    On failure the source is disposed first. Items, errors and completion pass unchanged.

    >>> from reactivex.testing import TestScheduler
    >>> import reactivex as rx
    >>> scheduler, told = TestScheduler(), []
    >>> quiet = rx.never().pipe(liveness(60.0))
    >>> hang_up = quiet.subscribe(on_error=lambda error: told.append(str(error)), scheduler=scheduler)
    >>> scheduler.advance_to(61.0)
    >>> told
    ['stalled: nothing from the connection for 60 s']
    """
    check_positive("liveness: limit_seconds", limit_seconds, endless=True)
    if first_seconds is not None:
        check_positive("liveness: first_seconds", first_seconds, endless=True)

    def watched(source: Observable[A]) -> Observable[A]:
        def subscribe(
            observer: abc.ObserverBase[A], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock, seconds = clock_of(scheduler, "liveness")
            heard = due = seconds()
            patience = first_seconds or limit_seconds
            timer, upstream = SerialDisposable(), SingleAssignmentDisposable()
            everything = CompositeDisposable(timer, upstream)

            def on_next(value: A) -> None:
                nonlocal heard, patience
                heard, patience = seconds(), limit_seconds
                observer.on_next(value)

            def look(*_: object) -> None:
                nonlocal heard, due
                now = seconds()
                heard = min(heard + max(now - due, 0.0), now)
                left = heard + patience - now
                if left > 0:
                    wait = max(min(left, limit_seconds / _LOOKS_A_LIMIT), GRAIN_SECONDS)
                    due = now + wait
                    timer.disposable = clock.schedule_relative(wait, look)
                else:
                    # One more turn of the loop: after a hold-up our timer comes before the items
                    # that wait in the socket, and those are no silence.
                    due = now
                    timer.disposable = clock.schedule(judge)

            def judge(*_: object) -> None:
                if heard + patience > seconds():
                    look()
                    return
                everything.dispose()
                observer.on_error(Stalled(what, patience))

            look()
            upstream.disposable = source.subscribe(
                on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )
            return everything

        return Passing(subscribe)

    return watched
