"""How far reports of one thing usually are apart, and how fast their middle moves."""

from __future__ import annotations

import math

from ordinis_rx.kernels.record import Floats, Ints, helper, inlined
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
    "least_scale",
    "squared_distance",
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
def least_scale(floor: float, tick: float, centre: float) -> float:
    """The least that the scale may be: *floor*, or one tick as a share of the *centre*, if that is more."""
    return max(floor, tick / centre) if tick > 0.0 and centre > 0.0 else floor


@helper
def usual_scale(
    scale2: float,
    least: float,
    centre: float,
    widest: float,
    n: int,
    book: Floats,
    bids: int,
    asks: int,
    step: int,
    spread: Floats,
) -> float:
    """How far reports usually are from their median, the *centre*, as a share of it, where they were *scale2* so far.

    No less than *least*, and half the median spread (the lower of the middle two). In `book` the bid and the ask of the
    first report are at *bids* and *asks*, and the next ones *step* further on; *widest* is the widest of all spreads.
    """
    # Spreads that would change nothing if all were as wide as the widest need not be put in order; with some room for what
    # rounding does, as a product costs less than a quotient.
    half, narrow = 0.501 * widest, least * centre
    if half > narrow and half * half > scale2 * centre * centre:
        least = max(least, _half_spread(n, book, bids, asks, step, spread) / centre)
    return math.sqrt(scale2) if scale2 > least * least else least


@helper
def _half_spread(n: int, book: Floats, bids: int, asks: int, step: int, spread: Floats) -> float:
    """Half the median spread of the first *n* reports, of which one has a book at least."""
    books = 0
    for i in range(n):
        wide = book[asks + i * step] - book[bids + i * step]
        if wide == wide:
            spread[books] = wide
            books += 1
    return 0.5 * nth(spread, books, (books - 1) >> 1)


@inlined
def learn(
    square: float,
    counts: int,
    now: int,
    alpha: float,
    usual: float,
    n: int,
    m: int,
    expected: float,
    centre: float,
    track: Floats,
    to: int,
    since: Ints,
    since_at: int,
) -> None:
    """Learn from a round how far reports are apart and how fast they move; not from one that is in dispute.

    Of *n* reports *m* are kept, *centre* is their median, from which the new one has the `squared_distance` *square*; it
    *counts* if it is in line. What is *expected* of so many is their `mean_square_distance`.
    """
    if m == 0 or not centre > 0.0:
        return
    if counts:
        _learn_scale(1.0, _cut(square, usual, expected), alpha, usual, n, m, expected, track, to)
    if _is_due(now, track, to, since, since_at):
        _learn_moves(now, alpha, m, centre, track, to, since, since_at)


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
            squares += _cut(squared_distance(level[j], centre), usual, expected)
            count += 1.0
    if count > 0.0:
        _learn_scale(count, squares, alpha, usual, n, m, expected, track, to)
    if _is_due(now, track, to, since, since_at):
        _learn_moves(now, alpha, m, centre, track, to, since, since_at)


@helper
def squared_distance(value: float, centre: float) -> float:
    """How far a report is from the *centre*, as a share of that, squared."""
    x = (value - centre) * (1.0 / centre if centre > 0.0 else 0.0)
    return x * x


@helper
def _cut(square: float, usual: float, expected: float) -> float:
    """A squared distance, but no more than _CUT times what is usual.

    Cut, because who drifts away slowly must not stretch the scale as he goes, or nobody would ever notice.
    """
    return min(square, _CUT * _CUT * usual * usual * expected)


@helper
def _learn_scale(
    count: float,
    squares: float,
    alpha: float,
    usual: float,
    n: int,
    m: int,
    expected: float,
    track: Floats,
    to: int,
) -> None:
    """Learn how far reports are apart from *count* of them, with so much for their *squares* in all."""
    whole = count * expected * _CUT_SQUARE
    if m > 1 and whole > 0.0:
        scale2 = track[to + SCALE2]
        if scale2 == 0.0:
            scale2 = usual * usual
        scale2 += alpha * (squares / whole - scale2)
        # Of two that drift apart one is wrong, and nobody can tell which: not to get used to it.
        if n == 2:
            scale2 = min(scale2, usual * usual)
        track[to + SCALE2] = scale2


@helper
def _is_due(now: int, track: Floats, to: int, since: Ints, since_at: int) -> bool:
    """Whether a second has passed since the last move; or there is none to measure from, or the clock was set back."""
    return not (track[to + ANCHOR] > 0.0 and 0 <= now - since[since_at] < _SECOND)


@helper
def _learn_moves(
    now: int,
    alpha: float,
    m: int,
    centre: float,
    track: Floats,
    to: int,
    since: Ints,
    since_at: int,
) -> None:
    """The volatility is that of the median, measured from second to second, less what the noise of the median adds."""
    anchor, scale2 = track[to + ANCHOR], track[to + SCALE2]
    elapsed = now - since[since_at]
    if anchor > 0.0 and elapsed >= 0:
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
