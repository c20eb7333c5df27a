"""From the columns of a tape to facts, in the words of the consolidated tape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ordinis_rx.events import MOVES_ALL, Event, Quote, Side, Trade, TradeFlags
from ordinis_rx.sim.tape import VENUES, Chunk
from ordinis_rx.sim.truth import Ints

__all__ = ["facts"]

CONDITIONS = (("@",), ("@", "I"), ("T",), ("W",), ("Z",))
"""Condition codes of the consolidated tape for each kind of print."""

FLAGS = (
    MOVES_ALL,
    TradeFlags.VOLUME | TradeFlags.ODD_LOT,
    TradeFlags.VOLUME,
    TradeFlags.VOLUME,
    TradeFlags.HIGH_LOW | TradeFlags.VOLUME | TradeFlags.LATE,
)
"""What each kind of print may move."""

SIDES = (Side.SELL, Side.BUY, Side.UNKNOWN)


def facts(chunk: Chunk, symbols: tuple[str, ...], provider: str, seq: int) -> list[Event]:
    """The chunk as facts, numbered from *seq* on."""
    numbers = np.arange(seq, seq + len(chunk))
    quotes = _quote_facts(chunk.where(chunk.is_quote), symbols, provider, numbers[chunk.is_quote])
    is_trade = ~chunk.is_quote
    trades = _trade_facts(chunk.where(is_trade), symbols, provider, numbers[is_trade])
    return [next(quotes) if is_quote else next(trades) for is_quote in chunk.is_quote.tolist()]


def _quote_facts(
    chunk: Chunk, symbols: tuple[str, ...], provider: str, numbers: Ints
) -> Iterator[Quote]:
    return (
        Quote(
            symbol=symbol,
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=provider,
            seq=number,
            bid=bid,
            ask=ask,
            bid_size=bid_size,
            ask_size=ask_size,
            bid_venue=venue,
            ask_venue=venue,
        )
        for symbol, ts_event, ts_recv, number, bid, ask, bid_size, ask_size, venue in zip(
            map(symbols.__getitem__, chunk.code.tolist()),
            chunk.ts_event.tolist(),
            chunk.ts_recv.tolist(),
            numbers.tolist(),
            chunk.bid.tolist(),
            chunk.ask.tolist(),
            chunk.bid_size.tolist(),
            chunk.ask_size.tolist(),
            map(VENUES.__getitem__, chunk.venue.tolist()),
            strict=True,
        )
    )


def _trade_facts(
    chunk: Chunk, symbols: tuple[str, ...], provider: str, numbers: Ints
) -> Iterator[Trade]:
    return (
        Trade(
            symbol=symbol,
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=provider,
            seq=number,
            price=price,
            size=size,
            venue=venue,
            trade_id=str(number),
            conditions=conditions,
            side=side,
            flags=flags,
        )
        for symbol, ts_event, ts_recv, number, price, size, venue, conditions, side, flags in zip(
            map(symbols.__getitem__, chunk.code.tolist()),
            chunk.ts_event.tolist(),
            chunk.ts_recv.tolist(),
            numbers.tolist(),
            chunk.price.tolist(),
            chunk.size.tolist(),
            map(VENUES.__getitem__, chunk.venue.tolist()),
            map(CONDITIONS.__getitem__, chunk.print_kind.tolist()),
            map(SIDES.__getitem__, chunk.side.tolist()),
            map(FLAGS.__getitem__, chunk.print_kind.tolist()),
            strict=True,
        )
    )
