"""Answers that are folded: which of them are news, and those written as rows."""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.abreast import (
    ASK_SIDE,
    BID_SIDE,
    CROSSED_PART,
    EXCLUDED_SET,
    FRESH,
    HALF,
    KEY,
    LEVELS,
    LOST_SET,
    MEMBERS,
    MOVED_SET,
    NEWS,
    OLDNESS,
    REPORTER_CODE,
    ROW,
    SLOT_OF,
    STALE_SET,
    TIME_OF,
    TRUST,
    UPPER_MIDDLE,
    USED_SET,
    WIDE,
)
from ordinis_rx.kernels.abreast import PRICE as PRICE_OF
from ordinis_rx.kernels.abreast import STATUS as STATUS_OF
from ordinis_rx.kernels.abreast import SYMBOL as SYMBOL_OF
from ordinis_rx.kernels.abreast import VOLUME as VOLUME_OF
from ordinis_rx.kernels.consensus_layout import (
    AGE_TO,
    ASK_TO,
    BASE,
    BASE_ROWS,
    BID_TO,
    CONFIDENCE,
    CROSSED_SHARE,
    DUE,
    EMIT,
    HALF_WIDTH,
    HEAD,
    HEAD_ROWS,
    LOST_TO,
    MOVED,
    MOVED_BPS,
    MOVED_NOW,
    MOVED_TO,
    NOTES_AT,
    OUTLIERS_EXCLUDED,
    PRICE_TO,
    PROVIDER_COUNT,
    PROVIDER_OUT,
    PROVIDERS_USED,
    SEQ,
    SEQ_OUT,
    SLOTS,
    STALE_TO,
    STAMPS,
    STATUS,
    SYMBOL_OUT,
    TOLD_ASK,
    TOLD_AT,
    TOLD_BID,
    TOLD_KEY,
    TOLD_OUT,
    TOLD_PRICE,
    TOLD_USED,
    TS_EVENT,
    TS_EVENT_OUT,
    TS_RECV,
    TS_RECV_OUT,
    VOLUME_TO,
)
from ordinis_rx.kernels.panel import CODE, STAMP
from ordinis_rx.kernels.record import Floats, Ints, floats, helper, integer, ints
from ordinis_rx.kernels.reports import stamp_of

__all__ = ["write_news"]


@helper
def write_news(call: Any, n: int, at: int, volumes: int, lane: Floats, number: Ints) -> int:
    """Write rows from *at* on of those of *n* answers that are to be told; gives how many.

    Mostly all are, and a column is written after the other. What is rare is written for all at once as though it were not
    there; *volumes* says whether any are told.
    """
    count: int = _choose(call, n, lane, number)
    if n > 1 and count == n:
        _write_all(call, n, at, lane, number)
    else:
        for k in range(count):
            _write_one(call, number[NEWS + k], at + k, lane, number)
    rare, moved = volumes, 0
    for r in range(n):
        rare |= number[STALE_SET + r] | number[LOST_SET + r]
        moved |= number[MOVED_SET + r]
    _write_rare(call, count, at, rare, lane, number)
    if moved:
        _write_moved(call, count, at, lane, number)
    return count


