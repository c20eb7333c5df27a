"""Whose clock a part of the wire goes by: the subscriber's scheduler, or else the running asyncio loop.

Nothing here starts a thread: without a scheduler and without a loop there is no clock, and that is an error.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from reactivex import abc
from reactivex.scheduler.eventloop import AsyncIOScheduler

__all__ = ["Clock", "clock_of", "running_loop"]


class Clock(NamedTuple):
    """A scheduler, and its time in seconds from an origin of its own: for differences only."""

    scheduler: abc.SchedulerBase
    seconds: Callable[[], float]


def running_loop(what: str) -> asyncio.AbstractEventLoop:
    """The asyncio loop that runs here; *what* names who needs it in the RuntimeError when there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        message = f"{what} needs a running asyncio loop; in a script, iter_blocking brings its own"
    raise RuntimeError(message)


def clock_of(scheduler: abc.SchedulerBase | None, what: str) -> Clock:
    """The clock of *scheduler*; without one, of the running loop.

    On an asyncio loop time is the loop's own, which no change of the wall clock disturbs.
    """
    if scheduler is None:
        loop = running_loop(what)
        return Clock(AsyncIOScheduler(loop), _time_of(loop))
    if isinstance(scheduler, AsyncIOScheduler):
        return Clock(scheduler, _time_of(running_loop(what)))
    given = scheduler
    return Clock(given, lambda: given.to_seconds(given.now))


def _time_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """The time of *loop*, which is asked for at every message: of asyncio's own loops without a call in between."""
    return time.monotonic if type(loop).time is asyncio.BaseEventLoop.time else loop.time
