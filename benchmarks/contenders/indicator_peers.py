"""Indicators by other libraries, bar by bar, and by pandas over a whole history: ``python -m ... LIBRARY:INDICATOR``.

Each tells its numbers by the names of our outputs, NaN or nothing until it knows. Where a library has several conventions,
those of TA-Lib are asked for.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from benchmarks.contenders.stage import Columns, Contender, perform

__all__ = ["PEERS"]

NAN = float("nan")
BAR = ("high", "low", "close")


def by_column(names: Iterable[str], rows: list[tuple[float, ...]]) -> Columns:
    return dict(zip(names, np.array(rows, np.float64).T, strict=True))


def talipp(
    name: str,
    arguments: tuple[Any, ...],
    read: Callable[[Any], tuple[float, ...]],
    outputs: tuple[str, ...],
    *,
    bars: bool = False,
) -> Contender:
    """An indicator that keeps all that it was fed with, and all that it told."""
    kind = getattr(importlib.import_module("talipp.indicators"), name)
    ohlcv = importlib.import_module("talipp.ohlcv").OHLCV

    def contender(columns: Columns) -> Callable[[], Columns]:
        sides = ("open", *BAR, "volume") if bars else ("close",)
        rows: list[Any] = list(zip(*(columns[side].tolist() for side in sides), strict=True))
        given = [ohlcv(*row) for row in rows] if bars else [row[0] for row in rows]
        unknown = (NAN,) * len(outputs)

        def run() -> Columns:
            state = kind(*arguments)
            told: list[tuple[float, ...]] = []
            for each in given:
                state.add(each)
                last = state[-1]
                told.append(unknown if last is None else read(last))
            return by_column(outputs, told)

        return run

    return contender


def nautilus(
    make: Callable[[Any], Any],
    read: Callable[[Any], tuple[float, ...]],
    outputs: tuple[str, ...],
    sides: tuple[str, ...] = ("close",),
) -> Contender:
    """An indicator in Cython, whose numbers are attributes."""
    library = importlib.import_module("nautilus_trader.indicators")

    def contender(columns: Columns) -> Callable[[], Columns]:
        rows = list(zip(*(columns[side].tolist() for side in sides), strict=True))
        unknown = (NAN,) * len(outputs)

        def run() -> Columns:
            state = make(library)
            told: list[tuple[float, ...]] = []
            for row in rows:
                state.update_raw(*row)
                told.append(read(state) if state.initialized else unknown)
            return by_column(outputs, told)

        return run

    return contender


def pandas_ta(
    ask: Callable[[Any, Any], Any], outputs: tuple[str, ...], places: tuple[int, ...] = (0,)
) -> Contender:
    """A function of a whole history."""
    library = importlib.import_module("pandas_ta_classic")
    pandas = importlib.import_module("pandas")

    def contender(columns: Columns) -> Callable[[], Columns]:
        frame = pandas.DataFrame(columns)

        def run() -> Columns:
            table = pandas.DataFrame(ask(library, frame))
            return {
                name: table.iloc[:, place].to_numpy(np.float64)
                for name, place in zip(outputs, places, strict=True)
            }

        return run

    return contender


def _one(value: Any) -> tuple[float, ...]:
    return (value,)


def _of_talipp() -> dict[str, Callable[[], Contender]]:
    return {
        "sma": lambda: talipp("SMA", (20,), _one, ("sma",)),
        "ema": lambda: talipp("EMA", (20,), _one, ("ema",)),
        "rsi": lambda: talipp("RSI", (14,), _one, ("rsi",)),
        "atr": lambda: talipp("ATR", (14,), _one, ("atr",), bars=True),
        "bbands": lambda: talipp(
            "BB", (20, 2.0), lambda b: (b.ub, b.cb, b.lb), ("upper", "middle", "lower")
        ),
        "macd": lambda: talipp(
            "MACD",
            (12, 26, 9),
            lambda m: (m.macd, NAN if m.signal is None else m.signal),
            ("macd", "signal"),
        ),
        "supertrend": lambda: talipp(
            "SuperTrend", (10, 3), lambda s: (s.value,), ("supertrend",), bars=True
        ),
        "ichimoku": lambda: talipp(
            "Ichimoku",
            (26, 9, 26, 52, 26),
            lambda i: (i.conversion_line or NAN, i.base_line or NAN),
            ("tenkan", "kijun"),
            bars=True,
        ),
    }


def _of_nautilus() -> dict[str, Callable[[], Contender]]:
    def wilder(library: Any) -> Any:
        return library.MovingAverageType.WILDER

    return {
        "sma": lambda: nautilus(
            lambda lib: lib.SimpleMovingAverage(20), lambda s: (s.value,), ("sma",)
        ),
        "ema": lambda: nautilus(
            lambda lib: lib.ExponentialMovingAverage(20), lambda s: (s.value,), ("ema",)
        ),
        "rsi": lambda: nautilus(
            lambda lib: lib.RelativeStrengthIndex(14, wilder(lib)),
            lambda s: (100.0 * s.value,),
            ("rsi",),
        ),
        "atr": lambda: nautilus(
            lambda lib: lib.AverageTrueRange(14, wilder(lib)), lambda s: (s.value,), ("atr",), BAR
        ),
        "bbands": lambda: nautilus(
            lambda lib: lib.BollingerBands(20, 2.0),
            lambda s: (s.upper, s.middle, s.lower),
            ("upper", "middle", "lower"),
            ("close", "close", "close"),  # it takes the mean of three sides
        ),
        "macd": lambda: nautilus(
            lambda lib: lib.MovingAverageConvergenceDivergence(12, 26),
            lambda s: (s.value,),
            ("macd",),
        ),
    }


def _of_pandas() -> dict[str, Callable[[], Contender]]:
    return {
        "sma": lambda: pandas_ta(lambda lib, f: lib.sma(f.close, 20, talib=False), ("sma",)),
        "ema": lambda: pandas_ta(lambda lib, f: lib.ema(f.close, 20, talib=False), ("ema",)),
        "rsi": lambda: pandas_ta(lambda lib, f: lib.rsi(f.close, 14, talib=False), ("rsi",)),
        "atr": lambda: pandas_ta(
            lambda lib, f: lib.atr(f.high, f.low, f.close, 14, talib=False), ("atr",)
        ),
        "bbands": lambda: pandas_ta(
            lambda lib, f: lib.bbands(f.close, 20, 2.0, talib=False),
            ("lower", "middle", "upper"),
            (0, 1, 2),
        ),
        "macd": lambda: pandas_ta(
            lambda lib, f: lib.macd(f.close, 12, 26, 9, talib=False), ("macd", "signal"), (0, 2)
        ),
        "supertrend": lambda: pandas_ta(
            lambda lib, f: lib.supertrend(f.high, f.low, f.close, 10, 3.0),
            ("trend",),  # the stop is another one for some bars after the trend has changed
            (1,),
        ),
        "ichimoku": lambda: pandas_ta(
            lambda lib, f: lib.ichimoku(f.high, f.low, f.close, 9, 26, 52, include_chikou=False)[0],
            ("cloud_a", "cloud_b", "tenkan", "kijun"),
            (0, 1, 2, 3),
        ),
    }


PEERS: dict[str, dict[str, Callable[[], Contender]]] = {
    "talipp": _of_talipp(),
    "nautilus_trader": _of_nautilus(),
    "pandas-ta-classic": _of_pandas(),
}
"""What each library can be asked for."""

if __name__ == "__main__":
    library, _, work = sys.argv[1].partition(":")
    perform({sys.argv[1]: PEERS[library][work]()})
