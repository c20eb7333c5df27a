"""Reports folded into one price, one book and one volume; of answers that lie abreast.

What each step does with one report is written once; the steps are taken side by side, or for a lone answer in a row.
"""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    AGES,
    APART,
    ASK_SIDE,
    ASKS,
    BID_SIDE,
    BIDS,
    BOOKS,
    CROSSED_PART,
    FADE,
    HIGHEST,
    LAST_LOAD,
    LEVELS,
    LOADS,
    MEMBERS,
    MIDDLE,
    OFF,
    OLDNESS,
    PRICE,
    REACHED,
    SHARE_OF_ONE,
    SQUARES,
    SWING2,
    TOTAL,
    USUAL,
    WIDE,
)
from ordinis_rx.kernels.ranking import find_median, find_medians, sort_column, sort_columns
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
    if n == 1:
        _fold_alone(lane, number, original)
    else:
        _weigh(n, most, lane, number, original)
        if original:
            find_medians(n, most, lane, number, LEVELS, MEMBERS, MIDDLE)
        else:
            _find_middles(n, most, lane)
        _scatter(n, most, lane, number)
        _open_books(n, most, lane, number)
        sort_columns(n, most, lane, BIDS)
        sort_columns(n, most, lane, ASKS)
        find_medians(n, most, lane, number, BIDS, BOOKS, BID_SIDE)
        find_medians(n, most, lane, number, ASKS, BOOKS, ASK_SIDE)
    for r in range(n):
        members, middle = number[MEMBERS + r], lane[MIDDLE + r]
        lane[PRICE + r], lane[OFF + r] = middle if members > 0 else math.nan, 0.0
    if method != MEDIAN:
        for r in range(n):
            m = number[MEMBERS + r]
            if m > 0:
                price = _price_by(method, original, share, lane, r, m, some, more)
                lane[PRICE + r] = min(max(price, lane[LEVELS + r]), lane[HIGHEST + r])
                if method == MIN or method == MAX:
                    lane[OFF + r] = abs(lane[PRICE + r] - lane[MIDDLE + r])
    for r in range(n):
        books = number[BOOKS + r]
        lane[CROSSED_PART + r] = 0.0
        if books >= 2 and lane[BIDS + (books - 1) * WIDE + r] > lane[ASKS + r]:
            lane[CROSSED_PART + r] = _crossed_share(lane, r, books)


@helper
def _fold_alone(lane: Floats, number: Ints, original: int) -> None:
    """The middle, the scatter and the book of a lone answer."""
    m = number[MEMBERS]
    fade = 0.0 if original else _fade(lane[USUAL], lane[SWING2])
    total, reached, last, x = 0.0, 0.0, 0.0, lane[LEVELS]
    for j in range(m):
        at = j * WIDE
        weight = _faded(lane[LOADS + at], fade, lane[AGES + at])
        lane[LOADS + at] = weight
        total += weight
    if not total > _LEAST_WEIGHT:
        total = float(m)
        for j in range(m):
            lane[LOADS + j * WIDE] = 1.0
    lane[HIGHEST] = lane[LEVELS + (m - 1) * WIDE] if m > 0 else 0.0
    if original:
        find_median(lane, number, LEVELS, MEMBERS, MIDDLE)
        x = lane[MIDDLE]
    else:
        for j in range(m):
            weight, y = lane[LOADS + j * WIDE], lane[LEVELS + j * WIDE]
            if weight > 0.0:
                half, margin = total * 0.5, 0.25 * min(last, weight)
                x = _next_middle(x, y, reached, half, margin)
                reached = _next_reached(weight, reached, half, margin)
                last = weight
        lane[MIDDLE] = x
    share = 1.0 / total if total > 0.0 else 0.0
    apart, squares, oldness, books = 0.0, 0.0, 0.0, 0
    for j in range(m):
        at = j * WIDE
        part = lane[LOADS + at] * share
        apart += abs(lane[LEVELS + at] - x)
        squares += part * part
        oldness += lane[AGES + at]
        bid, ask = lane[BIDS + at], lane[ASKS + at]
        if bid == bid and ask == ask:
            lane[BIDS + books * WIDE], lane[ASKS + books * WIDE] = bid, ask
            books += 1
    members = float(m)
    lane[APART], lane[SQUARES], number[BOOKS] = apart, squares, books
    lane[OLDNESS] = oldness / members if members > 0.0 else 0.0
    sort_column(books, lane, BIDS)
    sort_column(books, lane, ASKS)
    find_median(lane, number, BIDS, BOOKS, BID_SIDE)
    find_median(lane, number, ASKS, BOOKS, ASK_SIDE)


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


@helper
def _weigh(n: int, most: int, lane: Floats, number: Ints, original: int) -> None:
    """What each report weighs, and all together; and which is the highest."""
    for r in range(n):
        fade = _fade(lane[USUAL + r], lane[SWING2 + r])
        lane[FADE + r] = 0.0 if original else fade
        lane[TOTAL + r], lane[HIGHEST + r] = 0.0, 0.0
    for j in range(most):
        for r in range(n):
            used = j < number[MEMBERS + r]
            level, weight, age = (
                lane[LEVELS + j * WIDE + r],
                lane[LOADS + j * WIDE + r],
                lane[AGES + j * WIDE + r],
            )
            total, highest = lane[TOTAL + r], lane[HIGHEST + r]
            faded = _faded(weight, lane[FADE + r], age)
            weight = faded if used else 0.0
            lane[LOADS + j * WIDE + r] = weight
            lane[TOTAL + r] = total + weight
            lane[HIGHEST + r] = level if used else highest
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


