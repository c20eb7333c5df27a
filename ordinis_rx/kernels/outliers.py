"""Which reports are too far from the others."""

from __future__ import annotations

import math

from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import median, median_distance

__all__ = [
    "DISPUTED",
    "EXCLUDED",
    "HELD",
    "LEAVE_ONE_OUT",
    "MAD",
    "MARK",
    "NONE",
    "ROBUST",
    "SPLIT",
    "STREAK",
    "Z_SCORE",
    "all_near",
    "find_disputes",
    "judge_panel",
    "kept_of",
    "measure",
]

ROBUST, Z_SCORE, LEAVE_ONE_OUT, MAD, NONE = range(5)
"""The rules."""

EXCLUDED, STREAK, HELD = range(3)
MARK = 3
"""How many integers are remembered of each provider of a symbol: whether it was excluded the last time that it was judged,
for how many rounds it has been out of line, and whether it was excluded in the last round. What is no round, as when time
passes or somebody is lost, leaves the last two alone: how often one looks at a panel must not change who is excluded."""

DISPUTED, SPLIT = 1, 2
"""What a panel may be, as bits."""

_LONGEST_AGE = 30e9


@helper
def all_near(rule: int, k: float, floor: float, usual: float, centre: float, span: float) -> bool:
    """Whether all reports, of which the farthest is *span* from the *centre*, are well within the least that is allowed.

    Mostly they are.
    """
    if rule != ROBUST and rule != MAD:
        return rule == NONE
    return span < 0.999 * k * (usual if rule == ROBUST else floor) * centre


@helper
def measure(
    rule: int,
    k: float,
    floor: float,
    usual: float,
    volatility2: float,
    n: int,
    older: float,
    level: Floats,
    value: Floats,
    age: Floats,
    marked: int,
    far: Floats,
    limit: Floats,
) -> int:
    """How many reports are too far away; where there are any, or some are *marked*, of each how far, and how far it may be.

    Both are squared. Where all are near, nothing else is computed. *older* is the greater age of the two in the middle (ns).
    """
    beyond = 0
    count = float(n)
    centre = median(level, n)
    span = max(centre - level[0], level[n - 1] - centre)
    if not marked and all_near(rule, k, floor, usual, centre, span):
        return 0
    if n < 3 or rule == NONE or not centre > 0.0 or not count > 2.0:
        for i in range(n):
            far[i], limit[i] = 0.0, 1.0
        return 0
    if rule == ROBUST or rule == MAD:
        inverse = 1.0 / centre
        base = max(
            usual if rule == ROBUST else floor,
            1.4826 * median_distance(level, 0, n, centre) * inverse,
        )
        within = k * k * base * base
        swing = k * k * volatility2 * 1e-9 if rule == ROBUST else 0.0
        for i in range(n):
            x = (value[i] - centre) * inverse
            away, allowed = x * x, within + swing * min(max(age[i], older), _LONGEST_AGE)
            far[i], limit[i] = away, allowed
            beyond += 1 if away > allowed else 0
        return beyond
    base = level[0]
    total = 0.0
    for i in range(n):
        total += level[i] - base
    middle = total / count
    squares = 0.0
    for i in range(n):
        x = level[i] - base - middle
        squares += x * x
    for i in range(n):
        x = value[i] - base - middle
        if rule == Z_SCORE:
            variance = squares / (count - 1.0)
            far[i], limit[i] = 0.0, 1.0
            if variance > 0.0 and abs(x / math.sqrt(variance)) > k:
                far[i] = 2.0
        else:
            away = x * count / (count - 1.0)
            rest = max(squares - x * x * count / (count - 1.0), 0.0) / (count - 2.0)
            least = floor * centre
            far[i] = away * away
            limit[i] = k * k * max(rest, least * least)
        beyond += 1 if far[i] > limit[i] else 0
    return beyond


@helper
def _severity(far: float, limit: float) -> float:
    """How many times too far, squared."""
    return far / limit if limit > 0.0 else 2.0


@helper
def _two_camps(
    k: float, usual: float, n: int, lowest: float, low: float, high: float, highest: float
) -> bool:
    """Whether there are two halves, each close together, and far apart from each other."""
    if n & 1 or n < 4:
        return False
    limit = k * usual * (low + high) * 0.5
    widest = max(limit, 0.5 * (high - low))
    narrow = low - lowest < widest and highest - high < widest
    return narrow and high - low > limit


