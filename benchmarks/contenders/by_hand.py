"""What one would write by hand in Python, with no library: a window, open bars, the median of the newest reports."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import sqrt
from statistics import median
from typing import TypeAlias

import numpy as np

from benchmarks.contenders.stage import Columns, Contender, bar_table, perform

WINDOW, THRESHOLD = 50, 5.0
SCORED, SPAN = 100, 20
SHARE = 2.0 / (SPAN + 1.0)
INTERVAL = 1_000_000_000


class Window:
    """Whether a number is within five deviations of the fifty before it."""

    def __init__(self) -> None:
        self.numbers: deque[float] = deque()
        self.base = self.total = self.squares = 0.0

    def keeps(self, price: float) -> bool:
        numbers = self.numbers
        kept = True
        if not numbers:
            self.base = price
        x = price - self.base
        if len(numbers) == WINDOW:
            mean = self.total / WINDOW
            variance = (self.squares - self.total * mean) / (WINDOW - 1)
            kept = (x - mean) ** 2 <= THRESHOLD * THRESHOLD * variance
            old = numbers.popleft()
            self.total -= old
            self.squares -= old * old
        numbers.append(x)
        self.total += x
        self.squares += x * x
        return kept


class OpenBar:
    """The bar of one symbol; tells the one before when the next begins."""

    def __init__(self, symbol: int) -> None:
        self.symbol = symbol
        self.end = 0

    def step(self, at: int, price: float, size: float) -> tuple[float, ...] | None:
        told = None
        if at >= self.end:
            if self.end:
                told = self.told()
            self.end = (at // INTERVAL + 1) * INTERVAL
            self.open = self.high = self.low = price
            self.volume = self.worth = 0.0
        elif price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.close = price
        self.volume += size
        self.worth += price * size
        return told

    def told(self) -> tuple[float, ...]:
        return (
            self.symbol,
            self.end // INTERVAL,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.worth / self.volume,
        )


class Newest:
    """The median of the newest mid of each provider, those far from it left out."""

    def __init__(self) -> None:
        self.mids: dict[int, float] = {}

    def price(self, provider: int, mid: float) -> float:
        self.mids[provider] = mid
        mids = list(self.mids.values())
        middle = median(mids)
        far = max(5.0 * 1.4826 * median([abs(x - middle) for x in mids]), 1e-3 * middle)
        return median([x for x in mids if abs(x - middle) <= far])


class Scores:
    """How far a number is from the mean of the hundred before it, in deviations, and the average that forgets by and by."""

    def __init__(self) -> None:
        self.numbers: deque[float] = deque()
        self.base = self.total = self.squares = self.average = 0.0

    def of(self, price: float) -> tuple[float | None, float]:
        numbers = self.numbers
        if not numbers:
            self.base = self.average = price
        self.average += SHARE * (price - self.average)
        score = None
        x = price - self.base
        if len(numbers) == SCORED:
            mean = self.total / SCORED
            variance = (self.squares - self.total * mean) / (SCORED - 1)
            if variance > 0.0:
                score = (x - mean) / sqrt(variance)
            old = numbers.popleft()
            self.total -= old
            self.squares -= old * old
        numbers.append(x)
        self.total += x
        self.squares += x * x
        return score, self.average


Step: TypeAlias = Callable[..., None]
Made: TypeAlias = tuple[Step, Callable[[], Columns]]


def zscore() -> Made:
    windows: dict[int, Window] = {}
    kept: list[int] = []

    def step(seq: int, symbol: int, price: float) -> None:
        window = windows.get(symbol)
        if window is None:
            window = windows[symbol] = Window()
        if window.keeps(price):
            kept.append(seq)

    return step, lambda: {"seq": np.array(kept)}


def bars() -> Made:
    open_bars: dict[int, OpenBar] = {}
    told: list[tuple[float, ...]] = []

    def step(symbol: int, at: int, price: float, size: float) -> None:
        bar = open_bars.get(symbol)
        if bar is None:
            bar = open_bars[symbol] = OpenBar(symbol)
        if (done := bar.step(at, price, size)) is not None:
            told.append(done)

    return step, lambda: bar_table(told)


def consensus() -> Made:
    newest: dict[int, Newest] = {}
    prices: list[float] = []

    def step(symbol: int, provider: int, bid: float, ask: float) -> None:
        state = newest.get(symbol)
        if state is None:
            state = newest[symbol] = Newest()
        prices.append(state.price(provider, (bid + ask) / 2))

    return step, lambda: {"price": np.array(prices)}


def scores() -> Made:
    states: dict[int, Scores] = {}
    told: list[float] = []
    averages: list[float] = []

    def step(symbol: int, price: float) -> None:
        state = states.get(symbol)
        if state is None:
            state = states[symbol] = Scores()
        score, average = state.of(price)
        if score is not None:
            told.append(score)
        averages.append(average)

    return step, lambda: {"score": np.array(told), "average": np.array(averages)}


STEPS: dict[str, tuple[Callable[[], Made], tuple[str, ...]]] = {
    "zscore": (zscore, ("seq", "symbol", "price")),
    "bars": (bars, ("symbol", "ts_event", "price", "size")),
    "consensus": (consensus, ("symbol", "provider", "bid", "ask")),
    "scores": (scores, ("symbol", "price")),
}
"""For each work what makes a step and tells what came of all, and the columns that a step takes."""


def in_a_loop(name: str) -> Contender:
    def ready(columns: Columns) -> Callable[[], Columns]:
        make, names = STEPS[name]
        rows = [columns[each].tolist() for each in names]

        def run() -> Columns:
            step, told = make()
            for row in zip(*rows, strict=True):
                step(*row)
            return told()

        return run

    return ready


WORK: dict[str, Contender] = {
    work: in_a_loop(name) for name in STEPS for work in (name, f"live_{name}")
}

if __name__ == "__main__":
    perform(WORK)
