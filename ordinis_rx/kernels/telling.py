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
    LEVELS,
    LOST_SET,
    MEMBERS,
    MOVED_SET,
    OLDNESS,
    RANKED,
    REPORTED,
    REPORTER_CODE,
    ROW,
    SLOT_OF,
    SLOTS,
    STALE_SET,
    SUCCESSES,
    TIME_OF,
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
from ordinis_rx.kernels.record import Ints, floats, helper, integer, ints, real

__all__ = ["tell"]


@helper
def tell(call: Any, n: int, most: int, written: int) -> int:
    """Fold *n* answers and write those that are news; gives how many those are."""
    lane, number = floats(call, LANE), ints(call, NUMBER)
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
    wanted = scored
    for r in range(n):
        lane[VOLUME_OF + r] = math.nan
        wanted |= number[VOLUMES_KNOWN + r]
    if wanted:
        for r in range(n):
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
    return _write_news(call, n, written, wanted)


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
        order[j], more[j] = j, lane[VOLUMES + j * WIDE + r]
    if number[VOLUMES_KNOWN + r]:
        lane[VOLUME_OF + r] = fold_volume(integer(call, VOLUME_CHOICE), order, m, more, some)
    if integer(call, SCORED):
        for j in range(m):
            some[j], more[j] = lane[RANKED + j * WIDE + r], lane[SUCCESSES + j * WIDE + r]
        lane[TRUST + r] = original_score(order, some, m, more, number[FRESH + r] - m)


@helper
def _farthest(call: Any, r: int, moved: int) -> float:
    """How many basis points the farthest of those who are moved is from the price, or without one from the middle."""
    lane, number, stamp = floats(call, LANE), ints(call, NUMBER), ints(call, STAMPS)
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


@helper
def _write_news(call: Any, n: int, at: int, volumes: int) -> int:
    """Write rows from *at* on of those of *n* answers that are to be told; gives how many.

    EMIT is below 0 for all; else those are that differ from what was told last, and above 0 one in so many nanoseconds. All
    are written, and the next over one that is none: what is news cannot be foreseen, and to guess wrong costs more. What is
    rare is written for all at once as though it were not there; *volumes* says whether any are told.
    """
    lane, number, head, base = (
        floats(call, LANE),
        ints(call, NUMBER),
        ints(call, HEAD),
        floats(call, BASE),
    )
    ts_event, ts_recv, seq = ints(call, TS_EVENT), ints(call, TS_RECV), ints(call, SEQ)
    emit: int = integer(call, EMIT)
    stale_to, lost_to = ints(call, STALE_TO), ints(call, LOST_TO)
    volume_to, moved_bps = floats(call, VOLUME_TO), floats(call, MOVED_BPS)
    rare = volumes
    for r in range(n):
        rare |= number[STALE_SET + r] | number[LOST_SET + r]
    for r in range(at, at + n):
        stale_to[r], lost_to[r] = 0, 0
    for r in range(at, at + n):
        volume_to[r], moved_bps[r] = math.nan, math.nan
    to = at
    for r in range(n):
        s, row = number[SYMBOL_OF + r], number[ROW + r]
        h, b = s * HEAD_ROWS, s * BASE_ROWS
        status, used, out = number[STATUS_OF + r], number[USED_SET + r], number[EXCLUDED_SET + r]
        price, bid, ask = lane[PRICE_OF + r], lane[BID_SIDE + r], lane[ASK_SIDE + r]
        same = (
            (head[h + TOLD_STATUS] == status + 1)
            & (head[h + TOLD_USED] == used)
            & (head[h + TOLD_OUT] == out)
        )
        same &= _alike(base[b + TOLD_PRICE], price) & _alike(base[b + TOLD_BID], bid)
        same &= _alike(base[b + TOLD_ASK], ask)
        moved = head[h + MOVED] ^ number[MOVED_SET + r]
        if emit > 0 and not _is_due(head, h, 1 if same else 0, number[TIME_OF + r], emit):
            head[h + MOVED] = moved
            continue
        news = 0 if same and emit >= 0 else 1
        head[h + MOVED] = 0 if news else moved
        head[h + TOLD_STATUS], head[h + TOLD_USED], head[h + TOLD_OUT] = status + 1, used, out
        base[b + TOLD_PRICE], base[b + TOLD_BID], base[b + TOLD_ASK] = price, bid, ask
        ints(call, TS_EVENT_OUT)[to], ints(call, TS_RECV_OUT)[to] = ts_event[row], ts_recv[row]
        ints(call, SEQ_OUT)[to], ints(call, SYMBOL_OUT)[to] = seq[row], s
        ints(call, PROVIDER_OUT)[to] = number[REPORTER_CODE + r]
        ints(call, STATUS)[to], ints(call, PROVIDER_COUNT)[to] = status, number[MEMBERS + r]
        ints(call, PROVIDERS_USED)[to], ints(call, OUTLIERS_EXCLUDED)[to] = used, out
        ints(call, AGE_TO)[to] = int(lane[OLDNESS + r])
        ints(call, MOVED_TO)[to] = moved
        floats(call, PRICE_TO)[to], floats(call, HALF_WIDTH)[to] = price, lane[HALF + r]
        floats(call, CONFIDENCE)[to] = lane[TRUST + r]
        floats(call, BID_TO)[to], floats(call, ASK_TO)[to] = bid, ask
        floats(call, CROSSED_SHARE)[to] = lane[CROSSED_PART + r]
        if rare:
            stale_to[to], lost_to[to] = number[STALE_SET + r], number[LOST_SET + r]
            volume_to[to] = lane[VOLUME_OF + r]
        if moved and news:
            ints(call, NOTES_AT)[MOVED_NOW] += 1
            moved_bps[to] = _farthest(call, r, moved)
        to += news
    return to - at


@helper
def _is_due(head: Ints, h: int, same: int, now: int, emit: int) -> bool:
    """Whether an answer is to be told where one is in *emit* nanoseconds, by the symbol's part of `head`, at *h*."""
    head[h + DUE] = 0 if same else 1
    if same or (head[h + TOLD_STATUS] and now // emit == head[h + TOLD_AT] // emit):
        return False
    head[h + TOLD_AT], head[h + DUE] = now, 0
    return True


@helper
def _alike(old: float, new: float) -> bool:
    """Whether two numbers are the same, or neither is one."""
    return (old == new) | ((old != old) & (new != new))
