"""Is everybody there? Data that one key stopped sending, on a connection that is otherwise lively."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from reactivex import Observable, abc
from reactivex.disposable import (
    CompositeDisposable,
    SerialDisposable,
    SingleAssignmentDisposable,
)

from ordinis_rx.errors import Stalled
from ordinis_rx.timebase import Nanos
from ordinis_rx.typing import A, Operator
from ordinis_rx.wire.clock import clock_of

__all__ = ["silence"]

_LOOKS_A_LIMIT = 10
_LONGEST_SECONDS = 1.0
"""Between two looks: a tenth of the shortest limit, but no longer than this."""

_SHORTEST_SECONDS = 0.001


def _always(_: Nanos) -> bool:
    return True


def silence(
    limits: Mapping[str, float],
    keys_of: Callable[[A], Iterable[str]],
    *,
    is_open: Callable[[Nanos], bool] = _always,
    wall: Callable[[], Nanos] = time.time_ns,
) -> Operator[A, A]:
    """Fail with `Stalled` when a key of *limits* (a symbol, say) had no data for its own limit in seconds.

    *keys_of* says for which keys an item is data: for nothing in the case of an acknowledgement or a heartbeat.
    *limits* may be changed while it runs: keys that come are counted from then on, keys that go are forgotten.
    All keys are looked at together, once a second or, where the shortest limit is below ten, ten times within that; so a
    silence is told at most two such spans after its limit, and an item costs no look at a clock. While *is_open* of the
    time by *wall* (UTC nanoseconds) says no, nobody is expected to speak, and every count begins anew at the opening.

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

    def patience() -> float:
        """Seconds until the next look."""
        shortest = min(limits.values(), default=_LONGEST_SECONDS * _LOOKS_A_LIMIT)
        return max(min(shortest / _LOOKS_A_LIMIT, _LONGEST_SECONDS), _SHORTEST_SECONDS)

    def watched(source: Observable[A]) -> Observable[A]:
        def subscribe(
            observer: abc.ObserverBase[A], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock, seconds = clock_of(scheduler, "silence")
            heard: set[str] = set()
            last: dict[str, float] = dict.fromkeys(limits, seconds())
            timer, upstream = SerialDisposable(), SingleAssignmentDisposable()
            everything = CompositeDisposable(timer, upstream)

            def on_next(value: A) -> None:
                try:
                    heard.update(keys_of(value))
                except Exception as error:
                    fail(error)
                    return
                observer.on_next(value)

            def fail(error: Exception) -> None:
                everything.dispose()
                observer.on_error(error)

            def silent() -> str | None:
                """The first key that is overdue; brings `last` up to date on the way."""
                now = seconds()
                if not is_open(wall()):
                    last.clear()
                    heard.clear()
                    return None
                for key in last.keys() - limits.keys():
                    del last[key]
                overdue = None
                for key, limit in limits.items():
                    if key in heard:
                        last[key] = now
                    elif now - last.setdefault(key, now) >= limit and overdue is None:
                        overdue = key
                heard.clear()
                return overdue

            def look(*_: object, again: bool = False) -> None:
                try:
                    key = silent()
                except Exception as error:
                    fail(error)
                    return
                if key is None:
                    timer.disposable = clock.schedule_relative(patience(), look)
                elif again:
                    fail(Stalled(key, limits[key]))
                else:
                    # As in `liveness`: one more turn for the items that wait in the socket.
                    timer.disposable = clock.schedule(partial(look, again=True))

            timer.disposable = clock.schedule_relative(patience(), look)
            upstream.disposable = source.subscribe(
                on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )
            return everything

        return Observable(subscribe)

    return watched
