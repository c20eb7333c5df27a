"""Bars as a venue tells them: from its own trades, each moving only what its flags allow.

An interval without a trade that may move the last price tells no bar. A late print joins no bar told before it came.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from ordinis_rx.events import Bar, Event, Trade, TradeFlags
from ordinis_rx.sim.tape import Chunk
from ordinis_rx.sim.tape_facts import facts
from ordinis_rx.timebase import Nanos, floor

__all__ = ["with_bars"]

# Plain integers: `&` on flags builds an enum member, ten times the cost of the rest.
LAST, HIGH_LOW, VOLUME = map(int, (TradeFlags.LAST, TradeFlags.HIGH_LOW, TradeFlags.VOLUME))


class _Building:
    """One symbol's interval so far."""

    __slots__ = ("close", "count", "high", "low", "notional", "open", "priced", "volume")

    def __init__(self) -> None:
        self.open = self.close = math.nan
        self.high, self.low = -math.inf, math.inf
        self.volume = self.priced = self.notional = 0.0
        self.count = 0

    def add(self, trade: Trade) -> None:
        moves, price = int(trade.flags), trade.price
        if moves & VOLUME:
            self.volume += trade.size
            self.count += 1
        if moves & HIGH_LOW:
            self.high = max(self.high, price)
            self.low = min(self.low, price)
        if moves & LAST:
            if math.isnan(self.open):
                self.open = price
            self.close = price
            self.priced += trade.size
            self.notional += trade.size * price


def with_bars(
    chunks: Iterator[Chunk],
    symbols: tuple[str, ...],
    provider: str,
    interval: Nanos,
    *,
    end: Nanos | None,
    latency: Nanos,
) -> Iterator[Event]:
    """The facts of *chunks*, and after each interval a bar of every symbol that traded in it.

    Volume and count are those of all trades that move the volume, the VWAP that of those which move the last price.
    """
    seq = 1
    due: Nanos | None = None
    building: dict[str, _Building] = {}

    def told(at: Nanos) -> Iterator[Bar]:
        nonlocal seq
        for symbol in symbols:
            done = building.pop(symbol, None)
            if done is None or math.isnan(done.open):
                continue
            yield Bar(
                symbol=symbol,
                ts_event=at,
                ts_recv=at + latency,
                provider=provider,
                seq=seq,
                interval=interval,
                open=done.open,
                high=done.high,
                low=done.low,
                close=done.close,
                volume=done.volume,
                vwap=done.notional / done.priced,
                trade_count=done.count,
            )
            seq += 1

    for chunk in chunks:
        rest = chunk
        while len(rest):
            if due is None:
                due = floor(int(rest.clock[0]), interval) + interval
            cut = int(rest.clock.searchsorted(due))
            for event in facts(rest.where(slice(cut)), symbols, provider, seq):
                seq = event.seq + 1
                if isinstance(event, Trade) and event.ts_event >= due - interval:
                    building.setdefault(event.symbol, _Building()).add(event)
                yield event
            rest = rest.where(slice(cut, None))
            if len(rest):
                yield from told(due)
                due = None
    if due is not None and end is not None and due <= end:
        yield from told(due)
