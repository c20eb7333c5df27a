"""Answers of the consensus that lie abreast, judged already: folded, and those that are news written as rows."""

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
    INDEX,
    LEVELS,
    LOST_SET,
    MEMBERS,
    MOVED_SET,
    OLDNESS,
    REPORTED,
    REPORTER_CODE,
    ROW,
    SLOT_OF,
    SLOTS,
    STALE_SET,
    SUCCESSES,
    TIME_OF,
    TOLD_LANE,
    TRUST,
    UPPER_MIDDLE,
    USED_SET,
    VOLUMES,
    VOLUMES_KNOWN,
    WIDE,
)
from ordinis_rx.kernels.abreast import PRICE as PRICE_OF
from ordinis_rx.kernels.abreast import STATUS as STATUS_OF
from ordinis_rx.kernels.abreast import SYMBOL as SYMBOL_OF
from ordinis_rx.kernels.abreast import VOLUME as VOLUME_OF
from ordinis_rx.kernels.certainty import find_errors, find_intervals, original_score, trust_answers
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
    LANE,
    LOST_TO,
    METERED,
    METHOD,
    MORE,
    MOVED,
    MOVED_BPS,
    MOVED_NOW,
    MOVED_TO,
    NOTES_AT,
    NUMBER,
    OFF_COUNT,
    OFF_SUM,
    ORDER,
    ORIGINAL,
    OUTLIERS_EXCLUDED,
    PRICE_TO,
    PROVIDER_COUNT,
    PROVIDER_OUT,
    PROVIDERS_USED,
    SCORED,
    SEQ,
    SEQ_OUT,
    SHARE,
    SOME,
    STALE_TO,
    STAMPS,
    STATUS,
    SYMBOL_OUT,
    TOLD,
    TOLD_ASK,
    TOLD_AT,
    TOLD_BID,
    TOLD_OUT,
    TOLD_PRICE,
    TOLD_STATUS,
    TOLD_USED,
    TOLERANCE,
    TS_EVENT,
    TS_EVENT_OUT,
    TS_RECV,
    TS_RECV_OUT,
    VOLUME_CHOICE,
    VOLUME_TO,
)
from ordinis_rx.kernels.folding import fold_answers, fold_volume
from ordinis_rx.kernels.panel import CODE, STAMP
from ordinis_rx.kernels.record import Floats, Ints, floats, helper, integer, ints, real

__all__ = ["tell"]


@helper
def tell(call: Any, n: int, most: int, written: int) -> int:
    """Fold *n* answers and write those that are news; gives how many those are."""
    lane, number, head = floats(call, LANE), ints(call, NUMBER), ints(call, HEAD)
    method, scored = integer(call, METHOD), integer(call, SCORED)
    fold_answers(
        n, most, lane, number, method, integer(call, ORIGINAL), real(call, SHARE), floats(call, SOME),
        floats(call, MORE),
    )  # fmt: skip
    find_errors(n, lane, number, method)
    find_intervals(n, lane, number)
    if not scored:
        trust_answers(n, most, lane, number, real(call, TOLERANCE))
    else:
        for r in range(n):
            lane[TRUST + r] = 0.0
    for r in range(n):
        lane[VOLUME_OF + r] = math.nan
        if number[MEMBERS + r] > 0 and (number[VOLUMES_KNOWN + r] or scored):
            _sum_up(call, r)
    if integer(call, METERED):
        for r in range(n):
            price, code, reported = (
                lane[PRICE_OF + r],
                number[REPORTER_CODE + r],
                lane[REPORTED + r],
            )
            if reported == reported and price > 0.0:
                floats(call, OFF_SUM)[code] += (reported - price) / price * 1e4
                ints(call, OFF_COUNT)[code] += 1
    told = _find_news(n, lane, number, head, floats(call, BASE), integer(call, EMIT))
    _write(
        call, written, told, lane, number, ints(call, TS_EVENT), ints(call, TS_RECV), ints(call, SEQ)
    )  # fmt: skip
    return told


@helper
def _sum_up(call: Any, r: int) -> None:
    """The volume of the answer *r*, and the score that goes by success."""
    lane, number, some, more = (
        floats(call, LANE),
        ints(call, NUMBER),
        floats(call, SOME),
        floats(call, MORE),
    )
    order, m = ints(call, ORDER), number[MEMBERS + r]
    for j in range(m):
        index = int(lane[INDEX + j * WIDE + r])
        order[j], more[j] = j, lane[VOLUMES + index * WIDE + r]
    if number[VOLUMES_KNOWN + r]:
        lane[VOLUME_OF + r] = fold_volume(integer(call, VOLUME_CHOICE), order, m, more, some)
    if integer(call, SCORED):
        for j in range(m):
            index = int(lane[INDEX + j * WIDE + r])
            some[j], more[j] = lane[LEVELS + j * WIDE + r], lane[SUCCESSES + index * WIDE + r]
        lane[TRUST + r] = original_score(order, some, m, more, number[FRESH + r] - m)