@helper
def find_disputes(
    rule: int,
    k: float,
    confirm: int,
    usual: float,
    volatility2: float,
    n: int,
    lowest: float,
    low: float,
    high: float,
    highest: float,
    older: float,
    news: int,
    rounds: Ints,
    to: int,
) -> int:
    """The bits DISPUTED and SPLIT of a panel: of two reports too far apart, or of two camps.

    *low* and *high* are the two prices in the middle, and *older* is the greater age of the first two (ns). `news` says
    whether this is a round; `rounds` at *to* counts the rounds in which the panel was split.
    """
    judging = rule != NONE and rule != Z_SCORE
    if not (judging and _two_camps(k, usual, n, lowest, low, high, highest)):
        if news:
            rounds[to] = 0
        if n != 2 or not judging:
            return 0
        middle = (low + high) * 0.5
        allowed = k * usual * middle
        allowed2 = allowed * allowed
        if rule == ROBUST:
            swing = k * middle
            allowed2 += swing * swing * volatility2 * (min(older, _LONGEST_AGE) * 1e-9)
        apart = high - low
        return DISPUTED if apart * apart > allowed2 else 0
    if news:
        rounds[to] += 1
    return SPLIT if rounds[to] >= confirm else DISPUTED


@helper
def judge_panel(
    rule: int,
    k: float,
    confirm: int,
    least: int,
    usual: float,
    volatility2: float,
    n: int,
    level: Floats,
    age: Floats,
    slot: Ints,
    news: int,
    mark: Ints,
    start: int,
    whole: int,
    rounds: Ints,
    to: int,
    weight: Floats,
    beyond: int,
    far: Floats,
    limit: Floats,
    excluded: Ints,
) -> int:
    """Exclude who is too far away, by what `measure` found; gives the bits DISPUTED and SPLIT.

    `whole` says whether all are here of whom there are marks; `rounds` tells, one further than *to*, whether there are any.
    Who is out of line, but not for long enough to be excluded, gets no weight: fresh as he is, he might outweigh all.
    """
    older = max(age[0], age[1]) if n > 1 else 0.0
    flags = find_disputes(
        rule, k, confirm, usual, volatility2, n, level[0], level[(n - 1) >> 1], level[n >> 1], level[n - 1], older, news,
        rounds, to,
    )  # fmt: skip
    split = n > 2 and flags != 0
    if beyond == 0 and not rounds[to + 1]:
        for i in range(n):
            excluded[i] = 0
        return flags
    count = 0
    for i in range(n):
        out = far[i] > limit[i]
        if rule == ROBUST:
            if out:
                weight[i] = 0.0
            at = start + slot[i] * MARK
            if mark[at + HELD] and n > 2:
                out = not far[i] < 0.25 * limit[i]
            elif out:
                if news:
                    mark[at + STREAK] = min(mark[at + STREAK] + 1, confirm)
                out = mark[at + STREAK] >= confirm
            if news and not out and not far[i] > limit[i]:
                mark[at + STREAK] = 0
        excluded[i] = 1 if out and not split else 0
        count += excluded[i]
    most = (n - 1) >> 1
    if rule == Z_SCORE:
        most = n - 1
        if n < least:
            most = 0
        if count > most:
            for i in range(n):
                excluded[i] = 0
            count = 0
    while count > most:
        nearest = -1.0
        for i in range(n):
            severity = _severity(far[i], limit[i])
            if excluded[i] and (nearest < 0.0 or severity < nearest):
                nearest = severity
        for i in range(n):
            if excluded[i] and _severity(far[i], limit[i]) <= nearest:
                excluded[i] = 0
                count -= 1
        flags |= DISPUTED
    marks = 0
    for i in range(n):
        at = start + slot[i] * MARK
        mark[at + EXCLUDED] = excluded[i]
        if news:
            mark[at + HELD] = excluded[i]
        marks |= excluded[i] | mark[at + STREAK] | mark[at + HELD]
    if marks or whole:
        rounds[to + 1] = 1 if marks else 0
    return flags


@helper
def kept_of(order: Ints, level: Floats, excluded: Ints, n: int, kept: Ints) -> int:
    """The reports that are used, from the lowest to the highest, and their values moved up in `level`; gives how many."""
    m = 0
    for i in range(n):
        number = order[i]
        if not excluded[number]:
            kept[m] = number
            level[m] = level[i]
            m += 1
    return m
