"""Bars for tests of candlestick patterns: real ones, and some on which every pattern of TA-Lib fires."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import random
from datetime import UTC, datetime
from pathlib import Path

from ordinis_rx.events import Bar
from ordinis_rx.testing import a_bar
from ordinis_rx.timebase import DAY, SECOND

__all__ = ["daily_bars", "every_pattern", "random_bars"]

# Open, high, low and close of each bar, as distances from a level; each line comes after ten plain bars. Found by a search
# over random bars for one that brings each pattern, with each number that TA-Lib has for it, in as few bars as possible.
_CORES = (
    "6,6,0,0 8,16,8,16",
    "6,6,-4,6",
    "12,32,10,22 21,23,20,21",
    "6,8,-22,-2 -1,9,-12,-2 -2,-2,-5,-5",
    "-2,15,-3,14 18,28,16,18 6,8,0,1",
    "-8,2,-8,-8",
    "6,7,-22,-18 -24,-24,-34,-24 -18,-10,-18,-10",
    "-12,-8,-22,-22 -16,-14,-16,-15 -11,-7,-11,-11 -11,-6,-15,-10 -22,-20,-50,-46",
    "6,6,0,1 -5,1,-5,1",
    "0,10,0,10 16,18,-18,-8",
    "-3,5,-4,5 5,5,-5,5",
    "2,3,-1,0 2,2,1,2 -5,-1,-6,-3 -5,9,-5,5",
    "-5,1,-5,1 -6,-6,-22,-22",
    "4,32,4,28",
    "3,4,3,3 3,13,-4,0",
    "-1,0,-1,0 6,26,-18,-18 -17,-17,-33,-33 -25,-25,-35,-35",
    "18,18,10,10 12,12,11,11 10,20,-10,0 10,30,-12,8",
    "-14,2,-14,2 8,10,-18,2",
    "-3,3,-23,3 9,13,-6,-2",
    "-12,-10,-12,-12 -12,9,-12,-11",
    "4,24,-6,-4 2,12,-8,2",
    "2,3,1,2 2,2,2,2 8,34,8,24 8,9,-16,-16",
    "8,9,-4,0 -5,16,-9,-4",
    "7,7,-2,0 -12,8,-14,4",
    "-6,1,-6,0 -6,-6,-26,-16",
    "-6,-6,-14,-14 -12,-3,-12,-4",
    "18,20,18,20 19,39,-4,16",
    "6,10,-14,-10 -26,-3,-46,-3",
    "-2,-1,-7,-7 -4,21,-4,1",
    "-3,33,-5,13 25,25,20,20 14,14,12,12 12,14,8,10 12,28,8,28",
    "6,42,5,22 43,45,37,41 42,42,17,18",
    "8,36,8,16 12,12,8,9 12,12,-6,-4",
    "4,6,-4,-4 -5,-5,-26,-6 -8,12,-8,8",
    "5,10,-15,10 10,11,10,11 12,28,-8,28",
    "2,18,-2,18 12,42,8,22 19,24,19,24",
    "8,28,0,0 0,10,-1,-1 -1,9,-3,-3",
    "18,48,17,28 25,42,25,41 44,46,44,45",
    "4,4,4,4 16,20,16,16 15,25,-5,15",
    "4,24,2,4 -2,8,-2,-2 10,10,10,10",
    "6,8,0,1 6,16,-16,4 5,6,-15,6",
    "-14,1,-14,0 12,22,11,11 13,13,8,8",
    "-8,2,-9,2 3,10,3,8 5,5,-15,-5",
    "4,5,-6,4 5,15,5,5 6,11,6,11 13,15,3,3",
    "-1,9,-3,-3 -2,-2,-24,-4 -3,-1,-4,-4 1,1,1,1",
    "6,31,5,11 34,34,24,34 34,38,32,34 36,80,36,60 36,36,28,28",
    "4,14,-22,-12 -28,-28,-32,-30 -44,-40,-44,-44 -44,-44,-67,-47 -47,-23,-47,-23",
)

_LEVEL = 400

_PLAIN = [(0, 6, -2, 4), (4, 6, -2, 0)] * 5
"""Ten bars with bodies of 4 and ranges of 8, by which those that follow are measured."""


def every_pattern() -> list[Bar]:
    """Bars on which each of the sixty-one patterns fires, in each direction and strength that TA-Lib has for it."""
    sides: list[tuple[int, ...]] = []
    for core in _CORES:
        sides += _PLAIN
        sides += [tuple(map(int, bar.split(","))) for bar in core.split()]
    return [_bar(at, [_LEVEL + side for side in bar]) for at, bar in enumerate(sides, 1)]


def _bar(at: int, sides: list[float], symbol: str = "A") -> Bar:
    first, high, low, close = sides
    volume = 20 + 37 * at % 181
    return a_bar(close, at=at, open=first, high=high, low=low, volume=volume, symbol=symbol)


def random_bars(n: int, seed: int, *, gaps: bool = True, symbol: str = "A") -> list[Bar]:
    """A walk on a coarse grid, so that prices meet; without *gaps* each bar opens at the last close."""
    chance = random.Random(seed)
    bars: list[Bar] = []
    close = 1000.0
    for at in range(1, n + 1):
        first = close + (chance.choice((-2, -1, 0, 0, 0, 1, 2)) if gaps else 0)
        close = first + chance.choice((-6, -4, -2, -1, 0, 0, 1, 2, 4, 6))
        high = max(first, close) + chance.choice((0, 0, 1, 2, 6))
        low = min(first, close) - chance.choice((0, 0, 1, 2, 6))
        bars.append(_bar(at, [first, high, low, close], symbol))
    return bars


def daily_bars(symbol: str) -> list[Bar]:
    """Real daily bars of AAPL, GOOG, IBM or MSFT, 2000 to 2013, of the package bokeh-sampledata (public domain)."""
    spec = importlib.util.find_spec("bokeh_sampledata")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "_data" / "stocks.csv.gz"
    bars: list[Bar] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["Ticker"] == symbol:
                day = datetime.fromisoformat(row["Date"]).replace(tzinfo=UTC)
                bars.append(
                    a_bar(
                        float(row["Close"]),
                        at=int(day.timestamp()) * SECOND + DAY,
                        interval=DAY,
                        symbol=symbol,
                        open=float(row["Open"]),
                        high=float(row["High"]),
                        low=float(row["Low"]),
                        volume=float(row["Volume"]),
                    )
                )
    return bars
