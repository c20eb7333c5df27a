"""Student's t: its quantile and its probabilities, by tables for as many degrees of freedom as there are providers."""

from __future__ import annotations

import math

from ordinis_rx.kernels.abreast import COSINE2, FREEDOM, HIGH, LOW, TERM, TIMES, TRUST
from ordinis_rx.kernels.record import Floats, Ints, helper

__all__ = ["BEYOND_ALL", "find_inside", "quantile_975"]

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
    if n == 1:
        freedom, t = number[FREEDOM], lane[TIMES]
        odd = freedom & 1
        lower = _inside_even(t, freedom - odd)
        upper = _inside_even(t, freedom + odd) if odd else lower
        lane[TRUST] = _inside(t, freedom, lower, upper)
        return
    odd = 0
    for r in range(n):
        odd |= number[FREEDOM + r] & 1
    _inside_all_even(n, most, lane, number, 0, TRUST)
    upward = TRUST
    if odd:
        upward = HIGH
        _inside_all_even(n, most, lane, number, 1, HIGH)
    for r in range(n):
        freedom, t = number[FREEDOM + r], lane[TIMES + r]
        lower, upper = lane[TRUST + r], lane[upward + r]
        lane[TRUST + r] = _inside(t, freedom, lower, upper)


@helper
def _inside(t: float, freedom: int, lower: float, upper: float) -> float:
    """The probability by those of the even numbers of degrees of freedom that are next."""
    nu = float(freedom)
    share = (nu - 1.0) / (2.0 * nu) if nu > 0.0 else 0.5
    between = share * lower + (1.0 - share) * upper
    inside = min(between if freedom & 1 else lower, 1.0)
    inside = 1.0 if t > BEYOND_ALL else inside
    return inside if t > 0.0 else 0.0


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


@helper
def _inside_even(t: float, freedom: int) -> float:
    """The finite sum for an even number of degrees of freedom (Abramowitz and Stegun 26.7.4)."""
    cosine2 = _cosine2(t, float(freedom))
    term = 1.0
    total = 1.0
    for k in range(1, freedom >> 1):
        term *= cosine2 * _ratio(k)
        total += term
    return _sine(t, float(freedom)) * total


@helper
def _inside_all_even(n: int, most: int, lane: Floats, number: Ints, up: int, to: int) -> None:
    """The same side by side, for the even number that is next above or below."""
    for r in range(n):
        odd = number[FREEDOM + r] & 1
        nu = float(number[FREEDOM + r] + (odd if up else -odd))
        lane[COSINE2 + r], lane[TERM + r], lane[LOW + r] = _cosine2(lane[TIMES + r], nu), 1.0, 1.0
    for k in range(1, (most + 1) >> 1):
        ratio = _ratio(k)
        for r in range(n):
            odd = number[FREEDOM + r] & 1
            terms = (number[FREEDOM + r] + (odd if up else -odd)) >> 1
            term = lane[TERM + r] * (lane[COSINE2 + r] * ratio)
            lane[TERM + r] = term
            lane[LOW + r] += term if k < terms else 0.0
    for r in range(n):
        odd = number[FREEDOM + r] & 1
        nu = float(number[FREEDOM + r] + (odd if up else -odd))
        lane[to + r] = _sine(lane[TIMES + r], nu) * lane[LOW + r]
