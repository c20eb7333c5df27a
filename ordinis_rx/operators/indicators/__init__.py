"""Indicators of bars: TA-Lib's functions and our own, as values, as states, and as operators.

``outputs`` are named in `ordinis_rx.outputs`. ``catalogue`` tells which indicators there are, ``spec`` makes one a value,
``state`` runs one outside a stream; ``cores`` is what computes, ``talib_core`` by TA-Lib's handles, ``native*`` by our own.
"""

from __future__ import annotations

from ordinis_rx.operators.indicators.spec import Indicator, indicator, parse
from ordinis_rx.operators.indicators.state import IndicatorState

__all__ = ["Indicator", "IndicatorState", "indicator", "parse"]
