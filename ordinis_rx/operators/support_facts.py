"""The levels around a price, as a fact, and by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import NAN, StreamEventType, Timed
from ordinis_rx.frames import Frame
from ordinis_rx.kinds import Direction
from ordinis_rx.timebase import Nanos

__all__ = ["Levels", "LevelsFrame"]


class Levels(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="LEVELS"
):
    """Support and resistance around the close of one bar, and the level that it broke. Levels are prices, NaN where none is.

    Times, `interval`, `close` and `revision` are the bar's.
    """

    type: ClassVar[StreamEventType] = StreamEventType.LEVELS

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    interval: Nanos
    close: float
    revision: int = 0
    support: float = NAN
    """The highest level at or below the close."""
    support_touches: int = 0
    """How often price has turned there; 0 where there is none."""
    resistance: float = NAN
    """The lowest level above the close."""
    resistance_touches: int = 0
    known: int = 0
    """How many levels there are in all."""
    breakout: Direction = Direction.UNKNOWN
    """BULLISH where the close is beyond a level and the close before was not, upwards; NEUTRAL where there is none."""
    broken: float = NAN
    """The level that was broken; of several, the last one on the way."""
    broken_touches: int = 0
    confirmed: bool = False
    """The close before was not even half beyond: price went through with one bar."""

    @property
    def is_breakout(self) -> bool:
        """Whether a level was broken with this bar.

        >>> Levels(symbol="A", ts_event=0, interval=60, close=9.0, breakout=Direction.NEUTRAL).is_breakout
        False
        """
        return self.breakout in (Direction.BULLISH, Direction.BEARISH)


class LevelsFrame(Frame, kind=Levels):
    """Levels by column; directions are numbers of their members."""

    __slots__ = ()

    if TYPE_CHECKING:
        close: NDArray[np.float64]
        support: NDArray[np.float64]
        support_touches: NDArray[np.int64]
        resistance: NDArray[np.float64]
        resistance_touches: NDArray[np.int64]
        known: NDArray[np.int64]
        breakout: NDArray[np.int64]
        broken: NDArray[np.float64]
        broken_touches: NDArray[np.int64]
        confirmed: NDArray[np.int64]
