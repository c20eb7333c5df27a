"""The Ichimoku cloud, candlestick patterns and levels: whole histories, and one live bar at a time, beside plain ways."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import talib
from numpy.typing import NDArray

from benchmarks.kernels import Counter, drain, one
from benchmarks.market import SYMBOLS, in_frames
from benchmarks.measure import ROUNDS, compare, show
from ordinis_rx import operators as oo
from ordinis_rx.events import Bar
from ordinis_rx.frames import BarFrame
from ordinis_rx.multicast import Hot
from ordinis_rx.operators.candlesticks import NATIVE_PATTERNS, TALIB_PATTERNS
from ordinis_rx.operators.candlesticks.talib import TalibPatterns
from ordinis_rx.stream import flow_of, from_items
from ordinis_rx.timebase import MINUTE

BARS = 500_000
FEWER = 20_000
"""Bars for what takes microseconds."""
LIVE = 2_000
"""Bars that are pushed one by one."""


def walk(bars: int) -> dict[str, NDArray[Any]]:
    """Minutes of 50 symbols, one after the other, each a walk of its own."""
    rng = np.random.default_rng(9)
    at = np.arange(bars)
    symbol = at % SYMBOLS
    close = np.empty(bars)
    for s in range(SYMBOLS):
        mine = symbol == s
        close[mine] = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 1e-3, mine.sum())))
    opened = np.concatenate([close[:SYMBOLS], close[:-SYMBOLS]])
    opened = opened * (1.0 + rng.normal(0.0, 1e-4, bars))
    return {
        "symbol": symbol,
        "ts_event": (at // SYMBOLS + 1) * MINUTE,
        "seq": at + 1,
        "interval": np.full(bars, MINUTE),
        "open": opened,
        "high": np.maximum(opened, close) * (1.0 + rng.exponential(5e-4, bars)),
        "low": np.minimum(opened, close) * (1.0 - rng.exponential(5e-4, bars)),
        "close": close,
        "volume": np.floor(rng.exponential(1000.0, bars)),
    }


def rescanned(columns: dict[str, NDArray[Any]]) -> None:
    """The three middles of each window by NumPy, one symbol after the other: what needs a whole history at hand."""
    for s in range(SYMBOLS):
        high, low = columns["high"][s::SYMBOLS], columns["low"][s::SYMBOLS]
        for window in (9, 26, 52):
            highs = np.lib.stride_tricks.sliding_window_view(high, window)
            lows = np.lib.stride_tricks.sliding_window_view(low, window)
            _ = (highs.max(axis=1) + lows.min(axis=1)) / 2


def batch_patterns(columns: dict[str, NDArray[Any]]) -> None:
    """TA-Lib's batch functions, one symbol after the other."""
    functions = TalibPatterns(TALIB_PATTERNS, {}).functions
    for s in range(SYMBOLS):
        sides = [columns[name][s::SYMBOLS].copy() for name in ("open", "high", "low", "close")]
        for function in functions:
            function.whole(sides)


def whole_histories() -> None:
    columns = walk(BARS)
    source = from_items(in_frames(BarFrame, columns))
    rows = compare(
        {
            "NumPy: the three middles alone": partial(rescanned, columns),
            "ichimoku()": partial(drain, one(oo.ichimoku()), source),
            "patterns(the 15 native ones)": partial(drain, one(oo.patterns(NATIVE_PATTERNS)), source),
            "levels()": partial(drain, one(oo.levels()), source),
        },
        BARS,
    )  # fmt: skip
    show("Half a million bars of 50 symbols, frames of 10,000 rows", rows, base=rows[1].name)


def all_of_talib() -> None:
    columns = walk(FEWER)
    source = from_items(in_frames(BarFrame, columns, FEWER))
    rows = compare(
        {
            "TA-Lib's batch functions alone": partial(batch_patterns, columns),
            "patterns()": partial(drain, one(oo.patterns()), source),
        },
        FEWER,
    )
    show("All 61 patterns of TA-Lib over 400 bars of 50 symbols", rows, base=rows[0].name)


def bars_one_by_one() -> list[Bar]:
    told: list[Bar] = []
    from_items(in_frames(BarFrame, walk(LIVE * ROUNDS))).subscribe(told.append)
    return told


def pushed(facts: list[Bar], operator: Any, *, frames: bool) -> Callable[[], None]:
    """Push the next bars one by one through the operator (None: through nothing) to a counter."""
    hot = Hot()
    stream = hot.stream if operator is None else hot.stream.pipe(operator)
    counter = Counter()
    flow_of(stream, counter) if frames else stream.subscribe(counter)
    waves = iter([facts[first : first + LIVE] for first in range(0, len(facts), LIVE)])

    def run() -> None:
        for bar in next(waves):
            hot.push([bar])

    return run


def bare_handles(facts: list[Bar]) -> Callable[[], None]:
    """TA-Lib's handles of all patterns, those of each symbol, in a plain loop with nothing around them."""
    history = [np.array([bar.close for bar in facts[:20]])] * 4
    handles = {
        symbol: [getattr(talib.stream, name)(*history) for name in TALIB_PATTERNS]
        for symbol in {bar.symbol for bar in facts}
    }
    waves = iter([facts[first : first + LIVE] for first in range(0, len(facts), LIVE)])

    def run() -> None:
        for bar in next(waves):
            for handle in handles[bar.symbol]:
                handle.update(bar.open, bar.high, bar.low, bar.close)

    return run


def live() -> None:
    facts = bars_one_by_one()
    for frames in (True, False):
        work = {
            "the hub alone": pushed(facts, None, frames=frames),
            "ichimoku()": pushed(facts, oo.ichimoku(), frames=frames),
            "patterns(the 15 native ones)": pushed(facts, oo.patterns(NATIVE_PATTERNS), frames=frames),
            "levels()": pushed(facts, oo.levels(), frames=frames),
            "61 bare handles of TA-Lib": bare_handles(facts),
            "patterns(), all 61": pushed(facts, oo.patterns(), frames=frames),
        }  # fmt: skip
        rows = compare(work, LIVE)
        heard = "frames" if frames else "facts"
        show(f"One live bar at a time, heard as {heard}", rows, base=rows[0].name)


def main() -> None:
    """Print the tables."""
    whole_histories()
    all_of_talib()
    live()


if __name__ == "__main__":
    main()
