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
from ordinis_rx.kernels.record import Floats, Ints, helper, unrolled

__all__ = [
    "FEW",
    "TURN",
    "find_medians",
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
        _lay_out(n, FEW, 0, lane, number)
        sort_few(n, FEW, lane, RANKED)
    else:
        for first in range(0, most, TURN):
            _lay_out(n, TURN, first, lane, number)
        sort_many(n, most, lane, RANKED)
    find_medians(n, most, lane, number, RANKED, FRESH, CENTRE)


@unrolled
def _lay_out(n: int, most: int, first: int, lane: Floats, number: Ints) -> None:
    """The prices of *most* reports from the *first* on into RANKED, and what is the highest of all, and the widest."""
    for r in range(n):
        widest, highest = lane[WIDEST + r], lane[HIGHEST + r]
        if first == 0:
            widest, highest = 0.0, 0.0
        fresh = number[FRESH + r]
        for j in range(most):
            at = (first + j) * WIDE + r
            price, wide = lane[LEVELS + at], lane[ASKS + at] - lane[BIDS + at]
            there = first + j < fresh
            lane[RANKED + at] = price if there else math.inf
            highest = price if there and price > highest else highest
            widest = wide if there and wide > widest else widest
        lane[WIDEST + r], lane[HIGHEST + r] = widest, highest


@unrolled
def rank_loads(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The prices of the members of each answer in order into RANKED, and what each weighs into RANKED_LOADS; of a few.

    Of equal prices the lighter goes first: so it does not matter by which steps they are sorted.
    """
    _copy_loads(n, most, 0, lane, number)
    for r in range(n):
        for last in range(most - 1, 0, -1):
            for j in range(last):
                _put_lower_first(lane, j * WIDE + r, WIDE)


@helper
def rank_many_loads(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The same of many, as `sort_many`."""
    for first in range(0, most, TURN):
        _copy_loads(n, TURN, first, lane, number)
    _exchange(n, most, lane, RANKED, 1)


@unrolled
def _copy_loads(n: int, most: int, first: int, lane: Floats, number: Ints) -> None:
    """The prices of *most* reports from the *first* on into RANKED, and what they weigh beside them."""
    for r in range(n):
        members = number[MEMBERS + r]
        for j in range(most):
            at = (first + j) * WIDE + r
            price, load = lane[LEVELS + at], lane[LOADS + at]
            lane[RANKED + at] = price if first + j < members else math.inf
            lane[RANKED_LOADS + at] = load


@helper
def _put_lower_first(lane: Floats, at: int, gap: int) -> None:
    """Let the ranked price *at* and that a *gap* further on change places where that is lower, with what they weigh."""
    low, high = lane[RANKED + at], lane[RANKED + at + gap]
    load, next_load = lane[RANKED_LOADS + at], lane[RANKED_LOADS + at + gap]
    over = (low > high) | ((low == high) & (load > next_load))
    lane[RANKED + at] = high if over else low
    lane[RANKED + at + gap] = low if over else high
    lane[RANKED_LOADS + at] = next_load if over else load
    lane[RANKED_LOADS + at + gap] = load if over else next_load


@unrolled
def sort_few(n: int, most: int, lane: Floats, column: int) -> None:
    """Sort the numbers of each answer in a column, the lowest first: each answer in the registers of the processor."""
    for r in range(n):
        for last in range(most - 1, 0, -1):
            for j in range(last):
                _put_lower(lane, column + j * WIDE + r, WIDE)


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
    lane[at] = high if over else low
    lane[at + gap] = low if over else high


@helper
def find_medians(
    n: int, most: int, lane: Floats, number: Ints, column: int, counts: int, to: int
) -> None:
    """Of each answer the median of the first so many numbers of a column, which are in order; NaN of none.

    LOW and HIGH are the two in the middle, or both the one.
    """
    if most <= FEW:
        _pick_middles(n, FEW, lane, number, column, counts)
    else:
        for r in range(n):
            count = number[counts + r]
            lane[LOW + r] = lane[column + (max(count - 1, 0) >> 1) * WIDE + r]
            lane[HIGH + r] = lane[column + (count >> 1) * WIDE + r]
    for r in range(n):
        middle = (lane[LOW + r] + lane[HIGH + r]) * 0.5
        lane[to + r] = middle if number[counts + r] > 0 else math.nan


@unrolled
def _pick_middles(n: int, most: int, lane: Floats, number: Ints, column: int, counts: int) -> None:
    """LOW and HIGH of a few numbers."""
    for r in range(n):
        count = number[counts + r]
        below, above = (count - 1) >> 1, count >> 1
        low, high = lane[column + r], lane[column + r]
        for j in range(1, most):
            x = lane[column + j * WIDE + r]
            low = x if j == below else low
            high = x if j == above else high
        lane[LOW + r], lane[HIGH + r] = low, high
