"""The highest and the lowest of sliding windows, in constant time on average, for the lines halfway between them.

Numbers are taken in blocks as long as the window, which so covers the end of one block and the beginning of the next: the
highest of each end of the full block is known, and that of the beginning so far (van Herk, "A fast algorithm for local
minimum and maximum filters", Pattern Recognition Letters 13, 1992; Gil and Werman, IEEE PAMI 15, 1993). None of this
depends on the numbers, as the steps of a monotonic deque do, which no processor foresees.

All is kept in pairs: a high, and a low negated, so that both are looked for as the highest. The last pair stands apart, and
counts for its block when the next one comes: so it may be told again.
"""

from __future__ import annotations

from ordinis_rx.kernels.record import Floats, helper

__all__ = ["begin_block", "count_in", "halfway"]

_NOTHING = float("-inf")
"""The highest of no numbers."""

_NAN = float("nan")


@helper
def begin_block(
    number: int,
    window: int,
    bars: Floats,
    base: int,
    mask: int,
    so_far: Floats,
    at: int,
    ends: Floats,
    first: int,
) -> None:
    """Write the highest of each end of the block before bar *number*, the empty one last; nothing is in this block yet.

    Before the first block there is none, whose ends are NaN: a window has no highest until it is full.
    """
    up = down = _NOTHING
    so_far[at], so_far[at + 1] = up, down
    for k in range(window - 1, -1, -1):
        ends[first + 2 * k], ends[first + 2 * k + 1] = up, down
        bar = base + 2 * ((number - window + k) & mask)
        high, low = bars[bar] if number else _NAN, bars[bar + 1] if number else _NAN
        up = up if up > high else high
        down = down if down > low else low


@helper
def count_in(up: float, down: float, so_far: Floats, at: int) -> None:
    """Count a bar among those of its block."""
    so_far[at] = up if up > so_far[at] else so_far[at]
    so_far[at + 1] = down if down > so_far[at + 1] else so_far[at + 1]


@helper
def halfway(up: float, down: float, so_far: Floats, at: int, ends: Floats, end: int) -> float:
    """Halfway between the highest high and the lowest low of a bar, of those before it in its block, and of an end.

    NaN where the window is not full.
    """
    up = up if up > so_far[at] else so_far[at]
    down = down if down > so_far[at + 1] else so_far[at + 1]
    up = up if up > ends[end] else ends[end]
    down = down if down > ends[end + 1] else ends[end + 1]
    return (up - down) * 0.5
