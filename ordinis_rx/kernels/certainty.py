"""How far a price that many reports were folded into may be trusted: its status, error, interval and confidence."""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    APART,
    COST,
    ERROR,
    FREEDOM,
    HALF,
    HIGHEST,
    HISTORY,
    MEMBERS,
    MIDDLE,
    OFF,
    OLDNESS,
    PRICE,
    QUANTILE,
    RANKED,
    SQUARES,
    STATUS,
    SWING2,
    TIMES,
    TRUST,
    USUALLY_APART,
)
from ordinis_rx.kernels.folding import MEAN, WEIGHTED_MEAN
from ordinis_rx.kernels.outliers import DISPUTED, SPLIT
from ordinis_rx.kernels.ranking import FEW
from ordinis_rx.kernels.record import Floats, Ints, either, helper, unrolled
from ordinis_rx.kernels.robust import mean, mean_distance, median_variance
from ordinis_rx.kernels.student import BEYOND_ALL, find_inside, inside_few, quantile_975

__all__ = [
    "DEGRADED",
    "DISPUTE",
    "NO_CONSENSUS",
    "NO_QUORUM",
    "OK",
    "find_errors",
    "find_intervals",
    "known_spread",
    "original_score",
    "status_of",
    "trust_answers",
]

OK, DEGRADED, DISPUTE, NO_CONSENSUS, NO_QUORUM = range(5)
"""The statuses; from NO_CONSENSUS on there is no price."""

_PRIOR = 4
"""How many reports the history is worth beside those of the moment."""

_FEW_DEGREES = _PRIOR + FEW - 1
"""The degrees of freedom of few reports."""


@helper
def status_of(m: int, known: int, least: int, flags: int) -> int:
    """How far the answer of *m* used reports may be trusted, where *known* providers have ever spoken of the symbol."""
    # Without branches, so that a processor does it for several answers at once.
    status = either((m < known) | (m == 1), DEGRADED, OK)
    status = either(flags & DISPUTED, DISPUTE, status)
    status = either(flags & SPLIT, NO_CONSENSUS, status)
    return either((m < least) | (m == 0), NO_QUORUM, status)


@helper
def known_spread(usual: float, scale2: float) -> float:
    """How far reports usually are apart, squared: as it was learnt, or the least that it can be."""
    return scale2 if scale2 > 0.0 else usual * usual


@helper
def find_errors(n: int, lane: Floats, number: Ints, method: int) -> None:
    """The standard error of the price of the first *n* answers, which are folded.

    It rests on how far the reports are apart now and how far they usually are, which is worth four of them; and on how far
    the market has moved since they were true. Of a lone report, where nothing is known of how far others would be, it is
    not a number.
    """
    last, usually, cost = -1, 1.0, 1.0
    for r in range(n):
        m = number[MEMBERS + r]
        if m != last:  # nearly never
            last, usually, cost = m, mean_distance(m), median_variance(m)
        lane[USUALLY_APART + r], lane[COST + r] = usually, cost
    if method == MEAN or method == WEIGHTED_MEAN:
        for r in range(n):
            members = float(number[MEMBERS + r])
            lane[COST + r] = 1.0
            if method == MEAN:
                lane[SQUARES + r] = 1.0 / members if members > 0.0 else 0.0
    for r in range(n):
        members, middle = float(number[MEMBERS + r]), lane[MIDDLE + r]
        per_middle = middle * members * lane[USUALLY_APART + r]
        apart = lane[APART + r] / per_middle if per_middle > 0.0 else 0.0
        prior, history = float(_PRIOR), lane[HISTORY + r]
        freedom = prior + members - 1.0
        variance = prior * history + (members - 1.0) * apart * apart
        variance = variance / freedom if freedom > 0.0 else 0.0
        wander = lane[SWING2 + r] * (lane[OLDNESS + r] * 1e-9)
        variance = variance * lane[COST + r] * lane[SQUARES + r] + wander
        root = math.sqrt(variance) if variance >= 0.0 else math.nan
        told = (members > 0.0) & (middle > 0.0) & ((members > 1.0) | (history > 0.0))
        lane[ERROR + r] = either(told, lane[PRICE + r] * root, math.nan)


@helper
def find_intervals(n: int, lane: Floats, number: Ints) -> None:
    """Half of the interval that each true price is in with 95 %; in a dispute it reaches to all that are used."""
    last, quantile = -1, 0.0
    for r in range(n):
        m = number[MEMBERS + r]
        if m != last:
            last, quantile = m, quantile_975(_PRIOR + m - 1)
        lane[QUANTILE + r] = quantile
    for r in range(n):
        price, off = lane[PRICE + r], lane[OFF + r]
        disputed, used = number[STATUS + r] == DISPUTE, number[MEMBERS + r] > 0
        width = lane[QUANTILE + r] * lane[ERROR + r] + off
        reach = max(price - lane[RANKED + r], lane[HIGHEST + r] - price)
        width = either(disputed, max(width, reach), width)
        lane[HALF + r] = either(used, width, math.nan)


@helper
def trust_answers(n: int, most: int, lane: Floats, number: Ints, tolerance: float) -> None:
    """The probability that each price, of *most* reports at most, is within *tolerance*, a share of it.

    It is 0 where the error is not known.
    """
    if most <= FEW:
        odd = 0
        for r in range(n):
            odd |= (_PRIOR + number[MEMBERS + r] - 1) & 1
        if odd:
            _trust_few(n, _FEW_DEGREES, 1, lane, number, tolerance)
        else:
            _trust_few(n, _FEW_DEGREES, 0, lane, number, tolerance)
        return
    for r in range(n):
        lane[TIMES + r] = _errors_within(lane, number, r, tolerance)
        number[FREEDOM + r] = _PRIOR + number[MEMBERS + r] - 1
    find_inside(n, _PRIOR + most - 1, lane, number)


@unrolled
def _trust_few(n: int, most: int, odd: int, lane: Floats, number: Ints, tolerance: float) -> None:
    for r in range(n):
        times = _errors_within(lane, number, r, tolerance)
        lane[TRUST + r] = inside_few(most, odd, times, _PRIOR + number[MEMBERS + r] - 1)


@helper
def _errors_within(lane: Floats, number: Ints, r: int, tolerance: float) -> float:
    """How many errors of the price of the answer *r* are within the *tolerance*."""
    error = lane[ERROR + r]
    within = lane[PRICE + r] * tolerance - lane[OFF + r]
    times = within / error if error > 0.0 else 2.0 * BEYOND_ALL
    told = (within > 0.0) & (error >= 0.0) & (number[MEMBERS + r] > 0)
    return either(told, times, 0.0)


@helper
def original_score(kept: Ints, level: Floats, m: int, success: Floats, outliers: int) -> float:
    """A score of count, agreement and success, less a tenth for each outlier; within [0, 1]."""
    members = float(m)
    if not members > 0.0:
        return 0.0
    agreement = 0.5
    if m > 1:
        middle = mean(level, m)
        farthest = max(abs(level[0] - middle), abs(level[m - 1] - middle))
        if middle > 0.0:
            agreement = max(0.0, 1.0 - farthest / middle * 10.0)
    successes = 0.0
    for j in range(m):
        successes += success[kept[j]]
    score = min(members / 5.0, 1.0) * 0.3 + agreement * 0.4 + successes / members * 0.3
    return max(0.0, min(1.0, score - float(outliers) * 0.1))
