"""The reports of answers that lie abreast, from the lowest to the highest, and what is in the middle.

Of answers side by side each step is taken for all, without a branch; of a lone one the same is had with fewer steps.
"""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    AGES,
    ASKS,
    BIDS,
    CENTRE,
    FRESH,
    HIGH,
    HIGHEST,
    INDEX,
    LEVELS,
    LOADS,
    LOW,
    WIDE,
    WIDEST,
)
from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import arrange

__all__ = ["find_median", "find_medians", "rank_reports", "sort_column", "sort_columns"]


@helper
def rank_reports(
    n: int, most: int, lane: Floats, number: Ints, some: Floats, more: Floats, order: Ints
) -> None:
    """Put the reports of each of *n* answers, of *most* each at most, in order; those that are equal stay as they are.

    INDEX tells where each was; CENTRE the median price, LOW and HIGH the two that are nearest to it (the same one, of an odd
    number), HIGHEST the last, and WIDEST how far bid and ask are apart at most.
    """
    if n == 1:
        _rank_alone(number[FRESH], lane, some, more, order)
        find_median(lane, number, LEVELS, FRESH, CENTRE)
        return
    for r in range(n):
        lane[WIDEST + r] = 0.0
    for j in range(most):
        for r in range(n):
            price, there = lane[LEVELS + j * WIDE + r], j < number[FRESH + r]
            lane[LEVELS + j * WIDE + r] = price if there else math.inf
            lane[INDEX + j * WIDE + r] = float(j)
            widest = lane[WIDEST + r]
            wider = _wider(lane, j * WIDE + r, widest)
            lane[WIDEST + r] = wider if there else widest
    swaps, left = 1, most - 1
    while swaps and left > 0:
        swaps = 0
        for j in range(left):
            swaps += _put_lower_first(n, lane, j * WIDE)
        left -= 1
    find_medians(n, most, lane, number, LEVELS, FRESH, CENTRE)
    for j in range(most):
        for r in range(n):
            price, highest = lane[LEVELS + j * WIDE + r], lane[HIGHEST + r]
            lane[HIGHEST + r] = price if j < number[FRESH + r] else highest


@helper
def _wider(lane: Floats, at: int, widest: float) -> float:
    """How far bid and ask of a report are apart, if that is more than *widest*."""
    wide = lane[ASKS + at] - lane[BIDS + at]
    return wide if wide > widest else widest


@helper
def _rank_alone(n: int, lane: Floats, some: Floats, more: Floats, order: Ints) -> None:
    """The same for a lone answer, of *n* reports."""
    widest = 0.0
    for j in range(n):
        some[j] = lane[LEVELS + j * WIDE]
        widest = _wider(lane, j * WIDE, widest)
    lane[WIDEST] = widest
    arrange(some, n, order, more)
    for j in range(n):
        lane[LEVELS + j * WIDE], lane[INDEX + j * WIDE] = more[j], float(order[j])
    _follow(n, lane, AGES, some, order)
    _follow(n, lane, LOADS, some, order)
    _follow(n, lane, BIDS, some, order)
    _follow(n, lane, ASKS, some, order)
    lane[HIGHEST] = lane[LEVELS + (n - 1) * WIDE] if n > 0 else lane[HIGHEST]


@helper
def _follow(n: int, lane: Floats, column: int, some: Floats, order: Ints) -> None:
    """Put the numbers of a column in *order*."""
    for j in range(n):
        some[j] = lane[column + order[j] * WIDE]
    for j in range(n):
        lane[column + j * WIDE] = some[j]


@helper
def _swap(lane: Floats, at: int) -> None:
    """Let a number and that of the next report change places."""
    lane[at], lane[at + WIDE] = lane[at + WIDE], lane[at]


