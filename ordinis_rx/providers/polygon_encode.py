"""Facts as Polygon's frames: what a simulator sends, and the inverse of decoding as far as the wire carries a fact.

Times are cut to milliseconds; a number that is NaN is left out, as a vendor's message would lack it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

from ordinis_rx.events import Bar, Event, Quote, Reading, Side, Trade
from ordinis_rx.providers.polygon_channels import channels as channels_of
from ordinis_rx.timebase import MILLI, MINUTE, SECOND

__all__ = ["encoder"]

_EVENTS_A_FRAME = 1000  # keeps a frame well under the 1 MB that the vendor's own clients accept

_Wire: TypeAlias = dict[str, Any]

_SIDES: Mapping[Side, list[int]] = {Side.UNKNOWN: [], Side.SELL: [1], Side.BUY: [2]}
_SPANS = {SECOND: "second_bars", MINUTE: "minute_bars"}


def encoder(market: str, launchpad: bool = False) -> Callable[[Sequence[Event]], list[str | bytes]]:
    """A function from facts to text frames, each a JSON array of up to a thousand messages.

    Trades, quotes, bars of a second or a minute, and the readings of the vendor's channels are sent; what *market* has no
    message for is left out.

    >>> encoder("forex")([Quote(symbol="EUR/USD", ts_event=1_700_000_000_000_000_000, bid=1.07, ask=1.08)])
    ['[{"ev":"C","p":"EUR/USD","b":1.07,"a":1.08,"t":1700000000000}]']
    """
    channels = channels_of(market, launchpad)
    trade_of = _crypto_trade if market == "crypto" else _trade
    quote_of = {"crypto": _crypto_quote, "forex": _forex_quote}.get(market, _quote)

    def encode(events: Sequence[Event]) -> list[str | bytes]:
        messages = [message for event in events if (message := wire(event)) is not None]
        return [
            msgspec.json.encode(messages[at : at + _EVENTS_A_FRAME]).decode()
            for at in range(0, len(messages), _EVENTS_A_FRAME)
        ]

    def wire(event: Event) -> _Wire | None:
        match event:
            case Trade() if "trades" in channels:
                return trade_of(event)
            case Quote() if "quotes" in channels:
                return quote_of(event)
            case Bar() if _SPANS.get(event.interval, "") in channels:
                return _bar(event, market, channels[_SPANS[event.interval]])
            case Reading() if event.name in channels:
                return _reading(event, channels[event.name])
            case _:
                return None

    return encode


def _trade(trade: Trade) -> _Wire:
    venue, _, facility = trade.venue.partition(":")
    return _filled(
        {
            "ev": "T",
            "sym": trade.symbol,
            "i": trade.trade_id,
            "x": _id(venue),
            "trfi": int(facility) if facility.isdecimal() else None,
            "p": trade.price,
            "s": _whole(trade.size),
            "ds": _decimal(trade.size),
            "c": _codes(trade.conditions),
            "t": trade.ts_event // MILLI,
            "q": trade.seq,
        }
    )


def _crypto_trade(trade: Trade) -> _Wire:
    return _filled(
        {
            "ev": "XT",
            "pair": trade.symbol,
            "p": trade.price,
            "t": trade.ts_event // MILLI,
            "s": trade.size,
            "c": _codes(trade.conditions) or _SIDES[trade.side],
            "i": trade.trade_id,
            "x": _id(trade.venue),
            "r": trade.ts_recv // MILLI,
        }
    )


def _quote(quote: Quote) -> _Wire:
    return _filled(
        {
            "ev": "Q",
            "sym": quote.symbol,
            "bx": _id(quote.bid_venue),
            "ax": _id(quote.ask_venue),
            "bp": quote.bid,
            "ap": quote.ask,
            "bs": _sized(quote.bid_size),
            "as": _sized(quote.ask_size),
            "t": quote.ts_event // MILLI,
            "q": quote.seq,
        }
    )


def _crypto_quote(quote: Quote) -> _Wire:
    return _filled(
        {
            "ev": "XQ",
            "pair": quote.symbol,
            "bp": quote.bid,
            "bs": quote.bid_size,
            "ap": quote.ask,
            "as": quote.ask_size,
            "t": quote.ts_event // MILLI,
            "x": _id(quote.bid_venue),
            "r": quote.ts_recv // MILLI,
        }
    )


def _forex_quote(quote: Quote) -> _Wire:
    return _filled(
        {
            "ev": "C",
            "p": quote.symbol,
            "x": _id(quote.bid_venue),
            "b": quote.bid,
            "a": quote.ask,
            "t": quote.ts_event // MILLI,
        }
    )


def _bar(bar: Bar, market: str, ev: str) -> _Wire:
    key = "sym" if ev in ("A", "AM") else "pair"
    exact = market in ("stocks", "options")
    return _filled(
        {
            "ev": ev,
            key: bar.symbol,
            "v": _whole(bar.volume) if exact else _sized(bar.volume),
            "dv": _decimal(bar.volume) if exact else None,
            "vw": bar.vwap if bar.volume else 0.0,
            "o": bar.open,
            "c": bar.close,
            "h": bar.high,
            "l": bar.low,
            "s": bar.ts_open // MILLI,
            "e": bar.ts_event // MILLI,
            "n": bar.trade_count or None,
        }
    )


def _reading(reading: Reading, ev: str) -> _Wire | None:
    stamp = reading.ts_event // MILLI
    match ev, reading.values:
        case "LULD", (low, high):
            return _filled({"ev": ev, "T": reading.symbol, "h": high, "l": low, "t": stamp})
        case "NOI", (o, p, b, at):
            return _filled(
                {"ev": ev, "T": reading.symbol, "t": stamp, "at": at, "o": o, "p": p, "b": b}
            )
        case "LULD" | "NOI", _:  # somebody else's reading of that name
            return None
        case "V", _:
            return _filled({"ev": ev, "val": reading.value, "T": reading.symbol, "t": stamp})
        case _:
            key = "fmv" if ev == "FMV" else "val"
            return _filled({"ev": ev, key: reading.value, "sym": reading.symbol, "t": stamp})


def _filled(message: _Wire) -> _Wire:
    """*message* without what is not known."""
    return {
        key: value
        for key, value in message.items()
        if value is not None and value != "" and value != [] and value == value
    }


def _id(label: str) -> int | str:
    """An id as the integer that it is on the wire, unless that would change it."""
    return int(label) if label.isdecimal() and str(int(label)) == label else label


def _codes(conditions: Sequence[str]) -> list[int]:
    """The numeric conditions; those of other vendors have no code here."""
    return [int(code) for code in conditions if code.isdecimal()]


def _whole(size: float) -> int | None:
    return int(size) if math.isfinite(size) else None


def _sized(size: float) -> float | int:
    return int(size) if size.is_integer() else size


def _decimal(size: float) -> str | None:
    """*size* as the decimal string that stands beside a whole number."""
    return f"{Decimal(repr(size)):f}" if math.isfinite(size) else None
