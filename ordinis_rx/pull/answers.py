"""From what a source answers to facts: whose, when, and what a mapping's keys mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

from msgspec.structs import replace

from ordinis_rx.events import NAN, Quote, Trade
from ordinis_rx.pull.failures import UnusableAnswer
from ordinis_rx.timebase import SECOND, Nanos, from_any_unit, from_datetime

__all__ = ["PRICE_KEYS", "facts_of"]

PRICE_KEYS = ("price", "last", "lastPrice", "close", "mid")
"""Where a mapping has its price: the first of these that is there and not None."""

TIME_KEYS = ("ts_event", "timestamp", "time", "t")
SIZE_KEYS = ("size", "volume")

LARGEST_SECONDS = 1e11
"""Numbers below are seconds; those with a fraction keep it."""


def facts_of(
    answer: object, *, symbol: str, provider: str, ts_recv: Nanos
) -> tuple[Quote | Trade, ...]:
    """The facts in an answer about *symbol*, as told by *provider*; it arrived at *ts_recv*.

    A `Quote` or a `Trade` keeps its own time. In a mapping, the price under the first of `PRICE_KEYS` is a trade (with
    ``size`` or ``volume``, if any), and ``bid`` and ``ask`` are a quote; the time is under ``ts_event``, ``timestamp``,
    ``time`` or ``t``, as an aware datetime, as ISO 8601 text, or as a number in any unit, and otherwise that of arrival.
    Whether a price is fit to be used is judged later, and alike for all. Raises `UnusableAnswer` for what has no price, is
    about another symbol, or cannot be read.

    >>> (trade,) = facts_of({"last": "185.25", "t": 1_700_000_000}, symbol="AAPL", provider="mine", ts_recv=7)
    >>> trade.price, trade.ts_event, trade.provider
    (185.25, 1700000000000000000, 'mine')
    """
    if isinstance(answer, (Quote, Trade)):
        if answer.symbol not in ("", symbol):
            raise UnusableAnswer(provider, symbol, f"it is about {answer.symbol!r}")
        when = {"ts_event": answer.ts_event or ts_recv, "ts_recv": answer.ts_recv or ts_recv}
        return (replace(answer, symbol=symbol, provider=provider, seq=0, **when),)
    if not isinstance(answer, Mapping):
        raise UnusableAnswer(
            provider, symbol, f"neither a Quote, a Trade nor a mapping, but {type(answer).__name__}"
        )
    try:
        found = tuple(_read(cast("Mapping[str, object]", answer), symbol, provider, ts_recv))
    except ValueError as error:
        raise UnusableAnswer(provider, symbol, str(error)) from None
    if not found:
        raise UnusableAnswer(
            provider, symbol, f"none of {', '.join(PRICE_KEYS)}, nor both bid and ask"
        )
    return found


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
            price=_number(answer, key),
            size=_first_number(answer, SIZE_KEYS),
        )
    if answer.get("bid") is not None and answer.get("ask") is not None:
        yield Quote(
            symbol=symbol,
            ts_event=ts_event,
            ts_recv=ts_recv,
            provider=provider,
            bid=_number(answer, "bid"),
            ask=_number(answer, "ask"),
            bid_size=_first_number(answer, ("bid_size",)),
            ask_size=_first_number(answer, ("ask_size",)),
        )


def _first_number(answer: Mapping[str, object], keys: tuple[str, ...]) -> float:
    for key in keys:
        if answer.get(key) is not None:
            return _number(answer, key)
    return NAN


def _number(answer: Mapping[str, object], key: str) -> float:
    value = answer[key]
    if isinstance(value, (int, float, Decimal, str)) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise ValueError(f"{key} is no number: {value!r:.40}")


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
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    if isinstance(value, float) and abs(value) < LARGEST_SECONDS:
        return round(value * SECOND)
    return from_any_unit(round(value))
