"""How far reports of one thing usually are apart, and how fast their middle moves."""

from __future__ import annotations

import math

from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import mean_square_distance, median, median_variance, nth

__all__ = [
    "ALL",
    "ANCHOR",
    "MOVES2",
    "NOBODY",
    "SCALE2",
    "TRACK",
    "VOLATILITY2",
    "learn",
    "learn_from_all",
    "usual_scale",
]

SCALE2, VOLATILITY2, MOVES2, ANCHOR = range(4)
TRACK = 4
"""How many floats are remembered of a symbol: the usual squared distance from the median, the squared move of the median a
second, the same as it is summed up (below 0 where noise explains more than there is), all as shares of the price, and the
median from which the next move is measured."""

NOBODY, ALL = -1, -2
"""Who is new, where it is not one of them."""

_SECOND = 1_000_000_000
_CUT = 1.5
"""How far from the median a report may be to the scale, as a multiple of what is usual: beyond, it counts as that far."""

_CUT_SQUARE = 0.7785
"""The mean square of a standard normal number that is cut so."""


@helper
def usual_scale(
    track: Floats,
    to: int,
    floor: float,
    tick: float,
    centre: float,
    widest: float,
    n: int,
    book: Floats,
    bids: int,
    asks: int,
    step: int,
    spread: Floats,
) -> float:
    """How far reports usually are from their median, the *centre*, as a share of it; at least the floor.

    The floor is the highest of *floor*, one tick, and half the median spread (the lower of the middle two). In `book` the
    bid and the ask of the first report are at *bids* and *asks*, and the next ones *step* further on; *widest* is the
    widest of all spreads.
    """
    if not centre > 0.0:
        return floor
    least = max(floor, tick / centre) if tick > 0.0 else floor
    scale2 = track[to + SCALE2]
    # Spreads that would change nothing if all were as wide as the widest need not be put in order; with some room for what
    # rounding does, as a product costs less than a quotient.
    half, narrow = 0.501 * widest, least * centre
    if half > narrow and half * half > scale2 * centre * centre:
        books = 0
        for i in range(n):
            wide = book[asks + i * step] - book[bids + i * step]
            if wide == wide:
                spread[books] = wide
                books += 1
        least = max(least, 0.5 * nth(spread, books, (books - 1) >> 1) / centre)
    if scale2 > least * least:
        return math.sqrt(scale2)
    return least


@helper
def learn(
    flags: int,
    value: float,
    counts: int,
    now: int,
    alpha: float,
    usual: float,
    n: int,
    m: int,
    centre: float,
    track: Floats,
    to: int,
    since: Ints,
    since_at: int,
) -> None:
    """Learn from a round how far reports are apart and how fast they move; nothing from what is excluded or in dispute.

    Of *n* reports *m* are kept, *centre* is their median, and *value* the one that is new; it *counts* if it is in line.
    """
    if flags or m == 0 or not centre > 0.0:
        return
    squares = 0.0
    if counts:
        squares = _cut_square(value, centre, usual, mean_square_distance(m))
    _take_in(float(counts), squares, now, alpha, usual, n, m, centre, track, to, since, since_at)


@helper
def learn_from_all(
    flags: int,
    now: int,
    alpha: float,
    usual: float,
    n: int,
    beyond: int,
    far: Floats,
    limit: Floats,
    kept: Ints,
    level: Floats,
    m: int,
    track: Floats,
    to: int,
    since: Ints,
    since_at: int,
) -> None:
    """The same where all reports are new.

    Of the *n* reports *beyond* are too far away, by `far` and `limit`, and *m* are kept, with their values in `level`.
    """
    if flags or m == 0:
        return
    centre = median(level, m)
    if not centre > 0.0:
        return
    expected = mean_square_distance(m)
    count = 0.0
    squares = 0.0
    for j in range(m):
        i = kept[j]
        if beyond == 0 or far[i] <= limit[i]:
            squares += _cut_square(level[j], centre, usual, expected)
            count += 1.0
    _take_in(count, squares, now, alpha, usual, n, m, centre, track, to, since, since_at)


@helper
def _cut_square(value: float, centre: float, usual: float, expected: float) -> float:
    """The squared distance from the centre, as a share of that, and no more than _CUT times what is usual.

    Cut, because who drifts away slowly must not stretch the scale as he goes, or nobody would ever notice.
    """
    x = (value - centre) * (1.0 / centre if centre > 0.0 else 0.0)
    return min(x * x, _CUT * _CUT * usual * usual * expected)


@helper
def _take_in(
    count: float,
    squares: float,
    now: int,
    alpha: float,
    usual: float,
    n: int,
    m: int,
    centre: float,
    track: Floats,
    to: int,
    since: Ints,
    since_at: int,
) -> None:
    """The volatility is that of the median, measured from second to second, less what the noise of the median adds."""
    expected = mean_square_distance(m)
    scale2 = track[to + SCALE2]
    if count > 0.0 and m > 1 and expected > 0.0:
        if scale2 == 0.0:
            scale2 = usual * usual
        scale2 += alpha * (squares / (count * expected * _CUT_SQUARE) - scale2)
        # Of two that drift apart one is wrong, and nobody can tell which: not to get used to it.
        if n == 2:
            scale2 = min(scale2, usual * usual)
        track[to + SCALE2] = scale2
    anchor = track[to + ANCHOR]
    elapsed = now - since[since_at]
    if anchor > 0.0 and elapsed >= 0:
        if elapsed < _SECOND:
            return
        step = (centre - anchor) / anchor
        members, seconds = float(m), elapsed * 1e-9
        noise = 0.0
        if members > 0.0:
            noise = 2.0 * scale2 * median_variance(m) / members
        moved2 = (step * step - noise) / seconds if seconds > 0.0 else 0.0
        track[to + MOVES2] += alpha * (moved2 - track[to + MOVES2])
        track[to + VOLATILITY2] = max(track[to + MOVES2], 0.0)
    track[to + ANCHOR] = centre
    since[since_at] = now
