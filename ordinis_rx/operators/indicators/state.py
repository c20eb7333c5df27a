"""One symbol's indicator, fed with bars from outside a stream: for rules of your own."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from ordinis_rx.events import NAN
from ordinis_rx.operators.indicators.cores import Answer, Core

__all__ = ["IndicatorState"]

_ROW = ("open", "high", "low", "close", "volume", "ts_event", "vwap")
"""The numbers of a bar, in the order in which `IndicatorState` takes them."""


class IndicatorState:
    """An indicator of one symbol that takes whole bars; all its answers are tuples, NaN until it knows.

    A bar without a number that the indicator reads must be left out, as the operators do. Made by `Indicator.state`.
    """

    __slots__ = ("_core", "_inputs", "_one", "_outputs", "_pick")

    def __init__(self, core: Core, inputs: Sequence[str], outputs: int) -> None:
        missing = [name for name in inputs if name not in _ROW]
        if missing:
            raise ValueError(f"a bar has no {' '.join(missing)}: it has {' '.join(_ROW)}")
        self._core = core
        self._inputs = tuple(inputs)
        self._outputs = outputs
        self._one = outputs == 1
        places = [_ROW.index(name) for name in inputs]
        # An itemgetter of one place would hand out the number itself.
        first = slice(places[0], places[0] + 1)
        self._pick: Any = itemgetter(*places) if len(places) > 1 else itemgetter(first)

    def update(
        self,
        open: float,
        high: float,
        low: float,
        close: float,
        volume: float,
        ts_event: int = 0,
        vwap: float = NAN,
    ) -> tuple[float, ...]:
        """The next bar in, its outputs out."""
        row = (open, high, low, close, volume, ts_event, vwap)
        answer: Answer = self._core.update(*self._pick(row))
        return (answer,) if self._one else answer

    def peek(
        self,
        open: float,
        high: float,
        low: float,
        close: float,
        volume: float,
        ts_event: int = 0,
        vwap: float = NAN,
    ) -> tuple[float, ...]:
        """What `update` would tell of this bar, which is still forming; nothing changes."""
        row = (open, high, low, close, volume, ts_event, vwap)
        answer: Answer = self._core.peek(*self._pick(row))
        return (answer,) if self._one else answer

    def copy(self) -> IndicatorState:
        """Another that has seen the same bars, and goes on by itself."""
        return IndicatorState(self._core.copy(), self._inputs, self._outputs)
