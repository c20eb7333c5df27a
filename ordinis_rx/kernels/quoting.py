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
    FLAGS,
    FRESH,
    KNOWN,
    LEVELS,
    LOADS,
    LOST_SET,
    MINE,
    RECEIVED,
    REPORTED,
    REPORTER,
    REPORTER_CODE,
    SAID_AT,
    SLOT_OF,
    STALE_SET,
    TIME_OF,
    USED_SET,
    VOLUMES_KNOWN,
    WIDE,
)
from ordinis_rx.kernels.abreast import SEQ as SEQ_OF
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
    PLACE,
    PROVIDER,
    QUOTE,
    SEQ,
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
from ordinis_rx.kernels.panel import ENTRY, MID, QUOTE_AT, SEEN_AT, STAMP, WEIGHT
from ordinis_rx.kernels.ranking import FEW, TURN
from ordinis_rx.kernels.record import Floats, Ints, floats, helper, integer, ints, unrolled
from ordinis_rx.kernels.reports import (
    DOUBTED,
    FIT,
    LARGEST,
    NEVER,
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
    clock, head = ints(call, CLOCK_AT), ints(call, HEAD)
    rows = min(n - start, room - held)
    if rows <= 0 or not clock[STARTED]:
        return start
    if ints(call, KIND)[start] != QUOTE or not head[ints(call, SYMBOL)[start] * HEAD_ROWS + WHOLE]:
        return start
    odd = _look_at_rows(call, start, rows, held)
    lane, number = floats(call, LANE), ints(call, NUMBER)
    entry, stamp = floats(call, ENTRIES), ints(call, STAMPS)
    taken, limits = ints(call, TAKEN), ints(call, MAX_AGE)
    bid_in, ask_in, weight_in = floats(call, BID), floats(call, ASK), floats(call, WEIGHT_IN)
    window, now, most, code = integer(call, WINDOW), clock[NOW], 0, 0
    first, end = start - held, held + rows
    r = held
    while r < end:
        i = first + r
        if odd and number[FLAGS + r]:
            break
        at, s = number[SAID_AT + r], number[SYMBOL_OF + r]
        away, later = at - now, max(now, at)
        # What is beyond all times is older than the last word, or too far from now, or later than all that is fresh.
        if away < -window or away > window:
            break
        h, mine = s * HEAD_ROWS, number[MINE + r]
        count, limit = head[h + WHOLE], limits[i]
        if mine < 0 or count == 0 or later < head[h + WHOLE_AT] or later > head[h + SPOILS]:
            break
        entry_at, stamp_at = s * SLOTS * ENTRY, s * SLOTS * STAMP
        to = stamp_at + mine * STAMP
        if limit != head[h + LIMIT] or at < stamp[to + QUOTE_AT]:
            break
        stamp[to + QUOTE_AT], stamp[to + SEEN_AT] = at, max(at, stamp[to + SEEN_AT])
        to = entry_at + mine * ENTRY
        entry[to + MID], entry[to + WEIGHT] = lane[REPORTED + r], weight_in[i]
        entry[to + BID_AT], entry[to + ASK_AT] = bid_in[i], ask_in[i]
        now, code = later, number[REPORTER_CODE + r]
        taken[code] += 1
        if count <= FEW:
            oldest = _gather(FEW, 0, count, entry, entry_at, stamp, stamp_at, later, lane, r)
        else:
            oldest = later
            for j in range(0, count, TURN):
                old = _gather(TURN, j, count, entry, entry_at, stamp, stamp_at, later, lane, r)
                oldest = min(oldest, old)
        head[h + WHOLE_AT], head[h + SPOILS] = later, min(oldest + limit, NEVER)
        number[TIME_OF + r], number[FRESH + r] = later, count
        number[USED_SET + r] = head[h + WHOLE_SET]
        most = max(most, count)
        r += 1
    if r > held:
        clock[NOW], clock[DOUBTED], clock[TRUSTED] = now, 0, code + 1
        _fill_in(held, r, most, lane, number)
    return first + r


@helper
def _look_at_rows(call: Any, start: int, rows: int, held: int) -> int:
    """What can be seen of each row alone, for the answers from the one *held* on; gives how many are odd, by FLAGS."""
    lane, number, place = floats(call, LANE), ints(call, NUMBER), ints(call, PLACE)
    kind, symbol, provider = ints(call, KIND), ints(call, SYMBOL), ints(call, PROVIDER)
    ts_event, ts_recv, verdict = ints(call, TS_EVENT), ints(call, TS_RECV), ints(call, VERDICT)
    seq = ints(call, SEQ)
    bid_in, ask_in = floats(call, BID), floats(call, ASK)
    weight_in, max_age, idle = floats(call, WEIGHT_IN), ints(call, MAX_AGE), integer(call, IDLE)
    for k in range(rows):
        bid, ask = bid_in[start + k], ask_in[start + k]
        sound = (bid > SMALLEST) & (bid <= ask) & (ask < LARGEST)
        lane[REPORTED + held + k] = (bid + ask) * 0.5
        number[FLAGS + held + k] = 0 if sound else 1
    odd = 0
    for k in range(rows):
        code = provider[start + k]
        known = (kind[start + k] == QUOTE) & (code < SLOTS) & (weight_in[start + k] >= 0.0)
        # Whose word is fresh was not idle, so that nobody need be forgotten before.
        known &= max_age[start + k] <= idle
        flag = number[FLAGS + held + k] | (0 if known else 1)
        number[REPORTER_CODE + held + k], number[FLAGS + held + k] = code, flag
        odd += flag
    for k in range(rows):
        number[SAID_AT + held + k] = believed(ts_event[start + k], ts_recv[start + k])
        number[RECEIVED + held + k] = ts_recv[start + k]
    for k in range(rows):
        number[SYMBOL_OF + held + k], number[SEQ_OF + held + k] = symbol[start + k], seq[start + k]
    for k in range(rows):
        verdict[start + k] = FIT
    # All at once: the others need not wait for one that is far away.
    for k in range(rows):
        to = symbol[start + k] * SLOTS + number[REPORTER_CODE + held + k]
        number[MINE + held + k] = place[0 if number[FLAGS + held + k] else to] - 1
    return odd


@unrolled
def _gather(
    most: int,
    first: int,
    count: int,
    entry: Floats,
    entry_at: int,
    stamp: Ints,
    stamp_at: int,
    now: int,
    lane: Floats,
    r: int,
) -> int:
    """The newest quotes of *most* providers of a symbol, from the *first* on, as the reports of the answer *r*.

    There may be only *count*. Gives when the oldest was.
    """
    oldest = now
    for j in range(most):
        # Of many the last turn may reach beyond all there are.
        slot = first + j if first == 0 else min(first + j, count - 1)
        put = BIDS + (first + j) * WIDE + r
        quoted, to = stamp[stamp_at + slot * STAMP + QUOTE_AT], entry_at + slot * ENTRY
        oldest = quoted if first + j < count and quoted < oldest else oldest
        lane[put], lane[put + (ASKS - BIDS)] = entry[to + BID_AT], entry[to + ASK_AT]
        lane[put + (AGES - BIDS)] = float(now - quoted)
        lane[put + (LOADS - BIDS)] = entry[to + WEIGHT]
    return oldest


@helper
def _fill_in(held: int, end: int, most: int, lane: Floats, number: Ints) -> None:
    """What else is known of the answers from the one *held* on, of *most* reports each at most."""
    for r in range(held, end):
        number[REPORTER + r], number[KNOWN + r] = number[MINE + r], number[FRESH + r]
        number[VOLUMES_KNOWN + r], number[STALE_SET + r], number[LOST_SET + r] = 0, 0, 0
    for j in range(most):
        for r in range(held, end):
            at = j * WIDE + r
            lane[LEVELS + at] = (lane[BIDS + at] + lane[ASKS + at]) * 0.5
            number[SLOT_OF + at] = j
