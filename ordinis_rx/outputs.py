"""What the numbers of an indicator with several outputs are called, by the name of its readings.

A reading carries its numbers as a tuple, and its name says what they are: either the name of an indicator, whose outputs
stand in `OUTPUTS`, or the names of the numbers themselves, with commas between.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["OUTPUTS", "outputs_of"]

_BANDS = ("upper", "middle", "lower")
_MACD = ("macd", "signal", "histogram")
_STOCHASTIC = ("k", "d")

OUTPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accbands": _BANDS,
        "aroon": ("down", "up"),
        "bbands": _BANDS,
        "donchian": _BANDS,
        "eri": ("bull", "bear"),
        "fractal": ("swing_high", "swing_low"),
        "ha": ("open", "high", "low", "close"),
        "ht_phasor": ("inphase", "quadrature"),
        "ht_sine": ("sine", "lead"),
        "kc": _BANDS,
        "kdj": ("k", "d", "j"),
        "keltner": _BANDS,
        "macd": _MACD,
        "macdext": _MACD,
        "macdfix": _MACD,
        "mama": ("mama", "fama"),
        "minmax": ("min", "max"),
        "minmaxindex": ("min_index", "max_index"),
        "smi": ("smi", "signal"),
        "stoch": _STOCHASTIC,
        "stochf": _STOCHASTIC,
        "stochrsi": _STOCHASTIC,
        "supertrend": ("supertrend", "trend"),
        "vortex": ("plus", "minus"),
    }
)
"""The indicators with several outputs, in TA-Lib's order where they are TA-Lib's."""


@functools.lru_cache(maxsize=4096)
def outputs_of(name: str) -> Mapping[str, int]:
    """Which of its numbers is meant by which word, for a reading called *name*.

    >>> dict(outputs_of("bbands")), dict(outputs_of("rsi,atr")), dict(outputs_of("mid"))
    ({'upper': 0, 'middle': 1, 'lower': 2}, {'rsi': 0, 'atr': 1}, {})
    """
    words = OUTPUTS.get(name) or (tuple(name.split(",")) if "," in name else ())
    return MappingProxyType({word: j for j, word in enumerate(words)})
