"""Robust statistics of a few numbers: middles, spreads, intervals.

Written for both worlds, as helpers of kernels: `order` holds the numbers of the values from the lowest to the highest, so
that nothing depends on the order in which they came.
"""

from __future__ import annotations

import math

from ordinis_rx.kernels.record import Floats, Ints, helper

__all__ = [
    "inside",
    "mean",
    "mean_distance",
    "mean_square_distance",
    "median",
    "median_distance",
    "median_variance",
    "quantile_975",
    "sort",
    "trimmed_mean",
    "weighted_mean",
    "weighted_median",
]

_VARIANCE = (1.0, 1.0, 1.0, 1.3463, 1.1938, 1.4339, 1.2876, 1.4716, 1.3459, 1.4961, 1.3837, 1.5104)
_DISTANCE = (1.0, 1.0, 0.5642, 0.5642, 0.6633, 0.6633, 0.7037, 0.7037, 0.7255, 0.7255, 0.739, 0.739)
_KNOWN = 12


@helper
def sort(order: Ints, value: Floats, n: int) -> None:
    """Put the first *n* of *order* into the order of their values; equal ones stay as they are."""
    for i in range(1, n):
        moving = order[i]
        x = value[moving]
        k = i
        while k > 0 and value[order[k - 1]] > x:
            order[k] = order[k - 1]
            k -= 1
        order[k] = moving


@helper
def median(order: Ints, value: Floats, n: int) -> float:
    """The middle one, or halfway between the middle two; *n* is at least 1."""
    half = n >> 1
    if n & 1:
        return value[order[half]]
    return (value[order[half - 1]] + value[order[half]]) * 0.5


@helper
def median_distance(order: Ints, value: Floats, n: int, centre: float) -> float:
    """The median of the distances from *centre*, in one walk outwards."""
    above = 0
    while above < n and value[order[above]] < centre:
        above += 1
    below = above - 1
    before = 0.0
    distance = 0.0
    for _ in range((n >> 1) + 1):
        before = distance
        if below < 0 or (above < n and value[order[above]] - centre < centre - value[order[below]]):
            distance = value[order[above]] - centre
            above += 1
        else:
            distance = centre - value[order[below]]
            below -= 1
    if n & 1:
        return distance
    return (before + distance) * 0.5


@helper
def mean(order: Ints, value: Floats, n: int) -> float:
    """The plain mean; *n* is at least 1."""
    base = value[order[0]]
    total = 0.0
    for i in range(n):
        total += value[order[i]] - base
    count = float(n)
    if count > 0.0:
        total /= count
    return base + total


@helper
def weighted_mean(order: Ints, value: Floats, weight: Floats, n: int) -> float:
    """The mean by weight; the plain one where all weights are 0."""
    base = value[order[0]]
    total = 0.0
    weights = 0.0
    for i in range(n):
        total += (value[order[i]] - base) * weight[order[i]]
        weights += weight[order[i]]
    if weights > 0.0:
        return base + total / weights
    return mean(order, value, n)


@helper
def weighted_median(order: Ints, value: Floats, weight: Floats, n: int) -> float:
    """The value with half of the weight on either side.

    Where the half falls close to the border of two values (within a quarter of the lighter one's weight) it is a blend of
    both, so that it moves without jumps as weights change; exactly on the border, halfway.
    """
    total = 0.0
    for i in range(n):
        total += weight[order[i]]
    if not total > 0.0:
        return median(order, value, n)
    half = total * 0.5
    reached = 0.0
    last = 0.0
    x = value[order[0]]
    for i in range(n):
        w = weight[order[i]]
        if w > 0.0:
            y = value[order[i]]
            if reached > 0.0:
                margin = 0.25 * min(last, w)
                if reached >= half + margin:
                    return x
                if reached > half - margin and margin > 0.0:
                    share = (half + margin - reached) / (2.0 * margin)
                    return min(x + share * (y - x), y)
            reached += w
            last = w
            x = y
    return x


@helper
def trimmed_mean(order: Ints, value: Floats, weight: Floats, n: int, share: float) -> float:
    """The mean of what is left when *share* of the weight is cut off at either end, in parts of values where need be."""
    total = 0.0
    for i in range(n):
        total += weight[order[i]]
    lowest = total * share
    highest = total - lowest
    base = value[order[0]]
    reached = 0.0
    taken = 0.0
    sum_ = 0.0
    for i in range(n):
        w = weight[order[i]]
        part = min(reached + w, highest) - max(reached, lowest)
        if part > 0.0:
            sum_ += (value[order[i]] - base) * part
            taken += part
        reached += w
    if taken > 0.0:
        return base + sum_ / taken
    return mean(order, value, n)


@helper
def mean_distance(n: int) -> float:
    """What the mean distance from their own median is for *n* independent normal values of deviation 1.

    By simulation (four digits) up to 11, beyond by a fit to within 0.1 %.
    """
    if n < _KNOWN:
        return _DISTANCE[n]
    count = float(n)
    return 0.79788 - (0.61 / count if count > 0.0 else 0.0)


@helper
def median_variance(n: int) -> float:
    """*n* times the variance of the median of *n* independent normal values of deviation 1: what the median costs.

    By simulation (three digits) up to 11, beyond by a fit to within 0.5 %.
    """
    if n < _KNOWN:
        return _VARIANCE[n]
    count = float(n)
    lacking = 0.68 if n & 1 else 2.05
    return 1.5708 - (lacking / count if count > 0.0 else 0.0)


@helper
def mean_square_distance(n: int) -> float:
    """What the mean square distance from their own median is for *n* independent normal values of deviation 1."""
    count = float(n)
    if n < 2:
        return 1.0
    return 1.0 - ((2.0 - median_variance(n)) / count if count > 0.0 else 0.0)


@helper
def quantile_975(freedom: int) -> float:
    """Student's t that 2.5 % are above, for at least 4 degrees of freedom; within 0.03 %.

    The expansion of Cornish and Fisher to the fourth order (Abramowitz and Stegun 26.7.5).
    """
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


@helper
def _inside_even(t: float, freedom: int) -> float:
    nu = float(freedom)
    below = nu + t * t
    if not (nu > 0.0 and below > 0.0):
        return 0.0
    cosine2 = nu / below
    term = 1.0
    total = 1.0
    j = 2.0
    while j < nu:
        term *= cosine2 * (j - 1.0) / j if j > 0.0 else 0.0
        total += term
        j += 2.0
    return t / math.sqrt(below) * total


@helper
def inside(t: float, freedom: int) -> float:
    """The probability that Student's t is between -*t* and *t*.

    For an even number of degrees of freedom a finite sum (Abramowitz and Stegun 26.7.4); an odd one lies between its
    neighbours, in proportion to 1 / freedom, within 0.0003 from 5 on.
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
