"""Indicators of bars: TA-Lib's functions and our own, as values, as states, and as operators.

``catalogue`` tells which indicators there are, ``spec`` makes one a value, ``state`` runs one outside a stream, ``wrapping``
makes operators of them. ``cores`` are what computes, ``talib_core`` by TA-Lib's handles, ``native*`` by our own formulas;
``plan`` asks several at once, ``track`` has those of one symbol, ``bank`` those of all, ``told`` makes readings of many
rows, ``checkpoint`` saves what is needed to go on. Outputs are named in `ordinis_rx.outputs`.
"""

from __future__ import annotations

from ordinis_rx.operators.indicators.checkpoint import IndicatorMemory
from ordinis_rx.operators.indicators.spec import Indicator, indicator, parse
from ordinis_rx.operators.indicators.state import IndicatorState
from ordinis_rx.operators.indicators.wrapping import indicators, ta

__all__ = [
    "Indicator",
    "IndicatorMemory",
    "IndicatorState",
    "indicator",
    "indicators",
    "parse",
    "ta",
]