@helper
def _farthest(call: Any, r: int) -> float:
    """How many basis points the farthest of those who are moved is from the price, or without one from the middle."""
    lane, number, stamp = floats(call, LANE), ints(call, NUMBER), ints(call, STAMPS)
    c = number[SYMBOL_OF + r] * SLOTS * STAMP
    farthest, away_to, middle = 0.0, math.nan, lane[PRICE_OF + r]
    if not middle > 0.0:
        middle = lane[UPPER_MIDDLE + r]
    for j in range(number[FRESH + r]):
        slot = number[SLOT_OF + int(lane[INDEX + j * WIDE + r]) * WIDE + r]
        if number[MOVED_SET + r] >> stamp[c + slot * STAMP + CODE] & 1 and middle > 0.0:
            away = (lane[LEVELS + j * WIDE + r] - middle) / middle * 1e4
            if abs(away) >= abs(farthest):
                farthest = away_to = away
    return away_to


@helper
def _find_news(n: int, lane: Floats, number: Ints, head: Ints, base: Floats, emit: int) -> int:
    """Which of *n* answers are to be told, into TOLD_LANE; gives how many.

    Below 0, *emit* is for all; else those are that differ from what was told last, and above 0 one in so many nanoseconds.
    Into MOVED_SET whose exclusion has begun or ended since an answer of the symbol was told.
    """
    told = 0
    for r in range(n):
        h = number[SYMBOL_OF + r] * HEAD_ROWS
        moved = head[h + MOVED] ^ number[MOVED_SET + r]
        if emit < 0 or _is_news(r, lane, number, head, base, emit):
            number[TOLD_LANE + told], number[MOVED_SET + r] = r, moved
            told += 1
            moved = 0
        head[h + MOVED] = moved
    return told


@helper
def _is_news(r: int, lane: Floats, number: Ints, head: Ints, base: Floats, emit: int) -> bool:
    h, b = number[SYMBOL_OF + r] * HEAD_ROWS, number[SYMBOL_OF + r] * BASE_ROWS
    status, used, out = number[STATUS_OF + r], number[USED_SET + r], number[EXCLUDED_SET + r]
    price, bid, ask = lane[PRICE_OF + r], lane[BID_SIDE + r], lane[ASK_SIDE + r]
    now = number[TIME_OF + r]
    same = head[h + TOLD] and head[h + TOLD_STATUS] == status
    same = same and head[h + TOLD_USED] == used and head[h + TOLD_OUT] == out
    same = same and _alike(base[b + TOLD_PRICE], price)
    same = same and _alike(base[b + TOLD_BID], bid) and _alike(base[b + TOLD_ASK], ask)
    head[h + DUE] = 0 if same else 1
    if same:
        return False
    if emit > 0 and head[h + TOLD] and now // emit == head[h + TOLD_AT] // emit:
        return False
    head[h + TOLD], head[h + TOLD_STATUS], head[h + TOLD_USED] = 1, status, used
    head[h + TOLD_OUT], head[h + TOLD_AT], head[h + DUE] = out, now, 0
    base[b + TOLD_PRICE], base[b + TOLD_BID], base[b + TOLD_ASK] = price, bid, ask
    return True


@helper
def _alike(old: float, new: float) -> bool:
    """Whether two numbers are the same, or neither is one."""
    return old == new or (old != old and new != new)


@helper
def _write(
    call: Any, at: int, told: int, lane: Floats, number: Ints, ts_event: Ints, ts_recv: Ints, seq: Ints
) -> None:  # fmt: skip
    """The rows from *at* on of the answers that `_find_news` found."""
    for k in range(told):
        r, to = number[TOLD_LANE + k], at + k
        row = number[ROW + r]
        ints(call, TS_EVENT_OUT)[to], ints(call, TS_RECV_OUT)[to] = ts_event[row], ts_recv[row]
        ints(call, SEQ_OUT)[to], ints(call, SYMBOL_OUT)[to] = seq[row], number[SYMBOL_OF + r]
        ints(call, PROVIDER_OUT)[to] = number[REPORTER_CODE + r]
        ints(call, STATUS)[to] = number[STATUS_OF + r]
        ints(call, PROVIDER_COUNT)[to] = number[MEMBERS + r]
        ints(call, PROVIDERS_USED)[to] = number[USED_SET + r]
        ints(call, OUTLIERS_EXCLUDED)[to] = number[EXCLUDED_SET + r]
        ints(call, STALE_TO)[to], ints(call, LOST_TO)[to] = (
            number[STALE_SET + r],
            number[LOST_SET + r],
        )
        ints(call, AGE_TO)[to] = int(lane[OLDNESS + r])
        ints(call, MOVED_TO)[to], floats(call, MOVED_BPS)[to] = number[MOVED_SET + r], math.nan
        if number[MOVED_SET + r]:
            ints(call, NOTES_AT)[MOVED_NOW] += 1
            floats(call, MOVED_BPS)[to] = _farthest(call, r)
        floats(call, PRICE_TO)[to], floats(call, HALF_WIDTH)[to] = (
            lane[PRICE_OF + r],
            lane[HALF + r],
        )
        floats(call, CONFIDENCE)[to] = lane[TRUST + r]
        floats(call, BID_TO)[to], floats(call, ASK_TO)[to] = lane[BID_SIDE + r], lane[ASK_SIDE + r]
        floats(call, VOLUME_TO)[to] = lane[VOLUME_OF + r]
        floats(call, CROSSED_SHARE)[to] = lane[CROSSED_PART + r]
