"""How a bar stands to the last one of its symbol: a new one, the last one told again, or none to work with."""

from __future__ import annotations

from ordinis_rx.kernels.record import helper

__all__ = ["LEFT_OUT", "NEW", "REPLACES", "standing"]

LEFT_OUT, NEW, REPLACES = range(3)
"""What a bar is to those that work bar by bar."""


@helper
def standing(
    opening: float,
    high: float,
    low: float,
    close: float,
    at: int,
    revision: int,
    bars: int,
    last_at: int,
    last_revision: int,
) -> int:
    """How a bar that ends at *at* stands to the last one of its symbol, after *bars* of them.

    One that lacks a price is left out, and so is one that ends before the last, or tells no newer revision of it.

    >>> standing(1.0, 1.0, 1.0, 1.0, 60, 1, 1, 60, 0) == REPLACES
    True
    """
    total = opening + high + low + close
    if total - total != 0.0:
        return LEFT_OUT
    if bars == 0 or at > last_at:
        return NEW
    if at < last_at:
        return LEFT_OUT
    if revision == 0:
        return NEW  # another bar of the same time, as far as anybody can tell
    return REPLACES if revision > last_revision else LEFT_OUT
