"""The whole consensus as one kernel: reports in, answers out.

What a report goes through is the same as in the operators that do a part of it each, since both call the same helpers:
`reports` (fit to be used?), `panel` (newest word a provider), `outliers` (who is too far away), `folding` (one price).
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.folding import (
    ANSWER,
    ASK_OUT,
    BID_OUT,
    CROSSED_OUT,
    ERROR_OUT,
    NO_CONSENSUS,
    NO_QUORUM,
    OFF_OUT,
    PRICE_OUT,
    VOLUME_OUT,
    calibrated,
    fold_book,
    fold_price,
    fold_volume,
    half_width,
    kept_of,
    mean_age,
    original_score,
    status_of,
)
from ordinis_rx.kernels.outliers import (
    EXCLUDED,
    MARK,
    NOBODY,
    SCALE2,
    TRACK,
    VOLATILITY2,
    hush,
    judge_panel,
    learn,
    usual_scale,
)
from ordinis_rx.kernels.panel import CODE as CODE_OF
from ordinis_rx.kernels.panel import (
    ENTRY,
    FRESH,
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
    slot_of,
    write_quote,
    write_trade,
)
from ordinis_rx.kernels.record import ROOM, STOP, Layout, floats, integer, ints, real
from ordinis_rx.kernels.reports import (
    CLOCK,
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
from ordinis_rx.kernels.robust import sort

__all__ = [
    "CONSENSUS",
    "LOST_ALL",
    "LOST_ONE",
    "LOST_PROVIDERS",
    "LOST_SYMBOLS",
    "QUOTE",
    "SLOTS",
    "TIME",
    "TRADE",
    "fold_reports",
]

SLOTS = 62
"""How many providers a stream may have."""

QUOTE, TRADE, LOST_ONE, LOST_SYMBOLS, LOST_PROVIDERS, LOST_ALL, TIME = range(7)
"""What a row is: a report, what a provider (or any) said of a symbol (or all) that counts no more, or the time."""

_MOVES_LAST = 1

# What is remembered of a symbol: COUNT slots; since when the volatility is measured, and for how many rounds the panel has
# been split; how old a report may be, and when the next one will be too old; what was told last.
(
    COUNT,
    SINCE,
    STREAKS,
    LIMIT,
    EXPIRES,
    LISTED,
    TOLD,
    TOLD_STATUS,
    TOLD_USED,
    TOLD_OUT,
    TOLD_AT,
    MOVED,
    DUE,
) = range(13)
_HEAD = 13
TOLD_PRICE, TOLD_BID, TOLD_ASK = TRACK, TRACK + 1, TRACK + 2
_BASE = TRACK + 3

CONSENSUS = Layout(
    reads="kind:i symbol:i provider:i ts_event:i ts_recv:i price:f bid:f ask:f bid_size:f ask_size:f size:f flags:i"
    " weight:f max_age:i",
    writes="row:i symbol:i price:f half_width:f confidence:f status:i bid:f ask:f volume:f crossed_share:f"
    " provider_count:i providers_used:i outliers_excluded:i stale:i lost:i age:i moved:i moved_bps:f verdict:i",
    state=f"head:i*{_HEAD} base:f*{_BASE} entry:f*{SLOTS * ENTRY} stamp:i*{SLOTS * STAMP} mark:i*{SLOTS * MARK}"
    f" doubt:f*{SLOTS} turn:i listed:i@1 clock:i@{CLOCK}"
    f" taken:i@{SLOTS} refused:i@{SLOTS} outliers:i@{SLOTS} off_sum:f@{SLOTS} off_count:i@{SLOTS}"
    f" newest:i@{SLOTS} lag:i@{SLOTS} lag_sum:f@{SLOTS} lags:i@{SLOTS * LAG_BUCKETS}"
    f" standing:i@{SLOTS} slot:i@{SLOTS} order:i@{SLOTS} excluded:i@{SLOTS} kept:i@{SLOTS} rank:i@{SLOTS} ranks:i@{SLOTS}"
    f" ages:i@{SLOTS} value:f@{SLOTS} bids:f@{SLOTS} asks:f@{SLOTS} volumes:f@{SLOTS} weights:f@{SLOTS}"
    f" successes:f@{SLOTS} severity:f@{SLOTS} load:f@{SLOTS} answer:f@{ANSWER}",
    params="rule:i k:f floor:f tick:f confirm:i least:i alpha:f method:i original:i share:f volume_choice:i micro:i"
    " min_providers:i scored:i tolerance:f emit:i idle:i window:i reliability:i metered:i",
    expands=True,
)
(
    KIND, SYMBOL, PROVIDER, TS_EVENT, TS_RECV, PRICE, BID, ASK, BID_SIZE, ASK_SIZE, SIZE, FLAGS, WEIGHT_IN, MAX_AGE,
    ROW, SYMBOL_OUT, PRICE_TO, HALF_WIDTH, CONFIDENCE, STATUS, BID_TO, ASK_TO, VOLUME_TO, CROSSED_SHARE, PROVIDER_COUNT,
    PROVIDERS_USED, OUTLIERS_EXCLUDED, STALE_TO, LOST_TO, AGE_TO, MOVED_TO, MOVED_BPS, VERDICT,
    HEAD, BASE, ENTRIES, STAMPS, MARKS, DOUBT, TURN, LISTED_COUNT, CLOCK_AT, TAKEN, REFUSED, OUTLIERS, OFF_SUM, OFF_COUNT,
    NEWEST, LAG, LAG_SUM, LAGS,
    STANDING, SLOT, ORDER, EXCLUDED_NOW, KEPT, RANK, RANKS, AGES, VALUE, BIDS, ASKS, VOLUMES, WEIGHTS, SUCCESSES, SEVERITY,
    LOAD, ANSWER_AT,
    RULE, K, FLOOR, TICK, CONFIRM, LEAST, ALPHA, METHOD, ORIGINAL, SHARE, VOLUME_CHOICE, MICRO, MIN_PROVIDERS, SCORED,
    TOLERANCE, EMIT, IDLE, WINDOW, RELIABILITY, METERED,
) = CONSENSUS.slots  # fmt: skip


def fold_reports(n: int, call: Any) -> int:
    """The answers that *n* rows lead to; `verdict` says of each row what is wrong with it."""
    kind, symbol, provider = ints(call, KIND), ints(call, SYMBOL), ints(call, PROVIDER)
    ts_event, ts_recv, flags_in = ints(call, TS_EVENT), ints(call, TS_RECV), ints(call, FLAGS)
    price_in, bid_in, ask_in = floats(call, PRICE), floats(call, BID), floats(call, ASK)
    bid_size, ask_size, size = floats(call, BID_SIZE), floats(call, ASK_SIZE), floats(call, SIZE)
    weight_in, max_age = floats(call, WEIGHT_IN), ints(call, MAX_AGE)
    row, symbol_out, status_to = ints(call, ROW), ints(call, SYMBOL_OUT), ints(call, STATUS)
    price_to, half_to, confidence = (
        floats(call, PRICE_TO),
        floats(call, HALF_WIDTH),
        floats(call, CONFIDENCE),
    )
    bid_to, ask_to, volume_to = floats(call, BID_TO), floats(call, ASK_TO), floats(call, VOLUME_TO)
    crossed_share, provider_count = floats(call, CROSSED_SHARE), ints(call, PROVIDER_COUNT)
    providers_used, outliers_excluded = ints(call, PROVIDERS_USED), ints(call, OUTLIERS_EXCLUDED)
    stale_to, lost_to, age_to = ints(call, STALE_TO), ints(call, LOST_TO), ints(call, AGE_TO)
    moved_to, moved_bps, verdict = (
        ints(call, MOVED_TO),
        floats(call, MOVED_BPS),
        ints(call, VERDICT),
    )
    head, base, entry, stamp = (
        ints(call, HEAD),
        floats(call, BASE),
        floats(call, ENTRIES),
        ints(call, STAMPS),
    )
    mark, doubt, turn = ints(call, MARKS), floats(call, DOUBT), ints(call, TURN)
    listed, clock = ints(call, LISTED_COUNT), ints(call, CLOCK_AT)
    taken, refused, outliers = ints(call, TAKEN), ints(call, REFUSED), ints(call, OUTLIERS)
    off_sum, off_count = floats(call, OFF_SUM), ints(call, OFF_COUNT)
    standing, slot, order = ints(call, STANDING), ints(call, SLOT), ints(call, ORDER)
    excluded, kept, rank, ranks = (
        ints(call, EXCLUDED_NOW),
        ints(call, KEPT),
        ints(call, RANK),
        ints(call, RANKS),
    )
    ages, value, bids, asks = (
        ints(call, AGES),
        floats(call, VALUE),
        floats(call, BIDS),
        floats(call, ASKS),
    )
    volumes, weights, successes = (
        floats(call, VOLUMES),
        floats(call, WEIGHTS),
        floats(call, SUCCESSES),
    )
    severity, load, answer = floats(call, SEVERITY), floats(call, LOAD), floats(call, ANSWER_AT)
    rule, k, floor, tick = integer(call, RULE), real(call, K), real(call, FLOOR), real(call, TICK)
    confirm, least, alpha = integer(call, CONFIRM), integer(call, LEAST), real(call, ALPHA)
    method, original, share = integer(call, METHOD), integer(call, ORIGINAL), real(call, SHARE)
    volume_choice, micro = integer(call, VOLUME_CHOICE), integer(call, MICRO)
    min_providers, scored, tolerance = (
        integer(call, MIN_PROVIDERS),
        integer(call, SCORED),
        real(call, TOLERANCE),
    )
    emit, idle, window = integer(call, EMIT), integer(call, IDLE), integer(call, WINDOW)
    newest, lag, lag_sum, lags = (
        ints(call, NEWEST),
        ints(call, LAG),
        floats(call, LAG_SUM),
        ints(call, LAGS),
    )
    reliability, metered = integer(call, RELIABILITY), integer(call, METERED)
    room, stop = integer(call, ROOM), ints(call, STOP)
    written = 0
    for i in range(n):
        what, code = kind[i], provider[i]
        single = what == QUOTE or what == TRADE or what == LOST_ONE or what == LOST_PROVIDERS
        targets = 1 if single else listed[0]
        if written + targets > room:
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
                    flaw = clock_says(clock, at, ts_recv[i], code, window)
                if flaw != FIT:
                    refused[code] += 1
            if flaw != FIT:
                verdict[i] = flaw
                continue
            taken[code] += 1
            if metered:
                newest[code] = max(newest[code], at)
                if ts_recv[i] > 0:
                    lag[code] = ts_recv[i] - ts_event[i]
                    lag_sum[code] += float(lag[code])
                    lags[code * LAG_BUCKETS + lag_bucket(lag[code])] += 1
            if what == QUOTE:
                mid = worth(bid_in[i], ask_in[i], bid_size[i], ask_size[i], micro)
        elif what == TIME:
            clock_says(clock, at, ts_recv[i], code, window)
        now = clock[NOW]
        left = 0
        for t in range(targets):
            s = symbol[i] if single else turn[t]
            h, b, e, c, m0, d = (
                s * _HEAD,
                s * _BASE,
                s * SLOTS * ENTRY,
                s * SLOTS * STAMP,
                s * SLOTS * MARK,
                s * SLOTS,
            )
            count = head[h + COUNT]
            touched = report
            for j in range(count):
                if now - stamp[c + j * STAMP + SEEN_AT] > idle:
                    touched = True
            if touched:
                j = 0
                while j < count:
                    if now - stamp[c + j * STAMP + SEEN_AT] > idle:
                        close_up(entry, e, ENTRY, j, count)
                        close_up(stamp, c, STAMP, j, count)
                        close_up(mark, m0, MARK, j, count)
                        close_up(doubt, d, 1, j, count)
                        count -= 1
                    else:
                        j += 1
                head[h + COUNT] = count
                if count == 0:
                    for j in range(TRACK):
                        base[b + j] = 0.0
                    head[h + SINCE] = 0
                    head[h + STREAKS] = 0
            if report:
                mine = slot_of(stamp, c, count, code)
                if mine == count:
                    stamp[c + mine * STAMP + CODE_OF] = code
                    stamp[c + mine * STAMP + SEEN_AT] = at
                    count += 1
                    head[h + COUNT] = count
                    if not head[h + LISTED]:
                        head[h + LISTED] = 1
                        turn[listed[0]] = s
                        listed[0] += 1
                eat, cat = e + mine * ENTRY, c + mine * STAMP
                if what == QUOTE:
                    newer = write_quote(entry, eat, stamp, cat, at, mid, bid_in[i], ask_in[i])
                else:
                    newer = write_trade(entry, eat, stamp, cat, at, mid, size[i])
                total = float(taken[code] + refused[code])
                entry[eat + WEIGHT] = weight_in[i]
                entry[eat + SUCCESS] = float(taken[code]) / total if total > 0.0 else 1.0
                head[h + LIMIT] = max_age[i]
                if not newer:
                    continue
            elif what != TIME:
                mine = -1
                for j in range(count):
                    theirs = stamp[c + j * STAMP + CODE_OF] == code
                    if theirs or what == LOST_PROVIDERS or what == LOST_ALL:
                        touched = lose(stamp, c + j * STAMP) or touched
            else:
                mine = -1
                if now > head[h + EXPIRES] or (emit > 0 and head[h + DUE]):
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
            limit = head[h + LIMIT]
            size_n = fresh(
                entry, e, stamp, c, count, now, limit, standing, slot, value, bids, asks, ages
            )
            stale, lost, before, expires = 0, 0, 0, 1 << 62
            for j in range(count):
                bit = 1 << stamp[c + j * STAMP + CODE_OF]
                if standing[j] == STALE:
                    stale |= bit
                elif standing[j] == LOST:
                    lost |= bit
            reporter = NOBODY
            for g in range(size_n):
                j = slot[g]
                order[g] = g
                excluded[g] = 0
                volumes[g] = entry[e + j * ENTRY + VOLUME]
                weights[g] = entry[e + j * ENTRY + WEIGHT]
                successes[g] = entry[e + j * ENTRY + SUCCESS]
                if reliability:
                    weights[g] *= 1.0 - doubt[d + j]
                expires = min(expires, now - ages[g] + limit)
                if mark[m0 + j * MARK + EXCLUDED]:
                    before |= 1 << stamp[c + j * STAMP + CODE_OF]
                if report and j == mine and (what == QUOTE or bids[g] != bids[g]):
                    reporter = g
            head[h + EXPIRES] = expires

            # Who is too far away
            flags, used, out, inside_n, oldness = 0, 0, 0, 0, 0
            price, usual = math.nan, floor
            if size_n > 0:
                sort(order, value, size_n)
                usual = usual_scale(
                    base, b, floor, tick, size_n, order, value, bids, asks, rank, load
                )
                news = reporter != NOBODY
                flags = judge_panel(
                    rule, k, floor, confirm, least, usual, base[b + VOLATILITY2], size_n, order, value, ages, slot, news,
                    mark, m0, head, h + STREAKS, severity, excluded,
                )  # fmt: skip
                hush(rule, size_n, severity, weights)
                learn(
                    flags, reporter, now, alpha, usual, size_n, order, value, severity, excluded, kept, base, b,
                    head, h + SINCE,
                )  # fmt: skip
                inside_n = kept_of(order, excluded, size_n, kept)
                for g in range(size_n):
                    bit = 1 << stamp[c + slot[g] * STAMP + CODE_OF]
                    if excluded[g]:
                        out |= bit
                    else:
                        used |= bit
                if news:
                    doubt[d + mine] += 0.01 * (float(excluded[reporter]) - doubt[d + mine])
                    outliers[code] += excluded[reporter]

            # One price
            status = status_of(inside_n, count, min_providers, flags)
            half, trust = math.nan, 0.0
            answer[BID_OUT], answer[ASK_OUT], answer[VOLUME_OUT] = math.nan, math.nan, math.nan
            answer[CROSSED_OUT] = 0.0
            if status == NO_QUORUM or status == NO_CONSENSUS:
                inside_n, used = 0, 0
            else:
                fold_price(
                    method, original, share, usual, base[b + SCALE2], base[b + VOLATILITY2], kept, inside_n, value, ages,
                    weights, load, answer,
                )  # fmt: skip
                fold_book(kept, inside_n, bids, asks, rank, ranks, answer)
                fold_volume(volume_choice, kept, inside_n, volumes, rank, answer)
                price = answer[PRICE_OUT]
                oldness = mean_age(kept, inside_n, ages)
                half = half_width(
                    status, kept, inside_n, value, price, answer[ERROR_OUT], answer[OFF_OUT]
                )
                if scored:
                    trust = original_score(kept, inside_n, value, successes, size_n - inside_n)
                else:
                    trust = calibrated(
                        inside_n, price, answer[ERROR_OUT], answer[OFF_OUT], tolerance
                    )
                if reporter != NOBODY and price > 0.0:
                    off_sum[code] += (value[reporter] - price) / price * 1e4
                    off_count[code] += 1

            # Is it to be told?
            moved = (before ^ out) & (used | out | before)
            for j in range(count):
                if standing[j] != FRESH:
                    moved &= ~(1 << stamp[c + j * STAMP + CODE_OF])
            head[h + MOVED] ^= moved
            same = (
                head[h + TOLD] and head[h + TOLD_STATUS] == status and head[h + TOLD_USED] == used
            )
            same = same and head[h + TOLD_OUT] == out
            same = same and (
                base[b + TOLD_PRICE] == price
                or (base[b + TOLD_PRICE] != base[b + TOLD_PRICE] and price != price)
            )
            for j in range(2):
                old, new = base[b + TOLD_BID + j], answer[BID_OUT + j]
                same = same and (old == new or (old != old and new != new))
            head[h + DUE] = 0 if same else 1
            if emit >= 0 and same:
                continue
            if emit > 0 and head[h + TOLD] and now // emit == head[h + TOLD_AT] // emit:
                continue
            head[h + TOLD], head[h + TOLD_STATUS], head[h + TOLD_USED], head[h + TOLD_OUT] = (
                1,
                status,
                used,
                out,
            )
            head[h + TOLD_AT], head[h + DUE] = now, 0
            base[b + TOLD_PRICE], base[b + TOLD_BID], base[b + TOLD_ASK] = (
                price,
                answer[BID_OUT],
                answer[ASK_OUT],
            )
            row[written], symbol_out[written], status_to[written] = i, s, status
            price_to[written], half_to[written], confidence[written] = price, half, trust
            bid_to[written], ask_to[written] = answer[BID_OUT], answer[ASK_OUT]
            volume_to[written], crossed_share[written] = answer[VOLUME_OUT], answer[CROSSED_OUT]
            provider_count[written], providers_used[written] = inside_n, used
            outliers_excluded[written], stale_to[written], lost_to[written] = out, stale, lost
            age_to[written] = oldness
            moved_to[written], moved_bps[written] = head[h + MOVED], math.nan
            farthest = 0.0
            middle = price
            if not price > 0.0 and size_n > 0:
                middle = value[order[size_n >> 1]]
            for g in range(size_n):
                if moved >> stamp[c + slot[g] * STAMP + CODE_OF] & 1 and middle > 0.0:
                    away = (value[g] - middle) / middle * 1e4
                    if abs(away) >= abs(farthest):
                        farthest = away
                        moved_bps[written] = away
            head[h + MOVED] = 0
            written += 1
        if not single:
            listed[0] = left
    stop[0] = n
    return written
