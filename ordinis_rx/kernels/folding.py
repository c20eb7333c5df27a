"""Reports folded into one price, one book and one volume; of answers that lie abreast.

What each step does with one report is written once; the steps are taken side by side, or for a lone answer in a row.
"""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    AGES,
    APART,
    HIGHEST,
    LAST_LOAD,
    LEVELS,
    LOADS,
    LOWER,
    MARGIN,
    MEMBERS,
    MIDDLE,
    OFF,
    OLDNESS,
    PRICE,
    RANKED,
    RANKED_LOADS,
    REACHED,
    SHORT,
    SQUARES,
    SWING2,
    TOTAL,
    UPPER,
    USUAL,
    WIDE,
)
from ordinis_rx.kernels.books import fold_books
from ordinis_rx.kernels.ranking import (
    FEW,
    TURN,
    rank_loads,
    rank_many_loads,
)
from ordinis_rx.kernels.record import Floats, Ints, helper, unrolled
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
    "mean_age",
]

MEDIAN, MEAN, WEIGHTED_MEAN, MIN, MAX, TRIMMED_MEAN = range(6)
"""The methods."""

_LEAST_WEIGHT = 1e-250
"""Weights of less, all together, are none."""


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

    A report weighs its provider's weight / (1 + volatility^2 * age / scale^2): less, the further the price may have gone
    since. By the *original* rules nothing ages, and only the weighted mean weighs.
    """
    for r in range(n):
        if original and method != WEIGHTED_MEAN:
            for j in range(number[MEMBERS + r]):
                lane[LOADS + j * WIDE + r] = 1.0
    if most <= FEW:
        _fold_few(n, FEW, lane, number, original)
    else:
        _fold_many(n, most, lane, number, original)
    for r in range(n):
        members, middle, oldness = float(number[MEMBERS + r]), lane[MIDDLE + r], lane[OLDNESS + r]
        lane[PRICE + r], lane[OFF + r] = middle if members > 0.0 else math.nan, 0.0
        lane[OLDNESS + r] = oldness / members if members > 0.0 else 0.0
    if method != MEDIAN:
        for r in range(n):
            m = number[MEMBERS + r]
            if m > 0:
                price = _price_by(method, original, share, lane, r, m, some, more)
                lane[PRICE + r] = min(max(price, lane[RANKED + r]), lane[HIGHEST + r])
                if method == MIN or method == MAX:
                    lane[OFF + r] = abs(lane[PRICE + r] - lane[MIDDLE + r])
    fold_books(n, most, lane, number)


@unrolled
def _fold_few(n: int, most: int, lane: Floats, number: Ints, original: int) -> None:
    """The middle and the scatter of *n* answers, of a few reports each."""
    _weigh(n, most, 0, lane, number, original)
    _give_all_a_weight(n, lane, number)
    rank_loads(n, most, lane, number)
    _find_middles(n, most, 0, lane)
    _blend(n, lane, number, original)
    _scatter(n, most, 0, lane, number)


@helper
def _fold_many(n: int, most: int, lane: Floats, number: Ints, original: int) -> None:
    """The same, of many reports."""
    for first in range(0, most, TURN):
        _weigh(n, TURN, first, lane, number, original)
    _give_all_a_weight(n, lane, number)
    rank_many_loads(n, most, lane, number)
    for first in range(0, most, TURN):
        _find_middles(n, TURN, first, lane)
    _blend(n, lane, number, original)
    for first in range(0, most, TURN):
        _scatter(n, TURN, first, lane, number)


@helper
def _fade(usual: float, swing2: float) -> float:
    """By how much the weight of a report falls each nanosecond."""
    usual2 = usual * usual
    return swing2 * 1e-9 / usual2 if usual2 > 0.0 else 0.0


@helper
def _faded(weight: float, fade: float, age: float) -> float:
    """What is left of a report's weight."""
    fading = 1.0 + fade * age
    return weight / fading if fading >= 1.0 else 0.0


@unrolled
def _weigh(n: int, most: int, first: int, lane: Floats, number: Ints, original: int) -> None:
    """What each of *most* reports from the *first* on weighs, and all together so far; and which is the highest."""
    for r in range(n):
        members, total, highest = number[MEMBERS + r], lane[TOTAL + r], lane[HIGHEST + r]
        if first == 0:
            total, highest = 0.0, 0.0
        fade = 0.0 if original else _fade(lane[USUAL + r], lane[SWING2 + r])
        for j in range(most):
            at = (first + j) * WIDE + r
            used = first + j < members
            load, level = lane[LOADS + at], lane[LEVELS + at]
            weight = _faded(load if used else 0.0, fade, lane[AGES + at])
            lane[LOADS + at] = weight
            total += weight
            highest = level if used and level > highest else highest
        lane[TOTAL + r], lane[HIGHEST + r] = total, highest


