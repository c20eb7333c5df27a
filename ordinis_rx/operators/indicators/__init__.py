"""Indicators of bars: TA-Lib's functions and our own, as values, as states, and as operators.

``catalogue`` tells which indicators there are, ``spec`` makes one a value, ``state`` runs one outside a stream, ``wrapping``
makes operators of them. ``cores`` are what computes, ``talib_core`` by TA-Lib's handles, ``native*`` by our own formulas;
``plan`` asks several at once, ``track`` has those of one symbol, ``bank`` those of all, ``told`` makes readings of many
rows, ``checkpoint`` saves what is needed to go on. Outputs are named in `ordinis_rx.outputs`.

The usual ones by name: ``averages momentum volatility_and_bands trend volume``.
"""

from __future__ import annotations

from ordinis_rx.operators.indicators.averages import bar_ema, dema, hma, kama, sma, t3, tema, wma
from ordinis_rx.operators.indicators.momentum import (
    cci,
    macd,
    mfi,
    roc,
    rsi,
    stoch,
    stochrsi,
    ultosc,
    willr,
)
from ordinis_rx.operators.indicators.spec import Indicator, indicator, parse
from ordinis_rx.operators.indicators.state import IndicatorState
from ordinis_rx.operators.indicators.trend import adx, aroon, dmi, sar, supertrend
from ordinis_rx.operators.indicators.volatility_and_bands import (
    atr,
    bbands,
    donchian,
    keltner,
    natr,
    volatility,
)
from ordinis_rx.operators.indicators.volume import ad, adosc, bar_vwap, cmf, force, obv, rvol
from ordinis_rx.operators.indicators.wrapping import indicators, ta

__all__ = [
    "Indicator",
    "IndicatorState",
    "ad",
    "adosc",
    "adx",
    "aroon",
    "atr",
    "bar_ema",
    "bar_vwap",
    "bbands",
    "cci",
    "cmf",
    "dema",
    "dmi",
    "donchian",
    "force",
    "hma",
    "indicator",
    "indicators",
    "kama",
    "keltner",
    "macd",
    "mfi",
    "natr",
    "obv",
    "parse",
    "roc",
    "rsi",
    "rvol",
    "sar",
    "sma",
    "stoch",
    "stochrsi",
    "supertrend",
    "t3",
    "ta",
    "tema",
    "ultosc",
    "volatility",
    "willr",
    "wma",
]
