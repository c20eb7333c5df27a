"""Moments of the last numbers of each symbol: mean, deviation, z-score.

Welford's update (Technometrics 4, 1962) over a ring of the last *window* numbers. A sum that slides forgets nothing of its
rounding, so the moments are worked out anew from the ring now and then, and at once where most of what they were made of
has left the window: after a price of a million the deviation of prices around one would otherwise be noise.

A score judges a number by the numbers before it; it is not part of its own window.
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.record import Floats, Ints, Layout, floats, helper, integer, ints, real

__all__ = [
    "DEVIATION",
    "KEEP",
    "MEAN",
    "ROLLING",
    "SCORE",
    "moments_anew",
    "push",
    "rolling",
    "zscore_keep",
]

MEAN, DEVIATION, SCORE = range(3)
"""What is told of a window."""

# What is remembered of a symbol: numbers in the ring, where the next one goes, rounds since the moments were worked out,
# numbers refused in a row; mean, sum of squared distances from it, the highest that this has been since.
_COUNT, _POSITION, _ROUNDS, _REFUSED = range(4)
_COUNTS = 4
_MU, _M2, _PEAK = range(3)
_MOMENTS = 3

_OFTEN_ENOUGH = 16
"""Rounds of the ring after which the moments are worked out anew."""

_SHRUNK = 2.0**-10
"""A sum that has shrunk to this much of its peak has lost three of its sixteen digits."""

ROLLING = Layout(
    reads="symbol:i value:f flags:i=7",
    writes="row:i value:f",
    state="counts:i*4 moments:f*3 ring:f*window",
    params="window:i warm_up:i measure:i moves:i",
)
SYMBOL, NUMBER, FLAGS, ROW, VALUE, COUNTS, MOMENTS, RING, WINDOW, WARM_UP, MEASURE, MOVES = (
    ROLLING.slots
)

KEEP = Layout(
    reads="symbol:i value:f flags:i=7",
    writes="row:i",
    state="counts:i*4 moments:f*3 ring:f*window",
    params="window:i warm_up:i threshold:f feedback:i patience:i moves:i",
)
(
    K_SYMBOL,
    K_NUMBER,
    K_FLAGS,
    K_ROW,
    K_COUNTS,
    K_MOMENTS,
    K_RING,
    K_WINDOW,
    K_WARM_UP,
    THRESHOLD,
    FEEDBACK,
    PATIENCE,
    K_MOVES,
) = KEEP.slots


@helper
def moments_anew(s: int, window: int, moments: Floats, ring: Floats) -> None:
    """Work the moments of a full ring out of its numbers, in two passes."""
    first = s * window
    base = ring[first]
    total = 0.0
    for k in range(first, first + window):
        total += ring[k] - base
    width = float(window)
    mu = base + total / width if width > 0.0 else base
    m2 = 0.0
    rest = 0.0
    for k in range(first, first + window):
        away = ring[k] - mu
        m2 += away * away
        rest += away
    if width > 0.0:
        m2 -= rest * rest / width  # what the rounding of the mean has added
    if m2 < 0.0:
        m2 = 0.0
    moments[_MOMENTS * s + _MU] = mu
    moments[_MOMENTS * s + _M2] = m2
    moments[_MOMENTS * s + _PEAK] = m2


@helper
def push(x: float, s: int, window: int, counts: Ints, moments: Floats, ring: Floats) -> bool:
    """Take *x* into the window of symbol *s*, in place of the oldest number there; whether `moments_anew` is due then.

    That is not called from here, so that this is small enough to become part of the loops that call it.
    """
    c, m = _COUNTS * s, _MOMENTS * s
    count, position = counts[c + _COUNT], counts[c + _POSITION]
    mu, m2 = moments[m + _MU], moments[m + _M2]
    at = s * window + position
    position += 1
    if position == window:
        position = 0
        # One number is its own mean, which no sum that slides is.
        counts[c + _ROUNDS] += 1 if window > 1 else _OFTEN_ENOUGH
    counts[c + _POSITION] = position
    if count < window:
        count += 1
        away = x - mu
        mu += away / count
        m2 += away * (x - mu)
        ring[at] = x
        counts[c + _COUNT] = count
        moments[m + _MU] = mu
        moments[m + _M2] = m2
        moments[m + _PEAK] = m2
        return False
    old = ring[at]
    before = mu
    mu += (x - old) / window
    m2 += (x - old) * ((x - mu) + (old - before))
    ring[at] = x
    peak = moments[m + _PEAK]
    if counts[c + _ROUNDS] >= _OFTEN_ENOUGH or not m2 >= peak * _SHRUNK:
        counts[c + _ROUNDS] = 0
        return True
    moments[m + _MU] = mu
    moments[m + _M2] = m2
    if m2 > peak:
        moments[m + _PEAK] = m2
    return False


def rolling(n: int, call: Any) -> int:
    """The mean or deviation of the last numbers with this one, or its score by those before; from *warm_up* numbers on."""
    symbol, number, flags = ints(call, SYMBOL), floats(call, NUMBER), ints(call, FLAGS)
    row, value = ints(call, ROW), floats(call, VALUE)
    counts, moments, ring = ints(call, COUNTS), floats(call, MOMENTS), floats(call, RING)
    window, warm_up = integer(call, WINDOW), integer(call, WARM_UP)
    measure, moves = integer(call, MEASURE), integer(call, MOVES)
    written = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0 or flags[i] & moves == 0:  # not a finite number, or one that does not count
            continue
        s = symbol[i]
        told = False
        if measure == SCORE:
            count, m2 = counts[_COUNTS * s + _COUNT], moments[_MOMENTS * s + _M2]
            if count >= warm_up and count > 1 and m2 > 0.0:
                deviation = math.sqrt(m2 / (count - 1))
                if deviation > 0.0:
                    value[written] = (x - moments[_MOMENTS * s + _MU]) / deviation
                    told = True
        if push(x, s, window, counts, moments, ring):
            moments_anew(s, window, moments, ring)
        if measure != SCORE and counts[_COUNTS * s + _COUNT] >= warm_up:
            told = True
            if measure == MEAN:
                value[written] = moments[_MOMENTS * s + _MU]
            else:
                count, m2 = counts[_COUNTS * s + _COUNT], moments[_MOMENTS * s + _M2]
                value[written] = math.sqrt(m2 / (count - 1)) if count > 1 and m2 > 0.0 else 0.0
        if told:
            row[written] = i
            written += 1
    return written


def zscore_keep(n: int, call: Any) -> int:
    """The rows within *threshold* deviations of the numbers before them.

    With *feedback* a number that is refused does not enter the window; *patience* of them in a row are the market's new
    level, and the window begins anew with the last of them.
    """
    symbol, number, flags = ints(call, K_SYMBOL), floats(call, K_NUMBER), ints(call, K_FLAGS)
    row, counts = ints(call, K_ROW), ints(call, K_COUNTS)
    moments, ring = floats(call, K_MOMENTS), floats(call, K_RING)
    window, warm_up, threshold = (
        integer(call, K_WINDOW),
        integer(call, K_WARM_UP),
        real(call, THRESHOLD),
    )
    feedback, patience, moves = (
        integer(call, FEEDBACK),
        integer(call, PATIENCE),
        integer(call, K_MOVES),
    )
    limit = threshold * threshold
    kept = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0:
            continue
        s = symbol[i]
        c, m = _COUNTS * s, _MOMENTS * s
        count, m2 = counts[c + _COUNT], moments[m + _M2]
        away = x - moments[m + _MU]
        fits = count < warm_up or m2 <= 0.0 or away * away * (count - 1) <= limit * m2
        counted = flags[i] & moves != 0
        if fits:
            if counted:
                counts[c + _REFUSED] = 0
        elif feedback and counted:
            counts[c + _REFUSED] += 1
            if counts[c + _REFUSED] >= patience:
                for k in range(_COUNTS):
                    counts[c + k] = 0
                for k in range(_MOMENTS):
                    moments[m + k] = 0.0
                fits = True
            else:
                counted = False
        if fits:
            row[kept] = i
            kept += 1
        if counted and push(x, s, window, counts, moments, ring):
            moments_anew(s, window, moments, ring)
    return kept
