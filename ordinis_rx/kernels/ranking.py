"""The reports of answers that lie abreast, from the lowest to the highest, and what is in the middle.

Numbers change places without a branch, by the same steps whatever they are: so a processor takes the answers side by side.
"""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    ASKS,
    BIDS,
    CENTRE,
    FRESH,
    HIGH,
    HIGHEST,
    LEVELS,
    LOADS,
    LOW,
    MEMBERS,
    RANKED,
    RANKED_LOADS,
    WIDE,
    WIDEST,
)
from ordinis_rx.kernels.record import Floats, Ints, either, helper, inlined, unrolled

__all__ = [
    "FEW",
    "TURN",
    "few_middles",
    "many_middles",
    "median_of",
    "rank_loads",
    "rank_many_loads",
    "rank_reports",
    "sort_few",
    "sort_many",
]


FEW, TURN = 5, 8
"""Of FEW reports at most an answer is made at one go, as though there were so many; of more, in turns of eight."""


@helper
def rank_reports(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The prices of each of *n* answers, of *most* reports each at most, in order into RANKED.

    CENTRE is the median price, LOW and HIGH the two that are nearest to it (the same one, of an odd number), HIGHEST the
    last, and WIDEST how far bid and ask are apart at most.
    """
    if most <= FEW:
        _rank_few(n, FEW, lane, number)
    else:
        for first in range(0, most, TURN):
            _lay_out_all(n, TURN, first, lane, number)
        sort_many(n, most, lane, RANKED)
        for r in range(n):
            fresh = number[FRESH + r]
            _keep_middles(fresh, many_middles(fresh, lane, RANKED + r), lane, r)


@unrolled
def _rank_few(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The same of *most* reports each at most, each answer at one go."""
    for r in range(n):
        fresh = number[FRESH + r]
        _lay_out(most, 0, fresh, lane, r)
        sort_few(most, lane, RANKED + r)
        _keep_middles(fresh, few_middles(most, fresh, lane, RANKED + r), lane, r)


@inlined
def _keep_middles(fresh: int, middles: tuple[float, float], lane: Floats, r: int) -> None:
    lane[LOW + r], lane[HIGH + r] = middles
    lane[CENTRE + r] = median_of(fresh, middles)


@unrolled
def _lay_out_all(n: int, most: int, first: int, lane: Floats, number: Ints) -> None:
    for r in range(n):
        _lay_out(most, first, number[FRESH + r], lane, r)


@inlined
def _lay_out(most: int, first: int, fresh: int, lane: Floats, r: int) -> None:
    """The prices of *most* reports from the *first* on into RANKED, and what is the highest of all, and the widest."""
    widest, highest = 0.0, 0.0
    if first:
        widest, highest = lane[WIDEST + r], lane[HIGHEST + r]
    for j in range(most):
        at = (first + j) * WIDE + r
        price, wide = lane[LEVELS + at], lane[ASKS + at] - lane[BIDS + at]
        there = first + j < fresh
        lane[RANKED + at] = either(there, price, math.inf)
        highest = either(there & (price > highest), price, highest)
        widest = either(there & (wide > widest), wide, widest)
    lane[WIDEST + r], lane[HIGHEST + r] = widest, highest


@inlined
def rank_loads(most: int, members: int, lane: Floats, r: int) -> None:
    """The prices of the members of the answer *r* in order into RANKED, and what each weighs into RANKED_LOADS; of a few.

    Of equal prices the lighter goes first: so it does not matter by which steps they are sorted.
    """
    _copy_loads(most, 0, members, lane, r)
    for last in range(most - 1, 0, -1):
        for j in range(last):
            _put_lower_first(lane, j * WIDE + r, WIDE)


@helper
def rank_many_loads(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The same of many, as `sort_many`."""
    for first in range(0, most, TURN):
        _copy_all_loads(n, TURN, first, lane, number)
    _exchange(n, most, lane, RANKED, 1)


@unrolled
def _copy_all_loads(n: int, most: int, first: int, lane: Floats, number: Ints) -> None:
    for r in range(n):
        _copy_loads(most, first, number[MEMBERS + r], lane, r)


@inlined
def _copy_loads(most: int, first: int, members: int, lane: Floats, r: int) -> None:
    """The prices of *most* reports from the *first* on into RANKED, and what they weigh beside them."""
    for j in range(most):
        at = (first + j) * WIDE + r
        price, load = lane[LEVELS + at], lane[LOADS + at]
        lane[RANKED + at] = either(first + j < members, price, math.inf)
        lane[RANKED_LOADS + at] = load


@helper
def _put_lower_first(lane: Floats, at: int, gap: int) -> None:
    """Let the ranked price *at* and that a *gap* further on change places where that is lower, with what they weigh."""
    low, high = lane[RANKED + at], lane[RANKED + at + gap]
    load, next_load = lane[RANKED_LOADS + at], lane[RANKED_LOADS + at + gap]
    over = (low > high) | ((low == high) & (load > next_load))
    lane[RANKED + at] = either(over, high, low)
    lane[RANKED + at + gap] = either(over, low, high)
    lane[RANKED_LOADS + at] = either(over, next_load, load)
    lane[RANKED_LOADS + at + gap] = either(over, load, next_load)


@inlined
def sort_few(most: int, lane: Floats, column: int) -> None:
    """Sort the numbers of an answer in a column, the lowest first, in the registers of the processor."""
    for last in range(most - 1, 0, -1):
        for j in range(last):
            _put_lower(lane, column + j * WIDE, WIDE)


@helper
def sort_many(n: int, most: int, lane: Floats, column: int) -> None:
    """The same of many numbers: each step for all answers at once."""
    _exchange(n, most, lane, column, 0)


@unrolled
def _exchange(n: int, most: int, lane: Floats, column: int, loads: int) -> None:
    """Sort many numbers, and if they are ranked prices, what they weigh with them.

    By merge exchange (Batcher; Knuth, The Art of Computer Programming 5.2.2M), in about n * log(n)^2 / 4 steps.
    """
    merged = 1
    while merged < most:
        gap = merged
        while gap > 0:
            for start in range(gap & (merged - 1), most - gap, 2 * gap):
                for j in range(start, min(start + gap, most - gap)):
                    if (j ^ (j + gap)) < 2 * merged:
                        at = column + j * WIDE
                        if n == 1:
                            _exchange_all(1, lane, at, gap * WIDE, loads)
                        else:
                            _exchange_all(n, lane, at, gap * WIDE, loads)
            gap = gap >> 1
        merged = 2 * merged


@unrolled
def _exchange_all(n: int, lane: Floats, at: int, gap: int, loads: int) -> None:
    """One step of the exchange, for all answers; without a loop for a lone one."""
    for r in range(n):
        if loads:
            _put_lower_first(lane, at - RANKED + r, gap)
        else:
            _put_lower(lane, at + r, gap)


@helper
def _put_lower(lane: Floats, at: int, gap: int) -> None:
    """Let the number *at* and that a *gap* further on change places where that is lower."""
    low, high = lane[at], lane[at + gap]
    over = low > high
    lane[at] = either(over, high, low)
    lane[at + gap] = either(over, low, high)


@inlined
def few_middles(most: int, count: int, lane: Floats, column: int) -> tuple[float, float]:
    """The two in the middle of *count* numbers, *most* at most, which are in order; both the same one, of an odd number."""
    low, high = lane[column], lane[column]
    for j in range(1, most):
        x = lane[column + j * WIDE]
        low, high = either(2 * j < count, x, low), either(2 * j <= count, x, high)
    return low, high


@inlined
def many_middles(count: int, lane: Floats, column: int) -> tuple[float, float]:
    """The same of many."""
    return lane[column + (max(count - 1, 0) >> 1) * WIDE], lane[column + (count >> 1) * WIDE]


@inlined
def median_of(count: int, middles: tuple[float, float]) -> float:
    """The median of *count* numbers with those two in the middle; NaN of none."""
    low, high = middles
    return either(count > 0, (low + high) * 0.5, math.nan)
