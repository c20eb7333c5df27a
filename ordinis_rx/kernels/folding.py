"""Reports folded into one price, with its error, its book and how far it may be trusted."""

from __future__ import annotations

import math

from ordinis_rx.kernels.outliers import DISPUTED, SPLIT
from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import (
    inside,
    mean,
    mean_distance,
    median,
    median_variance,
    quantile_975,
    sort,
    trimmed_mean,
    weighted_mean,
    weighted_median,
)

__all__ = [
    "ANSWER",
    "ASK_OUT",
    "BID_OUT",
    "CROSSED_OUT",
    "DEGRADED",
    "DISPUTE",
    "ERROR_OUT",
    "MAX",
    "MEAN",
    "MEDIAN",
    "MIN",
    "NO_CONSENSUS",
    "NO_QUORUM",
    "OFF_OUT",
    "OK",
    "PRICE_OUT",
    "TRIMMED_MEAN",
    "VOLUME_OUT",
    "WEIGHTED_MEAN",
    "calibrated",
    "fold_book",
    "fold_price",
    "fold_volume",
    "half_width",
    "kept_of",
    "mean_age",
    "original_score",
    "status_of",
]

MEDIAN, MEAN, WEIGHTED_MEAN, MIN, MAX, TRIMMED_MEAN = range(6)
"""The methods."""

OK, DEGRADED, DISPUTE, NO_CONSENSUS, NO_QUORUM = range(5)
"""The statuses."""

PRICE_OUT, ERROR_OUT, OFF_OUT, BID_OUT, ASK_OUT, VOLUME_OUT, CROSSED_OUT = range(7)
ANSWER = 7
"""How many floats make an answer."""

_PRIOR = 4
"""How many reports the history is worth beside those of the moment."""


@helper
def kept_of(order: Ints, excluded: Ints, n: int, kept: Ints) -> int:
    """The reports that are used, from the lowest to the highest; gives how many."""
    m = 0
    for i in range(n):
        if not excluded[order[i]]:
            kept[m] = order[i]
            m += 1
    return m


@helper
def fold_price(
    method: int,
    original: int,
    share: float,
    usual: float,
    scale2: float,
    volatility2: float,
    kept: Ints,
    m: int,
    value: Floats,
    age: Ints,
    weight: Floats,
    load: Floats,
    answer: Floats,
) -> None:
    """The price of *m* reports, its standard error, and how far MIN and MAX are from the middle.

    A report weighs its provider's weight / (1 + volatility^2 * age / scale^2): less, the further the price may have gone
    since. The error rests on how far the reports are apart now and how far they usually are, which is worth four of them.
    """
    members = float(m)
    usual2 = usual * usual
    total = 0.0
    for j in range(m):
        i = kept[j]
        load[i] = weight[i]
        if not original:
            fading = 0.0
            if usual2 > 0.0:
                fading = volatility2 * (age[i] * 1e-9) / usual2
            load[i] = weight[i] / (1.0 + fading) if fading >= 0.0 else 0.0
        if original and method != WEIGHTED_MEAN:
            load[i] = 1.0
        total += load[i]
    if not total > 0.0:
        for j in range(m):
            load[kept[j]] = 1.0
        total = members
    lowest, highest = value[kept[0]], value[kept[m - 1]]
    middle = median(kept, value, m) if original else weighted_median(kept, value, load, m)
    price = middle
    if method == MEAN:
        price = mean(kept, value, m)
    elif method == WEIGHTED_MEAN:
        price = weighted_mean(kept, value, load, m)
    elif method == MIN:
        price = lowest
    elif method == MAX:
        price = highest
    elif method == TRIMMED_MEAN and not original:
        price = trimmed_mean(kept, value, load, m, share)
    elif method == TRIMMED_MEAN:
        cut = max(1, int(members * share))
        price = mean(kept, value, m)
        if m >= 3 and cut < m >> 1:
            base = value[kept[cut]]
            left = float(m - 2 * cut)
            sum_ = 0.0
            for j in range(cut, m - cut):
                sum_ += value[kept[j]] - base
            if left > 0.0:
                price = base + sum_ / left
    price = min(max(price, lowest), highest)
    apart = 0.0
    oldness = 0.0
    squares = 0.0
    for j in range(m):
        apart += abs(value[kept[j]] - middle)
        oldness += age[kept[j]] * 1e-9
        part = load[kept[j]] / total if total > 0.0 else 0.0
        squares += part * part
    answer[PRICE_OUT] = price
    answer[OFF_OUT] = abs(price - middle) if method == MIN or method == MAX else 0.0
    if not (members > 0.0 and middle > 0.0):
        answer[ERROR_OUT] = math.nan
        return
    apart = apart / members / middle / mean_distance(m)
    history = scale2 if scale2 > 0.0 else usual2
    prior = float(_PRIOR)
    freedom = prior + members - 1.0
    variance = 0.0
    if freedom > 0.0:
        variance = (prior * history + (members - 1.0) * apart * apart) / freedom
    costs = median_variance(m)
    unlike = squares
    if method == MEAN:
        costs = 1.0
        unlike = 1.0 / members
    elif method == WEIGHTED_MEAN:
        costs = 1.0
    variance = variance * costs * unlike + volatility2 * (oldness / members)
    answer[ERROR_OUT] = price * math.sqrt(variance) if variance >= 0.0 else math.nan


