"""Exponential moving averages, one a symbol."""

from __future__ import annotations

from typing import Any

from ordinis_rx.kernels.record import Layout, floats, integer, ints, real

__all__ = ["EMA", "ema"]

EMA = Layout(
    reads="symbol:i value:f flags:i=7",
    writes="row:i value:f",
    state="seen:i last:f",
    params="alpha:f moves:i",
)
SYMBOL, NUMBER, FLAGS, ROW, VALUE, SEEN, LAST, ALPHA, MOVES = EMA.slots


def ema(n: int, call: Any) -> int:
    """Each number draws the average towards itself by *alpha* of the way; the first is the average."""
    symbol, number, flags = ints(call, SYMBOL), floats(call, NUMBER), ints(call, FLAGS)
    row, value = ints(call, ROW), floats(call, VALUE)
    seen, last = ints(call, SEEN), floats(call, LAST)
    alpha, moves = real(call, ALPHA), integer(call, MOVES)
    written = 0
    for i in range(n):
        x = number[i]
        if x - x != 0.0 or flags[i] & moves == 0:
            continue
        s = symbol[i]
        now = last[s] + alpha * (x - last[s]) if seen[s] and alpha < 1.0 else x
        if now - now != 0.0:  # the way was too long for a float
            now = x
        seen[s] = 1
        last[s] = now
        row[written] = i
        value[written] = now
        written += 1
    return written
