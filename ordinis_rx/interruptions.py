"""Honest marks where data may be missing: from when a connection was lost to when its subscriptions are in force again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from ordinis_rx.errors import Stalled
from ordinis_rx.events import EVENT_TYPES, Event, Gap, GapReason
from ordinis_rx.feed_stats import Meter
from ordinis_rx.session import Session
from ordinis_rx.timebase import Nanos
from ordinis_rx.wire.liveness import THE_CONNECTION

__all__ = ["Backfill", "Interruptions"]

Backfill = Callable[[Gap], Awaitable[Iterable[Event]]]
"""Asked for what a gap may have swallowed, by REST say. What it gives is numbered and stamped as it arrives."""


class Interruptions:
    """Tells a `Gap` for each interruption of one feed, and has it filled where somebody can."""

    def __init__(
        self,
        provider: str,
        session: Session,
        meter: Meter,
        backfill: Backfill | None,
        *,
        tell: Callable[[list[Event]], None],
    ) -> None:
        self._provider = provider
        self._session = session
        self._meter = meter
        self._backfill = backfill
        self._tell = tell
        self._up_since: Nanos | None = None
        self._since: Nanos | None = None
        self._reason = GapReason.DISCONNECTED
        self.tasks: set[asyncio.Task[None]] = set()
        """Backfills under way."""

    def connected(self) -> None:
        """The provider let us in; what was lost before is still lost until the subscriptions are in force."""
        self._up_since = self._session.now()

    def lost(self, error: Exception) -> None:
        """The connection ended. Data counts as missing from the last sign that it worked."""
        if self._up_since is None:
            return
        if self._since is None:
            last, self._reason = self._meter.last_receive, GapReason.DISCONNECTED
            if isinstance(error, Stalled):
                self._reason = GapReason.STALLED
                if error.what != THE_CONNECTION:
                    # A mute symbol on a lively connection: what it had came until its own last data.
                    last = self._meter.last_data.get(error.what, 0)
            self._since = max(self._up_since, last)
        self._up_since = None

    def healed(self) -> None:
        """The subscriptions are in force: tell what was lost, if anything was."""
        if self._since is None:
            return
        gap = self._gap(self._since)
        self._since = None
        self._meter.gaps += 1
        self._tell([gap])
        if self._backfill is not None:
            task = asyncio.get_running_loop().create_task(self._fill(self._backfill, gap))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def final(self) -> None:
        """The feed ends in an interruption: tell it as far as it goes."""
        if self._since is not None:
            self._meter.gaps += 1
            self._tell([self._gap(self._since)])
        self.forget()

    def forget(self) -> None:
        """Nobody listens any more: nothing that comes later is missed."""
        self._up_since = self._since = None
        for task in self.tasks:
            task.cancel()

    def _gap(self, since: Nanos) -> Gap:
        now = self._session.now()
        return Gap(
            ts_event=now,
            ts_recv=now,
            provider=self._provider,
            seq=self._session.next_seq(),
            ts_from=since,
            ts_to=now,
            reason=self._reason,
        )

    async def _fill(self, backfill: Backfill, gap: Gap) -> None:
        problem, facts = "", list[Event]()
        try:
            facts = _facts(await backfill(gap))
        except Exception as error:  # its text may hold an address with a key: only its kind is told
            problem = f"the backfill failed with {type(error).__name__}"
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # it did not heed, and nobody listens any more
            return
        if problem:
            self._tell([self._session.error("backfill", problem)])
            return
        now = self._session.now()
        filled = msgspec.structs.replace(gap, ts_event=now, filled=True)
        first = self._session.next_seq(1 + len(facts))
        self._tell(
            [
                msgspec.structs.replace(fact, seq=seq, ts_recv=now)
                for seq, fact in enumerate((filled, *facts), first)
            ]
        )


def _facts(answer: Iterable[Event]) -> list[Event]:
    facts = list(answer)
    for fact in facts:
        if type(fact) not in EVENT_TYPES:
            raise TypeError(f"a backfill gives facts, got {type(fact).__name__}")
    return facts
