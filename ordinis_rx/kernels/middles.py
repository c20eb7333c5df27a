"""What the reports of answers that lie abreast weigh, the price in their middle, and how far around it they scatter."""

from __future__ import annotations

from ordinis_rx.kernels.abreast import (
    AGES,
    APART,
    HIGHEST,
    LAST_LOAD,
    LEVELS,
    LOADS,
    LOWER,
    MARGIN,
    MEMBERS,
    MIDDLE,
    OLDNESS,
    RANKED,
    RANKED_LOADS,
    REACHED,
    SHORT,
    SQUARES,
    SWING2,
    TOTAL,
    UPPER,
    USUAL,
    WIDE,
)
from ordinis_rx.kernels.ranking import FEW, TURN, rank_loads, rank_many_loads
from ordinis_rx.kernels.record import Floats, Ints, either, helper, inlined, unrolled

__all__ = ["find_middles", "mean_age"]

_LEAST_WEIGHT = 1e-250
"""Weights of less, all together, are none."""


@helper
def find_middles(n: int, most: int, lane: Floats, number: Ints, original: int) -> None:
    """The MIDDLE of each of *n* answers, of *most* reports each at most, what each report weighs, and how they scatter.

    A report weighs its provider's weight / (1 + volatility^2 * age / scale^2): less, the further the price may have gone
    since. By the *original* rules nothing ages, and the middle is the plain median.
    """
    if most <= FEW:
        _weigh(n, FEW, 0, lane, number, original)
        _give_all_a_weight(n, lane, number)
        _find_few_middles(n, FEW, lane, number)
    else:
        for first in range(0, most, TURN):
            _weigh(n, TURN, first, lane, number, original)
        _give_all_a_weight(n, lane, number)
        rank_many_loads(n, most, lane, number)
        for first in range(0, most, TURN):
            _find_many_borders(n, TURN, first, lane)
        for r in range(n):
            lane[MIDDLE + r] = _blend(
                lane[LOWER + r], lane[UPPER + r], lane[SHORT + r], lane[MARGIN + r]
            )
    if original:
        _take_medians(n, lane, number)
    if most <= FEW:
        _scatter(n, FEW, 0, lane, number)
    else:
        for first in range(0, most, TURN):
            _scatter(n, TURN, first, lane, number)
    for r in range(n):
        members, oldness = float(number[MEMBERS + r]), lane[OLDNESS + r]
        lane[OLDNESS + r] = oldness / members if members > 0.0 else 0.0


@helper
def _fade(usual: float, swing2: float) -> float:
    """By how much the weight of a report falls each nanosecond."""
    usual2 = usual * usual
    return swing2 * 1e-9 / usual2 if usual2 > 0.0 else 0.0


@helper
def _faded(weight: float, fade: float, age: float) -> float:
    """What is left of a report's weight."""
    fading = 1.0 + fade * age
    return weight / fading if fading >= 1.0 else 0.0


@unrolled
def _weigh(n: int, most: int, first: int, lane: Floats, number: Ints, original: int) -> None:
    """What each of *most* reports from the *first* on weighs, and all together so far; and which is the highest."""
    for r in range(n):
        members, total, highest = number[MEMBERS + r], 0.0, 0.0
        if first:
            total, highest = lane[TOTAL + r], lane[HIGHEST + r]
        fade = either(original, 0.0, _fade(lane[USUAL + r], lane[SWING2 + r]))
        for j in range(most):
            at = (first + j) * WIDE + r
            used = first + j < members
            load, level = lane[LOADS + at], lane[LEVELS + at]
            weight = _faded(either(used, load, 0.0), fade, lane[AGES + at])
            lane[LOADS + at] = weight
            total += weight
            highest = either(used & (level > highest), level, highest)
        lane[TOTAL + r], lane[HIGHEST + r] = total, highest


@helper
def _give_all_a_weight(n: int, lane: Floats, number: Ints) -> None:
    """Where nobody has any weight, all have the same."""
    bare = 0
    for r in range(n):
        bare += 0 if lane[TOTAL + r] > _LEAST_WEIGHT else 1
    if bare:
        for r in range(n):
            m = number[MEMBERS + r]
            if not lane[TOTAL + r] > _LEAST_WEIGHT:
                lane[TOTAL + r] = float(m)
                for j in range(m):
                    lane[LOADS + j * WIDE + r] = 1.0


@unrolled
def _find_few_middles(n: int, most: int, lane: Floats, number: Ints) -> None:
    """The MIDDLE of each of *n* answers of *most* reports each at most, each answer at one go."""
    for r in range(n):
        rank_loads(most, number[MEMBERS + r], lane, r)
        lowest = lane[RANKED + r]
        lower, upper, short, margin, _, _ = _find_borders(
            most, 0, lane[TOTAL + r] * 0.5, lane, r, lowest, lowest, 0.0, 0.0, 0.0, 0.0
        )
        lane[MIDDLE + r] = _blend(lower, upper, short, margin)


