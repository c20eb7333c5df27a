"""What the Ichimoku cloud says at a bar, as a fact, and by column."""

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

__all__ = ["CloudPosition", "IchimokuCloud", "IchimokuFrame"]


class CloudPosition(enum.Enum):
    """Where the close is, seen from the cloud over its bar; its edges count as INSIDE. UNKNOWN while there is no cloud."""

    UNKNOWN = "UNKNOWN"
    ABOVE = "ABOVE"
    INSIDE = "INSIDE"
    BELOW = "BELOW"


class IchimokuCloud(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="ICHIMOKU"
):
    """The lines of the cloud at one bar, and what they say. Lines are prices; what is not known yet is NaN or UNKNOWN.

    Times, `interval`, `close` and `revision` are the bar's.

    >>> IchimokuCloud(symbol="AAPL", ts_event=0, interval=60, close=12.0, cloud_a=11.0, cloud_b=9.0).cloud
    <Direction.BULLISH: 'BULLISH'>
    """

    type: ClassVar[StreamEventType] = StreamEventType.ICHIMOKU

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    interval: Nanos
    close: float
    revision: int = 0
    tenkan: float = NAN
    """The conversion line."""
    kijun: float = NAN
    """The base line."""
    senkou_a: float = NAN
    """Leading span A as worked out at this bar: the edge of the cloud `displacement` bars ahead."""
    senkou_b: float = NAN
    """Leading span B as worked out at this bar, which stands as far ahead."""
    cloud_a: float = NAN
    """Leading span A over this bar: worked out `displacement` bars ago."""
    cloud_b: float = NAN
    """Leading span B over this bar."""
    lagged_close: float = NAN
    """The close of `displacement` bars ago, which the lagging span (chikou), being this bar's close, is held against."""
    trend: Direction = Direction.UNKNOWN
    """BULLISH: the close is above a cloud in which A is not below B, and tenkan above kijun; BEARISH: all is reversed."""
    position: CloudPosition = CloudPosition.UNKNOWN
    tk_cross: Direction = Direction.UNKNOWN
    """Tenkan crossed kijun with this bar: BULLISH from below; NEUTRAL where it did not."""
    kijun_cross: Direction = Direction.UNKNOWN
    """The close crossed kijun with this bar."""
    twist: Direction = Direction.UNKNOWN
    """Senkou A crossed senkou B with this bar: the cloud turns over `displacement` bars ahead."""
    lagging: Direction = Direction.UNKNOWN
    """The close is above (BULLISH), below or at the close of `displacement` bars ago."""
    future_a: tuple[float, ...] = ()
    """Span A over the next `displacement` bars, the next one first; empty unless asked for."""
    future_b: tuple[float, ...] = ()
    """Span B over the next `displacement` bars."""

    @property
    def cloud(self) -> Direction:
        """BULLISH where A is on top in the cloud over this bar, BEARISH where B is, NEUTRAL where they meet."""
        if self.cloud_a > self.cloud_b:
            return Direction.BULLISH
        if self.cloud_a < self.cloud_b:
            return Direction.BEARISH
        return Direction.NEUTRAL if self.cloud_a == self.cloud_b else Direction.UNKNOWN

    @property
    def lagging_confirms(self) -> bool | None:
        """Whether the lagging span points the same way as the cloud; None while one of them is unknown."""
        cloud = self.cloud
        if Direction.UNKNOWN in (cloud, self.lagging):
            return None
        return cloud is self.lagging


class IchimokuFrame(Frame, kind=IchimokuCloud):
    """Rows of the cloud by column; directions and positions are numbers of their members."""

    __slots__ = ()

    if TYPE_CHECKING:
        close: NDArray[np.float64]
        tenkan: NDArray[np.float64]
        kijun: NDArray[np.float64]
        senkou_a: NDArray[np.float64]
        senkou_b: NDArray[np.float64]
        cloud_a: NDArray[np.float64]
        cloud_b: NDArray[np.float64]
        lagged_close: NDArray[np.float64]
        trend: NDArray[np.int64]
        position: NDArray[np.int64]
        tk_cross: NDArray[np.int64]
        kijun_cross: NDArray[np.int64]
        twist: NDArray[np.int64]
        lagging: NDArray[np.int64]
