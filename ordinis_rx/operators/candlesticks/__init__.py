"""Candlestick patterns: names, what is told of one, and the operator that finds them.

``names`` of patterns and how TA-Lib calls them, ``facts`` that tell them, ``options`` that are checked, ``talib`` with its
handles, ``surroundings`` of a bar, ``finding`` them.
"""

from __future__ import annotations

from ordinis_rx.operators.candlesticks.facts import PatternContext, PatternFrame, PatternMatch
from ordinis_rx.operators.candlesticks.finding import patterns
from ordinis_rx.operators.candlesticks.names import (
    AS_TALIB,
    NATIVE_PATTERNS,
    NEEDS_GAP,
    TALIB_PATTERNS,
    Pattern,
)

__all__ = [
    "AS_TALIB",
    "NATIVE_PATTERNS",
    "NEEDS_GAP",
    "TALIB_PATTERNS",
    "Pattern",
    "PatternContext",
    "PatternFrame",
    "PatternMatch",
    "patterns",
]
