"""The frames of each kind of fact, with the columns that it has: what a `Frame` can do, they all can.

>>> TradeFrame.from_events([Trade(symbol="AAPL", ts_event=5, price=100.0, size=2.0)]).price.tolist()
[100.0]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import (
    Bar,
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    StatusChange,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.frame import FRAMES, Frame

__all__ = [
    "FRAMES",
    "BarFrame",
    "CancelFrame",
    "CorrectionFrame",
    "ErrorFrame",
    "Frame",
    "GapFrame",
    "HaltFrame",
    "HeartbeatFrame",
    "QuoteFrame",
    "ReadingFrame",
    "StatusFrame",
    "TradeFrame",
]


def _halfway(bid: Any, ask: Any, out: Any = None) -> Any:
    if out is None:
        return (bid + ask) * 0.5
    np.add(bid, ask, out=out)
    return np.multiply(out, 0.5, out=out)


class QuoteFrame(Frame, kind=Quote):
    """Quotes by column; `mid` is one more."""

    __slots__ = ()
    derived: ClassVar = {"mid": (("bid", "ask"), _halfway)}

    if TYPE_CHECKING:
        bid: NDArray[np.float64]
        ask: NDArray[np.float64]
        bid_size: NDArray[np.float64]
        ask_size: NDArray[np.float64]
        mid: NDArray[np.float64]


class TradeFrame(Frame, kind=Trade):
    """Trades by column."""

    __slots__ = ()

    if TYPE_CHECKING:
        price: NDArray[np.float64]
        size: NDArray[np.float64]
        side: NDArray[np.int64]
        flags: NDArray[np.int64]


class BarFrame(Frame, kind=Bar):
    """Bars by column."""

    __slots__ = ()

    if TYPE_CHECKING:
        interval: NDArray[np.int64]
        open: NDArray[np.float64]
        high: NDArray[np.float64]
        low: NDArray[np.float64]
        close: NDArray[np.float64]
        volume: NDArray[np.float64]
        vwap: NDArray[np.float64]
        trade_count: NDArray[np.int64]
        revision: NDArray[np.int64]


class StatusFrame(Frame, kind=StatusChange):
    """Changes of status by column."""

    __slots__ = ()


class GapFrame(Frame, kind=Gap):
    """Gaps by column."""

    __slots__ = ()


class ErrorFrame(Frame, kind=FeedError):
    """What could not be used by column."""

    __slots__ = ()


class HeartbeatFrame(Frame, kind=Heartbeat):
    """Signs of life by column."""

    __slots__ = ()


class HaltFrame(Frame, kind=Halt):
    """Halts by column."""

    __slots__ = ()


class CancelFrame(Frame, kind=TradeCancel):
    """Cancelled trades by column."""

    __slots__ = ()


class CorrectionFrame(Frame, kind=TradeCorrection):
    """Corrected trades by column."""

    __slots__ = ()


class ReadingFrame(Frame, kind=Reading):
    """Readings by column."""

    __slots__ = ()

    if TYPE_CHECKING:
        value: NDArray[np.float64]
