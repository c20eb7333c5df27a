"""Indicators: TA-Lib's handles alone, through our operator, and in frames; beside talipp, nautilus_trader and pandas-ta.

The peers have an environment of their own (`indicator_peers.txt`), and are timed once their numbers are found to be ours.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import talib
from reactivex import Subject

from benchmarks.contenders.indicator_peers import PEERS
from benchmarks.contenders.stage import Columns
from benchmarks.entrants import Skipped, measured
from benchmarks.measure import Row, compare, plain_call_ns, show
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.events import Bar
from ordinis_rx.frames import BarFrame
from ordinis_rx.operators import Indicator, ichimoku, indicator, indicators, ta
from ordinis_rx.operators.indicators import parse
from ordinis_rx.stream import Stream, from_events, from_items
from ordinis_rx.timebase import MINUTE
from scripts.apart import NotInstalled, interpreter_with

N = 20_000
WHOLE = 200_000
PEERED = {
    "sma": "sma:20",
    "ema": "ema:20",
    "rsi": "rsi:14",
    "atr": "atr:14",
    "bbands": "bbands:20",
    "macd": "macd",
    "supertrend": "supertrend",
}
"""Which indicators are held beside those of others."""

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

    def __init__(self, column: str) -> None:
        self.column = column

    def on_item(self, item: Any) -> None:
        item.lookup(self.column)

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        pass

    def exits(self, found: set[int]) -> None:
        found.add(id(self))


def framed(
    bars: list[Bar], rows: int, operator: Callable[[Any], Any], column: str = "value"
) -> Callable[[], object]:
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
        stream.flow(Ear(column))

    return run


def outside(bars: list[Bar], spec: Indicator) -> Callable[[], object]:
    """Bars into an indicator's state, without a stream."""

    def run() -> None:
        update = spec.state().update
        for bar in bars:
            update(bar.open, bar.high, bar.low, bar.close, bar.volume)

    return run


def ours(bars: list[Bar], columns: Columns, work: str) -> tuple[Columns, list[Row]]:
    """Our outputs by name, and what they cost."""
    if work == "ichimoku":
        rows: list[Any] = []
        from_events(bars).pipe(ichimoku()).subscribe(rows.append)
        told = {
            name: np.array([getattr(row, name) for row in rows])
            for name in ("tenkan", "kijun", "cloud_a", "cloud_b")
        }
        contenders = {
            "ours, fact by fact": live(bars, ichimoku()),
            "ours, one frame": framed(bars, len(bars), ichimoku(), "tenkan"),
        }
    else:
        spec = parse(PEERED[work])
        sides = [columns[name] for name in spec.inputs]
        told = dict(zip(spec.outputs, spec.whole(*sides), strict=True))
        contenders = {
            "ours, outside a stream": outside(bars, spec),
            "ours, fact by fact": live(bars, indicators(it=spec)),
            "ours, whole history": lambda: spec.whole(*sides),
        }
    return told, compare(contenders, len(bars))


def differs(ours: Columns, theirs: Columns) -> str:
    """In what a peer's numbers differ from ours in the second half, when beginnings are forgotten, if in any."""
    for name, numbers in theirs.items():
        half = len(numbers) // 2
        if not np.allclose(numbers[half:], ours[name][half:], rtol=1e-9, atol=1e-9):
            return f"numbers of {name}"
    return ""


def against_peers(bars: list[Bar]) -> None:
    """A table for each indicator that a peer has too."""
    sides = ("seq", "open", "high", "low", "close", "volume")
    columns = {name: np.array([getattr(bar, name) for bar in bars]) for name in sides}
    here = Path(__file__).parent
    try:
        python = interpreter_with(
            Path(sys.prefix) / "indicator-peers", here / "indicator_peers.txt"
        )
    except NotInstalled as reason:
        print(f"peers left out, their environment could not be made: {reason}")
        return
    with tempfile.TemporaryDirectory() as name:
        data, results = Path(name) / "bars.npz", Path(name) / "results.npz"
        np.savez(data, **columns)
        for work in (*PEERED, "ichimoku"):
            told, rows = ours(bars, columns, work)
            for library, works in PEERS.items():
                if work not in works:
                    continue
                module = "benchmarks.contenders.indicator_peers"
                command = [str(python), "-W", "ignore", "-m", module, f"{library}:{work}"]
                try:
                    ns, _ = measured(
                        [*command, str(data), str(results)], results, partial(differs, told)
                    )
                except Skipped as reason:
                    print(f"{work}: {library} left out, {reason}")
                else:
                    rows.append(Row(library, ns))
            show(f"{PEERED.get(work, work)}, a bar of one symbol", rows, base=rows[0].name)


def main() -> None:
    """Print the tables."""
    print(f"an empty Python call: {plain_call_ns():.0f} ns")
    bars = bars_of(N)
    live_rows = {
        "TA-Lib's SMA in a function, one Rx hop": bare(bars),
        "ta('SMA'), fact by fact": live(bars, ta("SMA", timeperiod=20)),
        "ta('BBANDS'), fact by fact": live(bars, ta("BBANDS", timeperiod=20)),
        "indicators() of five, fact by fact": live(bars, indicators(**FIVE)),
        "ta('SMA'), frames of 1,000": framed(bars, 1_000, ta("SMA", timeperiod=20)),
        "ta('ATR'), frames of 1,000": framed(bars, 1_000, ta("ATR")),
        "indicators() of five, frames of 1,000": framed(bars, 1_000, indicators(**FIVE)),
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
    against_peers(bars)


if __name__ == "__main__":
    main()
