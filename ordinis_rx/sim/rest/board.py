"""What a market has told last, symbol by symbol: what a REST service answers from."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.timebase import Nanos

__all__ = ["Board"]

BARS_KEPT = 10_000
TRADES_KEPT = 50


@dataclass(slots=True)
class Board:
    """The newest quote, the newest trades and the bars of each symbol; prices are told times *factor*."""

    factor: float = 1.0
    _quotes: dict[str, Quote] = field(default_factory=dict[str, Quote])
    _trades: dict[str, deque[Trade]] = field(default_factory=dict[str, "deque[Trade]"])
    _bars: dict[tuple[str, Nanos], deque[Bar]] = field(
        default_factory=dict[tuple[str, Nanos], "deque[Bar]"]
    )

    def note(self, event: Event) -> None:
        """Take over what the market tells."""
        match event:
            case Quote():
                self._quotes[event.symbol] = event
            case Trade():
                self._trades.setdefault(event.symbol, deque(maxlen=TRADES_KEPT)).append(event)
            case Bar():
                key = (event.symbol, event.interval)
                self._bars.setdefault(key, deque(maxlen=BARS_KEPT)).append(event)
            case _:
                pass

    def knows(self, symbol: str) -> bool:
        """Whether *symbol* has been both quoted and traded."""
        return symbol in self._quotes and symbol in self._trades

    def quote(self, symbol: str) -> Quote | None:
        """The newest quote."""
        q = self._quotes.get(symbol)
        return q and replace(q, bid=self._off(q.bid), ask=self._off(q.ask))

    def trades(self, symbol: str) -> list[Trade]:
        """The last trades, the newest first."""
        told = reversed(self._trades.get(symbol, ()))
        return [replace(t, price=self._off(t.price)) for t in told]

    def bars(self, symbol: str, interval: Nanos, start: Nanos, end: Nanos) -> list[Bar]:
        """The bars that begin in [*start*, *end*), in order of time."""
        told: Iterable[Bar] = self._bars.get((symbol, interval), ())
        return [
            replace(
                b,
                open=self._off(b.open),
                high=self._off(b.high),
                low=self._off(b.low),
                close=self._off(b.close),
                vwap=self._off(b.vwap),
            )
            for b in told
            if start <= b.ts_open < end
        ]

    def off_by(self, bps: float) -> Board:
        """The same board, its prices off by *bps*."""
        return dataclasses.replace(self, factor=1 + bps / 10_000)

    def _off(self, price: float) -> float:
        return price if self.factor == 1.0 else round(price * self.factor, 6)
