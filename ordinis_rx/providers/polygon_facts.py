"""From Polygon's messages to facts: one builder for each kind of message.

Times are the vendor's (for stocks the tape's, not the exchange's), in a unit told by their magnitude. A fact whose time is
missing or beyond all sense takes the time of its arrival, and a `FeedError` beside it says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec

from ordinis_rx.events import (
    MOVES_ALL,
    NAN,
    Bar,
    Event,
    Halt,
    Quote,
    Reading,
    Side,
    Trade,
    TradeFlags,
)
from ordinis_rx.providers import polygon_shapes as wire
from ordinis_rx.providers.lenient import Fault
from ordinis_rx.providers.polygon_channels import spelled
from ordinis_rx.providers.polygon_conditions import FORM_T, STOCK_CONDITIONS
from ordinis_rx.providers.reading import feed_error
from ordinis_rx.providers.revisions import Revisions
from ordinis_rx.timebase import MILLI, Nanos, from_any_unit

__all__ = ["Beside", "Build", "builders"]

Build: TypeAlias = Callable[[Any, Nanos, int], Event]
"""The fact that a message tells, given `ts_recv` and `seq`."""

Beside: TypeAlias = Callable[[int], Event]
"""A further fact of the same message, given its own `seq`."""

_MILLIS_FROM, _MILLIS_TO = 100_000_000_000, (2**63 - 1) // MILLI
_REVISED_BARS = 16
_SIDES: Mapping[tuple[int, ...], Side] = {(1,): Side.SELL, (2,): Side.BUY}

# The vendor's page on LULD: halt and resumption messages have the indicators 17 and 18, and tell of stocks listed on Nasdaq.
_HALTS = {17: True, 18: False}


# The texts of ids: most are small integers, met again and again.
_TEXTS: dict[int | str, str] = {number: str(number) for number in range(1024)}

_REMEMBERED = 4096


class _Codes(NamedTuple):
    """The condition codes of a trade as text, and its flags; None where these depend on the hour."""

    texts: tuple[str, ...]
    flags: TradeFlags | None


_NO_CODES = _Codes((), MOVES_ALL)


def _label(number: int | str) -> str:
    return _TEXTS.get(number) or str(number)


def builders(
    market: str, provider: str, names: Mapping[str, str], beside: list[Beside]
) -> Mapping[type[msgspec.Struct], Build]:
    """The builders for *market*, by kind of message; *names* maps native to neutral symbols.

    What a message tells besides its one fact is left in *beside*, for the caller to number and take away. The builders
    share a memory of the bars already told: every feed needs its own.
    """
    revisions = Revisions(_REVISED_BARS)
    known: dict[tuple[int, ...], _Codes] = {}

    def learn(codes: tuple[int, ...]) -> _Codes:
        texts = tuple(map(str, codes))
        # The codes of the other markets have other meanings.
        flags: TradeFlags | None = MOVES_ALL
        if market == "stocks":
            flags = STOCK_CONDITIONS.flags(texts, 0) if FORM_T not in texts else None
        if len(known) >= _REMEMBERED:
            known.clear()  # dirty data may make up codes without end
        known[codes] = found = _Codes(texts, flags)
        return found

    def symbol_of(native: str) -> str:
        if native in names:
            return names[native]
        usual = spelled(market, native)
        return names.get(usual, usual)

    def moment(stamp: int, key: str, message: msgspec.Struct, symbol: str, ts_recv: Nanos) -> Nanos:
        """*stamp* in nanoseconds; the time of arrival where it is missing, or beyond an int64."""
        if _MILLIS_FROM <= stamp <= _MILLIS_TO:
            return stamp * MILLI
        nanos = from_any_unit(stamp)
        if 0 < nanos < 2**63:
            return nanos
        if stamp:  # a missing one has been told already
            odd(f"unreadable-{key}", f"{key} is {stamp}", message, symbol, ts_recv)
        return ts_recv

    def odd(kind: str, text: str, message: msgspec.Struct, symbol: str, ts_recv: Nanos) -> None:
        raw = msgspec.json.encode(message)
        beside.append(
            lambda seq: feed_error(
                provider, kind, text, raw, ts_recv=ts_recv, seq=seq, symbol=symbol
            )
        )

    def stock_trade(m: wire.StockTrade, ts_recv: Nanos, seq: int) -> Trade:
        symbol = names.get(m.sym, m.sym) if names else m.sym
        stamp, number, exact, venue = m.t, m.i, m.ds, m.x
        inside = _MILLIS_FROM <= stamp <= _MILLIS_TO
        ts_event = stamp * MILLI if inside else moment(stamp, "t", m, symbol, ts_recv)
        codes = m.c
        conditions, flags = (known.get(codes) or learn(codes)) if codes else _NO_CODES
        if flags is None:
            flags = STOCK_CONDITIONS.flags(conditions, ts_event)
        return Trade(
            symbol=symbol,
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            price=m.p,
            size=m.s if exact is None else exact,
            venue=_TEXTS.get(venue) or str(venue),
            trade_id=number if isinstance(number, str) else str(number),
            conditions=conditions,
            flags=flags,
        )

    def stock_quote(m: wire.StockQuote, ts_recv: Nanos, seq: int) -> Quote:
        symbol = names.get(m.sym, m.sym) if names else m.sym
        stamp, bid_venue, ask_venue = m.t, m.bx, m.ax
        inside = _MILLIS_FROM <= stamp <= _MILLIS_TO
        return Quote(
            symbol=symbol,
            ts_event=stamp * MILLI if inside else moment(stamp, "t", m, symbol, ts_recv),
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            bid=m.bp,
            ask=m.ap,
            bid_size=m.bs,
            ask_size=m.as_,
            bid_venue=_TEXTS.get(bid_venue) or str(bid_venue),
            ask_venue=_TEXTS.get(ask_venue) or str(ask_venue),
        )

    def crypto_trade(m: wire.CryptoTrade, ts_recv: Nanos, seq: int) -> Trade:
        symbol = names.get(m.sym, m.sym) if names else m.sym
        number, codes = m.i, m.c
        return Trade(
            symbol=symbol,
            ts_event=moment(m.t, "t", m, symbol, ts_recv),
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            price=m.p,
            size=m.s,
            venue=_label(m.x),
            trade_id=number if isinstance(number, str) else str(number),
            conditions=(known.get(codes) or learn(codes)).texts,
            side=_SIDES.get(codes, Side.UNKNOWN),
        )

    def crypto_quote(m: wire.CryptoQuote, ts_recv: Nanos, seq: int) -> Quote:
        symbol = names.get(m.sym, m.sym) if names else m.sym
        venue = _label(m.x)
        return Quote(
            symbol=symbol,
            ts_event=moment(m.t, "t", m, symbol, ts_recv),
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            bid=m.bp,
            ask=m.ap,
            bid_size=m.bs,
            ask_size=m.as_,
            bid_venue=venue,
            ask_venue=venue,
        )

    def forex_quote(m: wire.ForexQuote, ts_recv: Nanos, seq: int) -> Quote:
        symbol = names.get(m.sym, m.sym) if names else m.sym
        venue = _label(m.x)
        return Quote(
            symbol=symbol,
            ts_event=moment(m.t, "t", m, symbol, ts_recv),
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            bid=m.b,
            ask=m.a,
            bid_size=NAN,
            ask_size=NAN,
            bid_venue=venue,
            ask_venue=venue,
        )

    def bar(m: wire.AnyBar, ts_recv: Nanos, seq: int) -> Bar:
        symbol = symbol_of(m.sym)
        exact = m.dv if isinstance(m, wire.StockBar) else None
        interval, revision = m.span, 0
        if m.s:
            start = moment(m.s, "s", m, symbol, ts_recv)
            end = moment(m.e, "e", m, symbol, ts_recv) if m.e else start + interval
            if end > start:
                interval = end - start
            else:
                odd("unreadable-e", f"e is {m.e}, s is {m.s}", m, symbol, ts_recv)
                end = start + interval
            revision = revisions.count(symbol, interval, start)
        else:
            end = moment(m.e, "e", m, symbol, ts_recv)
        return Bar(
            symbol=symbol,
            ts_event=end,
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            interval=interval,
            open=m.o,
            high=m.h,
            low=m.l,
            close=m.c,
            volume=m.v if exact is None else exact,
            vwap=m.vw,
            trade_count=m.n,
            revision=revision,
        )

    def reading(
        m: Any, name: str, ts_recv: Nanos, seq: int, value: float, *values: float
    ) -> Reading:
        symbol = symbol_of(m.sym)
        return Reading(
            symbol=symbol,
            ts_event=moment(m.t, "t", m, symbol, ts_recv),
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            name=name,
            value=value,
            values=values,
        )

    def luld(m: wire.Luld, ts_recv: Nanos, seq: int) -> Reading:
        bands = reading(m, "luld", ts_recv, seq, NAN, m.l, m.h)
        beside.extend(functools.partial(halt, bands, code) for code in m.i if code in _HALTS)
        return bands

    def halt(bands: Reading, code: int, seq: int) -> Halt:
        return Halt(
            symbol=bands.symbol,
            ts_event=bands.ts_event,
            ts_recv=bands.ts_recv,
            provider=provider,
            seq=seq,
            halted=_HALTS[code],
            code=str(code),
            reason="limit up, limit down",
        )

    def imbalance(m: wire.Imbalance, ts_recv: Nanos, seq: int) -> Reading:
        return reading(m, "imbalances", ts_recv, seq, m.o, m.o, m.p, m.b, m.at)

    def fair_value(m: wire.FairValue, ts_recv: Nanos, seq: int) -> Reading:
        return reading(m, "fmv", ts_recv, seq, m.fmv)

    def last_value(m: wire.LastValue, ts_recv: Nanos, seq: int) -> Reading:
        return reading(m, "lv", ts_recv, seq, m.val)

    def index_value(m: wire.IndexValue, ts_recv: Nanos, seq: int) -> Reading:
        return reading(m, "values", ts_recv, seq, m.val)

    def fault(m: Fault, ts_recv: Nanos, seq: int) -> Event:
        symbol = symbol_of(m.symbol)
        return feed_error(
            provider, m.kind, m.message, m.raw, ts_recv=ts_recv, seq=seq, symbol=symbol
        )

    bars: dict[type[msgspec.Struct], Build] = dict.fromkeys(wire.BARS, bar)
    return {
        wire.StockTrade: stock_trade,
        wire.StockQuote: stock_quote,
        wire.CryptoTrade: crypto_trade,
        wire.CryptoQuote: crypto_quote,
        wire.ForexQuote: forex_quote,
        wire.Luld: luld,
        wire.Imbalance: imbalance,
        wire.FairValue: fair_value,
        wire.LastValue: last_value,
        wire.IndexValue: index_value,
        Fault: fault,
        **bars,
    }
