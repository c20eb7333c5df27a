"""A signal: a rule that has come true for a symbol, as a fact, and by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import StreamEventType, Timed
from ordinis_rx.frames import Frame
from ordinis_rx.kinds import Direction
from ordinis_rx.timebase import Nanos

__all__ = ["Signal", "SignalFrame"]


class Signal(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="SIGNAL"
):
    """A rule came true with a row, whose times and `revision` it has.

    When a row is told again, so are its signals, with its `revision`: those of a lower one are void.

    >>> str(Signal(symbol="A", ts_event=0, name="dip", direction=Direction.BULLISH, strength=0.7, reason="rsi < 30"))
    'A ▲ dip 0.70: rsi < 30'
    """

    type: ClassVar[StreamEventType] = StreamEventType.SIGNAL

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    revision: int = 0
    name: str
    """The rule's."""
    direction: Direction
    strength: float = 1.0
    """From 0 to 1; NaN where it rests on something unknown."""
    reason: str = ""
    """What came true, and the numbers that it rests on."""

    def __str__(self) -> str:
        sign = {Direction.BULLISH: "▲", Direction.BEARISH: "▼"}.get(self.direction, "•")
        return f"{self.symbol} {sign} {self.name} {self.strength:.2f}: {self.reason}"


class SignalFrame(Frame, kind=Signal):
    """Signals by column; directions are numbers of their members."""

    __slots__ = ()

    if TYPE_CHECKING:
        direction: NDArray[np.int64]
        strength: NDArray[np.float64]
        revision: NDArray[np.int64]
