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
    WIDE,
)
from ordinis_rx.kernels.ranking import FEW, TURN, find_medians, sort_few, sort_many
from ordinis_rx.kernels.record import Floats, Ints, helper, unrolled

__all__ = ["fold_books"]


@helper
def fold_books(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The book of each of *n* answers, of *most* reports each at most, and which share of the pairs of its books cross.

    Only reports count that have both a bid and an ask, so that no median bid can be above the median ask.
    """
    crossed = 0
    if most <= FEW:
        crossed = _open_books(n, FEW, 0, lane, number)
        sort_few(n, FEW, lane, BIDS)
        sort_few(n, FEW, lane, ASKS)
    else:
        for first in range(0, most, TURN):
            crossed = _open_books(n, TURN, first, lane, number)
        sort_many(n, most, lane, BIDS)
        sort_many(n, most, lane, ASKS)
    find_medians(n, most, lane, number, BIDS, BOOKS, BID_SIDE)
    find_medians(n, most, lane, number, ASKS, BOOKS, ASK_SIDE)
    _share_crossed(n, most, crossed, lane, number)


@unrolled
def _open_books(n: int, most: int, first: int, lane: Floats, number: Ints) -> int:
    """Which of *most* reports from the *first* on have both a bid and an ask; infinity stands for the others.

    Gives of how many answers the highest bid so far is above the lowest ask.
    """
    crossed = 0
    for r in range(n):
        books, highest, lowest = number[BOOKS + r], lane[HIGHEST_BID + r], lane[LOWEST_ASK + r]
        if first == 0:
            books, highest, lowest = 0, -math.inf, math.inf
        members = number[MEMBERS + r]
        for j in range(most):
            at = (first + j) * WIDE + r
            bid, ask = lane[BIDS + at], lane[ASKS + at]
            whole = first + j < members and bid == bid and ask == ask
            lane[BIDS + at] = bid if whole else math.inf
            lane[ASKS + at] = ask if whole else math.inf
            highest = bid if whole and bid > highest else highest
            lowest = ask if whole and ask < lowest else lowest
            books += 1 if whole else 0
        number[BOOKS + r], lane[HIGHEST_BID + r], lane[LOWEST_ASK + r] = books, highest, lowest
        crossed += 1 if highest > lowest else 0
    return crossed


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
                beneath += 1 if lane[ASKS + asks * WIDE + r] < lane[HIGHEST_BID + r] else 0
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
            bid, there = lane[BIDS + (bids + j) * WIDE + r], bids + j < books
            for i in range(most):
                below = lane[ASKS + (asks + i) * WIDE + r] < bid
                crossings += 1 if there and below else 0
        number[CROSSINGS + r] = crossings
