"""How far a price that many reports were folded into may be trusted: its status, error, interval and confidence."""

from __future__ import annotations

import math

from ordinis_rx.kernels.folding import MEAN, WEIGHTED_MEAN
from ordinis_rx.kernels.outliers import DISPUTED, SPLIT
from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import mean, mean_distance, median_variance
from ordinis_rx.kernels.student import inside, quantile_975

__all__ = [
    "DEGRADED",
    "DISPUTE",
    "NO_CONSENSUS",
    "NO_QUORUM",
    "OK",
    "apart_from",
    "calibrated",
    "half_width",
    "known_spread",
    "mean_age",
    "original_score",
    "reach_of",
    "squared_shares",
    "standard_error",
    "status_of",
    "wandered",
]

OK, DEGRADED, DISPUTE, NO_CONSENSUS, NO_QUORUM = range(5)
"""The statuses."""

_PRIOR = 4
"""How many reports the history is worth beside those of the moment."""


@helper
def status_of(m: int, known: int, least: int, flags: int) -> int:
    """How far the answer of *m* used reports may be trusted, where *known* providers have ever spoken of the symbol."""
    if m < least or m == 0:
        return NO_QUORUM
    if flags & SPLIT:
        return NO_CONSENSUS
    if flags & DISPUTED:
        return DISPUTE
    return DEGRADED if m < known or m == 1 else OK


@helper
def mean_age(kept: Ints, m: int, age: Ints) -> float:
    """How old the reports are on the average, in nanoseconds; *m* is at least 1."""
    total = 0.0
    for j in range(m):
        total += float(age[kept[j]])
    members = float(m)
    return total / members if members > 0.0 else 0.0


@helper
def apart_from(middle: float, level: Floats, m: int) -> float:
    """How far the reports are from *middle*, all together."""
    apart = 0.0
    for j in range(m):
        apart += abs(level[j] - middle)
    return apart


@helper
def squared_shares(load: Floats, m: int) -> float:
    """The sum of the squares of the shares that the reports have in the weight of all."""
    total = 0.0
    for j in range(m):
        total += load[j]
    share = 1.0 / total if total > 0.0 else 0.0
    squares = 0.0
    for j in range(m):
        part = load[j] * share
        squares += part * part
    return squares


@helper
def known_spread(usual: float, scale2: float) -> float:
    """How far reports usually are apart, squared: as it was learnt, or the least that it can be."""
    return scale2 if scale2 > 0.0 else usual * usual


@helper
def standard_error(
    method: int,
    history: float,
    wander: float,
    m: int,
    price: float,
    middle: float,
    apart: float,
    squares: float,
) -> float:
    """The standard error of the price of *m* reports, by `apart_from`, `squared_shares` and `known_spread`.

    It rests on how far the reports are apart now and how far they usually are, which is worth four of them; *wander* is the
    squared share by which the market has moved since they were true.
    """
    members = float(m)
    if not (members > 0.0 and middle > 0.0):
        return math.nan
    per_middle = middle * members * mean_distance(m)
    apart = apart / per_middle if per_middle > 0.0 else 0.0
    prior = float(_PRIOR)
    freedom = prior + members - 1.0
    variance = 0.0
    if freedom > 0.0:
        variance = (prior * history + (members - 1.0) * apart * apart) / freedom
    costs = median_variance(m)
    if method == MEAN:
        costs = 1.0
        squares = 1.0 / members
    elif method == WEIGHTED_MEAN:
        costs = 1.0
    variance = variance * costs * squares + wander
    return price * math.sqrt(variance) if variance >= 0.0 else math.nan


@helper
def half_width(status: int, reach: float, m: int, error: float, off: float) -> float:
    """Half of the interval that the true price is in with 95 %; in a dispute it reaches to all that are used."""
    width = quantile_975(_PRIOR + m - 1) * error + off
    return max(width, reach) if status == DISPUTE else width


@helper
def reach_of(level: Floats, m: int, price: float) -> float:
    """How far it is from *price* to the farthest of the *m* reports."""
    return max(price - level[0], level[m - 1] - price)


@helper
def wandered(volatility2: float, oldness: float) -> float:
    """The squared share by which the market moves in *oldness* nanoseconds."""
    return volatility2 * (oldness * 1e-9)


@helper
def calibrated(m: int, price: float, error: float, off: float, tolerance: float) -> float:
    """The probability that the price is within *tolerance*, a share of it."""
    within = price * tolerance - off
    if not within > 0.0:
        return 0.0
    if not error > 0.0:
        return 1.0
    return inside(within / error, _PRIOR + m - 1)


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
