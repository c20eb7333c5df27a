"""Is everybody there? Data that one key stopped sending, on a connection that is otherwise lively."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeAlias

from reactivex import Observable, abc
from reactivex.disposable import (
    CompositeDisposable,
    SerialDisposable,
    SingleAssignmentDisposable,
)

from ordinis_rx.errors import Stalled
from ordinis_rx.timebase import SECOND, Nanos
from ordinis_rx.typing import A, Operator
from ordinis_rx.wire.clock import clock_of
from ordinis_rx.wire.passing import Passing

__all__ = ["Limits", "silence"]

Limits: TypeAlias = Mapping[str, float]
"""How many seconds each key may be silent."""

_GRAINS_A_LIMIT = 10
_COARSEST_SECONDS = 1.0
_FINEST_SECONDS = 0.001


def _grain(limit: float) -> float:
    """What is no matter beside a limit: a tenth of it, but no more than a second."""
    return max(min(limit / _GRAINS_A_LIMIT, _COARSEST_SECONDS), _FINEST_SECONDS)


def silence(
    limits: Limits | Observable[Limits],
    keys_of: Callable[[A], Iterable[str]],
    *,
    is_open: Callable[[Nanos], bool] | None = None,
    wall: Callable[[], Nanos] = time.time_ns,
) -> Operator[A, A]:
    """Fail with `Stalled` when a key of *limits* (a symbol, say) had no data for its own limit in seconds.

    *keys_of* says for which keys an item is data: for nothing in the case of an acknowledgement or a heartbeat.
    *limits* is a mapping, read once, or a stream of mappings, each in force until the next: keys that come are counted
    from then on, keys that go are forgotten. A timer is set for the moment when the first key will be overdue, and none in
    between. A silence is told when its limit is reached or, where many keys fall due one after the other, a little later: at
    most a second, and a tenth of the shortest limit. While *is_open* of the time by *wall* (UTC nanoseconds) says no,
    nobody is expected to speak, and every count begins anew at the opening. *is_open* is a function of time alone; it is
    asked when a key seems overdue, about the seconds before (with limits below ten, tenths of them). As in `liveness`, what
    has arrived while the loop was held up is heard before judging. A look that comes late counts its lateness, and as much
    again, as no silence; the next one judges.

    The clock is the scheduler given to ``subscribe``, or else the running asyncio loop. On failure the source is
    disposed first; of several silent keys the first in *limits* is named. Items, errors and completion pass unchanged.

    >>> from reactivex.testing import TestScheduler
    >>> import reactivex as rx
    >>> scheduler, told = TestScheduler(), []
    >>> watched = rx.interval(1.0).pipe(silence({"AAPL": 60.0, "XYZ": 20.0}, lambda _: ["AAPL"]))
    >>> hang_up = watched.subscribe(on_error=lambda error: told.append(str(error)), scheduler=scheduler)
    >>> scheduler.advance_to(30.0)
    >>> told
    ['stalled: nothing from XYZ for 20 s']
    """

    def watched(source: Observable[A]) -> Observable[A]:
        def subscribe(
            observer: abc.ObserverBase[A], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock, seconds = clock_of(scheduler, "silence")
            limit_of: Limits = {}
            since: dict[str, float] = {}
            """When each key spoke last, or was first waited for."""
            due, excused = seconds(), False
            timer, changes = SerialDisposable(), SingleAssignmentDisposable()
            upstream = SingleAssignmentDisposable()
            everything = CompositeDisposable(timer, changes, upstream)

            def on_next(value: A) -> None:
                try:
                    keys = keys_of(value)
                    now = seconds()
                    for key in keys:
                        since[key] = now
                except Exception as error:
                    fail(error)
                    return
                observer.on_next(value)

            def fail(error: Exception) -> None:
                everything.dispose()
                observer.on_error(error)

            def on_limits(fresh: Limits) -> None:
                nonlocal limit_of
                now = seconds()
                for key in fresh.keys() - limit_of.keys():
                    since[key] = now
                for key in since.keys() - fresh.keys():
                    del since[key]
                limit_of = dict(fresh)
                watch(now)

            def watch(now: float, at_least: float = _FINEST_SECONDS) -> None:
                """Look again when the first key will be overdue."""
                nonlocal due
                if not limit_of:
                    timer.disposable = None
                    return
                first = min(since[key] + limit for key, limit in limit_of.items())
                due = max(first, now + at_least)
                timer.disposable = clock.schedule_relative(due - now, look)

            def silent(now: float) -> str | None:
                """The first key that is overdue."""
                for key, limit in limit_of.items():
                    if now - since[key] >= limit:
                        since[key] = now - open_for(now - since[key], _grain(limit))
                        if now - since[key] >= limit:
                            return key
                return None

            def open_for(span: float, grain: float) -> float:
                """For how much of the last *span* seconds the market has traded without a break."""
                if is_open is not None:
                    end = wall()
                    for back in range(int(span / grain) + 1):
                        if not is_open(end - round(back * grain * SECOND)):
                            return max(back - 1, 0) * grain
                return span

            def excuse(now: float) -> None:
                """Take back from every count what passed while nobody could be heard, once after each look in time."""
                nonlocal excused
                late = now - due
                excused = late > _grain(min(limit_of.values())) and not excused
                if excused:
                    # Twice: the loop was held up since some moment before the look was due.
                    since.update({key: min(at + 2 * late, now) for key, at in since.items()})

            def look(*_: object, again: bool = False) -> None:
                try:
                    now = seconds()
                    if not again:
                        excuse(now)
                    key = silent(now)
                except Exception as error:
                    fail(error)
                    return
                if key is None:
                    watch(now, _grain(min(limit_of.values())))
                elif again:
                    fail(Stalled(key, limit_of[key]))
                else:
                    # As in `liveness`: one more turn for the items that wait in the socket.
                    timer.disposable = clock.schedule(partial(look, again=True))

            if isinstance(limits, Observable):
                changes.disposable = limits.subscribe(on_limits, fail)
            else:
                on_limits(limits)
            upstream.disposable = source.subscribe(
                on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )
            return everything

        return Passing(subscribe)

    return watched
