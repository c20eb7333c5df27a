"""Cores that need no TA-Lib: what they share, and the averages that others are made of.

All take constant time a bar, whatever the period, but for the sums that the formula itself asks for anew.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Any

import numpy as np

from ordinis_rx.events import NAN
from ordinis_rx.operators.indicators.cores import Answer, Columns, columns_of

__all__ = ["ExponentialMean", "Native", "Rolling", "WeightedMean"]


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
            setattr(other, name, value.copy() if isinstance(value, (Native, deque)) else value)
        return other


class Rolling(Native):
    """The sum of the last *period* numbers, NaN until there are as many."""

    __slots__ = ("numbers", "period", "total")

    def __init__(self, period: int) -> None:
        self.period = period
        self.numbers: deque[float] = deque()
        self.total = 0.0

    def update(self, x: float) -> float:
        """The sum with *x* as the last."""
        numbers = self.numbers
        numbers.append(x)
        self.total += x
        if len(numbers) > self.period:
            self.total -= numbers.popleft()
        return self.total if len(numbers) == self.period else NAN


class WeightedMean(Native):
    """The mean of the last *period* numbers by weights 1, 2, ... *period*, the last number's the greatest.

    NaN until there are as many.
    """

    __slots__ = ("numbers", "period", "total", "weighted")

    def __init__(self, period: int) -> None:
        self.period = period
        self.numbers: deque[float] = deque()
        self.total = self.weighted = 0.0

    def update(self, x: float) -> float:
        """The mean with *x* as the last."""
        numbers, period = self.numbers, self.period
        if len(numbers) < period:
            numbers.append(x)
            self.total += x
            self.weighted += len(numbers) * x
            if len(numbers) < period:
                return NAN
        else:
            self.weighted += period * x - self.total
            self.total += x - numbers.popleft()
            numbers.append(x)
        return self.weighted / (period * (period + 1) / 2)


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
