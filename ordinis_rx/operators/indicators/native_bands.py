"""Averages and bands without TA-Lib: Hull's average, Donchian's and Keltner's bands, the supertrend, and volatility."""

from __future__ import annotations

import math
from collections import deque

from ordinis_rx.events import NAN
from ordinis_rx.operators.indicators.native import ExponentialMean, Native, WeightedMean

__all__ = ["Donchian", "Hull", "Keltner", "Supertrend", "Volatility"]

Three = tuple[float, float, float]


class Hull(Native):
    """WMA(2 WMA(x, n / 2) - WMA(x, n), sqrt(n)), with whole periods, rounded down."""

    __slots__ = ("half", "outer", "whole")

    def __init__(self, period: int) -> None:
        self.half = WeightedMean(max(period // 2, 1))
        self.whole = WeightedMean(period)
        self.outer = WeightedMean(math.isqrt(period))

    def update(self, x: float) -> float:
        """The average with *x* as the last."""
        fast, slow = self.half.update(x), self.whole.update(x)
        return NAN if slow != slow else self.outer.update(2.0 * fast - slow)


class Donchian(Native):
    """The highest high and lowest low of *period* bars, and halfway between them, by two monotonic deques."""

    __slots__ = ("bar", "bottoms", "period", "tops")
    outputs = 3

    def __init__(self, period: int) -> None:
        self.period = period
        self.bar = 0
        self.tops: deque[tuple[float, int]] = deque()
        self.bottoms: deque[tuple[float, int]] = deque()

    def update(self, high: float, low: float) -> Three:
        """Upper, middle and lower band with this bar as the last."""
        bar, tops, bottoms = self.bar, self.tops, self.bottoms
        self.bar = bar + 1
        oldest = bar - self.period
        while tops and tops[-1][0] <= high:
            tops.pop()
        tops.append((high, bar))
        if tops[0][1] <= oldest:
            tops.popleft()
        while bottoms and bottoms[-1][0] >= low:
            bottoms.pop()
        bottoms.append((low, bar))
        if bottoms[0][1] <= oldest:
            bottoms.popleft()
        if oldest < -1:
            return NAN, NAN, NAN
        upper, lower = tops[0][0], bottoms[0][0]
        return upper, (upper + lower) / 2, lower


class TrueRange(Native):
    """Wilder's average true range: how far a bar reaches from its own extremes or the last close, averaged."""

    __slots__ = ("close", "mean")

    def __init__(self, period: int) -> None:
        self.close = NAN
        self.mean = ExponentialMean(period, 1.0 / period)

    def update(self, high: float, low: float, close: float) -> float:
        """The average with this bar as the last; the first bar has no close before it, and does not count."""
        before, self.close = self.close, close
        if before != before:
            return NAN
        return self.mean.update(max(high, before) - min(low, before))


class Keltner(Native):
    """The exponential mean of the typical price, and bands so many average true ranges away from it."""

    __slots__ = ("mean", "multiplier", "true_range")
    outputs = 3

    def __init__(self, period: int, atr_period: int, multiplier: float) -> None:
        self.mean = ExponentialMean(period)
        self.true_range = TrueRange(atr_period)
        self.multiplier = multiplier

    def update(self, high: float, low: float, close: float) -> Three:
        """Upper, middle and lower band with this bar as the last."""
        middle = self.mean.update((high + low + close) / 3.0)
        width = self.multiplier * self.true_range.update(high, low, close)
        if middle != middle or width != width:
            return NAN, NAN, NAN
        return middle + width, middle, middle - width


class Supertrend(Native):
    """A stop that follows the price at so many average true ranges, and changes sides when a close is beyond it."""

    __slots__ = ("before", "lower", "multiplier", "true_range", "up", "upper")
    outputs = 2

    def __init__(self, period: int, multiplier: float) -> None:
        self.true_range = TrueRange(period)
        self.multiplier = multiplier
        self.upper = self.lower = self.before = NAN
        self.up = True

    def update(self, high: float, low: float, close: float) -> tuple[float, float]:
        """The stop and the trend (1 up, -1 down) with this bar as the last."""
        width = self.multiplier * self.true_range.update(high, low, close)
        if width != width:
            return NAN, NAN
        middle = (high + low) / 2
        upper, lower, before = middle + width, middle - width, self.before
        if before == before:
            if upper > self.upper and before <= self.upper:
                upper = self.upper
            if lower < self.lower and before >= self.lower:
                lower = self.lower
            self.up = close >= lower if self.up else close > upper
        else:
            self.up = close > middle
        self.upper, self.lower, self.before = upper, lower, close
        return (lower, 1.0) if self.up else (upper, -1.0)


class Volatility(Native):
    """The sample deviation of the last *period* log returns, times the root of the bars a year."""

    __slots__ = ("close", "returns", "root")

    def __init__(self, period: int, per_year: float) -> None:
        if not per_year > 0.0:
            raise ValueError(f"volatility: per_year must be above 0, got {per_year!r}")
        self.close = NAN
        self.root = math.sqrt(per_year)
        self.returns: deque[float] = deque(maxlen=period)

    def update(self, close: float) -> float:
        """The volatility with *close* as the last; a price that is not above 0 begins it anew."""
        before, self.close = self.close, close
        if not close > 0.0:
            self.close = NAN
            self.returns.clear()
            return NAN
        if before != before:
            return NAN
        returns = self.returns
        ratio = close / before
        if 0.0 < ratio < math.inf:
            returns.append(math.log(ratio))
        else:  # further apart than numbers reach
            returns.append(math.log(close) - math.log(before))
        n = len(returns)
        if n != returns.maxlen:
            return NAN
        # Anew for each bar: running sums of squares would lose what is left of small returns after large ones.
        mean = math.fsum(returns) / n
        return self.root * math.sqrt(math.fsum((x - mean) ** 2 for x in returns) / (n - 1))
