"""The panel: the newest word of each provider on a symbol, and which of them are fresh.

What is known lies in flat columns: a symbol's part begins at a given place, and each of its providers has a slot there, in
the order in which they were first heard of.
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.record import Floats, Ints, helper

__all__ = [
    "ASK",
    "BID",
    "CODE",
    "ENTRY",
    "FRESH",
    "HAS",
    "LAST",
    "LOST",
    "MID",
    "QUOTED",
    "QUOTE_AT",
    "SEEN_AT",
    "STALE",
    "STAMP",
    "SUCCESS",
    "TRADED",
    "TRADE_AT",
    "VOLUME",
    "WEIGHT",
    "close_up",
    "fresh",
    "lose",
    "slot_of",
    "write_quote",
    "write_trade",
]

MID, BID, ASK, LAST, VOLUME, WEIGHT, SUCCESS = range(7)
ENTRY = 7
"""How many floats a slot has."""

CODE, QUOTE_AT, TRADE_AT, SEEN_AT, HAS = range(5)
STAMP = 5
"""How many integers a slot has."""

QUOTED, TRADED, GONE = 1, 2, 4
"""Bits of HAS."""

FRESH, STALE, LOST = range(3)
"""How a slot stands."""


@helper
def slot_of(stamp: Ints, start: int, count: int, code: int) -> int:
    """The slot of the provider *code*; *count* where it has none."""
    for slot in range(count):
        if stamp[start + slot * STAMP + CODE] == code:
            return slot
    return count


@helper
def write_quote(
    entry: Floats, at: int, stamp: Ints, to: int, ts: int, mid: float, bid: float, ask: float
) -> bool:
    """Put a quote into a slot, unless a newer one is there."""
    if stamp[to + HAS] & QUOTED and ts < stamp[to + QUOTE_AT]:
        return False
    entry[at + MID], entry[at + BID], entry[at + ASK] = mid, bid, ask
    stamp[to + QUOTE_AT] = ts
    stamp[to + HAS] = (stamp[to + HAS] | QUOTED) & ~GONE
    stamp[to + SEEN_AT] = max(ts, stamp[to + SEEN_AT])
    return True


@helper
def write_trade(
    entry: Floats, at: int, stamp: Ints, to: int, ts: int, price: float, size: float
) -> bool:
    """Put a trade into a slot, unless a newer one is there; its size counts in any case."""
    if 0.0 < size < 1e30:
        entry[at + VOLUME] += size
    if stamp[to + HAS] & TRADED and ts < stamp[to + TRADE_AT]:
        return False
    entry[at + LAST] = price
    stamp[to + TRADE_AT] = ts
    stamp[to + HAS] = (stamp[to + HAS] | TRADED) & ~GONE
    stamp[to + SEEN_AT] = max(ts, stamp[to + SEEN_AT])
    return True


@helper
def lose(stamp: Ints, to: int) -> bool:
    """What the slot says counts no more; whether it said anything."""
    said = stamp[to + HAS] != GONE
    stamp[to + HAS] = GONE
    return said


@helper
def close_up(column: Any, start: int, width: int, slot: int, count: int) -> None:
    """Take a slot out of a column: those behind it move up, and the last becomes zero."""
    last = start + (count - 1) * width
    for k in range(start + slot * width, last):
        column[k] = column[k + width]
    for k in range(last, last + width):
        column[k] = 0


@helper
def fresh(
    entry: Floats,
    start: int,
    stamp: Ints,
    to: int,
    count: int,
    now: int,
    max_age: int,
    standing: Ints,
    slot: Ints,
    price: Floats,
    bid: Floats,
    ask: Floats,
    age: Ints,
) -> int:
    """Gather the fresh words; gives how many.

    A provider's quote goes before its trade, as long as it is fresh: the last price lies up to half a spread off. For each
    slot, `standing` says how it stands; for each fresh one the rest says what it is worth.
    """
    n = 0
    for j in range(count):
        has = stamp[to + j * STAMP + HAS]
        standing[j] = LOST if has == GONE else STALE
        quote_age = max(now - stamp[to + j * STAMP + QUOTE_AT], 0)
        trade_age = max(now - stamp[to + j * STAMP + TRADE_AT], 0)
        at = start + j * ENTRY
        if has & QUOTED and quote_age <= max_age:
            price[n], bid[n], ask[n] = entry[at + MID], entry[at + BID], entry[at + ASK]
            age[n] = quote_age
        elif has & TRADED and trade_age <= max_age:
            price[n], bid[n], ask[n] = entry[at + LAST], math.nan, math.nan
            age[n] = trade_age
        else:
            continue
        standing[j] = FRESH
        slot[n] = j
        n += 1
    return n