@unrolled
def _find_many_borders(n: int, most: int, first: int, lane: Floats) -> None:
    """LOWER, UPPER, SHORT and MARGIN by *most* reports of each answer from the *first* on, and those before them."""
    for r in range(n):
        lower = upper = lane[RANKED + r]
        short, margin, last, reached = 0.0, 0.0, 0.0, 0.0
        if first:
            lower, upper, short, margin = (
                lane[LOWER + r],
                lane[UPPER + r],
                lane[SHORT + r],
                lane[MARGIN + r],
            )
            last, reached = lane[LAST_LOAD + r], lane[REACHED + r]
        lower, upper, short, margin, last, reached = _find_borders(
            most, first, lane[TOTAL + r] * 0.5, lane, r, lower, upper, short, margin, last, reached
        )
        lane[LOWER + r], lane[UPPER + r], lane[SHORT + r], lane[MARGIN + r] = (
            lower,
            upper,
            short,
            margin,
        )
        lane[LAST_LOAD + r], lane[REACHED + r] = last, reached


@inlined
def _find_borders(
    most: int,
    first: int,
    half: float,
    lane: Floats,
    r: int,
    lower: float,
    upper: float,
    short: float,
    margin: float,
    last: float,
    reached: float,
) -> tuple[float, float, float, float, float, float]:
    """Where the price with *half* of the weight on either side is: at *lower*, or on the way from there to *upper*.

    That is *short* of twice the *margin* of the way; without a margin it is at *lower*. Gives these four by *most* reports
    from the *first* on, what the last of those weighs, and what all weigh so far; it is given what these were before.

    Where the half falls close to the border of two (within a quarter of the lighter one's weight) the middle is a blend of
    both, so that it moves without jumps as weights change; exactly on the border, halfway.
    """
    for j in range(most):
        at = (first + j) * WIDE + r
        weight, y = lane[RANKED_LOADS + at], lane[RANKED + at]
        edge = 0.25 * min(last, weight)
        # Of a border that is too thin to be seen beside the half, what is on it is beyond.
        within = (weight > 0.0) & (reached < half + edge)
        below = within & (reached <= half - edge)
        near = within & (not below)
        lower, upper = either(below, y, lower), either(near, y, upper)
        short, margin = either(near, half + edge - reached, short), either(near, edge, margin)
        reached += weight
        last = either(weight > 0.0, weight, last)
    return lower, upper, short, margin, last, reached


@inlined
def _blend(lower: float, upper: float, short: float, margin: float) -> float:
    """The middle of an answer, of what `_find_borders` found."""
    twice = 2.0 * margin
    part = short / twice if twice > 0.0 else 0.0
    return either(twice > 0.0, min(lower + part * (upper - lower), upper), lower)


@helper
def _take_medians(n: int, lane: Floats, number: Ints) -> None:
    """The plain median as the middle of each answer."""
    for r in range(n):
        m = number[MEMBERS + r]
        if m > 0:
            low, high = (m - 1) >> 1, m >> 1
            lane[MIDDLE + r] = (
                lane[RANKED + low * WIDE + r] + lane[RANKED + high * WIDE + r]
            ) * 0.5


@unrolled
def _scatter(n: int, most: int, first: int, lane: Floats, number: Ints) -> None:
    """How far the reports are from the middle, all together; the squares of their shares in the weight; how old they are."""
    for r in range(n):
        total, middle, m = lane[TOTAL + r], lane[MIDDLE + r], number[MEMBERS + r]
        share = 1.0 / total if total > 0.0 else 0.0
        apart, squares, oldness = 0.0, 0.0, 0.0
        if first:
            apart, squares, oldness = lane[APART + r], lane[SQUARES + r], lane[OLDNESS + r]
        for j in range(most):
            at = (first + j) * WIDE + r
            used = first + j < m
            part = lane[LOADS + at] * share
            apart += either(used, abs(lane[LEVELS + at] - middle), 0.0)
            squares += either(used, part * part, 0.0)
            oldness += either(used, lane[AGES + at], 0.0)
        lane[APART + r], lane[SQUARES + r], lane[OLDNESS + r] = apart, squares, oldness


@helper
def mean_age(lane: Floats, number: Ints) -> float:
    """How old the reports of a lone answer are on the average, in nanoseconds."""
    oldness = 0.0
    for j in range(number[MEMBERS]):
        oldness += lane[AGES + j * WIDE]
    members = float(number[MEMBERS])
    return oldness / members if members > 0.0 else 0.0
