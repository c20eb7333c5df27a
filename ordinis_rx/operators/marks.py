"""Marks: what was dropped is told as a gap in its place, so that nobody takes what is left for all there was."""

from __future__ import annotations

from ordinis_rx.events import Event, FeedError, Gap, GapReason, Heartbeat
from ordinis_rx.timebase import Nanos

__all__ = ["Mark"]


class Mark:
    """The facts dropped since the last mark, as one gap."""

    __slots__ = ("_last", "_providers", "_symbols", "_ts_from", "_ts_to")

    def __init__(self) -> None:
        self._last: Event | None = None
        self._ts_from: Nanos = 0
        self._ts_to: Nanos = 0
        self._symbols: set[str] = set()
        self._providers: set[str] = set()

    def add(self, fact: Event) -> None:
        """Note that *fact* was dropped. Those that tell nothing of a market leave no mark."""
        if isinstance(fact, FeedError | Heartbeat):
            return
        ts_from, ts_to = fact.ts_event, fact.ts_event
        if isinstance(fact, Gap):
            ts_from, ts_to = fact.ts_from, fact.ts_to
            self._symbols.update(fact.symbols or ("",))
        else:
            self._symbols.add(fact.symbol)
        self._providers.add(fact.provider)
        if self._last is not None:
            ts_from, ts_to = min(ts_from, self._ts_from), max(ts_to, self._ts_to)
        self._last, self._ts_from, self._ts_to = fact, ts_from, ts_to

    def take(self) -> list[Event]:
        """The mark, if there is anything to mark. Its `seq` is that of the last fact dropped, whose place it takes."""
        last = self._last
        if last is None:
            return []
        gap = Gap(
            ts_event=self._ts_to,
            ts_recv=last.ts_recv,
            provider=last.provider if len(self._providers) == 1 else "",
            seq=last.seq,
            ts_from=self._ts_from,
            ts_to=self._ts_to,
            reason=GapReason.DROPPED,
            symbols=() if "" in self._symbols else tuple(sorted(self._symbols)),
        )
        self._last = None
        self._symbols.clear()
        self._providers.clear()
        return [gap]
