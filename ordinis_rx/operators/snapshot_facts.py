"""The technical snapshot of a bar, as a fact, by column, and as a table."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import NAN, StreamEventType, Timed
from ordinis_rx.frames import Frame
from ordinis_rx.kinds import Direction
from ordinis_rx.timebase import Nanos

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Opinion", "Snapshot", "SnapshotFrame", "Volatility"]


class Opinion(enum.Enum):
    """What `Snapshot.score` amounts to: from 4 on STRONG_BUY, from 2 on BUY, between NEUTRAL; SELL likewise below 0."""

    UNKNOWN = "UNKNOWN"
    STRONG_BUY = "STRONG_BUY"
    BUY = "BUY"
    NEUTRAL = "NEUTRAL"
    SELL = "SELL"
    STRONG_SELL = "STRONG_SELL"


class Volatility(enum.Enum):
    """How far prices move, by the average true range, against what was usual of late; see `Snapshot.volatility`."""

    UNKNOWN = "UNKNOWN"
    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"


class Snapshot(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="SNAPSHOT"
):
    """How a symbol stands at a bar, whose times and `revision` it has. What is not known yet is NaN or UNKNOWN."""

    type: ClassVar[StreamEventType] = StreamEventType.SNAPSHOT

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    interval: Nanos
    revision: int = 0
    close: float
    trend: Direction = Direction.UNKNOWN
    """The close against its average of 50 bars."""
    alignment: Direction = Direction.UNKNOWN
    """BULLISH where close, average of 20 and average of 50 stand above each other in this order, BEARISH in the other."""
    cloud: Direction = Direction.UNKNOWN
    """The trend of the Ichimoku cloud."""
    rsi: float = NAN
    """RSI of 14 bars, 0 to 100; 0, too, where prices have never moved."""
    stochastic: float = NAN
    """Slow %K of 5, 3 and 3 bars, 0 to 100; the part of five bars of one price alone is 0."""
    macd_histogram: float = NAN
    """MACD 12, 26 less its signal of 9, in the unit of prices."""
    atr: float = NAN
    """Average true range of 14 bars, in the unit of prices."""
    band_position: float = NAN
    """Where the close is between the Bollinger bands (20 bars, 2 deviations): 0 at the lower, 1 at the upper.

    NaN where they have no width."""
    volatility: Volatility = Volatility.UNKNOWN
    """HIGH where the ATR is above 1.5 times the mean of the last 50 ATRs, LOW below 0.67 times."""
    relative_volume: float = NAN
    """The volume over the mean of the 20 bars before; where that is 0 inf, or NaN without a volume."""
    volume_trend: Direction = Direction.UNKNOWN
    """The way of a bar of which the volume is above average; NEUTRAL where it is not."""
    score: int = 0
    """The sum of the votes in `signals`; 0 until all is known."""
    opinion: Opinion = Opinion.UNKNOWN
    signals: tuple[str, ...] = ()
    """What votes for (``+``) or against (``-``)."""

    def __rich__(self) -> Table:
        """As a table."""
        from rich.table import Table

        table = Table(title=f"{self.symbol}, {self.time:%Y-%m-%d %H:%M:%S} UTC")
        table.add_column("")
        table.add_column("", justify="right")
        for name in self.__struct_fields__[7:-1]:
            value = getattr(self, name)
            shown = (
                f"{value:.6g}" if isinstance(value, float) else str(getattr(value, "name", value))
            )
            table.add_row(name.replace("_", " "), shown)
        table.add_row("signals", "\n".join(self.signals))
        return table


class SnapshotFrame(Frame, kind=Snapshot):
    """Snapshots by column; directions and opinions are numbers of their members."""

    __slots__ = ()

    if TYPE_CHECKING:
        close: NDArray[np.float64]
        rsi: NDArray[np.float64]
        atr: NDArray[np.float64]
        score: NDArray[np.int64]
        opinion: NDArray[np.int64]
