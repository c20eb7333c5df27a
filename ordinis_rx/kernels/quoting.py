"""Quotes of which nothing is odd, as nearly all are, taken in by the fewest steps.

Odd is whatever asks for more than writing down who quotes what: a flaw, a doubtful clock, a provider or symbol that is new,
lost, idle or stale, trades. Of what is odd nothing is touched here: the consensus takes it in as it takes all in.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.abreast import (
    AGES,
    ASKS,
    BIDS,
    FRESH,
    KNOWN,
    LEVELS,
    LOADS,
    LOST_SET,
    MINE,
    REPORTED,
    REPORTER,
    REPORTER_CODE,
    ROW,
    SLOT_OF,
    STALE_SET,
    TIME_OF,
    USED_SET,
    VOLUMES_KNOWN,
    WIDE,
)
from ordinis_rx.kernels.abreast import SYMBOL as SYMBOL_OF
from ordinis_rx.kernels.consensus_layout import (
    ASK,
    BID,
    CLOCK_AT,
    ENTRIES,
    HEAD,
    HEAD_ROWS,
    IDLE,
    KIND,
    LANE,
    LIMIT,
    MAX_AGE,
    NUMBER,
    OLDEST,
    PLACE,
    PROVIDER,
    QUOTE,
    SLOTS,
    SPOILS,
    STAMPS,
    SYMBOL,
    TAKEN,
    TS_EVENT,
    TS_RECV,
    VERDICT,
    WEIGHT_IN,
    WHOLE,
    WHOLE_AT,
    WHOLE_SET,
    WINDOW,
)
from ordinis_rx.kernels.panel import ASK as ASK_AT
from ordinis_rx.kernels.panel import BID as BID_AT
from ordinis_rx.kernels.panel import ENTRY, MID, NEVER, QUOTE_AT, SEEN_AT, STAMP, WEIGHT
from ordinis_rx.kernels.record import floats, helper, integer, ints
from ordinis_rx.kernels.reports import (
    DOUBTED,
    FIT,
    LARGEST,
    NOW,
    SMALLEST,
    STARTED,
    TRUSTED,
    believed,
)

__all__ = ["take_quotes"]


@helper
def take_quotes(call: Any, start: int, n: int, held: int, room: int) -> int:
    """Take in the rows from *start* to the *n*-th, the first that is odd, or the last for whose answer there is room.

    Gives where it has stopped. Each row makes an answer, of which the first is the one *held*.
    """
    end = min(n, start + room - held)
    kind, symbol, provider = ints(call, KIND), ints(call, SYMBOL), ints(call, PROVIDER)
    ts_event, ts_recv = ints(call, TS_EVENT), ints(call, TS_RECV)
    bid_in, ask_in = floats(call, BID), floats(call, ASK)
    weight_in, max_age, verdict = floats(call, WEIGHT_IN), ints(call, MAX_AGE), ints(call, VERDICT)
    head, entry, stamp = ints(call, HEAD), floats(call, ENTRIES), ints(call, STAMPS)
    place, lane, number = ints(call, PLACE), floats(call, LANE), ints(call, NUMBER)
    clock, taken = ints(call, CLOCK_AT), ints(call, TAKEN)
    idle, window = integer(call, IDLE), integer(call, WINDOW)
    if not clock[STARTED]:
        return start
    now, r = clock[NOW], held
    for i in range(start, end):
        code, s, at, limit = provider[i], symbol[i], believed(ts_event[i], ts_recv[i]), max_age[i]
        bid, ask, weight = bid_in[i], ask_in[i], weight_in[i]
        if kind[i] != QUOTE or code >= SLOTS or weight < 0.0:
            return i
        if not (bid > SMALLEST and bid <= ask and ask < LARGEST):
            return i
        away, later = at - now, max(now, at)
        if -away > window or away > window:
            return i
        h, mine = s * HEAD_ROWS, place[s * SLOTS + code] - 1
        count = head[h + WHOLE]
        if mine < 0 or count == 0 or later < head[h + WHOLE_AT] or later > head[h + SPOILS]:
            return i
        if limit != head[h + LIMIT] or later - head[h + OLDEST] > idle:
            return i
        entry_at, stamp_at = s * SLOTS * ENTRY, s * SLOTS * STAMP
        to = stamp_at + mine * STAMP
        seen = stamp[to + SEEN_AT]
        if at < stamp[to + QUOTE_AT] or later < seen:
            return i
        now = clock[NOW] = head[h + WHOLE_AT] = later
        clock[DOUBTED], clock[TRUSTED] = 0, code + 1
        verdict[i] = FIT
        taken[code] += 1
        stamp[to + QUOTE_AT], stamp[to + SEEN_AT] = at, max(at, seen)
        to = entry_at + mine * ENTRY
        mid = (bid + ask) * 0.5
        entry[to + MID], entry[to + BID_AT], entry[to + ASK_AT], entry[to + WEIGHT] = (
            mid,
            bid,
            ask,
            weight,
        )
        oldest = at
        for j in range(count):
            quoted, put = stamp[stamp_at + QUOTE_AT], LEVELS + j * WIDE + r
            oldest = min(oldest, quoted)
            lane[put] = entry[entry_at + MID]
            lane[put + (BIDS - LEVELS)] = entry[entry_at + BID_AT]
            lane[put + (ASKS - LEVELS)] = entry[entry_at + ASK_AT]
            lane[put + (AGES - LEVELS)] = float(later - quoted)
            lane[put + (LOADS - LEVELS)] = entry[entry_at + WEIGHT]
            number[SLOT_OF + j * WIDE + r] = j
            entry_at += ENTRY
            stamp_at += STAMP
        head[h + SPOILS] = min(oldest + limit, NEVER)
        lane[REPORTED + r] = mid
        number[ROW + r], number[SYMBOL_OF + r], number[TIME_OF + r] = i, s, later
        number[REPORTER_CODE + r], number[REPORTER + r], number[MINE + r] = code, mine, mine
        number[FRESH + r], number[KNOWN + r], number[VOLUMES_KNOWN + r] = count, count, 0
        number[USED_SET + r], number[STALE_SET + r], number[LOST_SET + r] = (
            head[h + WHOLE_SET],
            0,
            0,
        )
        r += 1
    return end
