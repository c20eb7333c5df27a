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
    """Nobody listens, not yet or not any more, so that there is no connection."""
    CONNECTING = "CONNECTING"
    """A connection is tried."""
    CONNECTED = "CONNECTED"
    """The vendor has let us in; what is wanted is subscribed to from then on."""
    RECONNECTING = "RECONNECTING"
    """The connection was lost or refused; it is tried again after a wait."""
    ERROR = "ERROR"
    """It is given up: trying again will not help, or has not. The stream ends with the error."""
    CLOSED = "CLOSED"
    """The feed was closed, for good."""


class Side(enum.Enum):
    """The aggressor of a trade: who crossed the spread. UNKNOWN where the vendor does not say; nobody guesses."""

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
    """What a trade may move (LAST, HIGH_LOW, VOLUME) and what it is (LATE, ODD_LOT); by default it may move all three.

    >>> TradeFlags.VOLUME in MOVES_ALL, TradeFlags.LATE in MOVES_ALL
    (True, False)
    """

    LAST = 1
    """It may move the last price."""
    HIGH_LOW = 2
    """It may move the high and the low."""
    VOLUME = 4
    """Its size counts as volume."""
    LATE = 8
    """It is reported late, or out of sequence. A mark alone: what it may move is told by the first three."""
    ODD_LOT = 16
    """It is smaller than a round lot. A mark alone, too."""


MOVES_ALL = TradeFlags.LAST | TradeFlags.HIGH_LOW | TradeFlags.VOLUME
"""What a plain trade moves: the last price, the high and low, and the volume."""


class GapReason(enum.Enum):
    """Why data was, or may have been, missed."""

    DISCONNECTED = "DISCONNECTED"
    """The connection was lost."""
    STALLED = "STALLED"
    """The connection was open and mute, and was given up."""
    DROPPED = "DROPPED"
    """A `buffer` of ours was full, and facts gave way."""
    REPORTED = "REPORTED"
    """The vendor said so: it ended a subscription of its own accord."""
