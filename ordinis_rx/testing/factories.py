"""Facts for tests: everything that a test does not care about has a value already.

>>> a_trade(9, at=1)
Trade(symbol='A', ts_event=1, ts_recv=0, provider='', seq=0, price=9.0, size=1.0, venue='', trade_id='', conditions=(), ...)
"""

from __future__ import annotations

import math
from typing import TypedDict, Unpack

from ordinis_rx.events import (
    MOVES_ALL,
    Bar,
    FeedError,
    Gap,
    GapReason,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    Side,
    StatusChange,
    StreamStatus,
    Trade,
    TradeCancel,
    TradeCorrection,
    TradeFlags,
)
from ordinis_rx.timebase import SECOND, Nanos

__all__ = [
    "Origin",
    "a_bar",
    "a_cancel",
    "a_correction",
    "a_feed_error",
    "a_gap",
    "a_halt",
    "a_heartbeat",
    "a_quote",
    "a_reading",
    "a_status",
    "a_trade",
]


class Origin(TypedDict, total=False):
    """Where a fact came from: what every factory takes beside its own fields."""

    ts_recv: Nanos
    provider: str
    seq: int


def a_trade(
    price: float = 100.0,
    *,
    at: Nanos = 0,
    symbol: str = "A",
    size: float = 1.0,
    venue: str = "",
    trade_id: str = "",
    conditions: tuple[str, ...] = (),
    side: Side = Side.UNKNOWN,
    flags: TradeFlags = MOVES_ALL,
    **origin: Unpack[Origin],
) -> Trade:
    """A trade of *size* at *price*, *at* nanoseconds."""
    return Trade(
        symbol=symbol,
        ts_event=at,
        price=float(price),
        size=float(size),
        venue=venue,
        trade_id=trade_id,
        conditions=conditions,
        side=side,
        flags=flags,
        **origin,
    )


def a_quote(
    bid: float = 99.0,
    ask: float = 101.0,
    *,
    at: Nanos = 0,
    symbol: str = "A",
    bid_size: float = 1.0,
    ask_size: float = 1.0,
    bid_venue: str = "",
    ask_venue: str = "",
    **origin: Unpack[Origin],
) -> Quote:
    """A quote; leave a side out with NaN."""
    return Quote(
        symbol=symbol,
        ts_event=at,
        bid=float(bid),
        ask=float(ask),
        bid_size=float(bid_size),
        ask_size=float(ask_size),
        bid_venue=bid_venue,
        ask_venue=ask_venue,
        **origin,
    )


def a_bar(
    close: float = 100.0,
    *,
    at: Nanos = SECOND,
    symbol: str = "A",
    interval: Nanos = SECOND,
    open: float | None = None,
    high: float | None = None,
    low: float | None = None,
    volume: float = 1.0,
    vwap: float = math.nan,
    trade_count: int = 0,
    revision: int = 0,
    **origin: Unpack[Origin],
) -> Bar:
    """A bar that ends *at* nanoseconds; without *open*, *high* and *low* it is flat at *close*."""
    first = close if open is None else open
    return Bar(
        symbol=symbol,
        ts_event=at,
        interval=interval,
        open=float(first),
        high=float(max(first, close) if high is None else high),
        low=float(min(first, close) if low is None else low),
        close=float(close),
        volume=float(volume),
        vwap=float(vwap),
        trade_count=trade_count,
        revision=revision,
        **origin,
    )


def a_status(
    status: StreamStatus = StreamStatus.CONNECTED,
    *,
    at: Nanos = 0,
    message: str = "",
    attempt: int = 0,
    **origin: Unpack[Origin],
) -> StatusChange:
    """A change of a connection's status."""
    return StatusChange(ts_event=at, status=status, message=message, attempt=attempt, **origin)


def a_gap(
    ts_from: Nanos = 0,
    ts_to: Nanos = SECOND,
    *,
    reason: GapReason = GapReason.DISCONNECTED,
    symbols: tuple[str, ...] = (),
    filled: bool = False,
    **origin: Unpack[Origin],
) -> Gap:
    """A gap, told when it ends."""
    return Gap(
        ts_event=ts_to,
        ts_from=ts_from,
        ts_to=ts_to,
        reason=reason,
        symbols=symbols,
        filled=filled,
        **origin,
    )


def a_feed_error(
    kind: str = "unreadable",
    *,
    at: Nanos = 0,
    symbol: str = "",
    message: str = "",
    raw: bytes = b"",
    **origin: Unpack[Origin],
) -> FeedError:
    """Something that a feed could not use."""
    return FeedError(symbol=symbol, ts_event=at, kind=kind, message=message, raw=raw, **origin)


def a_heartbeat(*, at: Nanos = 0, **origin: Unpack[Origin]) -> Heartbeat:
    """A sign of life."""
    return Heartbeat(ts_event=at, **origin)


def a_halt(
    halted: bool = True,
    *,
    at: Nanos = 0,
    symbol: str = "A",
    code: str = "",
    reason: str = "",
    **origin: Unpack[Origin],
) -> Halt:
    """A halt, or with ``halted=False`` its end."""
    return Halt(symbol=symbol, ts_event=at, halted=halted, code=code, reason=reason, **origin)


def a_cancel(
    trade_id: str = "1",
    *,
    at: Nanos = 0,
    symbol: str = "A",
    price: float = math.nan,
    size: float = math.nan,
    venue: str = "",
    action: str = "",
    **origin: Unpack[Origin],
) -> TradeCancel:
    """The trade with that id is void."""
    return TradeCancel(
        symbol=symbol,
        ts_event=at,
        trade_id=trade_id,
        price=float(price),
        size=float(size),
        venue=venue,
        action=action,
        **origin,
    )


def a_correction(
    price: float = 100.0,
    *,
    at: Nanos = 0,
    symbol: str = "A",
    size: float = 1.0,
    original_id: str = "1",
    original_price: float = math.nan,
    original_size: float = math.nan,
    trade_id: str = "2",
    venue: str = "",
    conditions: tuple[str, ...] = (),
    **origin: Unpack[Origin],
) -> TradeCorrection:
    """The trade with *original_id* was one of *size* at *price*."""
    return TradeCorrection(
        symbol=symbol,
        ts_event=at,
        original_id=original_id,
        original_price=float(original_price),
        original_size=float(original_size),
        trade_id=trade_id,
        price=float(price),
        size=float(size),
        venue=venue,
        conditions=conditions,
        **origin,
    )


def a_reading(
    value: float = 1.0,
    *,
    at: Nanos = 0,
    symbol: str = "A",
    name: str = "",
    values: tuple[float, ...] = (),
    revision: int = 0,
    **origin: Unpack[Origin],
) -> Reading:
    """A number about a symbol."""
    return Reading(
        symbol=symbol,
        ts_event=at,
        name=name,
        value=float(value),
        values=values,
        revision=revision,
        **origin,
    )
