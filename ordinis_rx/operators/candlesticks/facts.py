"""A candlestick pattern that was found, as a fact, and by column."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import StreamEventType, Timed
from ordinis_rx.frames import Frame
from ordinis_rx.kinds import Direction
from ordinis_rx.operators.candlesticks.names import Pattern
from ordinis_rx.timebase import Nanos

__all__ = ["PatternContext", "PatternFrame", "PatternMatch"]


class PatternContext(enum.IntFlag):
    """What surrounds a pattern."""

    UPTREND = 1
    """Before its first bar the close was above the average of the closes."""
    DOWNTREND = 2
    """Before its first bar the close was below the average of the closes."""
    AGAINST_TREND = 4
    """It is bullish after a fall, or bearish after a rise: a reversal, if it holds."""
    HIGH_VOLUME = 8
    """Its last bar traded much more than the bars before."""
    CONFIRMED = 16
    """The close after it went on where it points; it is told with that bar. Of a hikkake, TA-Lib's own confirmation."""


class PatternMatch(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="PATTERN"
):
    """A candlestick pattern that a bar has completed, or the next bar confirmed. Times and `revision` are that bar's.

    When a bar is told again, so are its patterns, with its `revision`: those of a lower one are void.
    """

    type: ClassVar[StreamEventType] = StreamEventType.PATTERN

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    revision: int = 0
    name: Pattern
    direction: Direction = Direction.UNKNOWN
    """NEUTRAL where the pattern says nothing of a direction (a doji)."""
    strength: float = 1.0
    """From 0 to 1. TA-Lib tells 1, or 0.8 where a body is not wholly within the other; our own are graded."""
    raw: int
    """TA-Lib's number: ±100, ±80 or ±200; of our own patterns, ±100 times the strength."""
    context: PatternContext = PatternContext(0)

    def __str__(self) -> str:
        """In one line.

        >>> str(PatternMatch(symbol="A", ts_event=0, name=Pattern.HAMMER, direction=Direction.BULLISH, raw=70, strength=0.7,
        ...                  context=PatternContext.DOWNTREND | PatternContext.HIGH_VOLUME))
        'A hammer ▲ 70 % (downtrend, high volume)'
        """
        sign = {Direction.BULLISH: "▲", Direction.BEARISH: "▼"}.get(self.direction, "•")
        words = ", ".join(
            str(flag.name).lower().replace("_", " ")
            for flag in PatternContext
            if flag in self.context
        )
        line = f"{self.symbol} {self.name} {sign} {self.strength:.0%}".replace("%", " %")
        return f"{line} ({words})" if words else line


class PatternFrame(Frame, kind=PatternMatch):
    """Patterns by column; names and directions are numbers of their members."""

    __slots__ = ()

    if TYPE_CHECKING:
        name: NDArray[np.int64]
        direction: NDArray[np.int64]
        strength: NDArray[np.float64]
        raw: NDArray[np.int64]
        context: NDArray[np.int64]
        revision: NDArray[np.int64]
