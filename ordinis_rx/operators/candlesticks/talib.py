"""TA-Lib's patterns, asked together: which of them a bar completes, all answers being those of its batch functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.operators.candlesticks.names import Pattern
from ordinis_rx.operators.indicators.cores import Columns, Core
from ordinis_rx.operators.indicators.talib_core import TalibCore, TalibFunction
from ordinis_rx.operators.indicators.track import Row, Track

__all__ = ["NUMBERS", "Found", "TalibPatterns", "enter"]

NUMBERS = ("open", "high", "low", "close", "volume")
"""The numbers of a bar that make a row; the volume is for what surrounds a pattern."""

Found: TypeAlias = list[tuple[int, int]]
"""The patterns that a bar completes: which of those asked for, and TA-Lib's number."""


class TalibPatterns:
    """Some of TA-Lib's patterns; *penetration* is of those that take one.

    Raises `MissingExtra` without TA-Lib (extra ``indicators``).
    """

    def __init__(self, names: Sequence[Pattern], penetration: Mapping[Pattern, float]) -> None:
        self.functions = [
            TalibFunction(
                str(name),
                {"penetration": penetration[name]} if name in penetration else {},
                in_whole=True,
            )
            for name in names
        ]

    def cores(self) -> list[Core]:
        """The state of one symbol before its first bar."""
        return [TalibCore(function) for function in self.functions]

    def update(self, cores: Sequence[Core], row: Row) -> Found:
        """What the next bar completes."""
        first, high, low, close, _ = row
        return [
            (j, raw)
            for j, core in enumerate(cores)
            if (raw := core.update(first, high, low, close)) != 0
        ]

    def peek(self, cores: Sequence[Core], row: Row) -> Found:
        """What `update` would tell; nothing changes."""
        first, high, low, close, _ = row
        return [
            (j, raw)
            for j, core in enumerate(cores)
            if (raw := core.peek(first, high, low, close)) != 0
        ]

    def fill(self, cores: Sequence[Core], columns: Columns, out: NDArray[np.float64]) -> None:
        """Enter the next bars, given by column, and write TA-Lib's numbers into the rows of *out*."""
        for j, core in enumerate(cores):
            (out[j],) = core.fill(columns[:4])

    def spread(self, answer: Found) -> list[float]:
        """An answer as one number a pattern."""
        raws = [0.0] * len(self.functions)
        for j, raw in answer:
            raws[j] = raw
        return raws


def enter(track: Track, rows: Sequence[Row], width: int) -> list[Found]:
    """What each of these new bars completes of so many patterns."""
    if len(rows) == 1:
        return [track.enter(rows[0])]
    raws = np.empty((width, len(rows)))
    track.enter_all(list(np.array(rows).T.copy()), raws)
    found: list[Found] = [[] for _ in rows]
    for i, j in np.argwhere(raws.T).tolist():
        found[i].append((j, int(raws[j, i])))
    return found
