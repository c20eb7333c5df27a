"""The panel: the newest word of each provider on a symbol, and which of them are fresh.

What is known lies in flat columns: a symbol's part begins at a given place, and each of its providers has a slot there, in
the order in which they were first heard of.
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.abreast import (
    AGES,
    ASKS,
    BIDS,
    FRESH,
    LEVELS,
    LOADS,
    LOST_SET,
    REPORTER,
    SLOT_OF,
    SPOILS_AT,
    STALE_SET,
    USED_SET,
    WIDE,
)
from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.reports import NEVER
from ordinis_rx.kernels.scale import NOBODY

__all__ = [
    "ASK",
    "BID",
    "CODE",
    "ENTRY",
    "HAS",
    "LAST",
    "MID",
    "QUOTED",
    "QUOTE_AT",
    "SEEN_AT",
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

BID, MID, ASK, LAST, WEIGHT, VOLUME, SUCCESS = range(7)
ENTRY = 7
"""How many floats a slot has. Bid, ask and weight are not neighbours: a processor would read two at once, and wait, where
they have just been written one by one."""

CODE, QUOTE_AT, TRADE_AT, SEEN_AT, HAS = range(5)
STAMP = 5
"""How many integers a slot has."""

QUOTED, TRADED, GONE = 1, 2, 4
"""Bits of HAS."""


@helper
def slot_of(stamp: Ints, start: int, count: int, code: int) -> int:
    """The slot of the provider *code*; *count* where it has none."""
    found = count
    for slot in range(count):
        found = slot if stamp[start + slot * STAMP + CODE] == code else found
    return found


@helper
def _seen(stamp: Ints, to: int, ts: int, now: int) -> None:
    """Take note that the slot has spoken. A time that is still to come was never right."""
    last = stamp[to + SEEN_AT]
    stamp[to + SEEN_AT] = ts if last > now else max(ts, last)


@helper
def write_quote(
    entry: Floats,
    at: int,
    stamp: Ints,
    to: int,
    ts: int,
    now: int,
    mid: float,
    bid: float,
    ask: float,
) -> bool:
    """Put a quote into a slot, unless a newer one is there. What is newer than *now* was never true: the clock was wrong."""
    last = stamp[to + QUOTE_AT]
    if stamp[to + HAS] & QUOTED and ts < last and last <= now:
        return False
    entry[at + MID], entry[at + BID], entry[at + ASK] = mid, bid, ask
    stamp[to + QUOTE_AT] = ts
    stamp[to + HAS] = (stamp[to + HAS] | QUOTED) & ~GONE
    _seen(stamp, to, ts, now)
    return True


@helper
def write_trade(
    entry: Floats, at: int, stamp: Ints, to: int, ts: int, now: int, price: float, size: float
) -> bool:
    """Put a trade into a slot, unless a newer one is there; its size counts in any case."""
    if 0.0 < size < 1e30:
        entry[at + VOLUME] += size
    last = stamp[to + TRADE_AT]
    if stamp[to + HAS] & TRADED and ts < last and last <= now:
        return False
    entry[at + LAST] = price
    stamp[to + TRADE_AT] = ts
    stamp[to + HAS] = (stamp[to + HAS] | TRADED) & ~GONE
    _seen(stamp, to, ts, now)
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
    mine: int,
    lane: Floats,
    number: Ints,
    r: int,
) -> int:
    """Gather the fresh words as the reports of the answer *r*; gives how many.

    A provider's quote goes before its trade, as long as it is fresh: the last price lies up to half a spread off. What is
    newer than *now* is not fresh. The answer's sets tell, as bits, whose words these are, and who has nothing fresh to say
    or was lost; its numbers, which report is of the slot *mine*, and until when all that is fresh will be so.
    """
    n = 0
    heard = NOBODY
    fine, stale, lost, expires = 0, 0, 0, NEVER
    for j in range(count):
        at, s = start + j * ENTRY, to + j * STAMP
        has, provider = stamp[s + HAS], 1 << stamp[s + CODE]
        old = now - stamp[s + QUOTE_AT]
        put = LEVELS + n * WIDE + r
        if has & QUOTED and 0 <= old <= max_age:
            lane[put] = entry[at + MID]
            lane[put + (BIDS - LEVELS)] = entry[at + BID]
            lane[put + (ASKS - LEVELS)] = entry[at + ASK]
        else:
            old = now - stamp[s + TRADE_AT]
            if not (has & TRADED and 0 <= old <= max_age):
                if has == GONE:
                    lost |= provider
                else:
                    stale |= provider
                continue
            lane[put] = entry[at + LAST]
            lane[put + (BIDS - LEVELS)] = math.nan
            lane[put + (ASKS - LEVELS)] = math.nan
        lane[put + (AGES - LEVELS)] = float(old)
        lane[put + (LOADS - LEVELS)] = entry[at + WEIGHT]
        number[SLOT_OF + n * WIDE + r] = j
        heard = n if j == mine else heard
        fine |= provider
        expires = min(expires, now - old + max_age)
        n += 1
    number[FRESH + r], number[REPORTER + r], number[SPOILS_AT + r] = n, heard, expires
    number[USED_SET + r], number[STALE_SET + r], number[LOST_SET + r] = fine, stale, lost
    return n
