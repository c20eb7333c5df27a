"""The whole consensus as one kernel: reports in, answers out.

What a report goes through is the same as in the operators that do a part of it each, since both call the same helpers:
`reports` (fit to be used?), `panel` (newest word a provider), `outliers` (who is too far away), `scale` (how far is usual),
`folding` (one price), `certainty` (how far it may be trusted). What an answer that is not told would hold besides is not
computed.
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.certainty import (
    NO_CONSENSUS,
    NO_QUORUM,
    apart_from,
    calibrated,
    half_width,
    known_spread,
    mean_age,
    original_score,
    reach_of,
    squared_shares,
    standard_error,
    status_of,
    wandered,
)
from ordinis_rx.kernels.consensus_layout import (
    BASE_ROWS,
    CONSENSUS,
    COUNT,
    DUE,
    HEAD_ROWS,
    LIMIT,
    LISTED,
    LOST_ALL,
    LOST_ONE,
    LOST_PROVIDERS,
    MARKED,
    MOVED,
    MOVED_NOW,
    OLDEST,
    QUOTE,
    REFUSED_NOW,
    SINCE,
    SLOTS,
    SPLIT_ROUNDS,
    SPOILS,
    TIME,
    TOLD,
    TOLD_ASK,
    TOLD_AT,
    TOLD_BID,
    TOLD_OUT,
    TOLD_PRICE,
    TOLD_STATUS,
    TOLD_USED,
    TRADE,
    UNSCORED,
    UNSCORED_PARTS,
    VOLUMES_TOLD,
)
from ordinis_rx.kernels.folding import (
    ASK_OUT,
    BID_OUT,
    MIDDLE_OUT,
    OFF_OUT,
    PRICE_OUT,
    crossed_share,
    fold_book,
    fold_price,
    fold_volume,
)
from ordinis_rx.kernels.outliers import EXCLUDED, MARK, judge_panel, kept_of, measure
from ordinis_rx.kernels.panel import CODE as CODE_OF
from ordinis_rx.kernels.panel import (
    ENTRY,
    EXPIRES,
    LOST,
    SEEN_AT,
    STALE,
    STAMP,
    SUCCESS,
    VOLUME,
    WEIGHT,
    close_up,
    fresh,
    lose,
    write_quote,
    write_trade,
)
from ordinis_rx.kernels.record import ROOM, STOP, Floats, Ints, floats, helper, integer, ints, real
from ordinis_rx.kernels.reports import (
    FIT,
    LAG_BUCKETS,
    NOW,
    TOO_MANY,
    believed,
    clock_says,
    flaw_of_price,
    flaw_of_quote,
    lag_bucket,
    worth,
)
from ordinis_rx.kernels.robust import arrange
from ordinis_rx.kernels.scale import NOBODY, SCALE2, TRACK, VOLATILITY2, learn, usual_scale

__all__ = ["fold_reports"]

_MOVES_LAST = 1
_NEVER = 1 << 62

(
    KIND, SYMBOL, PROVIDER, TS_EVENT, TS_RECV, PRICE, BID, ASK, BID_SIZE, ASK_SIZE, SIZE, FLAGS, WEIGHT_IN, MAX_AGE,
    SEQ,
    SYMBOL_OUT, TS_EVENT_OUT, TS_RECV_OUT, PROVIDER_OUT, SEQ_OUT, PRICE_TO, HALF_WIDTH, CONFIDENCE, STATUS, BID_TO, ASK_TO,
    VOLUME_TO, CROSSED_SHARE, PROVIDER_COUNT,
    PROVIDERS_USED, OUTLIERS_EXCLUDED, STALE_TO, LOST_TO, AGE_TO, MOVED_TO, MOVED_BPS, VERDICT,
    HEAD, BASE, ENTRIES, STAMPS, MARKS, DOUBT, PLACE, TURN, LISTED_COUNT, CLOCK_AT, TAKEN, REFUSED, OUTLIERS, OFF_SUM,
    OFF_COUNT, NEWEST, LAG, LAG_SUM, LAGS,
    STANDING, SLOT, BIT, ORDER, EXCLUDED_NOW, KEPT, AGES, VALUE, LEVEL, BIDS, ASKS, SOME, MORE, VOLUMES, WEIGHTS, SUCCESSES,
    FAR, LIMITS, LOAD, ANSWER_AT, UNSCORED_AT, NOTES_AT,
    RULE, K, FLOOR, TICK, CONFIRM, LEAST, ALPHA, METHOD, ORIGINAL, SHARE, VOLUME_CHOICE, MICRO, MIN_PROVIDERS, SCORED,
    TOLERANCE, EMIT, IDLE, WINDOW, RELIABILITY, METERED,
) = CONSENSUS.slots  # fmt: skip


@helper
def _forget(
    head: Ints,
    base: Floats,
    entry: Floats,
    stamp: Ints,
    mark: Ints,
    doubt: Floats,
    place: Ints,
    s: int,
    now: int,
    idle: int,
) -> bool:
    """Forget the providers of the symbol *s* that were idle, and all of it when none is left; whether there were any."""
    h, b, c = s * HEAD_ROWS, s * BASE_ROWS, s * SLOTS * STAMP
    before = count = head[h + COUNT]
    oldest = _NEVER
    j = 0
    while j < count:
        seen = stamp[c + j * STAMP + SEEN_AT]
        if now - seen > idle:
            place[s * SLOTS + stamp[c + j * STAMP + CODE_OF]] = 0
            close_up(entry, s * SLOTS * ENTRY, ENTRY, j, count)
            close_up(stamp, c, STAMP, j, count)
            close_up(mark, s * SLOTS * MARK, MARK, j, count)
            close_up(doubt, s * SLOTS, 1, j, count)
            count -= 1
        else:
            oldest = min(oldest, seen)
            j += 1
    head[h + COUNT], head[h + OLDEST] = count, oldest
    for j in range(count):
        place[s * SLOTS + stamp[c + j * STAMP + CODE_OF]] = j + 1
    if count == 0:
        for k in range(TRACK):
            base[b + k] = 0.0
        head[h + SINCE], head[h + SPLIT_ROUNDS], head[h + MARKED], head[h + VOLUMES_TOLD] = (
            0,
            0,
            0,
            0,
        )
    return count != before


@helper
def _score_answers(call: Any, first: int, until: int) -> None:
    """Interval and confidence of the answers from *first* to *until*, of which the parts are at hand.

    Apart from the rest, and of many answers at once: none of them waits for another's quotients and roots.
    """
    parts, members, status = (
        floats(call, UNSCORED_AT),
        ints(call, PROVIDER_COUNT),
        ints(call, STATUS),
    )
    price, half, trust = floats(call, PRICE_TO), floats(call, HALF_WIDTH), floats(call, CONFIDENCE)
    method, tolerance = integer(call, METHOD), real(call, TOLERANCE)
    scored = integer(call, SCORED)
    for r in range(first, until):
        m, at = members[r], (r - first) * UNSCORED_PARTS
        half[r] = math.nan
        if m > 0:
            off = parts[at + 5]
            error = standard_error(
                method, parts[at], parts[at + 1], m, price[r], parts[at + 2], parts[at + 3], parts[at + 4]
            )  # fmt: skip
            half[r] = half_width(status[r], parts[at + 6], m, error, off)
            if not scored:
                trust[r] = calibrated(m, price[r], error, off, tolerance)


def fold_reports(n: int, call: Any) -> int:
    """The answers that *n* rows lead to; `verdict` says of each row what is wrong with it."""
    kind, symbol, provider = ints(call, KIND), ints(call, SYMBOL), ints(call, PROVIDER)
    ts_event, ts_recv, flags_in = ints(call, TS_EVENT), ints(call, TS_RECV), ints(call, FLAGS)
    price_in, bid_in, ask_in = floats(call, PRICE), floats(call, BID), floats(call, ASK)
    bid_size, ask_size, size = floats(call, BID_SIZE), floats(call, ASK_SIZE), floats(call, SIZE)
    weight_in, max_age = floats(call, WEIGHT_IN), ints(call, MAX_AGE)
    verdict, head, base = ints(call, VERDICT), ints(call, HEAD), floats(call, BASE)
    entry, stamp, mark = floats(call, ENTRIES), ints(call, STAMPS), ints(call, MARKS)
    doubt, turn, listed = floats(call, DOUBT), ints(call, TURN), ints(call, LISTED_COUNT)
    place, unscored = ints(call, PLACE), floats(call, UNSCORED_AT)
    clock, taken, refused = ints(call, CLOCK_AT), ints(call, TAKEN), ints(call, REFUSED)
    standing, slot, bit_of = ints(call, STANDING), ints(call, SLOT), ints(call, BIT)
    order, excluded, kept = ints(call, ORDER), ints(call, EXCLUDED_NOW), ints(call, KEPT)
    ages, value, level = ints(call, AGES), floats(call, VALUE), floats(call, LEVEL)
    bids, asks, some, more = (
        floats(call, BIDS),
        floats(call, ASKS),
        floats(call, SOME),
        floats(call, MORE),
    )
    weights, far, limits = floats(call, WEIGHTS), floats(call, FAR), floats(call, LIMITS)
    load, answer = floats(call, LOAD), floats(call, ANSWER_AT)
    rule, k, floor = integer(call, RULE), real(call, K), real(call, FLOOR)
    method, original = integer(call, METHOD), integer(call, ORIGINAL)
    scored, emit, idle = integer(call, SCORED), integer(call, EMIT), integer(call, IDLE)
    metered, reliability = integer(call, METERED), integer(call, RELIABILITY)
    room, stop = integer(call, ROOM), ints(call, STOP)
    notes = ints(call, NOTES_AT)
    notes[REFUSED_NOW], notes[MOVED_NOW] = 0, 0
    written = scored_to = 0
    for i in range(n):
        what, code = kind[i], provider[i]
        single = what == QUOTE or what == TRADE or what == LOST_ONE or what == LOST_PROVIDERS
        targets = 1 if single else listed[0]
        if written + targets > room:
            _score_answers(call, scored_to, written)
            stop[0] = i
            return written
        verdict[i] = FIT
        if what < QUOTE or what > TIME:
            continue
        report = what == QUOTE or what == TRADE
        if report and (weight_in[i] < 0.0 or (what == TRADE and not flags_in[i] & _MOVES_LAST)):
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
                if ts_recv[i] > 0:
                    lag[code] = ts_recv[i] - ts_event[i]
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
            h, b, e, c = s * HEAD_ROWS, s * BASE_ROWS, s * SLOTS * ENTRY, s * SLOTS * STAMP
            m0, d = s * SLOTS * MARK, s * SLOTS
            touched = report
            if now - head[h + OLDEST] > idle:
                touched = (
                    _forget(head, base, entry, stamp, mark, doubt, place, s, now, idle) or touched
                )
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
                    newer = write_trade(entry, eat, stamp, cat, at, now, mid, size[i])
                    head[h + VOLUMES_TOLD] = 1
                head[h + OLDEST] = min(head[h + OLDEST], stamp[cat + SEEN_AT])
                entry[eat + WEIGHT] = weight_in[i]
                if scored:
                    total = float(taken[code] + refused[code])
                    entry[eat + SUCCESS] = float(taken[code]) / total if total > 0.0 else 1.0
                head[h + LIMIT] = max_age[i]
                if not newer:
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

            # Who has something to say
            fresh_n = fresh(
                entry, e, stamp, c, count, now, head[h + LIMIT], slot, bit_of, value, bids, asks, ages, standing
            )  # fmt: skip
            head[h + SPOILS] = standing[EXPIRES]
            before, reporter, marked, used = 0, NOBODY, head[h + MARKED], 0
            for g in range(fresh_n):
                weights[g] = entry[e + slot[g] * ENTRY + WEIGHT]
                used |= bit_of[g]
                reporter = g if slot[g] == mine else reporter
            if reporter != NOBODY and what == TRADE and bids[reporter] == bids[reporter]:
                reporter = NOBODY
            if reliability:
                for g in range(fresh_n):
                    weights[g] *= 1.0 - doubt[d + slot[g]]
            if marked:
                for g in range(fresh_n):
                    if mark[m0 + slot[g] * MARK + EXCLUDED]:
                        before |= bit_of[g]

            # Who is too far away
            flags, out, m = 0, 0, 0
            price, usual, members = math.nan, floor, order
            if fresh_n > 0:
                arrange(value, fresh_n, order, level)
                usual = usual_scale(
                    base, b, floor, real(call, TICK), fresh_n, level, bids, asks, some
                )
                beyond = measure(
                    rule, k, floor, usual, base[b + VOLATILITY2], fresh_n, order, level, value, ages, marked, far, limits
                )  # fmt: skip
                flags = judge_panel(
                    rule, k, integer(call, CONFIRM), integer(call, LEAST), usual, base[b + VOLATILITY2], fresh_n, level,
                    ages, slot, reporter != NOBODY, mark, m0, fresh_n == count, head, h + SPLIT_ROUNDS, weights, beyond,
                    far, limits, excluded,
                )  # fmt: skip
                m = fresh_n
                if beyond > 0 or marked:
                    m, members = kept_of(order, level, excluded, fresh_n, kept), kept
                    for g in range(fresh_n):
                        if excluded[g]:
                            out |= bit_of[g]
                    used &= ~out
                learn(
                    flags, reporter, now, real(call, ALPHA), usual, fresh_n, value, beyond, far, limits, excluded, members,
                    level, m, base, b, head, h + SINCE,
                )  # fmt: skip
                if reporter != NOBODY:
                    if reliability:
                        doubt[d + mine] += 0.01 * (float(excluded[reporter]) - doubt[d + mine])
                    if metered:
                        ints(call, OUTLIERS)[code] += excluded[reporter]

            # One price
            status = status_of(m, count, integer(call, MIN_PROVIDERS), flags)
            answer[BID_OUT], answer[ASK_OUT] = math.nan, math.nan
            books = 0
            if status == NO_QUORUM or status == NO_CONSENSUS:
                m, used = 0, 0
            else:
                fold_price(
                    method, original, real(call, SHARE), usual, base[b + VOLATILITY2], members, level, m, ages, weights,
                    load, answer,
                )  # fmt: skip
                price = answer[PRICE_OUT]
                books = fold_book(members, m, bids, asks, some, more, answer)
                if metered and reporter != NOBODY and price > 0.0:
                    floats(call, OFF_SUM)[code] += (value[reporter] - price) / price * 1e4
                    ints(call, OFF_COUNT)[code] += 1

            # Is it to be told?
            missing = standing[STALE] | standing[LOST]
            moved = (before ^ out) & (used | out | before) & ~missing
            head[h + MOVED] ^= moved
            if emit >= 0:
                same = head[h + TOLD] and head[h + TOLD_STATUS] == status
                same = same and head[h + TOLD_USED] == used and head[h + TOLD_OUT] == out
                old = base[b + TOLD_PRICE]
                same = same and (old == price or (old != old and price != price))
                for j in range(2):
                    old, new = base[b + TOLD_BID + j], answer[BID_OUT + j]
                    same = same and (old == new or (old != old and new != new))
                head[h + DUE] = 0 if same else 1
                if same:
                    continue
                if emit > 0 and head[h + TOLD] and now // emit == head[h + TOLD_AT] // emit:
                    continue
                head[h + TOLD], head[h + TOLD_STATUS], head[h + TOLD_USED] = 1, status, used
                head[h + TOLD_OUT], head[h + TOLD_AT], head[h + DUE] = out, now, 0
                base[b + TOLD_PRICE] = price
                base[b + TOLD_BID], base[b + TOLD_ASK] = answer[BID_OUT], answer[ASK_OUT]

            # What else there is to say
            trust, volume, crossed, oldness = 0.0, math.nan, 0.0, 0.0
            if written - scored_to == UNSCORED:
                _score_answers(call, scored_to, written)
                scored_to = written
            if m > 0:
                crossed = crossed_share(some, more, books)
                if head[h + VOLUMES_TOLD]:
                    volumes = floats(call, VOLUMES)
                    for g in range(fresh_n):
                        volumes[g] = entry[e + slot[g] * ENTRY + VOLUME]
                    volume = fold_volume(integer(call, VOLUME_CHOICE), members, m, volumes, some)
                oldness = mean_age(members, m, ages)
                middle, part = answer[MIDDLE_OUT], (written - scored_to) * UNSCORED_PARTS
                unscored[part] = known_spread(usual, base[b + SCALE2])
                unscored[part + 1] = wandered(base[b + VOLATILITY2], oldness)
                unscored[part + 2] = middle
                unscored[part + 3] = apart_from(middle, level, m)
                unscored[part + 4] = squared_shares(load, m)
                unscored[part + 5] = answer[OFF_OUT]
                unscored[part + 6] = reach_of(level, m, price)
                if scored:
                    successes = floats(call, SUCCESSES)
                    for g in range(fresh_n):
                        successes[g] = entry[e + slot[g] * ENTRY + SUCCESS]
                    trust = original_score(members, level, m, successes, fresh_n - m)
            ints(call, SYMBOL_OUT)[written], ints(call, SEQ_OUT)[written] = s, ints(call, SEQ)[i]
            ints(call, TS_EVENT_OUT)[written], ints(call, TS_RECV_OUT)[written] = (
                ts_event[i],
                ts_recv[i],
            )
            ints(call, PROVIDER_OUT)[written] = code
            ints(call, STATUS)[written], ints(call, PROVIDER_COUNT)[written] = status, m
            floats(call, PRICE_TO)[written] = price
            floats(call, CONFIDENCE)[written], floats(call, VOLUME_TO)[written] = trust, volume
            floats(call, BID_TO)[written] = answer[BID_OUT]
            floats(call, ASK_TO)[written] = answer[ASK_OUT]
            floats(call, CROSSED_SHARE)[written], ints(call, AGE_TO)[written] = (
                crossed,
                int(oldness),
            )
            ints(call, PROVIDERS_USED)[written], ints(call, OUTLIERS_EXCLUDED)[written] = used, out
            ints(call, STALE_TO)[written] = standing[STALE]
            ints(call, LOST_TO)[written] = standing[LOST]
            farthest, away_to, moved = 0.0, math.nan, head[h + MOVED]
            if moved:
                notes[MOVED_NOW] += 1
                middle = price
                if not price > 0.0 and fresh_n > 0:
                    middle = value[order[fresh_n >> 1]]
                for g in range(fresh_n):
                    if moved & bit_of[g] and middle > 0.0:
                        away = (value[g] - middle) / middle * 1e4
                        if abs(away) >= abs(farthest):
                            farthest = away_to = away
            ints(call, MOVED_TO)[written], floats(call, MOVED_BPS)[written] = moved, away_to
            head[h + MOVED] = 0
            written += 1
        if not single:
            listed[0] = left
    _score_answers(call, scored_to, written)
    stop[0] = n
    return written
