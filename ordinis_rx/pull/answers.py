"""From what a source answers to facts: whose, when, and what a mapping's keys mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import cast

from msgspec.structs import replace

from ordinis_rx.events import NAN, Quote, Trade, TradeFlags
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.timebase import SECOND, Nanos, from_any_unit, from_datetime

__all__ = ["PRICE_KEYS", "facts_of"]

PRICE_KEYS = ("price", "last", "lastPrice", "close", "mid")
"""Where a mapping has its price: the first of these that is there and not None."""

TIME_KEYS = ("ts_event", "timestamp", "time", "t")
SIZE_KEYS = ("size", "volume")

LARGEST_SECONDS = 1e11
"""Numbers below are seconds; those with a fraction keep it."""

_ALL_FLAGS = sum(TradeFlags)


def facts_of(
    answer: object, *, symbol: str, provider: str, ts_recv: Nanos
) -> tuple[Quote | Trade, ...]:
    """The facts in an answer about *symbol*, as told by *provider*; it arrived at *ts_recv*.

    A `Quote` or a `Trade` keeps its own times; 0 is that of arrival. In a mapping, the price under the first of `PRICE_KEYS`
    is a trade (with ``size`` or ``volume``, if any), and ``bid`` and ``ask`` are a quote; the time is under ``ts_event``,
    ``timestamp``, ``time`` or ``t``, as an aware datetime, as ISO 8601 text, or as a number in any unit, and otherwise that
    of arrival. Numbers may be of any type, and texts too.
    Whether a price is fit to be used is judged later, and alike for all. Raises `UnusableAnswer` for what has no price, is
    about another symbol, or cannot be read.

    >>> (trade,) = facts_of({"last": "185.25", "t": 1_700_000_000}, symbol="AAPL", provider="mine", ts_recv=7)
    >>> trade.price, trade.ts_event, trade.provider
    (185.25, 1700000000000000000, 'mine')
    """
    if not isinstance(answer, (Quote, Trade, Mapping)):
        raise UnusableAnswer(
            provider, symbol, f"neither a Quote, a Trade nor a mapping, but {type(answer).__name__}"
        )
    try:
        if isinstance(answer, (Quote, Trade)):
            return (_checked(answer, symbol, provider, ts_recv),)
        found = tuple(_read(cast("Mapping[str, object]", answer), symbol, provider, ts_recv))
    except ValueError as error:
        raise UnusableAnswer(provider, symbol, str(error)) from None
    if not found:
        raise UnusableAnswer(
            provider, symbol, f"none of {', '.join(PRICE_KEYS)}, nor both bid and ask"
        )
    return found


def _checked(fact: Quote | Trade, symbol: str, provider: str, ts_recv: Nanos) -> Quote | Trade:
    """*fact* with numbers where numbers belong: whoever made it may have put anything there."""
    if fact.symbol not in ("", symbol):
        raise ValueError(f"it is about {fact.symbol!r}")
    if isinstance(fact, Trade):
        fact = replace(
            fact,
            price=_number("price", fact.price),
            size=_number("size", fact.size),
            flags=_flags(fact.flags),
        )
    else:
        fact = replace(
            fact,
            bid=_number("bid", fact.bid),
            ask=_number("ask", fact.ask),
            bid_size=_number("bid_size", fact.bid_size),
            ask_size=_number("ask_size", fact.ask_size),
        )
    return replace(
        fact,
        symbol=symbol,
        provider=provider,
        seq=0,
        ts_event=_stamp("ts_event", fact.ts_event) or ts_recv,
        ts_recv=max(_stamp("ts_recv", fact.ts_recv), 0) or ts_recv,
    )


def _read(
    answer: Mapping[str, object], symbol: str, provider: str, ts_recv: Nanos
) -> Iterator[Quote | Trade]:
    ts_event = _moment(answer, ts_recv)
    key = next((key for key in PRICE_KEYS if answer.get(key) is not None), None)
    if key is not None:
        yield Trade(
            symbol=symbol,
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=provider,
            price=_number(key, answer[key]),
            size=_first_number(answer, SIZE_KEYS),
        )
    if answer.get("bid") is not None and answer.get("ask") is not None:
        yield Quote(
            symbol=symbol,
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=provider,
            bid=_number("bid", answer["bid"]),
            ask=_number("ask", answer["ask"]),
            bid_size=_first_number(answer, ("bid_size",)),
            ask_size=_first_number(answer, ("ask_size",)),
        )


def _first_number(answer: Mapping[str, object], keys: tuple[str, ...]) -> float:
    for key in keys:
        if answer.get(key) is not None:
            return _number(key, answer[key])
    return NAN


def _number(key: str, value: object) -> float:
    if not isinstance(value, bool) and isinstance(value, (Real, Decimal, str)):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise ValueError(f"{key} is no number: {value!r:.40}")


def _whole(value: object) -> int | None:
    return int(value) if not isinstance(value, bool) and isinstance(value, Integral) else None


def _flags(value: object) -> TradeFlags:
    flags = _whole(value)
    if flags is None or not 0 <= flags <= _ALL_FLAGS:
        raise ValueError(f"flags are none: {value!r:.40}")
    return TradeFlags(flags)


def _stamp(key: str, value: object) -> Nanos:
    nanos = _whole(value)
    if nanos is None or not abs(nanos) < 2**63:
        raise ValueError(f"{key} is no whole number of nanoseconds: {value!r:.40}")
    return nanos


def _moment(answer: Mapping[str, object], ts_recv: Nanos) -> Nanos:
    key = next((key for key in TIME_KEYS if answer.get(key) is not None), None)
    if key is None:
        return ts_recv
    value = answer[key]
    try:
        nanos = _nanos(value)
    except ValueError as error:
        raise ValueError(f"{key} cannot be used: {error}") from None
    if nanos is None or not 0 < nanos < 2**63:
        raise ValueError(f"{key} is no moment: {value!r:.40}")
    return nanos


def _nanos(value: object) -> Nanos | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return from_datetime(value)
    whole = _whole(value)
    if whole is not None:
        return from_any_unit(whole)
    if not isinstance(value, float) or not math.isfinite(value):
        return None
    return round(value * SECOND) if abs(value) < LARGEST_SECONDS else from_any_unit(round(value))
