"""The made-up market that is timed by column: 50 symbols, trades with a bad print now and then, five providers' quotes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

EVENTS = 1_000_000
ROWS = 10_000
SYMBOLS = 50
PROVIDERS = 5
START = 1_700_000_000_000_000_000
STEP = 500_000
"""Between two events, in nanoseconds: two thousand a second, forty a symbol."""

Columns: TypeAlias = Mapping[str, NDArray[Any]]


def _common(events: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    at = np.arange(events)
    return {
        "symbol": rng.integers(0, SYMBOLS, events),
        # Never on the border of a second: whether that belongs before or after is a matter of taste.
        "ts_event": START + STEP // 2 + at * STEP,
        "seq": at + 1,
    }


def trades(events: int = EVENTS) -> dict[str, NDArray[Any]]:
    """Prices that wander around a level for each symbol; one in a thousand is 2 % off."""
    rng = np.random.default_rng(7)
    columns = _common(events, rng)
    level = 100.0 + columns["symbol"] + 0.5 * np.sin(columns["seq"] / 50_000)
    off = np.where(rng.random(events) < 0.001, 1.02, 1.0)
    columns["price"] = np.round((level + rng.normal(0.0, 0.02, events)) * off, 4)
    columns["size"] = np.floor(rng.exponential(100.0, events)) + 1.0
    columns["flags"] = np.full(events, 7)
    return columns


def quotes(events: int = EVENTS) -> dict[str, NDArray[Any]]:
    """What five honest providers say of the same prices, half a basis point of noise apart."""
    rng = np.random.default_rng(8)
    columns = _common(events, rng)
    columns["provider"] = rng.integers(0, PROVIDERS, events)
    level = 100.0 + columns["symbol"] + 0.5 * np.sin(columns["seq"] / 50_000)
    mid = level * (1.0 + rng.normal(0.0, 0.5e-4, events))
    columns["bid"], columns["ask"] = np.round(mid - 0.01, 4), np.round(mid + 0.01, 4)
    return columns


def in_frames(
    kind: Any, columns: Columns, rows: int = ROWS, *, into_one: bool = False
) -> Callable[[Any], Iterator[Any]]:
    """Frames of *kind* over *columns*, that lie in memory before anybody asks; for `from_items`.

    With *into_one* the rows of each, all of one number, are copied into one block when it is told.
    """
    from ordinis_rx.columns import Block

    events = len(columns["seq"])
    parts: list[tuple[Block, int]] = []
    for first in range(0, events, rows):
        n = min(rows, events - first)
        block = Block(kind.schema.kinds, n)
        for j, field in enumerate(kind.schema.columns):
            if field.name in columns:
                block.columns[j][:] = columns[field.name][first : first + n]
            elif field.name in ("bid_size", "ask_size"):
                block.columns[j][:] = 100.0
        parts.append((block, n))

    def make(names: Any) -> Iterator[Any]:
        for n in range(SYMBOLS):
            _ = names.symbols[f"S{n}"]
        for n in range(PROVIDERS):
            _ = names.providers[f"p{n}"]
        frame, one = kind(names), Block(kind.schema.kinds, rows)
        for block, n in parts:
            if into_one:
                one.data[:] = block.data
            frame.hold_columns(one if into_one else block, n)
            yield frame

    return make