@helper
def _choose(call: Any, n: int, lane: Floats, number: Ints) -> int:
    """Which of *n* answers are to be told, into NEWS, and whose exclusion has begun or ended since the last; how many.

    EMIT is below 0 for all; else those are that differ from what was told last, and above 0 one in so many nanoseconds.
    What is news cannot be foreseen, and to guess wrong costs more than to write down all: there are no branches.
    """
    head, base, emit = ints(call, HEAD), floats(call, BASE), integer(call, EMIT)
    for r in range(n):
        # Of two numbers neither of which is lower, one or both may be none: which of them are is told apart by this.
        price, bid, ask = lane[PRICE_OF + r], lane[BID_SIDE + r], lane[ASK_SIDE + r]
        none = (0 if price == price else 8) + (0 if bid == bid else 16) + (0 if ask == ask else 32)
        number[KEY + r] = number[STATUS_OF + r] + 1 + none
    count = 0
    for r in range(n):
        h, b = number[SYMBOL_OF + r] * HEAD_ROWS, number[SYMBOL_OF + r] * BASE_ROWS
        key, used, out = number[KEY + r], number[USED_SET + r], number[EXCLUDED_SET + r]
        price, bid, ask = lane[PRICE_OF + r], lane[BID_SIDE + r], lane[ASK_SIDE + r]
        other = (
            (head[h + TOLD_KEY] ^ key) | (head[h + TOLD_USED] ^ used) | (head[h + TOLD_OUT] ^ out)
        )
        differs = (other != 0) | _apart(base[b + TOLD_PRICE], price)
        differs |= _apart(base[b + TOLD_BID], bid) | _apart(base[b + TOLD_ASK], ask)
        moved = head[h + MOVED] ^ number[MOVED_SET + r]
        number[MOVED_SET + r] = 0
        if emit > 0 and not _is_due(head, h, differs, number[TIME_OF + r], emit):
            head[h + MOVED] = moved
            continue
        news = 1 if differs or emit < 0 else 0
        head[h + MOVED] = 0 if news else moved
        number[MOVED_SET + r] = moved if news else 0
        head[h + TOLD_KEY], head[h + TOLD_USED], head[h + TOLD_OUT] = key, used, out
        base[b + TOLD_PRICE], base[b + TOLD_BID], base[b + TOLD_ASK] = price, bid, ask
        number[NEWS + count] = r
        count += news
    return count


@helper
def _apart(old: float, new: float) -> bool:
    """Whether one of two numbers is lower than the other."""
    return (old < new) | (old > new)


