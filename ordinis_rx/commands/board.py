"""What has been heard: the newest of every provider."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from ordinis_rx.events import Event, Gap, Quote, StatusChange, StreamStatus, Trade, TradeFlags

__all__ = ["Board"]


class Board:
    """Takes every fact of the merged stream; knows the state of the whole at any moment."""

    def __init__(self, providers: Iterable[str], symbols: Collection[str]) -> None:
        self.statuses = dict.fromkeys(providers, StreamStatus.DISCONNECTED)
        self.quotes: dict[tuple[str, str], Quote] = {}
        self.trades: dict[tuple[str, str], Trade] = {}
        self.gaps: list[Gap] = []
        self.events = 0
        self.failure: Exception | None = None
        self._unheard = {(name, symbol) for name in self.statuses for symbol in symbols}

    def on_next(self, event: Event) -> None:
        """Take one fact."""
        self.events += 1
        where = event.provider, event.symbol
        match event:
            case Quote() if not math.isnan(event.mid):
                self.quotes[where] = event
                self._unheard.discard(where)
            case Trade() if event.flags & TradeFlags.LAST and not math.isnan(event.price):
                self.trades[where] = event
                self._unheard.discard(where)
            case StatusChange():
                self.statuses[event.provider] = event.status
            case Gap():
                self.gaps.append(event)
            case _:
                pass

    def on_error(self, error: Exception) -> None:
        """Take note that the stream has ended, and why."""
        self.failure = error

    @property
    def is_complete(self) -> bool:
        """Whether every provider has told a price of every symbol."""
        return not self._unheard
