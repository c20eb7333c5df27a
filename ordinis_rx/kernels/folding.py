"""Reports folded into one price, one book and one volume."""

from __future__ import annotations

import math

from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import (
    mean,
    median,
    put_in_order,
    trimmed_mean,
    weighted_mean,
    weighted_median,
)

__all__ = [
    "ANSWER",
    "ASK_OUT",
    "BID_OUT",
    "MAX",
    "MEAN",
    "MEDIAN",
    "MIDDLE_OUT",
    "MIN",
    "OFF_OUT",
    "PRICE_OUT",
    "TRIMMED_MEAN",
    "WEIGHTED_MEAN",
    "crossed_share",
    "fold_book",
    "fold_price",
    "fold_volume",
]

MEDIAN, MEAN, WEIGHTED_MEAN, MIN, MAX, TRIMMED_MEAN = range(6)
"""The methods."""

PRICE_OUT, MIDDLE_OUT, OFF_OUT, BID_OUT, ASK_OUT = range(5)
ANSWER = 5
"""How many floats make an answer."""

_LEAST_WEIGHT = 1e-250
"""Weights of less, all together, are none."""


@helper
def fold_price(
    method: int,
    original: int,
    share: float,
    usual: float,
    volatility2: float,
    kept: Ints,
    level: Floats,
    m: int,
    age: Ints,
    weight: Floats,
    load: Floats,
    answer: Floats,
) -> None:
    """The price of *m* reports, their middle, and how far MIN and MAX are from it; into `load` what each weighs.

    A report weighs its provider's weight / (1 + volatility^2 * age / scale^2): less, the further the price may have gone
    since.
    """
    members = float(m)
    usual2 = usual * usual
    fade = volatility2 * 1e-9 / usual2 if usual2 > 0.0 else 0.0
    total = 0.0
    for j in range(m):
        w = weight[kept[j]]
        if original:
            w = w if method == WEIGHTED_MEAN else 1.0
        elif fade > 0.0:
            fading = 1.0 + fade * float(age[kept[j]])
            w = w / fading if fading >= 1.0 else 0.0
        load[j] = w
        total += w
    if not total > _LEAST_WEIGHT:
        for j in range(m):
            load[j] = 1.0
        total = members
    lowest, highest = level[0], level[m - 1]
    middle = median(level, m) if original else weighted_median(level, load, m, total)
    price = middle
    if method == MEAN:
        price = mean(level, m)
    elif method == WEIGHTED_MEAN:
        price = weighted_mean(level, load, m)
    elif method == MIN:
        price = lowest
    elif method == MAX:
        price = highest
    elif method == TRIMMED_MEAN and not original:
        price = trimmed_mean(level, load, m, share)
    elif method == TRIMMED_MEAN:
        cut = max(1, int(members * share))
        price = mean(level, m)
        if m >= 3 and cut < m >> 1:
            base = level[cut]
            left = float(m - 2 * cut)
            sum_ = 0.0
            for j in range(cut, m - cut):
                sum_ += level[j] - base
            if left > 0.0:
                price = base + sum_ / left
    price = min(max(price, lowest), highest)
    answer[PRICE_OUT], answer[MIDDLE_OUT] = price, middle
    answer[OFF_OUT] = abs(price - middle) if method == MIN or method == MAX else 0.0


@helper
def fold_book(
    kept: Ints,
    m: int,
    bid: Floats,
    ask: Floats,
    bids: Floats,
    asks: Floats,
    answer: Floats,
) -> int:
    """The median bid and the median ask of those that have both, in order in `bids` and `asks`; gives how many.

    Of the same reports, so that the bid cannot be above the ask.
    """
    books = 0
    for j in range(m):
        i = kept[j]
        b, a = bid[i], ask[i]
        if b == b and a == a:
            bids[books], asks[books] = b, a
            books += 1
    answer[BID_OUT], answer[ASK_OUT] = math.nan, math.nan
    if books > 0:
        put_in_order(bids, books)
        put_in_order(asks, books)
        answer[BID_OUT], answer[ASK_OUT] = median(bids, books), median(asks, books)
    return books


@helper
def crossed_share(bids: Floats, asks: Floats, books: int) -> float:
    """The share of the pairs of *books* that cross; `bids` and `asks` are in order."""
    if books < 2 or bids[books - 1] <= asks[0]:
        return 0.0
    below = 0
    crossed = 0
    for j in range(books):
        while below < books and asks[below] < bids[j]:
            below += 1
        crossed += below
    pairs = float(books) * (float(books) - 1.0) * 0.5
    return float(crossed) / pairs if pairs > 0.0 else 0.0


@helper
def fold_volume(choice: int, kept: Ints, m: int, volume: Floats, known: Floats) -> float:
    """The highest volume (0), the median (1) or the sum (2), of those who told any; NaN where nobody did."""
    count = 0
    for j in range(m):
        if volume[kept[j]] > 0.0:
            known[count] = volume[kept[j]]
            count += 1
    if count == 0:
        return math.nan
    put_in_order(known, count)
    if choice == 0:
        return known[count - 1]
    if choice == 1:
        return median(known, count)
    total = 0.0
    for j in range(count):
        total += known[j]
    return total
