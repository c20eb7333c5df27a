"""What has been heard: the newest of every provider, and the median of the fresh prices beside the hidden truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import median
from typing import NamedTuple

from ordinis_rx.events import Event, Gap, Quote, StatusChange, StreamStatus, Trade, TradeFlags
from ordinis_rx.timebase import MILLI, Nanos

__all__ = ["FRESH", "Board", "Price", "Sample"]

FRESH: Nanos = 500 * MILLI
"""A price that arrived longer ago has no say in the median."""


class Price(NamedTuple):
    """What a provider says that a symbol is worth, and when that came."""

    value: float
    ts_recv: Nanos


class Sample(NamedTuple):
    """One look at a symbol: NaN where nobody had a fresh price."""

    ts: Nanos
    symbol: str
    median: float
    true: float
    fresh: int

    @property
    def error_bps(self) -> float:
        """How far the median is off, in basis points of the true price."""
        return (self.median / self.true - 1) * 10_000


class Board:
    """Takes every fact of the merged stream; knows the state of the whole at any moment."""

    def __init__(
        self,
        providers: Iterable[str],
        symbols: Iterable[str],
        truth: Callable[[str, Nanos], float],
    ) -> None:
        self.statuses = dict.fromkeys(providers, StreamStatus.DISCONNECTED)
        self.quotes: dict[tuple[str, str], Quote] = {}
        self.trades: dict[tuple[str, str], Trade] = {}
        self.gaps: list[Gap] = []
        self.samples: list[Sample] = []
        self.events = 0
        self.failure: Exception | None = None
        self._symbols = tuple(symbols)
        self._truth = truth
        self._prices: dict[tuple[str, str], Price] = {}

    def on_next(self, event: Event) -> None:
        """Take one fact."""
        self.events += 1
        where = event.provider, event.symbol
        match event:
            case Quote() if not math.isnan(event.mid):
                self.quotes[where] = event
                self._prices[where] = Price(event.mid, event.ts_recv)
            case Trade() if event.flags & TradeFlags.LAST and not math.isnan(event.price):
                self.trades[where] = event
                # A mid says more than a print, which stands on one side of it.
                if where not in self.quotes:
                    self._prices[where] = Price(event.price, event.ts_recv)
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
        return len(self._prices) == len(self.statuses) * len(self._symbols)

    def sample(self, now: Nanos) -> None:
        """Look at every symbol, by the clock of arrival, and remember what was seen."""
        self.samples.extend(self.look(symbol, now) for symbol in self._symbols)

    def look(self, symbol: str, now: Nanos) -> Sample:
        """The median of the fresh prices of *symbol* and the true one."""
        fresh = [
            price.value
            for (_, of), price in self._prices.items()
            if of == symbol and now - price.ts_recv <= FRESH
        ]
        value = median(fresh) if fresh else math.nan
        return Sample(now, symbol, value, self._truth(symbol, now), len(fresh))
