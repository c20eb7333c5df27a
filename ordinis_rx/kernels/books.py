"""The book of answers that lie abreast: the median bid and ask, and how far the books of providers cross."""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import (
    ASK_SIDE,
    ASKS,
    BID_SIDE,
    BIDS,
    BOOKS,
    CROSSED_PART,
    CROSSINGS,
    HIGHEST_BID,
    LOWEST_ASK,
    MEMBERS,
    RANKED_ASKS,
    RANKED_BIDS,
    WIDE,
)
from ordinis_rx.kernels.ranking import (
    FEW,
    TURN,
    few_middles,
    many_middles,
    median_of,
    sort_few,
    sort_many,
)
from ordinis_rx.kernels.record import Floats, Ints, either, helper, inlined, unrolled

__all__ = ["fold_books"]


@helper
def fold_books(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The book of each of *n* answers, of *most* reports each at most, and which share of the pairs of its books cross.

    Only reports count that have both a bid and an ask, so that no median bid can be above the median ask.
    """
    crossed = 0
    if most <= FEW:
        crossed = _open_few_books(n, FEW, lane, number)
    else:
        for first in range(0, most, TURN):
            crossed = _open_many_books(n, TURN, first, lane, number)
        sort_many(n, most, lane, RANKED_BIDS)
        sort_many(n, most, lane, RANKED_ASKS)
        for r in range(n):
            books = number[BOOKS + r]
            lane[BID_SIDE + r] = median_of(books, many_middles(books, lane, RANKED_BIDS + r))
            lane[ASK_SIDE + r] = median_of(books, many_middles(books, lane, RANKED_ASKS + r))
    _share_crossed(n, most, crossed, lane, number)


@unrolled
def _open_few_books(n: int, most: int, lane: Floats, number: Ints) -> int:
    """The book of each of *n* answers of *most* reports each at most; gives how many have books that cross."""
    crossed = 0
    for r in range(n):
        start = 0, -math.inf, math.inf
        books, highest, lowest = _open_books(most, 0, number[MEMBERS + r], lane, r, *start)
        sort_few(most, lane, RANKED_BIDS + r)
        sort_few(most, lane, RANKED_ASKS + r)
        lane[BID_SIDE + r] = median_of(books, few_middles(most, books, lane, RANKED_BIDS + r))
        lane[ASK_SIDE + r] = median_of(books, few_middles(most, books, lane, RANKED_ASKS + r))
        number[BOOKS + r] = books
        crossed += either(highest > lowest, 1, 0)
    return crossed


@unrolled
def _open_many_books(n: int, most: int, first: int, lane: Floats, number: Ints) -> int:
    """The books among *most* reports of each answer from the *first* on; gives how many have books that cross so far."""
    crossed = 0
    for r in range(n):
        books, highest, lowest = 0, -math.inf, math.inf
        if first:
            books, highest, lowest = number[BOOKS + r], lane[HIGHEST_BID + r], lane[LOWEST_ASK + r]
        books, highest, lowest = _open_books(
            most, first, number[MEMBERS + r], lane, r, books, highest, lowest
        )
        number[BOOKS + r], lane[HIGHEST_BID + r], lane[LOWEST_ASK + r] = books, highest, lowest
        crossed += either(highest > lowest, 1, 0)
    return crossed


@inlined
def _open_books(
    most: int,
    first: int,
    members: int,
    lane: Floats,
    r: int,
    books: int,
    highest: float,
    lowest: float,
) -> tuple[int, float, float]:
    """Which of *most* reports from the *first* on have both a bid and an ask; infinity stands for the others.

    Gives how many have, the highest bid and the lowest ask, where it was *books*, *highest* and *lowest* before.
    """
    for j in range(most):
        at = (first + j) * WIDE + r
        bid, ask = lane[BIDS + at], lane[ASKS + at]
        whole = (first + j < members) & (bid == bid) & (ask == ask)
        lane[RANKED_BIDS + at] = either(whole, bid, math.inf)
        lane[RANKED_ASKS + at] = either(whole, ask, math.inf)
        highest = either(whole & (bid > highest), bid, highest)
        lowest = either(whole & (ask < lowest), ask, lowest)
        books += either(whole, 1, 0)
    return books, highest, lowest


@helper
def _share_crossed(n: int, most: int, crossed: int, lane: Floats, number: Ints) -> None:
    """The share of the pairs of books that cross, of each answer; *crossed* have any."""
    for r in range(n):
        number[CROSSINGS + r] = 0
    if crossed and most <= FEW:
        _count_crossed(n, FEW, 0, 0, lane, number)
    elif crossed:
        for asks in range(0, most, TURN):
            beneath = 0
            for r in range(n):
                beneath += 1 if lane[RANKED_ASKS + asks * WIDE + r] < lane[HIGHEST_BID + r] else 0
            if beneath:  # the next asks are higher
                for bids in range(0, most, TURN):
                    _count_crossed(n, TURN, bids, asks, lane, number)
    for r in range(n):
        books = float(number[BOOKS + r])
        pairs = books * (books - 1.0) * 0.5
        lane[CROSSED_PART + r] = float(number[CROSSINGS + r]) / pairs if pairs > 0.0 else 0.0


@unrolled
def _count_crossed(n: int, most: int, bids: int, asks: int, lane: Floats, number: Ints) -> None:
    """How many of *most* asks are below how many of as many bids, from there on: all pairs are looked at."""
    for r in range(n):
        books, crossings = number[BOOKS + r], number[CROSSINGS + r]
        for j in range(most):
            bid, there = lane[RANKED_BIDS + (bids + j) * WIDE + r], bids + j < books
            for i in range(most):
                below = lane[RANKED_ASKS + (asks + i) * WIDE + r] < bid
                crossings += 1 if there and below else 0
        number[CROSSINGS + r] = crossings
