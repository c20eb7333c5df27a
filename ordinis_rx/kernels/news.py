"""Answers that are folded: which of them are news, and those written as rows."""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.abreast import (
    AGE,
    ASK_SIDE,
    BID_SIDE,
    CROSSED_PART,
    EXCLUDED_SET,
    FRESH,
    HALF,
    HIGH,
    KEY,
    LEVELS,
    LOST_SET,
    MEMBERS,
    MOVED_SET,
    NEWS,
    OLDNESS,
    RECEIVED,
    REPORTER_CODE,
    SAID_AT,
    SLOT_OF,
    STALE_SET,
    TIME_OF,
    TRUST,
    USED_SET,
    WIDE,
)
from ordinis_rx.kernels.abreast import PRICE as PRICE_OF
from ordinis_rx.kernels.abreast import SEQ as SEQ_OF
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
    TS_EVENT_OUT,
    TS_RECV_OUT,
    VOLUME_TO,
)
from ordinis_rx.kernels.panel import CODE, STAMP
from ordinis_rx.kernels.record import Floats, Ints, floats, helper, integer, ints

__all__ = ["write_news"]


@helper
def write_news(call: Any, n: int, at: int, volumes: int, lane: Floats, number: Ints) -> int:
    """Write rows from *at* on of those of *n* answers that are to be told; gives how many.

    Mostly all are, and a column is written after the other. What is rare is written for all at once as though it were not
    there; *volumes* says whether any are told.
    """
    count: int = n
    if integer(call, EMIT) < 0:
        for r in range(n):
            number[NEWS + r] = r
    else:
        count = _choose(call, n, lane, number)
    if n > 1:
        _write_all(call, n, count, at, lane, number)
    elif count:
        _write_one(call, 0, at, lane, number)
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

    Those are that differ from what was told last; where EMIT is above 0, one in so many nanoseconds.
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
        news = 1 if differs else 0
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
def _write_all(call: Any, n: int, count: int, at: int, lane: Floats, number: Ints) -> None:
    """Write those *count* of *n* answers that are NEWS as the rows from *at* on, but for what is rare."""
    for r in range(n):
        # The stamp, as `reports.stamp_of` has it.
        number[TIME_OF + r] = max(number[TIME_OF + r], number[SAID_AT + r])
        number[AGE + r] = int(lane[OLDNESS + r])
    _copy(n, count, number, number, TIME_OF, ints(call, TS_EVENT_OUT), at)
    _copy(n, count, number, number, RECEIVED, ints(call, TS_RECV_OUT), at)
    _copy(n, count, number, number, SEQ_OF, ints(call, SEQ_OUT), at)
    _copy(n, count, number, number, SYMBOL_OF, ints(call, SYMBOL_OUT), at)
    _copy(n, count, number, number, REPORTER_CODE, ints(call, PROVIDER_OUT), at)
    _copy(n, count, number, number, STATUS_OF, ints(call, STATUS), at)
    _copy(n, count, number, number, MEMBERS, ints(call, PROVIDER_COUNT), at)
    _copy(n, count, number, number, USED_SET, ints(call, PROVIDERS_USED), at)
    _copy(n, count, number, number, EXCLUDED_SET, ints(call, OUTLIERS_EXCLUDED), at)
    _copy(n, count, number, number, MOVED_SET, ints(call, MOVED_TO), at)
    _copy(n, count, number, number, AGE, ints(call, AGE_TO), at)
    _copy(n, count, number, lane, PRICE_OF, floats(call, PRICE_TO), at)
    _copy(n, count, number, lane, HALF, floats(call, HALF_WIDTH), at)
    _copy(n, count, number, lane, TRUST, floats(call, CONFIDENCE), at)
    _copy(n, count, number, lane, BID_SIDE, floats(call, BID_TO), at)
    _copy(n, count, number, lane, ASK_SIDE, floats(call, ASK_TO), at)
    _copy(n, count, number, lane, CROSSED_PART, floats(call, CROSSED_SHARE), at)


@helper
def _copy(n: int, count: int, number: Ints, source: Any, first: int, target: Any, at: int) -> None:
    """Copy those *count* of the *n* numbers from the *first* on that are of NEWS to *at*."""
    if count == n:
        for r in range(n):
            target[at + r] = source[first + r]
    else:
        for k in range(count):
            target[at + k] = source[first + number[NEWS + k]]


@helper
def _write_one(call: Any, r: int, to: int, lane: Floats, number: Ints) -> None:
    """Write the answer *r* as a row, but for what is rare."""
    ints(call, TS_EVENT_OUT)[to] = max(number[TIME_OF + r], number[SAID_AT + r])
    ints(call, TS_RECV_OUT)[to], ints(call, SEQ_OUT)[to] = number[RECEIVED + r], number[SEQ_OF + r]
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
        middle = lane[HIGH + r]
    for j in range(number[FRESH + r]):
        slot = number[SLOT_OF + j * WIDE + r]
        if moved >> stamp[c + slot * STAMP + CODE] & 1 and middle > 0.0:
            away = (lane[LEVELS + j * WIDE + r] - middle) / middle * 1e4
            if abs(away) >= abs(farthest):
                farthest = away_to = away
    return away_to
