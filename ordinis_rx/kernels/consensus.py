"""The whole consensus as one kernel: reports in, answers out.

What a report goes through is the same as in the operators that do a part of it each, since both call the same helpers:
`reports` (fit to be used?), `panel` (newest word a provider), `outliers` (who is too far away), `scale` (how far is usual),
`folding` (one price), `certainty` (how far it may be trusted). Here reports are taken in, and what each answer is made of is
laid down beside that of others (`abreast`); `settling` judges these (`excluding`), and `telling` folds them and writes
what is news.
"""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
# Its inference gives up on a loop this long, though each of these is declared.
from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.abreast import BIDS as BIDS_OF
from ordinis_rx.kernels.abreast import (
    KNOWN,
    LEVELS,
    MINE,
    RECEIVED,
    REPORTED,
    REPORTER,
    REPORTER_CODE,
    SAID_AT,
    SLOT_OF,
    SPOILS_AT,
    SUCCESSES,
    TIME_OF,
    USED_SET,
    VOLUMES,
    VOLUMES_KNOWN,
    WIDE,
)
from ordinis_rx.kernels.abreast import SEQ as SEQ_OF
from ordinis_rx.kernels.abreast import SYMBOL as SYMBOL_OF
from ordinis_rx.kernels.consensus_layout import (
    ABREAST,
    ASK,
    ASK_SIZE,
    BID,
    BID_SIZE,
    CLOCK_AT,
    COUNT,
    DUE,
    EMIT,
    ENTRIES,
    FLAGS,
    HEAD,
    HEAD_ROWS,
    IDLE,
    KIND,
    LAG,
    LAG_SUM,
    LAGS,
    LANE,
    LIMIT,
    LISTED,
    LISTED_COUNT,
    LOST_ALL,
    LOST_ONE,
    LOST_PROVIDERS,
    MAX_AGE,
    METERED,
    MICRO,
    MOVED_NOW,
    NEWEST,
    NOTES_AT,
    NUMBER,
    OLDEST,
    PLACE,
    PRICE,
    PROVIDER,
    QUOTE,
    REFUSED,
    REFUSED_NOW,
    SCORED,
    SEQ,
    SIZE,
    SLOTS,
    SPOILS,
    STAMPS,
    SYMBOL,
    TAKEN,
    TIME,
    TRADE,
    TS_EVENT,
    TS_RECV,
    TURN,
    VERDICT,
    VOLUMES_TOLD,
    WEIGHT_IN,
    WHOLE,
    WHOLE_AT,
    WHOLE_SET,
    WINDOW,
)
from ordinis_rx.kernels.forgetting import forget
from ordinis_rx.kernels.panel import CODE as CODE_OF
from ordinis_rx.kernels.panel import (
    ENTRY,
    SEEN_AT,
    STAMP,
    SUCCESS,
    VOLUME,
    WEIGHT,
    fresh,
    lose,
    write_quote,
    write_trade,
)
from ordinis_rx.kernels.quoting import take_quotes
from ordinis_rx.kernels.record import ROOM, STOP, floats, integer, ints
from ordinis_rx.kernels.reports import (
    FIT,
    LAG_BUCKETS,
    NOW,
    TOO_MANY,
    believed,
    clock_says,
    flaw_of_price,
    flaw_of_quote,
    has_arrived,
    lag_bucket,
    worth,
)
from ordinis_rx.kernels.scale import NOBODY
from ordinis_rx.kernels.settling import settle
from ordinis_rx.kernels.trade_flags import MOVES_LAST, MOVES_VOLUME

__all__ = ["fold_reports"]

_FEW = 8
"""Rows that are looked at ahead where something is odd now and then."""


