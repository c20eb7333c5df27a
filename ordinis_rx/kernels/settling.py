"""Answers of the consensus that lie abreast: put in order, judged, and handed on to be told.

They are judged one after the other, as each rests on what was learnt from those before; whatever does not is found for all
side by side.
"""

from __future__ import annotations

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
    USED_SET,
    USUAL,
    WIDE,
    WIDEST,
)
from ordinis_rx.kernels.abreast import ASKS as ASKS_OF
from ordinis_rx.kernels.abreast import BIDS as BIDS_OF
from ordinis_rx.kernels.abreast import STATUS as STATUS_OF
from ordinis_rx.kernels.abreast import SYMBOL as SYMBOL_OF
from ordinis_rx.kernels.certainty import NO_CONSENSUS, known_spread, status_of
from ordinis_rx.kernels.consensus_layout import (
    ALPHA,
    BASE,
    BASE_ROWS,
    CONFIRM,
    DOUBT,
    FLOOR,
    HEAD,
    HEAD_ROWS,
    JUDGED,
    LANE,
    MARKED,
    METERED,
    MIN_PROVIDERS,
    NUMBER,
    OUTLIERS,
    RELIABILITY,
    RULE,
    SINCE,
    SLOTS,
    SOME,
    SPLIT_ROUNDS,
    TICK,
    K,
)
from ordinis_rx.kernels.excluding import exclude
from ordinis_rx.kernels.outliers import all_near, find_disputes
from ordinis_rx.kernels.ranking import rank_reports
from ordinis_rx.kernels.record import Floats, Ints, floats, helper, integer, ints, real
from ordinis_rx.kernels.robust import mean_square_distance
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
                flags = exclude(call, s, m, r, usual)
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
    none = 0
    for r in range(n):
        flags = number[FLAGS + r]
        status = status_of(number[MEMBERS + r], number[KNOWN + r], least, flags)
        number[STATUS_OF + r] = status
        none += 1 if status >= NO_CONSENSUS else 0
    if none:
        for r in range(n):
            if number[STATUS_OF + r] >= NO_CONSENSUS:
                number[MEMBERS + r], number[USED_SET + r] = 0, 0
    for r in range(n):
        before, out = number[BEFORE_SET + r], number[EXCLUDED_SET + r]
        missing = number[STALE_SET + r] | number[LOST_SET + r]
        number[MOVED_SET + r] = (before ^ out) & (number[USED_SET + r] | out | before) & ~missing


@helper
def _doubt(call: Any, s: int, n: int, r: int) -> None:
    """Let the reports of providers that were often excluded of late weigh less."""
    lane, number, doubt = floats(call, LANE), ints(call, NUMBER), floats(call, DOUBT)
    for j in range(n):
        lane[LOADS + j * WIDE + r] *= 1.0 - doubt[s * SLOTS + number[SLOT_OF + j * WIDE + r]]
