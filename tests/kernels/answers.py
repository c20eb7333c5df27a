"""Answers that lie abreast, for tests of what is made of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ordinis_rx.kernels.abreast import (
    AGES,
    ASKS,
    BIDS,
    FRESH,
    HISTORY,
    LEVELS,
    LOADS,
    MEMBERS,
    NUMBERS,
    REALS,
    SWING2,
    USUAL,
    WIDE,
)


@dataclass(frozen=True)
class Said:
    """What one provider says."""

    price: float
    load: float = 1.0
    age: float = 0.0
    bid: float = math.nan
    ask: float = math.nan


class Answers:
    """One answer for each list of reports, side by side; what nobody wrote is not a number."""

    def __init__(
        self,
        *panels: Sequence[Said],
        usual: float = 1e-4,
        swing2: float = 0.0,
        history: float = 1e-8,
    ) -> None:
        self.lane = [math.nan] * REALS
        self.number = [-1] * NUMBERS
        self.n = len(panels)
        self.most = max(len(panel) for panel in panels)
        for r, panel in enumerate(panels):
            self.number[FRESH + r] = self.number[MEMBERS + r] = len(panel)
            self.lane[USUAL + r], self.lane[SWING2 + r], self.lane[HISTORY + r] = (
                usual,
                swing2,
                history,
            )
            for j, said in enumerate(panel):
                at = j * WIDE + r
                self.lane[LEVELS + at], self.lane[LOADS + at] = said.price, said.load
                self.lane[AGES + at] = said.age
                self.lane[BIDS + at], self.lane[ASKS + at] = said.bid, said.ask

    def floats(self, row: int, r: int = 0) -> list[float]:
        """Those of an answer's reports, *row* being that of the first."""
        return [self.lane[row + j * WIDE + r] for j in range(self.number[FRESH + r])]

    def float(self, row: int, r: int = 0) -> float:
        """One float of an answer."""
        return self.lane[row + r]

    def int(self, row: int, r: int = 0) -> int:
        """One integer of an answer."""
        return self.number[row + r]


def prices(*panels: Sequence[float]) -> list[list[Said]]:
    """Panels of nothing but prices."""
    return [[Said(price) for price in panel] for panel in panels]
