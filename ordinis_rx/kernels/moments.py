"""The last numbers of each symbol in a ring, with their mean and the sum of squared distances from it.

Welford's update (Technometrics 4, 1962). A sum that slides forgets nothing of its rounding, so the moments are worked out
anew from the ring now and then, and at once where most of what they were made of has left the window: after a price of a
million the deviation of prices around one would otherwise be noise.
"""

from __future__ import annotations

from ordinis_rx.kernels.record import Floats, Ints, helper, inlined

__all__ = [
    "COUNT",
    "COUNTS",
    "M2",
    "MOMENTS",
    "MU",
    "POSITION",
    "REFUSED",
    "moments_anew",
    "push",
    "remove",
    "restart",
]

# What is remembered of a symbol: numbers in the ring, where the next one goes, rounds since the moments were worked out,
# numbers refused in a row; mean, sum of squared distances from it, what that shrinks from.
COUNTS = 4
COUNT, POSITION, _ROUNDS, REFUSED = range(COUNTS)
MOMENTS = 3
MU, M2, _PEAK = range(MOMENTS)

_OFTEN_ENOUGH = 16
"""Rounds of the ring after which the moments are worked out anew; or how many times the numbers left have been removed."""

_SHRUNK = 2.0**-10
"""A sum that has shrunk to this much of its peak has lost three of its sixteen digits."""

_ROUGH = 2.0**-76
"""So much of the square of the mean, for each number, is added to a sum's peak, if that is not 0: what is far below may be
the rounding of numbers that are all the same by now. (With n numbers and a peak P that is about sqrt(n P) 2**-50 times the
mean, which is less than P 2**-10 and n 2**-90 times its square together.)"""


@helper
def _peak_of(m2: float, mu: float, count: int) -> float:
    """What a sum of *count* numbers that has become *m2* shrinks from."""
    return m2 + mu * mu * count * _ROUGH if m2 > 0.0 else m2


@helper
def moments_anew(
    s: int, window: int, oldest: int, count: int, moments: Floats, ring: Floats
) -> None:
    """Work the moments of symbol *s* out of *count* numbers of its ring, from the *oldest* on, in two passes."""
    first, end = s * window, s * window + window
    base = ring[first + oldest]
    total = 0.0
    at = first + oldest
    for _ in range(count):
        total += ring[at] - base
        at += 1
        if at == end:
            at = first
    width = float(count)
    mu = base + total / width if width > 0.0 else 0.0
    m2 = 0.0
    rest = 0.0
    at = first + oldest
    for _ in range(count):
        away = ring[at] - mu
        m2 += away * away
        rest += away
        at += 1
        if at == end:
            at = first
    if width > 0.0:
        m2 -= rest * rest / width  # what the rounding of the mean has added
    if m2 < 0.0:
        m2 = 0.0
    moments[MOMENTS * s + MU] = mu
    moments[MOMENTS * s + M2] = m2
    moments[MOMENTS * s + _PEAK] = _peak_of(m2, mu, count)


@inlined
def push(x: float, s: int, window: int, counts: Ints, moments: Floats, ring: Floats) -> bool:
    """Take *x* into the window of symbol *s*, in place of the oldest number of a full one; whether `moments_anew` is due.

    Then all numbers of the ring go through that. It is not called from here, since this becomes part of the loops that call
    it, wherever they do.
    """
    c, m = COUNTS * s, MOMENTS * s
    count, position = counts[c + COUNT], counts[c + POSITION]
    mu, m2 = moments[m + MU], moments[m + M2]
    at = s * window + position
    position += 1
    if position == window:
        position = 0
        # One number is its own mean, which no sum that slides is.
        counts[c + _ROUNDS] += 1 if window > 1 else _OFTEN_ENOUGH
    counts[c + POSITION] = position
    peak = moments[m + _PEAK]
    if count < window:
        count += 1
        away = x - mu
        mu += away / count
        m2 += away * (x - mu)
        ring[at] = x
        counts[c + COUNT] = count
        moments[m + MU] = mu
        moments[m + M2] = m2
        if not m2 <= peak:
            moments[m + _PEAK] = _peak_of(m2, mu, count)
        return False
    old = ring[at]
    before = mu
    mu += (x - old) / window
    m2 += (x - old) * ((x - mu) + (old - before))
    ring[at] = x
    if counts[c + _ROUNDS] >= _OFTEN_ENOUGH or not m2 >= peak * _SHRUNK:
        counts[c + _ROUNDS] = 0
        return True
    moments[m + MU] = mu
    moments[m + M2] = m2
    if m2 > peak:
        moments[m + _PEAK] = _peak_of(m2, mu, window)
    return False


@helper
def remove(
    gone: int, s: int, window: int, removed: Ints, counts: Ints, moments: Floats, ring: Floats
) -> None:
    """Take the oldest *gone* of the numbers of symbol *s* out of its window.

    *removed* counts for each symbol how many have been taken since the moments were worked out.
    """
    c, m = COUNTS * s, MOMENTS * s
    count = counts[c + COUNT]
    oldest = counts[c + POSITION] - count
    if oldest < 0:
        oldest += window
    left = count - gone
    counts[c + COUNT] = left
    mu, m2 = moments[m + MU], moments[m + M2]
    if gone < left:
        while count > left:
            count -= 1
            x = ring[s * window + oldest]
            away = x - mu
            mu -= away / count
            m2 -= away * (x - mu)
            oldest += 1
            if oldest == window:
                oldest = 0
        removed[s] += gone
        if removed[s] < _OFTEN_ENOUGH * left and m2 >= moments[m + _PEAK] * _SHRUNK:
            moments[m + MU] = mu
            moments[m + M2] = m2
            return
    else:
        oldest += gone
        if oldest >= window:
            oldest -= window
    removed[s] = 0
    moments_anew(s, window, oldest, left, moments, ring)


@helper
def restart(s: int, counts: Ints, moments: Floats) -> None:
    """Empty the window of symbol *s*; the next number goes where it would have gone."""
    c, m = COUNTS * s, MOMENTS * s
    counts[c + COUNT] = counts[c + _ROUNDS] = counts[c + REFUSED] = 0
    moments[m + MU] = moments[m + M2] = moments[m + _PEAK] = 0.0
