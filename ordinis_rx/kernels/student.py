"""Student's t: its quantile and its probabilities, by tables for as many degrees of freedom as there are providers."""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import COSINE2, FREEDOM, LOWER, TERM, TIMES, TRUST, UPPER
from ordinis_rx.kernels.record import Floats, Ints, either, helper, inlined

__all__ = ["BEYOND_ALL", "find_inside", "inside_few", "quantile_975"]

_TABLED = 68

BEYOND_ALL = 1e6
"""All probability is inside so many deviations, whatever the degrees of freedom."""


@helper
def _expanded_quantile(freedom: int) -> float:
    """The expansion of Cornish and Fisher to the fourth order (Abramowitz and Stegun 26.7.5); from 4 on within 0.03 %."""
    z = 1.959963984540054
    nu = float(freedom)
    if nu <= 0.0:
        return z
    z2 = z * z
    first = z * (z2 + 1.0) / 4.0
    second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0
    third = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0
    fourth = z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92160.0
    return z + (first + (second + (third + fourth / nu) / nu) / nu) / nu


_QUANTILES = tuple(_expanded_quantile(freedom) for freedom in range(_TABLED))
_TERMS = (1.0, *((2 * k - 1) / (2 * k) for k in range(1, _TABLED // 2)))


@helper
def quantile_975(freedom: int) -> float:
    """Student's t that 2.5 % are above, for at least 4 degrees of freedom; within 0.03 %."""
    if freedom < _TABLED:
        return _QUANTILES[freedom]
    return _expanded_quantile(freedom)


@helper
def find_inside(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The probability that Student's t is between -TIMES and TIMES, into TRUST, for the first *n* answers.

    There are at least 2 degrees of FREEDOM, and at most *most*. For an even number of them it is a finite sum; an odd one
    lies between its neighbours, in proportion to 1 / freedom, within 0.0003 from 5 on.
    """
    odd = 0
    for r in range(n):
        odd |= number[FREEDOM + r] & 1
    _sum_many(n, most, lane, number, 0, LOWER)
    upward = LOWER
    if odd:
        upward = UPPER
        _sum_many(n, most, lane, number, 1, UPPER)
    for r in range(n):
        inside = _between(number[FREEDOM + r], lane[LOWER + r], lane[upward + r])
        lane[TRUST + r] = _within_all(lane[TIMES + r], inside)


@inlined
def inside_few(most: int, odd: int, t: float, freedom: int) -> float:
    """The same probability of one answer with few degrees of freedom, *most* at most; whether they may be *odd*."""
    lower = _sum_few(most, t, _even(freedom, 0))
    if odd:
        lower = _between(freedom, lower, _sum_few(most, t, _even(freedom, 1)))
    return _within_all(t, lower)


@helper
def _even(freedom: int, up: int) -> int:
    """The even number that is next, above or below."""
    odd = freedom & 1
    return freedom + (odd if up else -odd)


@helper
def _between(freedom: int, lower: float, upper: float) -> float:
    """The probability by those of the even numbers of degrees of freedom that are next."""
    nu = float(freedom)
    share = (nu - 1.0) / (2.0 * nu) if nu > 0.0 else 0.5
    return either(freedom & 1, share * lower + (1.0 - share) * upper, lower)


@helper
def _within_all(t: float, inside: float) -> float:
    """A probability, which is that of no more than all and, beyond the ends, of all or nothing."""
    inside = either(t > BEYOND_ALL, 1.0, min(inside, 1.0))
    return either(t > 0.0, inside, 0.0)


@helper
def _cosine2(t: float, nu: float) -> float:
    below = nu + t * t
    return nu / below if below > 0.0 else 0.0


@helper
def _sine(t: float, nu: float) -> float:
    below = nu + t * t
    root = math.sqrt(below) if below >= 0.0 else 0.0
    return t / root if root > 0.0 else 0.0


@helper
def _ratio(k: int) -> float:
    """Of the term *k* of the sum to the one before, but for the cosine."""
    count = float(k)
    return _TERMS[k] if k < _TABLED >> 1 or count <= 0.0 else 1.0 - 0.5 / count


@inlined
def _sum_few(most: int, t: float, even: int) -> float:
    """The finite sum for an *even* number of degrees of freedom (Abramowitz and Stegun 26.7.4)."""
    nu = float(even)
    cosine2, term, total = _cosine2(t, nu), 1.0, 1.0
    for k in range(1, (most + 1) >> 1):
        term = term * (cosine2 * _TERMS[k])
        total += either(k < even >> 1, term, 0.0)
    return _sine(t, nu) * total


@helper
def _sum_many(n: int, most: int, lane: Floats, number: Ints, up: int, to: int) -> None:
    """The same side by side, for the even number that is next above or below."""
    for r in range(n):
        nu = float(_even(number[FREEDOM + r], up))
        lane[COSINE2 + r], lane[TERM + r], lane[to + r] = _cosine2(lane[TIMES + r], nu), 1.0, 1.0
    for k in range(1, (most + 1) >> 1):
        ratio = _ratio(k)
        for r in range(n):
            terms = _even(number[FREEDOM + r], up) >> 1
            term = lane[TERM + r] * (lane[COSINE2 + r] * ratio)
            lane[TERM + r] = term
            lane[to + r] += either(k < terms, term, 0.0)
    for r in range(n):
        nu = float(_even(number[FREEDOM + r], up))
        lane[to + r] = _sine(lane[TIMES + r], nu) * lane[to + r]
