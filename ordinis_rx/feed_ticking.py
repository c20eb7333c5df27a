"""Time in a quiet market: heartbeats of a feed's own, by which bars end and prices grow old while nobody says anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ordinis_rx.events import Event, Heartbeat
from ordinis_rx.session import Session

__all__ = ["Ticking"]


class Ticking:
    """Tells a `Heartbeat` by our clock every so many seconds (None: never), from `begin` to `end`.

    One that comes late, since the loop was busy, stands for all that were due meanwhile.
    """

    def __init__(
        self,
        provider: str,
        session: Session,
        every: float | None,
        *,
        tell: Callable[[list[Event]], None],
    ) -> None:
        self._provider = provider
        self._session = session
        self._every = every
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell the first one when its time is over."""
        if self._every is not None:
            self._wait(loop, loop.time() + self._every, self._every)

    def end(self) -> None:
        """Tell no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, loop: asyncio.AbstractEventLoop, due: float, every: float) -> None:
        self._timer = loop.call_at(due, self._tick, loop, due, every)

    def _tick(self, loop: asyncio.AbstractEventLoop, due: float, every: float) -> None:
        following = due + every
        self._wait(loop, following if following > loop.time() else loop.time() + every, every)
        now = self._session.now()
        beat = Heartbeat(
            ts_event=now, ts_recv=now, provider=self._provider, seq=self._session.next_seq()
        )
        self._tell([beat])  # told last: it may make everybody leave
