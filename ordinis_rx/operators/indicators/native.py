"""Cores that need no TA-Lib: what they share, and the averages that others are made of.

All take constant time a bar, whatever the period, but for the sums that the formula itself asks for anew.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from itertools import accumulate
from typing import Any

import numpy as np

from ordinis_rx.events import NAN
from ordinis_rx.operators.indicators.cores import Answer, Columns, columns_of

__all__ = ["AsTold", "ExponentialMean", "Native", "Rolling", "WeightedMean"]


class Native(ABC):
    """A core written out in Python. Its state stands in slots, and is copied slot by slot."""

    __slots__ = ()
    outputs = 1

    @abstractmethod
    def update(self, *args: Any, **kwargs: Any) -> Answer:
        """The next row of inputs in, its answer out."""

    def peek(self, *row: float) -> Answer:
        """What `update` would answer."""
        return self.copy().update(*row)

    def fill(self, columns: Columns) -> Columns:
        """The next rows in, by column; one array an output out."""
        lists = [np.asarray(column).tolist() for column in columns]
        return columns_of(map(self.update, *lists), len(columns[0]), self.outputs)

    def copy(self) -> Any:
        """Another that has seen the same."""
        other: Any = object.__new__(type(self))
        names: tuple[str, ...] = self.__slots__
        for name in names:
            value = getattr(self, name)
            setattr(other, name, value.copy() if isinstance(value, _MUTABLE) else value)
        return other


_MUTABLE = (Native, deque, list)


class AsTold(Native):
    """A number of the bar as it is, to stand beside what is worked out of others."""

    __slots__ = ()

    def update(self, x: float) -> float:
        """That number."""
        return x

    def fill(self, columns: Columns) -> Columns:
        """Those numbers."""
        return (np.array(columns[0], np.float64),)


class Rolling(Native):
    """The sum of the last *period* numbers, NaN until there are as many.

    Numbers come in blocks of *period*. A window is the end of one block, whose sums were made when it was full, and the
    beginning of the next: so nothing is ever subtracted, and no rounding of what has left the window stays behind.
    """

    __slots__ = ("ends", "numbers", "period", "total")

    def __init__(self, period: int) -> None:
        self.period = period
        self.numbers: list[float] = []
        """The block that fills, `total` their sum."""
        self.total = 0.0
        self.ends: list[float] = []
        """Of the block before: the sum of the last number, of the last two, ..."""

    def update(self, x: float) -> float:
        """The sum with *x* as the last."""
        numbers = self.numbers
        numbers.append(x)
        self.total = total = self.total + x
        missing = self.period - len(numbers)
        if missing:
            return self.ends[missing - 1] + total if self.ends else NAN
        self.ends = list(accumulate(reversed(numbers)))
        self.numbers, self.total = [], 0.0
        return total


class WeightedMean(Native):
    """The mean of the last *period* numbers by weights 1, 2, ... *period*, the last number's the greatest.

    NaN until there are as many.
    """

    __slots__ = ("ends", "numbers", "period", "total", "weighted")

    def __init__(self, period: int) -> None:
        self.period = period
        self.numbers: list[float] = []
        """The block that fills, as in `Rolling`; `total` their sum, `weighted` that of the first, twice the second, ..."""
        self.total = self.weighted = 0.0
        self.ends: list[float] = []
        """Of the block before: the last number, the last but one and twice the last, ..."""

    def update(self, x: float) -> float:
        """The mean with *x* as the last."""
        numbers, period = self.numbers, self.period
        numbers.append(x)
        self.total = total = self.total + x
        self.weighted = weighted = self.weighted + len(numbers) * x
        missing = period - len(numbers)
        if missing:
            if not self.ends:
                return NAN
            weighted += missing * total + self.ends[missing - 1]
        else:
            # Each number more in front makes all behind it count once more, and so adds the sum from it on.
            self.ends = list(accumulate(accumulate(reversed(numbers))))
            self.numbers, self.total, self.weighted = [], 0.0, 0.0
        return weighted / (period * (period + 1) / 2)


class ExponentialMean(Native):
    """The exponential mean by *share* (2 / (period + 1)), begun with the plain mean of the first *period* numbers.

    NaN before. A share of 1 / *period* is Wilder's.
    """

    __slots__ = ("count", "mean", "period", "share", "total")

    def __init__(self, period: int, share: float | None = None) -> None:
        self.period = period
        self.share = 2.0 / (period + 1) if share is None else share
        self.count = 0
        self.total = 0.0
        self.mean = NAN

    def update(self, x: float) -> float:
        """The mean with *x* as the last."""
        if self.count < self.period:
            self.count += 1
            self.total += x
            if self.count == self.period:
                self.mean = self.total / self.period
        else:
            self.mean += (x - self.mean) * self.share
        return self.mean
