"""Which figures become metrics: their names, what they mean, and where they are found, in seconds and ratios."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from ordinis_rx.consensus import ProviderStats
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.operators import BufferStats, SideOutput
from ordinis_rx.timebase import SECOND, Nanos

__all__ = [
    "BUFFER_COUNTERS",
    "BUFFER_GAUGES",
    "FEED_COUNTERS",
    "FEED_GAUGES",
    "PROVIDER_COUNTERS",
    "PROVIDER_GAUGES",
    "SIDE_COUNTERS",
    "Figures",
    "seconds_of",
]

T = TypeVar("T")

Figures: TypeAlias = tuple[tuple[str, str, Callable[[T], float]], ...]
"""Name, meaning, and where it is found; NaN where there is none yet."""


def seconds_of(nanos: Nanos | None) -> float:
    """Seconds; NaN for what is not known.

    >>> seconds_of(250_000_000), seconds_of(None)
    (0.25, nan)
    """
    return math.nan if nanos is None else nanos / SECOND


def _moment(nanos: Nanos) -> float:
    return seconds_of(nanos or None)  # 0 is a time that never was


FEED_COUNTERS: Figures[FeedStats] = (
    ("connection_attempts", "Connections that were tried", lambda s: s.attempts),
    ("connects", "Connections that got through login", lambda s: s.connects),
    ("messages", "Inbound messages with content", lambda s: s.messages),
    ("received_bytes", "Bytes of the inbound messages", lambda s: s.bytes),
    ("events", "Facts told, of all kinds", lambda s: s.events),
    ("gaps", "Interruptions that were told", lambda s: s.gaps),
    (
        "subscriber_errors",
        "Subscribers that raised and were dropped for it",
        lambda s: s.subscriber_errors,
    ),
)
FEED_GAUGES: Figures[FeedStats] = (
    (
        "connected_timestamp_seconds",
        "When the newest connection got through login",
        lambda s: _moment(s.connected_at),
    ),
    (
        "last_receive_timestamp_seconds",
        "When the newest message or pong came",
        lambda s: _moment(s.last_receive),
    ),
    (
        "buffer_peak_items",
        "The most items that had to wait because a subscriber caused more",
        lambda s: s.buffer_peak,
    ),
)
PROVIDER_COUNTERS: Figures[ProviderStats] = (
    ("requests", "Questions asked, or reports pushed", lambda s: s.request_count),
    ("successes", "Answers that were fit to be used", lambda s: s.success_count),
    (
        "judged",
        "Answers that were held against those of others",
        lambda s: s.success_count if s.judged_count is None else s.judged_count,
    ),
    ("outliers", "Answers that were excluded as outliers", lambda s: s.outlier_count),
)
PROVIDER_GAUGES: Figures[ProviderStats] = (
    (
        "lag_seconds",
        "From the event to its arrival, of the newest answer",
        lambda s: s.lag_ms / 1e3,
    ),
    (
        "staleness_seconds",
        "How far its newest answer is behind the newest of any provider",
        lambda s: s.staleness_ms / 1e3,
    ),
    (
        "deviation_ratio",
        "How far its answers were from the consensus, on the average, with their sign",
        lambda s: s.deviation_bps / 1e4,
    ),
    (
        "last_success_timestamp_seconds",
        "When its newest answer came that was fit to be used",
        lambda s: _moment(s.last_success),
    ),
    (
        "last_error_timestamp_seconds",
        "When something went wrong with it for the last time",
        lambda s: _moment(s.last_error),
    ),
)
BUFFER_COUNTERS: Figures[BufferStats] = (
    ("received_facts", "Facts that came in", lambda s: s.received),
    ("delivered_facts", "Facts that went out", lambda s: s.delivered),
    ("dropped_facts", "Facts that gave way because it was full", lambda s: s.dropped),
    ("conflated_facts", "Facts that a newer one took the place of", lambda s: s.conflated),
)
BUFFER_GAUGES: Figures[BufferStats] = (
    ("pending_facts", "Facts that wait", lambda s: s.pending),
    ("peak_facts", "The most that have waited at once", lambda s: s.peak),
)
SIDE_COUNTERS: Figures[SideOutput[Any]] = (
    ("facts", "Facts that operators left out", lambda s: s.told),
)
