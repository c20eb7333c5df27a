"""Which reports are too far from the others, how far they usually are apart, and how fast the middle moves."""

from __future__ import annotations

import math

from ordinis_rx.kernels.record import Floats, Ints, helper
from ordinis_rx.kernels.robust import (
    mean_square_distance,
    median,
    median_distance,
    median_variance,
    sort,
)

__all__ = [
    "ALL",
    "ANCHOR",
    "DISPUTED",
    "EXCLUDED",
    "LEAVE_ONE_OUT",
    "MAD",
    "MARK",
    "MOVES2",
    "NOBODY",
    "NONE",
    "ROBUST",
    "SCALE2",
    "SPLIT",
    "STREAK",
    "TRACK",
    "VOLATILITY2",
    "Z_SCORE",
    "hush",
    "judge_panel",
    "learn",
    "usual_scale",
]

ROBUST, Z_SCORE, LEAVE_ONE_OUT, MAD, NONE = range(5)
"""The rules."""

EXCLUDED, STREAK = range(2)
MARK = 2
"""How many integers are remembered of each provider of a symbol."""

SCALE2, VOLATILITY2, MOVES2, ANCHOR = range(4)
TRACK = 4
"""How many floats are remembered of a symbol: the usual squared distance from the median, the squared move of the median a
second, the same as it is summed up (below 0 where noise explains more than there is), all as shares of the price, and the
median from which the next move is measured."""

NOBODY, ALL = -1, -2
"""Who is new, where it is not one of them."""

DISPUTED, SPLIT = 1, 2
"""What a panel may be, as bits."""

_LONGEST_AGE = 30_000_000_000
_SECOND = 1_000_000_000
_CUT = 1.5
"""How far from the median a report may be to the scale, as a multiple of what is usual: beyond, it counts as that far."""

_CUT_SQUARE = 0.7785
"""The mean square of a standard normal number that is cut so."""


@helper
def usual_scale(
    track: Floats,
    to: int,
    floor: float,
    tick: float,
    n: int,
    order: Ints,
    value: Floats,
    bid: Floats,
    ask: Floats,
    rank: Ints,
    spread: Floats,
) -> float:
    """How far reports usually are from their median, as a share of it; at least the floor.

    The floor is the highest of *floor*, one tick, and half the median spread (the lower of the middle two).
    """
    centre = median(order, value, n)
    if not centre > 0.0:
        return floor
    least = max(floor, tick / centre)
    books = 0
    for i in range(n):
        spread[i] = ask[i] - bid[i]
        if spread[i] == spread[i]:
            rank[books] = i
            books += 1
    if books > 0:
        sort(rank, spread, books)
        least = max(least, 0.5 * spread[rank[(books - 1) >> 1]] / centre)
    scale2 = track[to + SCALE2]
    if scale2 > least * least:
        return math.sqrt(scale2)
    return least


@helper
def _distance_by_rule(
    rule: int,
    k: float,
    floor: float,
    usual: float,
    volatility2: float,
    n: int,
    order: Ints,
    value: Floats,
    age: Ints,
    severity: Floats,
) -> None:
    """For each report how far away it is, squared and as a multiple of what the rule allows: above 1 is too far."""
    count = float(n)
    centre = median(order, value, n)
    for i in range(n):
        severity[i] = 0.0
    if n < 3 or rule == NONE or not centre > 0.0 or not count > 2.0:
        return
    if rule == ROBUST or rule == MAD:
        spread = 1.4826 * median_distance(order, value, n, centre) / centre
        base = max(usual if rule == ROBUST else floor, spread)
        oldest = 0
        if rule == ROBUST:
            oldest = max(age[order[n >> 1]], age[order[(n - 1) >> 1]])
        for i in range(n):
            x = (value[i] - centre) / centre
            allowed = k * k * base * base
            if rule == ROBUST:
                allowed += k * k * volatility2 * (min(max(age[i], oldest), _LONGEST_AGE) * 1e-9)
            if allowed > 0.0:
                severity[i] = x * x / allowed
            elif x != 0.0:
                severity[i] = 2.0
        return
    base = value[order[0]]
    total = 0.0
    for i in range(n):
        total += value[order[i]] - base
    middle = total / count
    squares = 0.0
    for i in range(n):
        x = value[order[i]] - base - middle
        squares += x * x
    for i in range(n):
        x = value[i] - base - middle
        if rule == Z_SCORE:
            variance = squares / (count - 1.0)
            if variance > 0.0:
                z = abs(x / math.sqrt(variance))
                severity[i] = 2.0 if z > k else 0.0
        else:
            away = x * count / (count - 1.0)
            rest = max(squares - x * x * count / (count - 1.0), 0.0) / (count - 2.0)
            least = floor * centre
            allowed = k * k * max(rest, least * least)
            if allowed > 0.0:
                severity[i] = away * away / allowed
            elif away != 0.0:
                severity[i] = 2.0


@helper
def _two_camps(k: float, usual: float, n: int, order: Ints, value: Floats) -> bool:
    """Whether there are two halves, each close together, and far apart from each other."""
    half = n >> 1
    if n & 1 or n < 4:
        return False
    low, high = value[order[half - 1]], value[order[half]]
    limit = k * usual * (low + high) * 0.5
    widest = max(limit, 0.5 * (high - low))
    narrow = low - value[order[0]] < widest and value[order[n - 1]] - high < widest
    return narrow and high - low > limit


