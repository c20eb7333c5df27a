"""Robust statistics of a few numbers: middles and spreads.

Written for both worlds, as helpers of kernels. Most take `level`: the numbers from the lowest to the highest, so that
nothing depends on the order in which they came.
"""

from __future__ import annotations

from ordinis_rx.kernels.record import Floats, Ints, helper

__all__ = [
    "arrange",
    "mean",
    "mean_distance",
    "mean_square_distance",
    "median",
    "median_distance",
    "median_variance",
    "nth",
    "put_in_order",
    "trimmed_mean",
    "weighted_mean",
]

_VARIANCE = (1.0, 1.0, 1.0, 1.3463, 1.1938, 1.4339, 1.2876, 1.4716, 1.3459, 1.4961, 1.3837, 1.5104)
_DISTANCE = (1.0, 1.0, 0.5642, 0.5642, 0.6633, 0.6633, 0.7037, 0.7037, 0.7255, 0.7255, 0.739, 0.739)
_KNOWN = 12


@helper
def arrange(value: Floats, n: int, order: Ints, level: Floats) -> None:
    """The numbers of the first *n* values from the lowest to the highest into `order`, and the values so into `level`.

    Equal values stay as they are. Each is put where as many belong before it as there are lower ones: without a branch that
    depends on a price, which no processor can foresee, that is faster for a few than any sorting.
    """
    for i in range(n):
        x = value[i]
        place = 0
        for j in range(n):
            y = value[j]
            place += 1 if y < x or (y == x and j < i) else 0
        order[place] = i
        level[place] = x


@helper
def nth(value: Floats, n: int, at: int) -> float:
    """The value that has *at* of the *n* before it when they are put in order."""
    found = value[0]
    for i in range(n):
        x = value[i]
        place = 0
        for j in range(i):
            place += 1 if value[j] <= x else 0
        for j in range(i + 1, n):
            place += 1 if value[j] < x else 0
        found = x if place == at else found
    return found


@helper
def put_in_order(value: Floats, n: int) -> None:
    """Sort the first *n* values, in place; fastest where they are nearly in order."""
    for i in range(1, n):
        x = value[i]
        k = i
        while k > 0 and value[k - 1] > x:
            value[k] = value[k - 1]
            k -= 1
        value[k] = x


@helper
def median(level: Floats, n: int) -> float:
    """The middle one, or halfway between the middle two; *n* is at least 1."""
    return (level[(n - 1) >> 1] + level[n >> 1]) * 0.5


@helper
def _reach(level: Floats, first: int, n: int, centre: float, count: int) -> float:
    """The least distance from *centre* within which *count* lie: those are neighbours, so it is the best of their runs."""
    low, high = first, first + count - 1
    best = max(centre - level[low], level[high] - centre)
    for k in range(1, n - count + 1):
        best = min(best, max(centre - level[low + k], level[high + k] - centre))
    return best


@helper
def median_distance(level: Floats, first: int, n: int, centre: float) -> float:
    """The median of the distances of *n* numbers, the lowest of which is the *first*, from *centre*."""
    half = n >> 1
    farther = _reach(level, first, n, centre, half + 1)
    if n & 1:
        return farther
    return (_reach(level, first, n, centre, half) + farther) * 0.5


@helper
def mean(level: Floats, n: int) -> float:
    """The plain mean; *n* is at least 1."""
    base = level[0]
    total = 0.0
    for i in range(n):
        total += level[i] - base
    count = float(n)
    if count > 0.0:
        total /= count
    return base + total


@helper
def weighted_mean(level: Floats, weight: Floats, n: int) -> float:
    """The mean by weight; the plain one where all weights are 0."""
    base = level[0]
    total = 0.0
    weights = 0.0
    for i in range(n):
        total += (level[i] - base) * weight[i]
        weights += weight[i]
    if weights > 0.0:
        return base + total / weights
    return mean(level, n)


@helper
def trimmed_mean(level: Floats, weight: Floats, n: int, share: float) -> float:
    """The mean of what is left when *share* of the weight is cut off at either end, in parts of values where need be."""
    total = 0.0
    for i in range(n):
        total += weight[i]
    lowest = total * share
    highest = total - lowest
    base = level[0]
    reached = 0.0
    taken = 0.0
    sum_ = 0.0
    for i in range(n):
        w = weight[i]
        part = min(reached + w, highest) - max(reached, lowest)
        if part > 0.0:
            sum_ += (level[i] - base) * part
            taken += part
        reached += w
    if taken > 0.0:
        return base + sum_ / taken
    return mean(level, n)


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
