"""Reports folded into one price by any of the methods, and into one volume; of answers that lie abreast."""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    HIGHEST,
    LOADS,
    MEMBERS,
    MIDDLE,
    OFF,
    PRICE,
    RANKED,
    RANKED_LOADS,
    WIDE,
)
from ordinis_rx.kernels.books import fold_books
from ordinis_rx.kernels.middles import find_middles
from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import mean, median, put_in_order, trimmed_mean, weighted_mean

__all__ = [
    "MAX",
    "MEAN",
    "MEDIAN",
    "MIN",
    "TRIMMED_MEAN",
    "WEIGHTED_MEAN",
    "fold_answers",
    "fold_volume",
]

MEDIAN, MEAN, WEIGHTED_MEAN, MIN, MAX, TRIMMED_MEAN = range(6)
"""The methods."""


@helper
def fold_answers(
    n: int,
    most: int,
    lane: Floats,
    number: Ints,
    method: int,
    original: int,
    share: float,
    some: Floats,
    more: Floats,
) -> None:
    """The price and the book of the first *n* answers, of *most* reports each at most, and what their error rests on.

    By the *original* rules only the weighted mean weighs, and nothing ages.
    """
    for r in range(n):
        if original and method != WEIGHTED_MEAN:
            for j in range(number[MEMBERS + r]):
                lane[LOADS + j * WIDE + r] = 1.0
    find_middles(n, most, lane, number, original)
    for r in range(n):
        lane[PRICE + r] = lane[MIDDLE + r] if number[MEMBERS + r] > 0 else math.nan
        lane[OFF + r] = 0.0
    if method != MEDIAN:
        for r in range(n):
            m = number[MEMBERS + r]
            if m > 0:
                price = _price_by(method, original, share, lane, r, m, some, more)
                lane[PRICE + r] = min(max(price, lane[RANKED + r]), lane[HIGHEST + r])
                if method == MIN or method == MAX:
                    lane[OFF + r] = abs(lane[PRICE + r] - lane[MIDDLE + r])
    fold_books(n, most, lane, number)


@helper
def _price_by(
    method: int,
    original: int,
    share: float,
    lane: Floats,
    r: int,
    m: int,
    level: Floats,
    load: Floats,
) -> float:
    """The price of the answer *r* by a method other than the median."""
    for j in range(m):
        level[j], load[j] = lane[RANKED + j * WIDE + r], lane[RANKED_LOADS + j * WIDE + r]
    if method == MIN:
        return level[0]
    if method == MAX:
        return level[m - 1]
    if method == WEIGHTED_MEAN:
        return weighted_mean(level, load, m)
    if method == TRIMMED_MEAN and not original:
        return trimmed_mean(level, load, m, share)
    price = mean(level, m)
    cut = max(1, int(float(m) * share))
    if method == TRIMMED_MEAN and m >= 3 and cut < m >> 1:
        base = level[cut]
        left = float(m - 2 * cut)
        sum_ = 0.0
        for j in range(cut, m - cut):
            sum_ += level[j] - base
        if left > 0.0:
            price = base + sum_ / left
    return price


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
