"""Student's t: its quantile and its probabilities, by tables for as many degrees of freedom as there are providers."""

from __future__ import annotations

import math

from ordinis_rx.kernels.record import helper

__all__ = ["inside", "quantile_975"]

_TABLED = 68


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
def _inside_even(t: float, freedom: int) -> float:
    """The finite sum for an even number of degrees of freedom (Abramowitz and Stegun 26.7.4)."""
    nu = float(freedom)
    below = nu + t * t
    if not below > 0.0:
        return 0.0
    cosine2 = nu / below
    term = 1.0
    total = 1.0
    for k in range(1, freedom >> 1):
        count = float(k)
        term *= cosine2 * (_TERMS[k] if k < _TABLED >> 1 or count <= 0.0 else 1.0 - 0.5 / count)
        total += term
    return t / math.sqrt(below) * total


@helper
def inside(t: float, freedom: int) -> float:
    """The probability that Student's t is between -*t* and *t*, for at least 2 degrees of freedom.

    For an even number of degrees of freedom a finite sum; an odd one lies between its neighbours, in proportion to
    1 / freedom, within 0.0003 from 5 on.
    """
    if not t > 0.0:
        return 0.0
    if t > 1e6:
        return 1.0
    if freedom & 1 == 0:
        return min(_inside_even(t, freedom), 1.0)
    nu = float(freedom)
    share = 0.5
    if nu > 0.0:
        share = (nu - 1.0) / (2.0 * nu)
    return min(
        share * _inside_even(t, freedom - 1) + (1.0 - share) * _inside_even(t, freedom + 1), 1.0
    )
