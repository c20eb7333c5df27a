"""One symbol's indicator, fed with bars from outside a stream: for rules of your own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ordinis_rx.events import NAN
from ordinis_rx.operators.indicators.cores import Core
from ordinis_rx.written import define

__all__ = ["IndicatorState", "state_of"]

_ROW = ("open", "high", "low", "close", "volume", "ts_event", "vwap")
"""The numbers of a bar, in the order in which `IndicatorState` takes them."""


class IndicatorState(Protocol):
    """An indicator of one symbol that takes whole bars; all its answers are tuples, NaN until it knows.

    A bar without a number that the indicator reads must be left out, as the operators do. Made by `Indicator.state`.
    """

    __slots__ = ()

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
        ...

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
        ...

    def copy(self) -> IndicatorState:
        """Another that has seen the same bars, and goes on by itself."""
        ...


def state_of(who: str, core: Core, inputs: Sequence[str], outputs: int) -> IndicatorState:
    """The state whose *core* reads *inputs* and has so many *outputs*; raises ValueError for inputs that no bar has.

    *who* is the indicator, which the error names.
    """
    missing = [name for name in inputs if name not in _ROW]
    if missing:
        raise ValueError(f"{who}: a bar has no {' '.join(missing)}: it has {' '.join(_ROW)}")
    return _made_for(tuple(inputs), outputs == 1)(core)


@functools.cache
def _made_for(inputs: tuple[str, ...], one: bool) -> Callable[[Core], IndicatorState]:
    """A class for just these inputs: to pick them out of a row would cost as much as most indicators do."""
    scope: dict[str, Any] = {"NAN": NAN}
    for name in ("update", "peek"):
        asked = f"self._core.{name}({', '.join(inputs)})"
        answer = f"({asked},)" if one else asked
        define(
            f"def {name}(self, open, high, low, close, volume, ts_event=0, vwap=NAN):\n    return {answer}\n",
            scope,
        )

    class State(IndicatorState):
        __slots__ = ("_core",)

        def __init__(self, core: Core) -> None:
            self._core = core

        update, peek = scope["update"], scope["peek"]

        def copy(self) -> IndicatorState:
            return State(self._core.copy())

    return State
