"""Loops over arrays for numba, written for this work alone: what compiled code can do where no library is in the way."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

WINDOW, THRESHOLD = 50, 5.0
INTERVAL = 1_000_000_000


@numba.njit(error_model="numpy")
def keep(symbol, price, count, rings, sums, kept):  # type: ignore[no-untyped-def]
    """Mark what is within five deviations of the fifty numbers before."""
    for i in range(len(symbol)):
        s = symbol[i]
        n = count[s]
        if n == 0:
            sums[s, 2] = price[i]
        x = price[i] - sums[s, 2]
        at = n % WINDOW
        kept[i] = True
        if n >= WINDOW:
            mean = sums[s, 0] / WINDOW
            variance = (sums[s, 1] - sums[s, 0] * mean) / (WINDOW - 1)
            kept[i] = (x - mean) * (x - mean) <= THRESHOLD * THRESHOLD * variance
            old = rings[s, at]
            sums[s, 0] -= old
            sums[s, 1] -= old * old
        rings[s, at] = x
        sums[s, 0] += x
        sums[s, 1] += x * x
        count[s] = n + 1


@numba.njit(error_model="numpy")
def fold(symbol, at, price, size, ends, cells, told):  # type: ignore[no-untyped-def]
    """Write the bars that are over; the open ones stay in *cells*."""
    written = 0
    for i in range(len(symbol)):
        s, p = symbol[i], price[i]
        if at[i] >= ends[s]:
            if ends[s]:
                told[written, 0] = s
                told[written, 1] = ends[s] // INTERVAL
                for k in range(5):
                    told[written, 2 + k] = cells[s, k]
                told[written, 7] = cells[s, 5] / cells[s, 4]
                written += 1
            ends[s] = (at[i] // INTERVAL + 1) * INTERVAL
            cells[s, 0] = cells[s, 1] = cells[s, 2] = p
            cells[s, 4] = cells[s, 5] = 0.0
        cells[s, 1] = max(cells[s, 1], p)
        cells[s, 2] = min(cells[s, 2], p)
        cells[s, 3] = p
        cells[s, 4] += size[i]
        cells[s, 5] += p * size[i]
    return written


@numba.njit(error_model="numpy")
def middle(numbers, n):  # type: ignore[no-untyped-def]
    """The median of the first *n* numbers, which it sorts."""
    for i in range(1, n):
        x, j = numbers[i], i
        while j > 0 and numbers[j - 1] > x:
            numbers[j] = numbers[j - 1]
            j -= 1
        numbers[j] = x
    return (numbers[(n - 1) // 2] + numbers[n // 2]) / 2


@numba.njit(error_model="numpy")
def agree(symbol, provider, bid, ask, mids, room, price):  # type: ignore[no-untyped-def]
    """The median of the newest mid of each provider, those far from it left out."""
    for i in range(len(symbol)):
        s = symbol[i]
        mids[s, provider[i]] = (bid[i] + ask[i]) / 2
        n = 0
        for x in mids[s]:
            if x > 0.0:
                room[0, n] = x
                n += 1
        center = middle(room[0], n)
        for k in range(n):
            room[1, k] = abs(room[0, k] - center)
        far = max(5.0 * 1.4826 * middle(room[1], n), 1e-3 * center)
        used = 0
        for k in range(n):
            if abs(room[0, k] - center) <= far:
                room[2, used] = room[0, k]
                used += 1
        price[i] = middle(room[2], used)


class Keeping:
    """What is kept of batches, with the state in between."""

    def __init__(self) -> None:
        self.state = np.zeros(50, np.int64), np.zeros((50, WINDOW)), np.zeros((50, 3))

    def __call__(self, seq: Any, symbol: Any, price: Any) -> dict[str, Any]:
        kept = np.empty(len(symbol), np.bool_)
        keep(symbol, price, *self.state, kept)
        return {"seq": seq[kept]}


class Folding:
    """The bars of batches."""

    def __init__(self) -> None:
        self.state = np.zeros(50, np.int64), np.zeros((50, 6))

    def __call__(self, symbol: Any, at: Any, price: Any, size: Any) -> dict[str, Any]:
        told = np.empty((len(symbol), 8))
        return {"bars": told[: fold(symbol, at, price, size, *self.state, told)]}


class Agreeing:
    """The prices of batches."""

    def __init__(self) -> None:
        self.state = np.zeros((50, 5)), np.empty((3, 5))

    def __call__(self, symbol: Any, provider: Any, bid: Any, ask: Any) -> dict[str, Any]:
        price = np.empty(len(symbol))
        agree(symbol, provider, bid, ask, *self.state, price)
        return {"price": price}


BATCH_WORK: dict[str, tuple[Any, tuple[str, ...]]] = {
    "zscore": (Keeping, ("seq", "symbol", "price")),
    "bars": (Folding, ("symbol", "ts_event", "price", "size")),
    "consensus": (Agreeing, ("symbol", "provider", "bid", "ask")),
}
