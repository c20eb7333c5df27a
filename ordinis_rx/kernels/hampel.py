"""Hampel's identifier: is a number near the median of those before it, by their median distance from that?

The window is kept twice, in order of arrival and sorted, so that a number costs as many steps as the window is long.
"""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import Floats, Layout, floats, helper, integer, ints, real
from ordinis_rx.kernels.robust import median_distance

__all__ = ["HAMPEL", "NORMAL", "hampel_keep", "middle", "place_of", "settle"]

HAMPEL = Layout(
    reads="symbol:i value:f flags:i=7",
    writes="row:i",
    state="counts:i*2 ring:f*window sorted:f*window",
    params="window:i threshold:f moves:i",
)
SYMBOL, NUMBER, FLAGS, ROW, COUNTS, RING, SORTED, WINDOW, THRESHOLD, MOVES = HAMPEL.slots

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


def hampel_keep(n: int, call: Any) -> int:
    """The rows within *threshold* deviations, as the median distance estimates them, of the median of a full window."""
    symbol, number, flags = ints(call, SYMBOL), floats(call, NUMBER), ints(call, FLAGS)
    row, counts, ring = ints(call, ROW), ints(call, COUNTS), floats(call, RING)
    in_order, window = floats(call, SORTED), integer(call, WINDOW)
    threshold, moves = real(call, THRESHOLD), integer(call, MOVES)
    kept = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0:
            continue
        s = symbol[i]
        first = s * window
        count, position = counts[2 * s], counts[2 * s + 1]
        fits = count < window
        if not fits:
            centre = middle(in_order, first, window)
            spread = NORMAL * median_distance(in_order, first, window, centre)
            fits = spread <= 0.0 or abs(x - centre) <= threshold * spread
        if fits:
            row[kept] = i
            kept += 1
        if flags[i] & moves == 0:
            continue
        if count < window:
            counts[2 * s] = count + 1
            settle(in_order, first, count + 1, first + count, x)
        else:
            oldest = place_of(in_order, first, window, ring[first + position])
            settle(in_order, first, window, oldest, x)
        ring[first + position] = x
        position += 1
        counts[2 * s + 1] = 0 if position == window else position
    return kept