@helper
def _put_lower_first(n: int, lane: Floats, at: int) -> int:
    """Let the reports *at* and the next change places where the next is lower; gives how many."""
    swaps = 0
    for r in range(n):
        k = at + r
        low, high = lane[LEVELS + k], lane[LEVELS + WIDE + k]
        age, next_age = lane[AGES + k], lane[AGES + WIDE + k]
        load, next_load = lane[LOADS + k], lane[LOADS + WIDE + k]
        bid, next_bid = lane[BIDS + k], lane[BIDS + WIDE + k]
        ask, next_ask = lane[ASKS + k], lane[ASKS + WIDE + k]
        index, next_index = lane[INDEX + k], lane[INDEX + WIDE + k]
        over = low > high
        swaps += 1 if over else 0
        lane[LEVELS + k], lane[LEVELS + WIDE + k] = high if over else low, low if over else high
        lane[AGES + k] = next_age if over else age
        lane[AGES + WIDE + k] = age if over else next_age
        lane[LOADS + k] = next_load if over else load
        lane[LOADS + WIDE + k] = load if over else next_load
        lane[BIDS + k] = next_bid if over else bid
        lane[BIDS + WIDE + k] = bid if over else next_bid
        lane[ASKS + k] = next_ask if over else ask
        lane[ASKS + WIDE + k] = ask if over else next_ask
        lane[INDEX + k] = next_index if over else index
        lane[INDEX + WIDE + k] = index if over else next_index
    return swaps


@helper
def sort_columns(n: int, most: int, lane: Floats, column: int) -> None:
    """Sort the numbers of each answer in a column, the lowest first; they are nearly in order already."""
    swaps, left = 1, most - 1
    while swaps and left > 0:
        swaps = 0
        for j in range(left):
            at = column + j * WIDE
            for r in range(n):
                low, high = lane[at + r], lane[at + WIDE + r]
                over = low > high
                swaps += 1 if over else 0
                lane[at + r] = high if over else low
                lane[at + WIDE + r] = low if over else high
        left -= 1


@helper
def sort_column(n: int, lane: Floats, start: int) -> None:
    """The same for *n* numbers of a lone answer, from *start* on."""
    for i in range(1, n):
        k = start + i * WIDE
        while k > start and lane[k - WIDE] > lane[k]:
            k -= WIDE
            _swap(lane, k)


@helper
def find_medians(
    n: int, most: int, lane: Floats, number: Ints, column: int, counts: int, to: int
) -> None:
    """Of each answer the median of the first so many numbers of a column, which are in order; NaN of none.

    LOW and HIGH are the two in the middle, or both the one.
    """
    least = most
    for r in range(n):
        least = min(least, number[counts + r])
    if least == most and most > 0:  # each has as many, as they mostly have
        below, above = column + ((most - 1) >> 1) * WIDE, column + (most >> 1) * WIDE
        for r in range(n):
            low, high = lane[below + r], lane[above + r]
            lane[LOW + r], lane[HIGH + r], lane[to + r] = low, high, (low + high) * 0.5
        return
    for r in range(n):
        lane[LOW + r], lane[HIGH + r] = lane[column + r], lane[column + r]
    for j in range(1, most):
        for r in range(n):
            x, count = lane[column + j * WIDE + r], number[counts + r]
            low, high = lane[LOW + r], lane[HIGH + r]
            lane[LOW + r] = x if j == (count - 1) >> 1 else low
            lane[HIGH + r] = x if j == count >> 1 else high
    for r in range(n):
        middle = (lane[LOW + r] + lane[HIGH + r]) * 0.5
        lane[to + r] = middle if number[counts + r] > 0 else math.nan


@helper
def find_median(lane: Floats, number: Ints, column: int, counts: int, to: int) -> None:
    """The same for a lone answer."""
    count = number[counts]
    lane[to] = math.nan
    if count > 0:
        lane[LOW] = lane[column + ((count - 1) >> 1) * WIDE]
        lane[HIGH] = lane[column + (count >> 1) * WIDE]
        lane[to] = (lane[LOW] + lane[HIGH]) * 0.5