def fold_reports(n: int, call: Any) -> int:
    """The answers that *n* rows lead to; `verdict` says of each row what is wrong with it."""
    kind, symbol, provider = ints(call, KIND), ints(call, SYMBOL), ints(call, PROVIDER)
    ts_event, ts_recv, flags_in = ints(call, TS_EVENT), ints(call, TS_RECV), ints(call, FLAGS)
    price_in, bid_in, ask_in = floats(call, PRICE), floats(call, BID), floats(call, ASK)
    bid_size, ask_size, size = floats(call, BID_SIZE), floats(call, ASK_SIZE), floats(call, SIZE)
    weight_in, max_age, seq = floats(call, WEIGHT_IN), ints(call, MAX_AGE), ints(call, SEQ)
    verdict, head, entry = ints(call, VERDICT), ints(call, HEAD), floats(call, ENTRIES)
    stamp, turn, listed = ints(call, STAMPS), ints(call, TURN), ints(call, LISTED_COUNT)
    place, lane, number = ints(call, PLACE), floats(call, LANE), ints(call, NUMBER)
    clock, taken, refused = ints(call, CLOCK_AT), ints(call, TAKEN), ints(call, REFUSED)
    scored, emit, idle = integer(call, SCORED), integer(call, EMIT), integer(call, IDLE)
    metered = integer(call, METERED)
    abreast: int = integer(call, ABREAST) if n > 1 else 1
    room: int = integer(call, ROOM)
    stop = ints(call, STOP)
    notes = ints(call, NOTES_AT)
    notes[REFUSED_NOW], notes[MOVED_NOW] = 0, 0
    plain = abreast > 1 and not (metered or scored or integer(call, MICRO))
    held: int = 0
    ahead = abreast
    written = next_row = 0
    while next_row < n:
        if plain:
            # Where something is odd now and then, few rows are looked at ahead of what will be taken.
            goal = min(held + ahead, abreast, room - written)
            first_odd: int = take_quotes(call, next_row, n, held, goal)
            held += first_odd - next_row
            ahead = min(2 * ahead, abreast) if held == goal else _FEW
            more = first_odd > next_row and held == goal
            next_row = first_odd
            if held == abreast:
                written += settle(call, held, written)
                held = 0
            if more or next_row == n:
                continue
        i = next_row
        next_row += 1
        what, code = kind[i], provider[i]
        single = what == QUOTE or what == TRADE or what == LOST_ONE or what == LOST_PROVIDERS
        targets = 1 if single else listed[0]
        if held and (written + held + targets > room or (emit > 0 and what == TIME)):
            written += settle(call, held, written)
            held = 0
        if written + targets > room:
            stop[0] = i
            return written
        verdict[i] = FIT
        if what < QUOTE or what > TIME:
            continue
        report = what == QUOTE or what == TRADE
        if report and (weight_in[i] < 0.0 or (what == TRADE and not flags_in[i] & MOVES_LAST)):
            continue
        at = believed(ts_event[i], ts_recv[i])
        mid = price_in[i]
        if report:
            flaw = TOO_MANY
            if code < SLOTS:
                flaw = flaw_of_price(mid) if what == TRADE else flaw_of_quote(bid_in[i], ask_in[i])
                if flaw == FIT:
                    flaw = clock_says(clock, at, ts_recv[i], code, integer(call, WINDOW))
                if flaw != FIT:
                    refused[code] += 1
            if flaw != FIT:
                verdict[i] = flaw
                notes[REFUSED_NOW] += 1
                continue
            taken[code] += 1
            if metered:
                newest, lag, lag_sum = ints(call, NEWEST), ints(call, LAG), floats(call, LAG_SUM)
                newest[code] = max(newest[code], at)
                if has_arrived(ts_recv[i]):
                    lag[code] = ts_recv[i] - at
                    lag_sum[code] += float(lag[code])
                    ints(call, LAGS)[code * LAG_BUCKETS + lag_bucket(lag[code])] += 1
            if what == QUOTE:
                mid = worth(bid_in[i], ask_in[i], bid_size[i], ask_size[i], integer(call, MICRO))
        elif what == TIME:
            clock_says(clock, at, ts_recv[i], code, integer(call, WINDOW))
        now = clock[NOW]
        left = 0
        for t in range(targets):
            s = symbol[i] if single else turn[t]
            h, d, e, c = s * HEAD_ROWS, s * SLOTS, s * SLOTS * ENTRY, s * SLOTS * STAMP
            touched = report
            if now - head[h + OLDEST] > idle:
                if held:
                    written += settle(call, held, written)
                    held = 0
                touched = forget(call, s, now) or touched
            count = head[h + COUNT]
            mine = -1
            if report:
                mine = place[d + code] - 1
                new = mine < 0
                if new:
                    mine = count
                    place[d + code] = count + 1
                eat, cat = e + mine * ENTRY, c + mine * STAMP
                if new:
                    stamp[cat + CODE_OF] = code
                    stamp[cat + SEEN_AT] = at
                    count += 1
                    head[h + COUNT] = count
                    if not head[h + LISTED]:
                        head[h + LISTED] = 1
                        turn[listed[0]] = s
                        listed[0] += 1
                if what == QUOTE:
                    newer = write_quote(entry, eat, stamp, cat, at, now, mid, bid_in[i], ask_in[i])
                else:
                    traded = size[i] if flags_in[i] & MOVES_VOLUME else 0.0
                    newer = write_trade(entry, eat, stamp, cat, at, now, mid, traded)
                    head[h + VOLUMES_TOLD] = 1
                head[h + OLDEST] = min(head[h + OLDEST], stamp[cat + SEEN_AT])
                entry[eat + WEIGHT] = weight_in[i]
                if scored:
                    total = float(taken[code] + refused[code])
                    entry[eat + SUCCESS] = float(taken[code]) / total if total > 0.0 else 1.0
                head[h + LIMIT] = max_age[i]
                if not newer:
                    head[h + WHOLE] = 0  # the limit may be another
                    continue
            elif what != TIME:
                for j in range(count):
                    theirs = stamp[c + j * STAMP + CODE_OF] == code
                    if theirs or what == LOST_PROVIDERS or what == LOST_ALL:
                        touched = lose(stamp, c + j * STAMP) or touched
            elif now > head[h + SPOILS] or (emit > 0 and head[h + DUE]):
                touched = True
            if not single:
                if count == 0:
                    head[h + LISTED] = 0
                else:
                    turn[left] = s
                    left += 1
            if not touched:
                continue

            many = fresh(
                entry, e, stamp, c, count, now, head[h + LIMIT], mine, lane, number, held
            )  # fmt: skip
            head[h + WHOLE] = count if many == count and not head[h + VOLUMES_TOLD] else 0
            head[h + WHOLE_SET], head[h + WHOLE_AT] = number[USED_SET + held], now
            head[h + SPOILS] = number[SPOILS_AT + held]
            reporter = number[REPORTER + held]
            if reporter != NOBODY:
                told_at = reporter * WIDE + held
                lane[REPORTED + held] = lane[LEVELS + told_at]
                if what == TRADE and lane[BIDS_OF + told_at] == lane[BIDS_OF + told_at]:
                    number[REPORTER + held] = NOBODY
                    lane[REPORTED + held] = math.nan
            else:
                lane[REPORTED + held] = math.nan
            number[SEQ_OF + held], number[SYMBOL_OF + held] = seq[i], s
            number[RECEIVED + held], number[SAID_AT + held] = ts_recv[i], at
            number[REPORTER_CODE + held], number[TIME_OF + held] = code, now
            number[KNOWN + held], number[MINE + held] = count, mine
            number[VOLUMES_KNOWN + held] = head[h + VOLUMES_TOLD]
            if scored or head[h + VOLUMES_TOLD]:
                for g in range(many):
                    told_at = e + number[SLOT_OF + g * WIDE + held] * ENTRY
                    lane[VOLUMES + g * WIDE + held] = entry[told_at + VOLUME]
                    lane[SUCCESSES + g * WIDE + held] = entry[told_at + SUCCESS]
            held += 1
            if held == abreast:
                written += settle(call, held, written)
                held = 0
        if not single:
            listed[0] = left
    if held:
        written += settle(call, held, written)
    stop[0] = n
    return written
