"""Figures of bars, whatever fills them: which numbers and times there are, and what an average price is."""

from __future__ import annotations

from ordinis_rx.kernels.record import helper

__all__ = ["FAR", "average_price", "is_number"]

FAR = 1 << 62
"""No time is as far from 1970 as this, so that sums of times fit an integer."""

_NAN = float("nan")


@helper
def is_number(x: float) -> bool:
    """Neither missing nor beyond all bounds."""
    return x - x == 0.0


@helper
def average_price(
    base: float, worth: float, weight: float, plain: int, low: float, high: float
) -> float:
    """What prices are on the average, whose distances from *base* are *worth* together, as they weigh; NaN without weight.

    Where it is *plain* that all of them lie between *low* and *high*, rounding does not put it outside.
    """
    if not weight > 0.0:
        return _NAN
    average = base + worth / weight
    if plain:
        if average < low:
            average = low
        if average > high:
            average = high
    return average
