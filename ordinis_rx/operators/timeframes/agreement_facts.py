"""Whether several timeframes point the same way, as a fact, and by column."""

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

__all__ = ["Agreement", "AgreementFrame", "Bias", "TimeframeSignal"]


class Bias(enum.Enum):
    """Which way the timeframes lean together; STRONG where three in four or more do. UNKNOWN until all are known."""

    UNKNOWN = "UNKNOWN"
    STRONG_BULLISH = "STRONG_BULLISH"
    BULLISH = "BULLISH"
    NEUTRAL = "NEUTRAL"
    BEARISH = "BEARISH"
    STRONG_BEARISH = "STRONG_BEARISH"


class TimeframeSignal(msgspec.Struct, frozen=True, gc=False):
    """What one timeframe says: `score` is the percentage (0 to 100) of its averages that its last close is above.

    One that it equals counts half. `direction` is BULLISH above 70, BEARISH below 30, NEUTRAL between; see `agreement`. NaN
    and UNKNOWN until all averages are known.
    """

    timeframe: str
    direction: Direction = Direction.UNKNOWN
    score: float = NAN


class Agreement(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="AGREEMENT"
):
    """What the timeframes say together at a row of `timeframes`, whose times and `revision` it has; `agreement` tells it."""

    type: ClassVar[StreamEventType] = StreamEventType.AGREEMENT

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    revision: int = 0
    direction: Direction = Direction.UNKNOWN
    """That of most timeframes; NEUTRAL where two are as frequent, UNKNOWN until every timeframe is known."""
    agreement: float = NAN
    """The share of the timeframes that point the way most of them do, from 0 to 1."""
    bias: Bias = Bias.UNKNOWN
    """STRONG from an agreement of 0.75 on, NEUTRAL below 0.5."""
    signals: tuple[TimeframeSignal, ...] = ()


class AgreementFrame(Frame, kind=Agreement):
    """Agreements by column; directions and biases are numbers of their members."""

    __slots__ = ()

    if TYPE_CHECKING:
        direction: NDArray[np.int64]
        agreement: NDArray[np.float64]
        bias: NDArray[np.int64]
