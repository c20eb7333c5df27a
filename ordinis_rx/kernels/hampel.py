"""Hampel's identifier: is a number near the median of those before it, by their median distance from that?

The window is kept twice, in order of arrival and sorted, so that a number costs as many steps as the window is long.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import (
    Floats,
    Ints,
    Layout,
    floats,
    helper,
    inlined,
    integer,
    ints,
    real,
)
from ordinis_rx.kernels.robust import median_distance

__all__ = [
    "HAMPEL",
    "NORMAL",
    "drop",
    "enter",
    "hampel_keep",
    "is_near",
    "middle",
    "place_of",
    "settle",
]

HAMPEL = Layout(
    reads="symbol:i value:f flags:i=7",
    writes="row:i",
    state="counts:i*2 ring:f*window sorted:f*window",
    params="window:i warm_up:i threshold:f moves:i",
)
(
    SYMBOL,
    NUMBER,
    FLAGS,
    ROW,
    COUNTS,
    RING,
    SORTED,
    WINDOW,
    WARM_UP,
    THRESHOLD,
    MOVES,
) = HAMPEL.slots

NORMAL = 1.482602218505602
"""Median distances to a standard deviation, where numbers are normal."""


@helper
def middle(values: Floats, first: int, n: int) -> float:
    """The median of *n* sorted values from *first* on."""
    half = first + (n >> 1)
    if n & 1:
        return values[half]
    return values[half - 1] + (values[half] - values[half - 1]) * 0.5


@helper
def place_of(values: Floats, first: int, n: int, x: float) -> int:
    """Where *x*, which is one of *n* sorted values from *first* on, stands: behind as many as are lower.

    They are counted: where a search would end, no processor could foresee.
    """
    lower = 0
    for k in range(first, first + n):
        lower += 1 if values[k] < x else 0
    return first + lower


@helper
def settle(values: Floats, first: int, n: int, k: int, new: float) -> None:
    """Put *new* into place *k* of *n* values that are sorted but for that, and move it to where it belongs."""
    last = first + n - 1
    while k < last and values[k + 1] < new:
        values[k] = values[k + 1]
        k += 1
    while k > first and values[k - 1] > new:
        values[k] = values[k - 1]
        k -= 1
    values[k] = new


@inlined
def is_near(x: float, in_order: Floats, first: int, n: int, threshold: float) -> bool:
    """Whether *x* is within *threshold* deviations, as the median distance estimates them, of the median of *n* values."""
    centre = middle(in_order, first, n)
    spread = NORMAL * median_distance(in_order, first, n, centre)
    return spread <= 0.0 or abs(x - centre) <= threshold * spread


@inlined
def enter(x: float, s: int, window: int, counts: Ints, ring: Floats, in_order: Floats) -> None:
    """Take *x* into the window of symbol *s*, in place of the oldest number of a full one."""
    first = s * window
    count, position = counts[2 * s], counts[2 * s + 1]
    if count < window:
        counts[2 * s] = count + 1
        settle(in_order, first, count + 1, first + count, x)
    else:
        oldest = place_of(in_order, first, window, ring[first + position])
        settle(in_order, first, window, oldest, x)
    ring[first + position] = x
    position += 1
    counts[2 * s + 1] = 0 if position == window else position


@helper
def drop(gone: int, s: int, window: int, counts: Ints, ring: Floats, in_order: Floats) -> None:
    """Take the oldest *gone* of the numbers of symbol *s* out of its window."""
    first = s * window
    count, position = counts[2 * s], counts[2 * s + 1]
    at = position - count
    if at < 0:
        at += window
    counts[2 * s] = count - gone
    if gone == count:  # after a silence, say
        return
    for _ in range(gone):
        place = place_of(in_order, first, count, ring[first + at])
        count -= 1
        for k in range(place, first + count):
            in_order[k] = in_order[k + 1]
        at += 1
        if at == window:
            at = 0


def hampel_keep(n: int, call: Any) -> int:
    """The rows that are near the numbers before them, of which there are at least *warm_up*."""
    symbol, number, flags = ints(call, SYMBOL), floats(call, NUMBER), ints(call, FLAGS)
    row, counts, ring = ints(call, ROW), ints(call, COUNTS), floats(call, RING)
    in_order, window = floats(call, SORTED), integer(call, WINDOW)
    warm_up, threshold = integer(call, WARM_UP), real(call, THRESHOLD)
    moves = integer(call, MOVES)
    kept = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0:
            continue
        s = symbol[i]
        count = counts[2 * s]
        if count < warm_up or is_near(x, in_order, s * window, count, threshold):
            row[kept] = i
            kept += 1
        if flags[i] & moves != 0:
            enter(x, s, window, counts, ring, in_order)
    return kept