@helper
def fold_book(
    kept: Ints, m: int, bid: Floats, ask: Floats, bids: Ints, asks: Ints, answer: Floats
) -> None:
    """The median bid and the median ask of those that have both, and the share of their pairs whose books cross.

    Of the same reports, so that the bid cannot be above the ask.
    """
    books = 0
    for j in range(m):
        i = kept[j]
        if bid[i] == bid[i] and ask[i] == ask[i]:
            bids[books] = i
            asks[books] = i
            books += 1
    answer[BID_OUT] = math.nan
    answer[ASK_OUT] = math.nan
    answer[CROSSED_OUT] = 0.0
    if books == 0:
        return
    sort(bids, bid, books)
    sort(asks, ask, books)
    answer[BID_OUT] = median(bids, bid, books)
    answer[ASK_OUT] = median(asks, ask, books)
    below = 0
    crossed = 0
    for j in range(books):
        while below < books and ask[asks[below]] < bid[bids[j]]:
            below += 1
        crossed += below
    pairs = float(books) * (float(books) - 1.0) * 0.5
    if pairs > 0.0:
        answer[CROSSED_OUT] = float(crossed) / pairs


@helper
def fold_volume(
    choice: int, kept: Ints, m: int, volume: Floats, rank: Ints, answer: Floats
) -> None:
    """The highest volume (0), the median (1) or the sum (2), of those who told any; NaN where nobody did."""
    known = 0
    for j in range(m):
        if volume[kept[j]] > 0.0:
            rank[known] = kept[j]
            known += 1
    answer[VOLUME_OUT] = math.nan
    if known == 0:
        return
    sort(rank, volume, known)
    if choice == 0:
        answer[VOLUME_OUT] = volume[rank[known - 1]]
    elif choice == 1:
        answer[VOLUME_OUT] = median(rank, volume, known)
    else:
        total = 0.0
        for j in range(known):
            total += volume[rank[j]]
        answer[VOLUME_OUT] = total


@helper
def mean_age(kept: Ints, m: int, age: Ints) -> int:
    """How old the reports are on the average, in whole nanoseconds; *m* is at least 1."""
    total = 0
    for j in range(m):
        total += age[kept[j]] // m if m > 0 else 0
    return total


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
def half_width(
    status: int, kept: Ints, m: int, value: Floats, price: float, error: float, off: float
) -> float:
    """Half of the interval that the true price is in with 95 %; in a dispute it reaches to all that are used."""
    width = quantile_975(_PRIOR + m - 1) * error + off
    if status == DISPUTE:
        width = max(width, price - value[kept[0]], value[kept[m - 1]] - price)
    return width


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
def original_score(kept: Ints, m: int, value: Floats, success: Floats, outliers: int) -> float:
    """A score of count, agreement and success, less a tenth for each outlier; within [0, 1]."""
    members = float(m)
    if not members > 0.0:
        return 0.0
    agreement = 0.5
    if m > 1:
        middle = mean(kept, value, m)
        farthest = max(abs(value[kept[0]] - middle), abs(value[kept[m - 1]] - middle))
        if middle > 0.0:
            agreement = max(0.0, 1.0 - farthest / middle * 10.0)
    successes = 0.0
    for j in range(m):
        successes += success[kept[j]]
    score = min(members / 5.0, 1.0) * 0.3 + agreement * 0.4 + successes / members * 0.3
    return max(0.0, min(1.0, score - float(outliers) * 0.1))
