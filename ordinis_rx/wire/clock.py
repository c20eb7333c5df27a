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

from ordinis_rx.loops import loop_for

__all__ = ["Clock", "clock_of"]


class Clock(NamedTuple):
    """A scheduler, and its time in seconds from an origin of its own: for differences only."""

    scheduler: abc.SchedulerBase
    seconds: Callable[[], float]


def clock_of(scheduler: abc.SchedulerBase | None, what: str) -> Clock:
    """The clock of *scheduler*; without one, of the running loop, which *what* needs.

    On an asyncio loop time is the loop's own, which no change of the wall clock disturbs.
    """
    if scheduler is None:
        loop = loop_for(what)
        return Clock(AsyncIOScheduler(loop), _time_of(loop))
    if isinstance(scheduler, AsyncIOScheduler):
        return Clock(scheduler, _time_of(loop_for(what)))
    given = scheduler
    return Clock(given, lambda: given.to_seconds(given.now))


def _time_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """The time of *loop*, which is asked for at every message: of asyncio's own loops without a call in between."""
    return time.monotonic if type(loop).time is asyncio.BaseEventLoop.time else loop.time
