"""Prices of one row: mid, spread, notional. A row that lacks a number tells none."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import Layout, floats, ints

__all__ = ["OF_QUOTE", "OF_TRADE", "mid", "notional", "spread"]

OF_QUOTE = Layout(reads="bid:f ask:f", writes="row:i value:f")
BID, ASK, QUOTE_ROW, QUOTE_VALUE = OF_QUOTE.slots

OF_TRADE = Layout(reads="price:f size:f", writes="row:i value:f")
PRICE, SIZE, TRADE_ROW, TRADE_VALUE = OF_TRADE.slots


def mid(n: int, call: Any) -> int:
    """Halfway between bid and ask."""
    bid, ask = floats(call, BID), floats(call, ASK)
    row, value = ints(call, QUOTE_ROW), floats(call, QUOTE_VALUE)
    written = 0
    for i in range(n):
        middle = (bid[i] + ask[i]) * 0.5
        if middle == middle:  # NaN where a side is missing
            row[written] = i
            value[written] = middle
            written += 1
    return written


def spread(n: int, call: Any) -> int:
    """Ask - bid."""
    bid, ask = floats(call, BID), floats(call, ASK)
    row, value = ints(call, QUOTE_ROW), floats(call, QUOTE_VALUE)
    written = 0
    for i in range(n):
        width = ask[i] - bid[i]
        if width == width:
            row[written] = i
            value[written] = width
            written += 1
    return written


def notional(n: int, call: Any) -> int:
    """Price x size."""
    price, size = floats(call, PRICE), floats(call, SIZE)
    row, value = ints(call, TRADE_ROW), floats(call, TRADE_VALUE)
    written = 0
    for i in range(n):
        worth = price[i] * size[i]
        if worth == worth:
            row[written] = i
            value[written] = worth
            written += 1
    return written
