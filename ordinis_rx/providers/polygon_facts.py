"""From Polygon's messages to facts: one builder for each kind of message, but for the two that come by the million.

Times are the vendor's (for stocks the tape's, not the exchange's), in a unit told by their magnitude. A fact whose time is
missing or beyond all sense takes the time of its arrival, and a `FeedError` beside it says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from ordinis_rx.events import NAN, Bar, Event, Halt, Quote, Reading, Side, Trade
from ordinis_rx.providers import polygon_shapes as wire
from ordinis_rx.providers.lenient import Fault
from ordinis_rx.providers.polygon_context import Context, label
from ordinis_rx.providers.reading import feed_error
from ordinis_rx.providers.revisions import Revisions
from ordinis_rx.timebase import Nanos

__all__ = ["Build", "builders"]

Build: TypeAlias = Callable[[Any, Nanos, int], Event]
"""The fact that a message tells, given `ts_recv` and `seq`."""

_LENGTHS = frozenset(kind.span for kind in wire.BARS)
_SIDES: Mapping[tuple[int, ...], Side] = {(1,): Side.SELL, (2,): Side.BUY}

# The vendor's page on LULD: halt and resumption messages have the indicators 17 and 18, and tell of stocks listed on Nasdaq.
_HALTS = {17: True, 18: False}


def builders(context: Context) -> Mapping[type[msgspec.Struct], Build]:
    """The builders, by kind of message, of all kinds but the trades and quotes of stocks.

    They share a memory of the bars already told: every feed needs its own.
    """
    provider, names, known = context.provider, context.names, context.known
    symbol_of, moment = context.symbol, context.moment
    revisions = Revisions()

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
            venue=label(m.x),
            trade_id=number if isinstance(number, str) else str(number),
            conditions=(known.get(codes) or context.learn(codes)).texts,
            side=_SIDES.get(codes, Side.UNKNOWN),
        )

    def crypto_quote(m: wire.CryptoQuote, ts_recv: Nanos, seq: int) -> Quote:
        symbol = names.get(m.sym, m.sym) if names else m.sym
        venue = label(m.x)
        return Quote(
            symbol=symbol,
            ts_event=moment(m.t, "t", m, symbol, ts_recv),
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            bid=m.bp if m.bp or m.bs else NAN,
            ask=m.ap if m.ap or m.as_ else NAN,
            bid_size=m.bs,
            ask_size=m.as_,
            bid_venue=venue,
            ask_venue=venue,
        )

    def forex_quote(m: wire.ForexQuote, ts_recv: Nanos, seq: int) -> Quote:
        symbol = names.get(m.sym, m.sym) if names else m.sym
        venue = label(m.x)
        return Quote(
            symbol=symbol,
            ts_event=moment(m.t, "t", m, symbol, ts_recv),
            ts_recv=ts_recv,
            provider=provider,
            seq=seq,
            bid=m.b or NAN,  # it has no sizes that would tell a price of 0 from a missing side
            ask=m.a or NAN,
            bid_size=NAN,
            ask_size=NAN,
            bid_venue=venue,
            ask_venue=venue,
        )

    def bar(m: wire.AnyBar, ts_recv: Nanos, seq: int) -> Bar:
        symbol = symbol_of(m.sym)
        exact = m.dv if isinstance(m, wire.StockBar) else None
        volume = m.v if exact is None else exact
        interval, revision = m.span, 0
        if m.s:
            start = moment(m.s, "s", m, symbol, ts_recv)
            end = moment(m.e, "e", m, symbol, ts_recv) if m.e else start + interval
            if end > start:
                interval = end - start
            else:
                context.odd("unreadable-e", f"e is {m.e}, s is {m.s}", m, symbol, ts_recv)
                end = start + interval
            # Lengths that no kind has are counted with its own: of made-up ones there is no end.
            length = interval if interval in _LENGTHS else m.span
            revision = revisions.count(symbol, length, start)
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
            volume=volume,
            vwap=m.vw if volume else NAN,
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
        context.beside.extend(
            functools.partial(halt, bands, code) for code in m.i if code in _HALTS
        )
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
