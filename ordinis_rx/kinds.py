"""The words in which facts tell what they are: kinds, states, sides, flags, reasons."""

from __future__ import annotations

import enum

__all__ = [
    "MOVES_ALL",
    "Direction",
    "GapReason",
    "Side",
    "StreamEventType",
    "StreamStatus",
    "TradeFlags",
]


class StreamEventType(enum.Enum):
    """The kind of a fact, as ``event.type``; its name is the tag in JSON."""

    QUOTE = "QUOTE"
    TRADE = "TRADE"
    BAR = "BAR"
    STATUS = "STATUS"
    ERROR = "ERROR"
    HEARTBEAT = "HEARTBEAT"
    GAP = "GAP"
    HALT = "HALT"
    CANCEL = "CANCEL"
    CORRECTION = "CORRECTION"
    READING = "READING"
    REPORT = "REPORT"
    PANEL = "PANEL"
    CONSENSUS = "CONSENSUS"
    REJECT = "REJECT"
    ICHIMOKU = "ICHIMOKU"
    PATTERN = "PATTERN"
    LEVELS = "LEVELS"
    TIMEFRAMES = "TIMEFRAMES"
    AGREEMENT = "AGREEMENT"
    SIGNAL = "SIGNAL"
    SNAPSHOT = "SNAPSHOT"


class StreamStatus(enum.Enum):
    """The state of a provider's connection."""

    DISCONNECTED = "DISCONNECTED"
    CONNECTING = "CONNECTING"
    CONNECTED = "CONNECTED"
    RECONNECTING = "RECONNECTING"
    ERROR = "ERROR"
    CLOSED = "CLOSED"


class Side(enum.Enum):
    """The aggressor of a trade: who crossed the spread."""

    UNKNOWN = "UNKNOWN"
    BUY = "BUY"
    SELL = "SELL"


class Direction(enum.Enum):
    """Which way something points. What cannot be known yet is UNKNOWN, never NEUTRAL."""

    UNKNOWN = "UNKNOWN"
    BULLISH = "BULLISH"
    BEARISH = "BEARISH"
    NEUTRAL = "NEUTRAL"


class TradeFlags(enum.IntFlag):
    """What a trade may move (LAST, HIGH_LOW, VOLUME) and what it is (LATE, ODD_LOT)."""

    LAST = 1
    HIGH_LOW = 2
    VOLUME = 4
    LATE = 8
    ODD_LOT = 16


MOVES_ALL = TradeFlags.LAST | TradeFlags.HIGH_LOW | TradeFlags.VOLUME
"""What a plain trade moves: the last price, the high and low, and the volume."""


class GapReason(enum.Enum):
    """Why data was, or may have been, missed."""

    DISCONNECTED = "DISCONNECTED"
    STALLED = "STALLED"
    DROPPED = "DROPPED"
    REPORTED = "REPORTED"