@helper
def _find_middles(n: int, most: int, lane: Floats) -> None:
    """The price with half of the weight on either side, of answers side by side."""
    for r in range(n):
        lane[REACHED + r], lane[LAST_LOAD + r], lane[MIDDLE + r] = 0.0, 0.0, lane[LEVELS + r]
    for j in range(most):
        for r in range(n):
            weight, y = lane[LOADS + j * WIDE + r], lane[LEVELS + j * WIDE + r]
            reached, x, last = lane[REACHED + r], lane[MIDDLE + r], lane[LAST_LOAD + r]
            half, margin = lane[TOTAL + r] * 0.5, 0.25 * min(last, weight)
            step = _next_middle(x, y, reached, half, margin)
            beyond = _next_reached(weight, reached, half, margin)
            lane[MIDDLE + r] = step if weight > 0.0 else x
            lane[REACHED + r] = beyond if weight > 0.0 else reached
            lane[LAST_LOAD + r] = weight if weight > 0.0 else last


@helper
def _next_middle(x: float, y: float, reached: float, half: float, margin: float) -> float:
    """Where the search for the middle is, when it goes on from the price *x* to *y* after so much of the weight.

    Where the half falls close to the border of two (within a quarter of the lighter one's weight) the middle is a blend of
    both, so that it moves without jumps as weights change; exactly on the border, halfway.
    """
    twice = 2.0 * margin
    part = (half + margin - reached) / twice if twice > 0.0 else 0.0
    blend = min(x + part * (y - x), y)
    begun = reached > 0.0
    over = begun and reached >= half + margin
    near = begun and reached > half - margin and margin > 0.0
    return x if over else blend if near else y


@helper
def _next_reached(weight: float, reached: float, half: float, margin: float) -> float:
    """How much of the weight is passed then; all, when the middle is found, so that it stays."""
    begun = reached > 0.0
    over = begun and reached >= half + margin
    near = begun and reached > half - margin and margin > 0.0
    return math.inf if over or near else reached + weight


@helper
def _scatter(n: int, most: int, lane: Floats, number: Ints) -> None:
    """How far the reports are from the middle, all together; the squares of their shares in the weight; their mean age."""
    for r in range(n):
        total = lane[TOTAL + r]
        lane[SHARE_OF_ONE + r] = 1.0 / total if total > 0.0 else 0.0
        lane[APART + r], lane[SQUARES + r], lane[OLDNESS + r] = 0.0, 0.0, 0.0
    for j in range(most):
        for r in range(n):
            used = j < number[MEMBERS + r]
            part = lane[LOADS + j * WIDE + r] * lane[SHARE_OF_ONE + r]
            away = abs(lane[LEVELS + j * WIDE + r] - lane[MIDDLE + r])
            lane[APART + r] += away if used else 0.0
            lane[SQUARES + r] += part * part if used else 0.0
    for j in range(most):
        for r in range(n):
            age, used = lane[AGES + j * WIDE + r], j < number[MEMBERS + r]
            lane[OLDNESS + r] += age if used else 0.0
    for r in range(n):
        members = float(number[MEMBERS + r])
        lane[OLDNESS + r] = lane[OLDNESS + r] / members if members > 0.0 else 0.0


@helper
def mean_age(lane: Floats, number: Ints) -> float:
    """How old the reports of a lone answer are on the average, in nanoseconds."""
    oldness = 0.0
    for j in range(number[MEMBERS]):
        oldness += lane[AGES + j * WIDE]
    members = float(number[MEMBERS])
    return oldness / members if members > 0.0 else 0.0


@helper
def _open_books(n: int, most: int, lane: Floats, number: Ints) -> None:
    """Which reports have both a bid and an ask: only those count, so that no median bid can be above the median ask."""
    for r in range(n):
        number[BOOKS + r] = 0
    for j in range(most):
        for r in range(n):
            bid, ask = lane[BIDS + j * WIDE + r], lane[ASKS + j * WIDE + r]
            used = j < number[MEMBERS + r]
            whole = used and bid == bid and ask == ask
            lane[BIDS + j * WIDE + r] = bid if whole else math.inf
            lane[ASKS + j * WIDE + r] = ask if whole else math.inf
            number[BOOKS + r] += 1 if whole else 0


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
        level[j], load[j] = lane[LEVELS + j * WIDE + r], lane[LOADS + j * WIDE + r]
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
def _crossed_share(lane: Floats, r: int, books: int) -> float:
    """The share of the pairs of the *books* of the answer *r* that cross; its bids and asks are in order."""
    below = 0
    crossed = 0
    for j in range(books):
        while below < books and lane[ASKS + below * WIDE + r] < lane[BIDS + j * WIDE + r]:
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