@helper
def _give_all_a_weight(n: int, lane: Floats, number: Ints) -> None:
    """Where nobody has any weight, all have the same."""
    bare = 0
    for r in range(n):
        bare += 0 if lane[TOTAL + r] > _LEAST_WEIGHT else 1
    if bare:
        for r in range(n):
            m = number[MEMBERS + r]
            if not lane[TOTAL + r] > _LEAST_WEIGHT:
                lane[TOTAL + r] = float(m)
                for j in range(m):
                    lane[LOADS + j * WIDE + r] = 1.0


@unrolled
def _find_middles(n: int, most: int, first: int, lane: Floats) -> None:
    """Where the price with half of the weight on either side is: at LOWER, or PART of the way from there to UPPER.

    Where the half falls close to the border of two (within a quarter of the lighter one's weight) the middle is a blend of
    both, so that it moves without jumps as weights change; exactly on the border, halfway.
    """
    for r in range(n):
        half = lane[TOTAL + r] * 0.5
        lower, upper, short, margin = (
            lane[LOWER + r],
            lane[UPPER + r],
            lane[SHORT + r],
            lane[MARGIN + r],
        )
        last, reached = lane[LAST_LOAD + r], lane[REACHED + r]
        if first == 0:
            lower = upper = lane[RANKED + r]
            last, reached, short, margin = 0.0, 0.0, 0.0, 0.0
        for j in range(most):
            at = (first + j) * WIDE + r
            weight, y = lane[RANKED_LOADS + at], lane[RANKED + at]
            edge = 0.25 * min(last, weight)
            # Of a border that is too thin to be seen beside the half, what is on it is beyond.
            within = weight > 0.0 and reached < half + edge
            below = within and reached <= half - edge
            lower = y if below else lower
            near = within and not below
            upper = y if near else upper
            short = half + edge - reached if near else short
            margin = edge if near else margin
            reached += weight
            last = weight if weight > 0.0 else last
        lane[LOWER + r], lane[UPPER + r], lane[SHORT + r], lane[MARGIN + r] = (
            lower,
            upper,
            short,
            margin,
        )
        lane[LAST_LOAD + r], lane[REACHED + r] = last, reached


@helper
def _blend(n: int, lane: Floats, number: Ints, original: int) -> None:
    """The middle of each answer, of what `_find_middles` found; by the *original* rules the plain median."""
    for r in range(n):
        lower, upper, twice = lane[LOWER + r], lane[UPPER + r], 2.0 * lane[MARGIN + r]
        part = lane[SHORT + r] / twice if twice > 0.0 else 0.0
        blend = min(lower + part * (upper - lower), upper)
        lane[MIDDLE + r] = blend if twice > 0.0 else lower
    if original:
        for r in range(n):
            m = number[MEMBERS + r]
            if m > 0:
                low, high = (m - 1) >> 1, m >> 1
                lane[MIDDLE + r] = (
                    lane[RANKED + low * WIDE + r] + lane[RANKED + high * WIDE + r]
                ) * 0.5


@unrolled
def _scatter(n: int, most: int, first: int, lane: Floats, number: Ints) -> None:
    """How far the reports are from the middle, all together; the squares of their shares in the weight; how old they are."""
    for r in range(n):
        total, middle, m = lane[TOTAL + r], lane[MIDDLE + r], number[MEMBERS + r]
        share = 1.0 / total if total > 0.0 else 0.0
        apart, squares, oldness = lane[APART + r], lane[SQUARES + r], lane[OLDNESS + r]
        if first == 0:
            apart, squares, oldness = 0.0, 0.0, 0.0
        for j in range(most):
            at = (first + j) * WIDE + r
            used = first + j < m
            part = lane[LOADS + at] * share
            away = abs(lane[LEVELS + at] - middle)
            age = lane[AGES + at]
            apart += away if used else 0.0
            squares += part * part if used else 0.0
            oldness += age if used else 0.0
        lane[APART + r], lane[SQUARES + r], lane[OLDNESS + r] = apart, squares, oldness


@helper
def mean_age(lane: Floats, number: Ints) -> float:
    """How old the reports of a lone answer are on the average, in nanoseconds."""
    oldness = 0.0
    for j in range(number[MEMBERS]):
        oldness += lane[AGES + j * WIDE]
    members = float(number[MEMBERS])
    return oldness / members if members > 0.0 else 0.0


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