@helper
def judge_panel(
    rule: int,
    k: float,
    floor: float,
    confirm: int,
    least: int,
    usual: float,
    volatility2: float,
    n: int,
    order: Ints,
    value: Floats,
    age: Ints,
    slot: Ints,
    news: int,
    mark: Ints,
    start: int,
    streaks: Ints,
    to: int,
    severity: Floats,
    excluded: Ints,
) -> int:
    """Exclude who is too far away; gives the bits DISPUTED and SPLIT.

    `news` says whether this is a round; `streaks` at *to* counts the rounds in which the panel was split.
    """
    flags = 0
    _distance_by_rule(rule, k, floor, usual, volatility2, n, order, value, age, severity)
    if n == 2 and rule != NONE and rule != Z_SCORE:
        low, high = value[order[0]], value[order[1]]
        middle = (low + high) * 0.5
        allowed = k * usual * middle
        older = max(age[0], age[1])
        allowed2 = allowed * allowed
        if rule == ROBUST:
            swing = k * middle
            allowed2 += swing * swing * volatility2 * (min(older, _LONGEST_AGE) * 1e-9)
        if (high - low) * (high - low) > allowed2:
            flags = DISPUTED
    split = rule != NONE and rule != Z_SCORE and _two_camps(k, usual, n, order, value)
    if not split:
        streaks[to] = 0
    elif news:
        streaks[to] += 1
    if split:
        flags = SPLIT if streaks[to] >= confirm else DISPUTED
    count = 0
    for i in range(n):
        at = start + slot[i] * MARK
        out = severity[i] > 1.0
        if rule == ROBUST:
            if mark[at + EXCLUDED] and n > 2:
                out = not severity[i] < 0.25
            elif not out:
                mark[at + STREAK] = 0
            else:
                if news:
                    mark[at + STREAK] = min(mark[at + STREAK] + 1, confirm)
                out = mark[at + STREAK] >= confirm
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
            if excluded[i] and (nearest < 0.0 or severity[i] < nearest):
                nearest = severity[i]
        for i in range(n):
            if excluded[i] and severity[i] <= nearest:
                excluded[i] = 0
                count -= 1
        flags |= DISPUTED
    for i in range(n):
        mark[start + slot[i] * MARK + EXCLUDED] = excluded[i]
    return flags


@helper
def hush(rule: int, n: int, severity: Floats, weight: Floats) -> None:
    """Who is out of line, but not for long enough to be excluded, does not weigh: fresh as he is, he might outweigh all."""
    for i in range(n):
        if rule == ROBUST and severity[i] > 1.0:
            weight[i] = 0.0


@helper
def learn(
    flags: int,
    reporter: int,
    now: int,
    alpha: float,
    usual: float,
    n: int,
    order: Ints,
    value: Floats,
    severity: Floats,
    excluded: Ints,
    kept: Ints,
    track: Floats,
    to: int,
    since: Ints,
    since_at: int,
) -> None:
    """Learn from a round how far reports are apart and how fast they move; nothing from what is excluded or in dispute.

    The volatility is that of the median of the reports that are kept, measured from second to second, less what the noise of
    the median adds.
    """
    m = 0
    for i in range(n):
        if not excluded[order[i]]:
            kept[m] = order[i]
            m += 1
    if flags or reporter == NOBODY or m == 0:
        return
    centre = median(kept, value, m)
    if not centre > 0.0:
        return
    expected = mean_square_distance(m)
    # Cut: who drifts away slowly must not stretch the scale as he goes, or nobody would ever notice.
    most = _CUT * _CUT * usual * usual * expected
    count = 0.0
    squares = 0.0
    for j in range(m):
        i = kept[j]
        if (reporter == ALL or reporter == i) and not severity[i] > 1.0:
            x = (value[i] - centre) / centre
            squares += min(x * x, most)
            count += 1.0
    scale2 = track[to + SCALE2]
    if count > 0.0 and m > 1 and expected > 0.0:
        if scale2 == 0.0:
            scale2 = usual * usual
        scale2 += alpha * (squares / (count * expected * _CUT_SQUARE) - scale2)
        # Of two that drift apart one is wrong, and nobody can tell which: not to get used to it.
        if n == 2:
            scale2 = min(scale2, usual * usual)
        track[to + SCALE2] = scale2
    anchor = track[to + ANCHOR]
    elapsed = now - since[since_at]
    if anchor > 0.0:
        seconds = elapsed * 1e-9
        if elapsed < _SECOND or not seconds > 0.0:
            return
        step = (centre - anchor) / anchor
        members = float(m)
        noise = 0.0
        if members > 0.0:
            noise = 2.0 * scale2 * median_variance(m) / members
        moved2 = (step * step - noise) / seconds
        track[to + MOVES2] += alpha * (moved2 - track[to + MOVES2])
        track[to + VOLATILITY2] = max(track[to + MOVES2], 0.0)
    track[to + ANCHOR] = centre
    since[since_at] = now
