"""What a trade may move, as bits: the members of `TradeFlags`, as kernels need them."""

from __future__ import annotations

__all__ = ["MOVES_ALL", "MOVES_HIGH_LOW", "MOVES_LAST", "MOVES_VOLUME"]

MOVES_LAST, MOVES_HIGH_LOW, MOVES_VOLUME = 1, 2, 4
"""The last price; the high and the low; the volume, and what is weighed by it."""

MOVES_ALL = 7
"""All of them."""
