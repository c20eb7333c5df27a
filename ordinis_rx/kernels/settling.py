"""Answers of the consensus that lie abreast: put in order, judged, and handed on to be told.

They are judged one after the other, as each rests on what was learnt from those before; whatever does not is found for all
side by side.
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.abreast import (
    AGES,
    BEFORE_SET,
    CENTRE,
    COUNTS,
    EXCLUDED_SET,
    FLAGS,
    FRESH,
    HIGH,
    HIGHEST,
    HISTORY,
    KNOWN,
    LEAST_SCALE,
    LEVELS,
    LOADS,
    LOST_SET,
    LOW,
    MEMBERS,
    MINE,
    MOVED_SET,
    RANKED,
    REPORTED,
    REPORTER,
    REPORTER_CODE,
    REPORTER_OUT,
    SLOT_OF,
    SPAN,
    SQUARE,
    STALE_SET,
    SWING2,
    TIME_OF,
    UPPER_MIDDLE,
    USED_SET,
    USUAL,
    VOLUMES,
    VOLUMES_KNOWN,
    WIDE,
    WIDEST,
)
from ordinis_rx.kernels.abreast import ASKS as ASKS_OF
from ordinis_rx.kernels.abreast import BIDS as BIDS_OF
from ordinis_rx.kernels.abreast import STATUS as STATUS_OF
from ordinis_rx.kernels.abreast import SYMBOL as SYMBOL_OF
from ordinis_rx.kernels.certainty import NO_CONSENSUS, NO_QUORUM, known_spread, status_of
from ordinis_rx.kernels.consensus_layout import (
    AGES_NOW,
    ALPHA,
    BASE,
    BASE_ROWS,
    CONFIRM,
    DOUBT,
    EXCLUDED_NOW,
    FAR,
    FLOOR,
    GONE,
    HEAD,
    HEAD_ROWS,
    JUDGED,
    LANE,
    LEAST,
    LIMITS,
    MARKED,
    MARKS,
    METERED,
    MIN_PROVIDERS,
    NUMBER,
    ORDER,
    OUTLIERS,
    RELIABILITY,
    RULE,
    SCORED,
    SINCE,
    SLOT,
    SLOTS,
    SOME,
    SPLIT_ROUNDS,
    STAMPS,
    TICK,
    VALUE,
    WEIGHTS,
    K,
)
from ordinis_rx.kernels.outliers import (
    EXCLUDED,
    MARK,
    all_near,
    find_disputes,
    judge_panel,
    measure,
)
from ordinis_rx.kernels.panel import CODE as CODE_OF
from ordinis_rx.kernels.panel import STAMP
from ordinis_rx.kernels.ranking import rank_reports
from ordinis_rx.kernels.record import Floats, Ints, floats, helper, integer, ints, real
from ordinis_rx.kernels.robust import arrange, mean_square_distance, median
from ordinis_rx.kernels.scale import (
    NOBODY,
    SCALE2,
    VOLATILITY2,
    learn,
    least_scale,
    squared_distance,
    usual_scale,
)
from ordinis_rx.kernels.telling import tell

__all__ = ["settle"]


@helper
def settle(call: Any, held: int, written: int) -> int:
    """Fold the *held* answers and write those that are news; gives how many those are."""
    lane, number = floats(call, LANE), ints(call, NUMBER)
    most = 0
    for r in range(held):
        most = max(most, number[FRESH + r])
    rank_reports(held, most, lane, number)
    _survey(held, lane, number, real(call, FLOOR), real(call, TICK))
    _judge(call, held)
    _find_statuses(held, number, integer(call, MIN_PROVIDERS))
    return tell(call, held, most, written)


@helper
def _survey(n: int, lane: Floats, number: Ints, floor: float, tick: float) -> None:
    """What can be said of *n* answers without what was learnt; and what they are as long as nobody is out of line."""
    for r in range(n):
        centre = lane[CENTRE + r]
        lane[SPAN + r] = max(centre - lane[RANKED + r], lane[HIGHEST + r] - centre)
        lane[SQUARE + r] = squared_distance(lane[REPORTED + r], centre)
        lane[LEAST_SCALE + r] = least_scale(floor, tick, centre)
        lane[UPPER_MIDDLE + r] = lane[HIGH + r]
    for r in range(n):
        number[MEMBERS + r], number[FLAGS + r] = number[FRESH + r], 0
        number[EXCLUDED_SET + r], number[BEFORE_SET + r] = 0, 0
        number[COUNTS + r], number[REPORTER_OUT + r] = 1, 0


@helper
def _judge(call: Any, n: int) -> None:
    """Who of each of *n* answers is out of line, and whose exclusion begins or ends with it; one after the other."""
    lane, number, head, base = (
        floats(call, LANE),
        ints(call, NUMBER),
        ints(call, HEAD),
        floats(call, BASE),
    )
    rule, k, alpha = integer(call, RULE), real(call, K), real(call, ALPHA)
    reliability, metered = integer(call, RELIABILITY), integer(call, METERED)
    floor, some = real(call, FLOOR), floats(call, SOME)
    last, expected = 0, 1.0
    for r in range(n):
        s, m, news = number[SYMBOL_OF + r], number[FRESH + r], number[REPORTER + r] != NOBODY
        h, b = s * HEAD_ROWS, s * BASE_ROWS
        least, centre, square = lane[LEAST_SCALE + r], lane[CENTRE + r], lane[SQUARE + r]
        usual = least
        if m > 0:
            usual = usual_scale(
                base[b + SCALE2], least, centre, lane[WIDEST + r], m, lane, BIDS_OF + r, ASKS_OF + r, WIDE, some
            )  # fmt: skip
            if reliability:
                _doubt(call, s, m, r)
            flags = 0
            if head[h + MARKED] or not all_near(rule, k, floor, usual, centre, lane[SPAN + r]):
                flags = _exclude(call, s, m, r, usual)
                m = number[MEMBERS + r]
                if news and not flags:
                    centre = lane[CENTRE + r]
                    square = squared_distance(lane[REPORTED + r], centre)
            elif m & 1:  # nobody is far off, and there are no two halves
                if news:
                    head[h + SPLIT_ROUNDS] = 0
            else:
                flags = find_disputes(
                    rule, k, integer(call, CONFIRM), usual, base[b + VOLATILITY2], m, lane[RANKED + r], lane[LOW + r],
                    lane[HIGH + r], lane[HIGHEST + r], max(lane[AGES + r], lane[AGES + WIDE + r]), news, head,
                    h + SPLIT_ROUNDS,
                )  # fmt: skip
            number[FLAGS + r] = flags
            if news and not flags:
                if m != last:  # nearly never
                    last, expected = m, mean_square_distance(m)
                learn(
                    square, number[COUNTS + r], number[TIME_OF + r], alpha, usual, number[FRESH + r], m, expected, centre,
                    base, b, head, h + SINCE,
                )  # fmt: skip
            if news and reliability:
                doubt, at = floats(call, DOUBT), s * SLOTS + number[MINE + r]
                doubt[at] += 0.01 * (float(number[REPORTER_OUT + r]) - doubt[at])
            if news and metered:
                ints(call, JUDGED)[number[REPORTER_CODE + r]] += 1
                ints(call, OUTLIERS)[number[REPORTER_CODE + r]] += number[REPORTER_OUT + r]
        lane[USUAL + r], lane[SWING2 + r] = usual, base[b + VOLATILITY2]
        lane[HISTORY + r] = known_spread(usual, base[b + SCALE2])


@helper
def _find_statuses(n: int, number: Ints, least: int) -> None:
    """The statuses of *n* answers, which need *least* providers, and whose exclusion has begun or ended with them."""
    for r in range(n):
        flags = number[FLAGS + r]
        status = status_of(number[MEMBERS + r], number[KNOWN + r], least, flags)
        number[STATUS_OF + r] = status
        if status == NO_QUORUM or status == NO_CONSENSUS:
            number[MEMBERS + r], number[USED_SET + r] = 0, 0
        before, out = number[BEFORE_SET + r], number[EXCLUDED_SET + r]
        missing = number[STALE_SET + r] | number[LOST_SET + r]
        number[MOVED_SET + r] = (before ^ out) & (number[USED_SET + r] | out | before) & ~missing


@helper
def _doubt(call: Any, s: int, n: int, r: int) -> None:
    """Let the reports of providers that were often excluded of late weigh less."""
    lane, number, doubt = floats(call, LANE), ints(call, NUMBER), floats(call, DOUBT)
    for j in range(n):
        lane[LOADS + j * WIDE + r] *= 1.0 - doubt[s * SLOTS + number[SLOT_OF + j * WIDE + r]]


@helper
def _exclude(call: Any, s: int, n: int, r: int, usual: float) -> int:
    """Take the reports that are out of line out of the answer *r*; gives its flags."""
    lane, number, head, base = (
        floats(call, LANE),
        ints(call, NUMBER),
        ints(call, HEAD),
        floats(call, BASE),
    )
    value, ages, weights = floats(call, VALUE), floats(call, AGES_NOW), floats(call, WEIGHTS)
    far, limits, excluded = floats(call, FAR), floats(call, LIMITS), ints(call, EXCLUDED_NOW)
    slot, gone, order = ints(call, SLOT), ints(call, GONE), ints(call, ORDER)
    some, stamp, mark = floats(call, SOME), ints(call, STAMPS), ints(call, MARKS)
    rule, k, volatility2 = integer(call, RULE), real(call, K), base[s * BASE_ROWS + VOLATILITY2]
    h, m0, c = s * HEAD_ROWS, s * SLOTS * MARK, s * SLOTS * STAMP
    for j in range(n):
        some[j] = lane[LEVELS + j * WIDE + r]
    arrange(some, n, order, value)
    # From the lowest price to the highest: so who is far off is at the same end mostly, as a processor expects.
    before, out, mine = 0, 0, NOBODY
    for i in range(n):
        at = order[i] * WIDE + r
        ages[i], weights[i], slot[i] = lane[AGES + at], lane[LOADS + at], number[SLOT_OF + at]
        mine = i if order[i] == number[REPORTER + r] else mine
        if mark[m0 + slot[i] * MARK + EXCLUDED]:
            before |= 1 << stamp[c + slot[i] * STAMP + CODE_OF]
    beyond = measure(
        rule, k, real(call, FLOOR), usual, volatility2, n, max(ages[n >> 1], ages[(n - 1) >> 1]), value, value, ages,
        head[h + MARKED], far, limits,
    )  # fmt: skip
    flags = judge_panel(
        rule, k, integer(call, CONFIRM), integer(call, LEAST), usual, volatility2, n, value, ages, slot, mine != NOBODY,
        mark, m0, n == number[KNOWN + r], head, h + SPLIT_ROUNDS, weights, beyond, far, limits, excluded,
    )  # fmt: skip
    m = 0
    for i in range(n):
        lane[LOADS + order[i] * WIDE + r] = weights[i]
        gone[order[i]] = excluded[i]
        if excluded[i]:
            out |= 1 << stamp[c + slot[i] * STAMP + CODE_OF]
        value[m] = value[i]
        m += 1 - excluded[i]
    lane[CENTRE + r] = median(value, m) if m > 0 else math.nan
    if m < n:
        columns = RANKED if number[VOLUMES_KNOWN + r] or integer(call, SCORED) else VOLUMES
        _move_behind(n, m, r, columns, gone, slot, order, some, lane, number)
    number[MEMBERS + r], number[EXCLUDED_SET + r], number[BEFORE_SET + r] = m, out, before
    number[USED_SET + r] &= ~out
    if mine != NOBODY:
        far_off = beyond > 0 and far[mine] > limits[mine]
        number[COUNTS + r] = 0 if excluded[mine] or far_off else 1
        number[REPORTER_OUT + r] = excluded[mine]
    return flags


@helper
def _move_behind(
    n: int,
    m: int,
    r: int,
    columns: int,
    gone: Ints,
    slot: Ints,
    to: Ints,
    some: Floats,
    lane: Floats,
    number: Ints,
) -> None:
    """Put those of the *n* reports of the answer *r* that are `gone` behind the *m* others, to be seen how far off they are.

    The columns up to *columns* are moved.
    """
    kept, left = 0, m
    for j in range(n):
        to[j] = (left if gone[j] else kept) * WIDE + r
        left, kept = left + gone[j], kept + 1 - gone[j]
        slot[j] = number[SLOT_OF + j * WIDE + r]
    for column in range(LEVELS, columns, AGES - LEVELS):
        for j in range(n):
            some[j] = lane[column + j * WIDE + r]
        for j in range(n):
            lane[column + to[j]] = some[j]
    for j in range(n):
        number[SLOT_OF + to[j]] = slot[j]