@helper
def _is_due(head: Ints, h: int, differs: bool, now: int, emit: int) -> bool:
    """Whether an answer is to be told where one is in *emit* nanoseconds, by the symbol's part of `head`, at *h*."""
    head[h + DUE] = 1 if differs else 0
    if not differs or (head[h + TOLD_KEY] and now // emit == head[h + TOLD_AT] // emit):
        return False
    head[h + TOLD_AT], head[h + DUE] = now, 0
    return True


@helper
def _write_all(call: Any, n: int, at: int, lane: Floats, number: Ints) -> None:
    """Write *n* answers as the rows from *at* on, but for what is rare."""
    first, gaps = number[ROW], 0
    for r in range(n):
        gaps |= number[ROW + r] - first - r
    if gaps:
        for r in range(n):
            row = number[ROW + r]
            ts_event, ts_recv = ints(call, TS_EVENT)[row], ints(call, TS_RECV)[row]
            ints(call, TS_EVENT_OUT)[at + r] = stamp_of(number[TIME_OF + r], ts_event, ts_recv)
            ints(call, TS_RECV_OUT)[at + r] = ts_recv
            ints(call, SEQ_OUT)[at + r] = ints(call, SEQ)[row]
    else:
        event, received = ints(call, TS_EVENT), ints(call, TS_RECV)
        for r in range(n):
            stamp = stamp_of(number[TIME_OF + r], event[first + r], received[first + r])
            ints(call, TS_EVENT_OUT)[at + r] = stamp
        _copy(n, received, first, ints(call, TS_RECV_OUT), at)
        _copy(n, ints(call, SEQ), first, ints(call, SEQ_OUT), at)
    _copy(n, number, SYMBOL_OF, ints(call, SYMBOL_OUT), at)
    _copy(n, number, REPORTER_CODE, ints(call, PROVIDER_OUT), at)
    _copy(n, number, STATUS_OF, ints(call, STATUS), at)
    _copy(n, number, MEMBERS, ints(call, PROVIDER_COUNT), at)
    _copy(n, number, USED_SET, ints(call, PROVIDERS_USED), at)
    _copy(n, number, EXCLUDED_SET, ints(call, OUTLIERS_EXCLUDED), at)
    _copy(n, number, MOVED_SET, ints(call, MOVED_TO), at)
    _copy(n, lane, PRICE_OF, floats(call, PRICE_TO), at)
    _copy(n, lane, HALF, floats(call, HALF_WIDTH), at)
    _copy(n, lane, TRUST, floats(call, CONFIDENCE), at)
    _copy(n, lane, BID_SIDE, floats(call, BID_TO), at)
    _copy(n, lane, ASK_SIDE, floats(call, ASK_TO), at)
    _copy(n, lane, CROSSED_PART, floats(call, CROSSED_SHARE), at)
    age = ints(call, AGE_TO)
    for r in range(n):
        age[at + r] = int(lane[OLDNESS + r])


@helper
def _copy(n: int, source: Any, first: int, target: Any, at: int) -> None:
    """Copy the *n* numbers from the *first* on to *at*."""
    for r in range(n):
        target[at + r] = source[first + r]


@helper
def _write_one(call: Any, r: int, to: int, lane: Floats, number: Ints) -> None:
    """Write the answer *r* as a row, but for what is rare."""
    row = number[ROW + r]
    ts_event, ts_recv = ints(call, TS_EVENT)[row], ints(call, TS_RECV)[row]
    ints(call, TS_EVENT_OUT)[to] = stamp_of(number[TIME_OF + r], ts_event, ts_recv)
    ints(call, TS_RECV_OUT)[to] = ts_recv
    ints(call, SEQ_OUT)[to] = ints(call, SEQ)[row]
    ints(call, SYMBOL_OUT)[to] = number[SYMBOL_OF + r]
    ints(call, PROVIDER_OUT)[to] = number[REPORTER_CODE + r]
    ints(call, STATUS)[to], ints(call, PROVIDER_COUNT)[to] = (
        number[STATUS_OF + r],
        number[MEMBERS + r],
    )
    ints(call, PROVIDERS_USED)[to] = number[USED_SET + r]
    ints(call, OUTLIERS_EXCLUDED)[to] = number[EXCLUDED_SET + r]
    ints(call, MOVED_TO)[to], ints(call, AGE_TO)[to] = number[MOVED_SET + r], int(lane[OLDNESS + r])
    floats(call, PRICE_TO)[to], floats(call, HALF_WIDTH)[to] = lane[PRICE_OF + r], lane[HALF + r]
    floats(call, CONFIDENCE)[to] = lane[TRUST + r]
    floats(call, BID_TO)[to], floats(call, ASK_TO)[to] = lane[BID_SIDE + r], lane[ASK_SIDE + r]
    floats(call, CROSSED_SHARE)[to] = lane[CROSSED_PART + r]


@helper
def _write_rare(call: Any, count: int, at: int, rare: int, lane: Floats, number: Ints) -> None:
    """Write what most rows have none of: who is missing, volumes, and how far off who is moved is."""
    stale_to, lost_to = ints(call, STALE_TO), ints(call, LOST_TO)
    volume_to, moved_bps = floats(call, VOLUME_TO), floats(call, MOVED_BPS)
    for k in range(at, at + count):
        stale_to[k], lost_to[k] = 0, 0
    for k in range(at, at + count):
        volume_to[k], moved_bps[k] = math.nan, math.nan
    if rare:
        for k in range(count):
            r = number[NEWS + k]
            stale_to[at + k], lost_to[at + k] = number[STALE_SET + r], number[LOST_SET + r]
            volume_to[at + k] = lane[VOLUME_OF + r]


@helper
def _write_moved(call: Any, count: int, at: int, lane: Floats, number: Ints) -> None:
    """Write how far off those are whose exclusion has begun or ended, and note how many answers tell of any."""
    for k in range(count):
        r = number[NEWS + k]
        if number[MOVED_SET + r]:
            ints(call, NOTES_AT)[MOVED_NOW] += 1
            floats(call, MOVED_BPS)[at + k] = _farthest(
                call, r, number[MOVED_SET + r], lane, number
            )


@helper
def _farthest(call: Any, r: int, moved: int, lane: Floats, number: Ints) -> float:
    """How many basis points the farthest of those who are moved is from the price, or without one from the middle."""
    stamp = ints(call, STAMPS)
    c = number[SYMBOL_OF + r] * SLOTS * STAMP
    farthest, away_to, middle = 0.0, math.nan, lane[PRICE_OF + r]
    if not middle > 0.0:
        middle = lane[UPPER_MIDDLE + r]
    for j in range(number[FRESH + r]):
        slot = number[SLOT_OF + j * WIDE + r]
        if moved >> stamp[c + slot * STAMP + CODE] & 1 and middle > 0.0:
            away = (lane[LEVELS + j * WIDE + r] - middle) / middle * 1e4
            if abs(away) >= abs(farthest):
                farthest = away_to = away
    return away_to
