"""Indicators: TA-Lib's handles alone, through our operator, and in frames; peers where they are installed.

``pip install -r benchmarks/indicator_peers.txt`` in an environment of their own adds those of talipp and nautilus_trader.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import talib
from reactivex import Subject

from benchmarks.measure import compare, show
from ordinis_rx.columns import Block, Names
from ordinis_rx.events import Bar
from ordinis_rx.frames import BarFrame
from ordinis_rx.operators import indicator, indicators, ta
from ordinis_rx.stream import Stream, from_items
from ordinis_rx.timebase import MINUTE

N = 20_000
WHOLE = 200_000
FIVE = {"a": "sma:20", "b": "rsi:14", "c": "atr:14", "d": "bbands:20", "e": "macd"}


def bars_of(n: int) -> list[Bar]:
    chance, close = random.Random(1), 100.0
    bars: list[Bar] = []
    for k in range(1, n + 1):
        first, close = close, close + chance.gauss(0, 0.1)
        high, low = max(first, close) + chance.random(), min(first, close) - chance.random()
        bars.append(
            Bar(
                symbol="A", ts_event=k * MINUTE, seq=k, interval=MINUTE,
                open=first, high=high, low=low, close=close, volume=chance.random(),
            )
        )  # fmt: skip
    return bars


def nothing(_: object) -> None:
    """What a subscriber does that measures the way to it."""


def live(bars: list[Bar], operator: Callable[[Any], Any]) -> Callable[[], object]:
    """Fact by fact through a hot source."""

    def run() -> None:
        source: Subject[Bar] = Subject()
        source.pipe(operator).subscribe(nothing)
        for bar in bars:
            source.on_next(bar)

    return run


def bare(bars: list[Bar]) -> Callable[[], object]:
    """One Rx hop, and a handle of TA-Lib's in a function."""

    def run() -> None:
        source: Subject[Bar] = Subject()
        update = talib.stream.SMA(np.array([bar.close for bar in bars[:20]]), timeperiod=20).update
        source.subscribe(lambda bar: nothing(update(bar.close)))
        for bar in bars:
            source.on_next(bar)

    return run


class Ear:
    """Hears items, and asks for a column."""

    def on_item(self, item: Any) -> None:
        item.lookup("value")

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        pass

    def exits(self, found: set[int]) -> None:
        found.add(id(self))


def framed(bars: list[Bar], rows: int, operator: Callable[[Any], Any]) -> Callable[[], object]:
    """Columns in frames of *rows*."""
    names = Names()
    whole = BarFrame.from_events(bars, names)
    for name in BarFrame.schema.index:
        whole.lookup(name)
    kept = whole.block
    assert kept is not None
    frames: list[BarFrame] = []
    for at in range(0, len(bars), rows):
        n = min(rows, len(bars) - at)
        block = Block(BarFrame.schema.kinds, n)
        for mine, theirs in zip(block.columns, kept.columns, strict=True):
            mine[:] = theirs[at : at + n]
        frame = BarFrame(names)
        frame.hold_columns(block, n)
        frames.append(frame)

    def run() -> None:
        stream: Stream[Any] = operator(from_items(lambda _: iter(frames)))
        stream.flow(Ear())

    return run


def peers(bars: list[Bar]) -> dict[str, Callable[[], object]]:
    """Other libraries' simple averages, as far as they are installed."""
    closes = [bar.close for bar in bars]
    found: dict[str, Callable[[], object]] = {}
    try:
        sma = importlib.import_module("talipp.indicators").SMA

        def by_talipp() -> None:
            average = sma(20)
            for close in closes:
                average.add(close)

        found["talipp"] = by_talipp
    except ImportError:
        pass
    try:
        average_of = importlib.import_module("nautilus_trader.indicators").SimpleMovingAverage

        def by_nautilus() -> None:
            average = average_of(20)
            for close in closes:
                average.update_raw(close)

        found["nautilus_trader"] = by_nautilus
    except ImportError:
        pass
    return found


def main() -> None:
    """Print the tables."""
    bars = bars_of(N)
    live_rows = {
        "TA-Lib's SMA in a function, one Rx hop": bare(bars),
        "ta('SMA'), fact by fact": live(bars, ta("SMA", timeperiod=20)),
        "ta('BBANDS'), fact by fact": live(bars, ta("BBANDS", timeperiod=20)),
        "indicators() of five, fact by fact": live(bars, indicators(**FIVE)),
        "ta('SMA'), frames of 1,000": framed(bars, 1_000, ta("SMA", timeperiod=20)),
        "ta('ATR'), frames of 1,000": framed(bars, 1_000, ta("ATR")),
        "indicators() of five, frames of 1,000": framed(bars, 1_000, indicators(**FIVE)),
        **peers(bars),
    }
    show("Indicators, a bar", compare(live_rows, N), "TA-Lib's SMA in a function, one Rx hop")
    many = bars_of(WHOLE)
    sides = [np.array([getattr(bar, side) for bar in many]) for side in ("high", "low", "close")]
    sma, atr, bbands = indicator("sma", 20), indicator("atr"), indicator("bbands")
    whole_rows = {
        "talib.SMA, batch": lambda: talib.SMA(sides[2], 20),
        "indicator('sma').whole": lambda: sma.whole(sides[2]),
        "ta('SMA'), one frame": framed(many, WHOLE, ta("SMA", timeperiod=20)),
        "talib.ATR, batch": lambda: talib.ATR(*sides, 14),
        "indicator('atr').whole": lambda: atr.whole(*sides),
        "ta('ATR'), one frame": framed(many, WHOLE, ta("ATR")),
        "talib.BBANDS, batch": lambda: talib.BBANDS(sides[2], 20),
        "indicator('bbands').whole": lambda: bbands.whole(sides[2]),
        "ta('BBANDS'), one frame": framed(many, WHOLE, ta("BBANDS", timeperiod=20)),
    }
    show("Whole histories, a bar", compare(whole_rows, WHOLE), "talib.SMA, batch")


if __name__ == "__main__":
    main()
