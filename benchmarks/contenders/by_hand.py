"""What one would write by hand in Python, with no library: a window, open bars, the median of the newest reports."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks.contenders.stage import Columns, Contender, bar_table, perform

WINDOW, THRESHOLD = 50, 5.0
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


def zscore(columns: Columns) -> Callable[[], Columns]:
    rows = [columns[name].tolist() for name in ("seq", "symbol", "price")]

    def run() -> Columns:
        windows: dict[int, Window] = {}
        kept: list[int] = []
        for seq, symbol, price in zip(*rows, strict=True):
            window = windows.get(symbol)
            if window is None:
                window = windows[symbol] = Window()
            if window.keeps(price):
                kept.append(seq)
        return {"seq": np.array(kept)}

    return run


def bars(columns: Columns) -> Callable[[], Columns]:
    rows = [columns[name].tolist() for name in ("symbol", "ts_event", "price", "size")]

    def run() -> Columns:
        open_bars: dict[int, OpenBar] = {}
        told: list[tuple[float, ...]] = []
        for symbol, at, price, size in zip(*rows, strict=True):
            bar = open_bars.get(symbol)
            if bar is None:
                bar = open_bars[symbol] = OpenBar(symbol)
            if (done := bar.step(at, price, size)) is not None:
                told.append(done)
        return bar_table(told)

    return run


def consensus(columns: Columns) -> Callable[[], Columns]:
    rows = [columns[name].tolist() for name in ("symbol", "provider", "bid", "ask")]

    def run() -> Columns:
        newest: dict[int, Newest] = {}
        prices: list[float] = []
        for symbol, provider, bid, ask in zip(*rows, strict=True):
            state = newest.get(symbol)
            if state is None:
                state = newest[symbol] = Newest()
            prices.append(state.price(provider, (bid + ask) / 2))
        return {"price": np.array(prices)}

    return run


WORK: dict[str, Contender] = {"zscore": zscore, "bars": bars, "consensus": consensus}

if __name__ == "__main__":
    perform(WORK)
