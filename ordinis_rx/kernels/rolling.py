"""Over the last numbers of each symbol: mean, deviation, z-score; and what a score leaves out.

A score judges a number by the numbers before it; it is not part of its own window.
"""

from __future__ import annotations

import math
from typing import Any

from ordinis_rx.kernels.moments import (
    COUNT,
    COUNTS,
    M2,
    MOMENTS,
    MU,
    REFUSED,
    moments_anew,
    push,
    restart,
)
from ordinis_rx.kernels.record import (
    Floats,
    Ints,
    Layout,
    floats,
    inlined,
    integer,
    ints,
    real,
)

__all__ = [
    "DEVIATION",
    "KEEP",
    "MEAN",
    "ROLLING",
    "SCORE",
    "fits",
    "rolling",
    "take",
    "zscore_keep",
]

MEAN, DEVIATION, SCORE = range(3)
"""What is told of a window."""

ROLLING = Layout(
    reads="symbol:i value:f flags:i=7",
    writes="row:i value:f",
    state="counts:i*4 moments:f*3 ring:f*window",
    params="window:i warm_up:i measure:i moves:i",
)
SYMBOL, NUMBER, FLAGS, ROW, VALUE, STATE, MOMENTS_OF, RING, WINDOW, WARM_UP, MEASURE, MOVES = (
    ROLLING.slots
)

KEEP = Layout(
    reads="symbol:i value:f flags:i=7",
    writes="row:i",
    state="counts:i*4 moments:f*3 ring:f*window",
    params="window:i warm_up:i threshold:f feedback:i patience:i moves:i",
)
(
    K_SYMBOL,
    K_NUMBER,
    K_FLAGS,
    K_ROW,
    K_STATE,
    K_MOMENTS,
    K_RING,
    K_WINDOW,
    K_WARM_UP,
    THRESHOLD,
    FEEDBACK,
    PATIENCE,
    K_MOVES,
) = KEEP.slots


@inlined
def take(
    x: float,
    s: int,
    window: int,
    warm_up: int,
    measure: int,
    counts: Ints,
    moments: Floats,
    ring: Floats,
    value: Floats,
    written: int,
) -> bool:
    """Take *x* into the window of symbol *s*; whether that tells something, which is then written to `value`."""
    c, m = COUNTS * s, MOMENTS * s
    told = False
    if measure == SCORE:
        count, m2 = counts[c + COUNT], moments[m + M2]
        if count >= warm_up and count > 1 and m2 > 0.0:
            deviation = math.sqrt(m2 / (count - 1))
            if deviation > 0.0:
                value[written] = (x - moments[m + MU]) / deviation
                told = True
    if push(x, s, window, counts, moments, ring):
        moments_anew(s, window, 0, window, moments, ring)
    if measure != SCORE and counts[c + COUNT] >= warm_up:
        told = True
        if measure == MEAN:
            value[written] = moments[m + MU]
        else:
            count, m2 = counts[c + COUNT], moments[m + M2]
            value[written] = math.sqrt(m2 / (count - 1)) if count > 1 and m2 > 0.0 else 0.0
    return told


def rolling(n: int, call: Any) -> int:
    """The mean or deviation of the last numbers with this one, or its score by those before; from *warm_up* numbers on."""
    symbol, number, flags = ints(call, SYMBOL), floats(call, NUMBER), ints(call, FLAGS)
    row, value = ints(call, ROW), floats(call, VALUE)
    counts, moments, ring = ints(call, STATE), floats(call, MOMENTS_OF), floats(call, RING)
    window, warm_up = integer(call, WINDOW), integer(call, WARM_UP)
    measure, moves = integer(call, MEASURE), integer(call, MOVES)
    written = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0 or flags[i] & moves == 0:  # not a finite number, or one that does not count
            continue
        if take(x, symbol[i], window, warm_up, measure, counts, moments, ring, value, written):
            row[written] = i
            written += 1
    return written


@inlined
def fits(
    x: float,
    s: int,
    counted: bool,
    window: int,
    warm_up: int,
    limit: float,
    feedback: int,
    patience: int,
    counts: Ints,
    moments: Floats,
    ring: Floats,
) -> bool:
    """Whether *x* is within the deviations of which *limit* is the square; where it is *counted*, it enters the window.

    With *feedback* a number that is refused does not enter; *patience* of them in a row are the market's new level, and the
    window begins anew with the last of them.
    """
    c, m = COUNTS * s, MOMENTS * s
    count, m2 = counts[c + COUNT], moments[m + M2]
    away = x - moments[m + MU]
    kept = count < warm_up or m2 <= 0.0 or away * away * (count - 1) <= limit * m2
    enters = counted
    if kept:
        if counted:
            counts[c + REFUSED] = 0
    elif feedback and counted:
        counts[c + REFUSED] += 1
        if counts[c + REFUSED] >= patience:
            restart(s, counts, moments)
            kept = True
        else:
            enters = False
    if enters and push(x, s, window, counts, moments, ring):
        moments_anew(s, window, 0, window, moments, ring)
    return kept


def zscore_keep(n: int, call: Any) -> int:
    """The rows within *threshold* deviations of the numbers before them."""
    symbol, number, flags = ints(call, K_SYMBOL), floats(call, K_NUMBER), ints(call, K_FLAGS)
    row, counts = ints(call, K_ROW), ints(call, K_STATE)
    moments, ring = floats(call, K_MOMENTS), floats(call, K_RING)
    window, warm_up = integer(call, K_WINDOW), integer(call, K_WARM_UP)
    feedback, patience = integer(call, FEEDBACK), integer(call, PATIENCE)
    threshold, moves = real(call, THRESHOLD), integer(call, K_MOVES)
    limit = threshold * threshold
    kept = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0:
            continue
        counted = flags[i] & moves != 0
        if fits(
            x, symbol[i], counted, window, warm_up, limit, feedback, patience, counts, moments, ring
        ):
            row[kept] = i
            kept += 1
    return kept
