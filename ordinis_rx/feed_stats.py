"""What a feed counts about itself."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ordinis_rx.events import Event, FeedError, Quote, Trade
from ordinis_rx.timebase import Nanos

__all__ = ["FeedStats", "Meter"]

_LAGS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStats:
    """A feed's figures at one moment, since it was made. Times are nanoseconds."""

    provider: str
    connects: int = 0
    """Connections that got through login."""
    attempts: int = 0
    """Connections that were tried."""
    messages: int = 0
    """Inbound messages with content."""
    bytes: int = 0
    """Their bytes."""
    events: int = 0
    """Facts told, of all kinds."""
    decode_errors: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many `FeedError`s of each kind."""
    subscriber_errors: int = 0
    """Subscribers that raised and were dropped for it."""
    last_receive: Nanos = 0
    """When the newest message came; 0 when none did."""
    lag_p50: Nanos | None = None
    """Median of arrival here - event at the venue, over the newest thousand messages."""
    lag_p99: Nanos | None = None
    """The same for the slowest one in a hundred."""
    gaps: int = 0
    """Interruptions that were told as `Gap`."""
    buffer_peak: int = 0
    """The most items that had to wait because a subscriber caused more while one was on its way."""


class Meter:
    """Counts on the fly; `stats` is its snapshot."""

    __slots__ = (
        "attempts",
        "bytes",
        "connects",
        "errors",
        "events",
        "gaps",
        "lags",
        "last_data",
        "last_receive",
        "messages",
    )

    def __init__(self) -> None:
        self.attempts = self.connects = self.messages = self.bytes = self.events = self.gaps = 0
        self.last_receive: Nanos = 0
        self.last_data: Nanos = 0
        self.errors: Counter[str] = Counter()
        self.lags: deque[Nanos] = deque(maxlen=_LAGS)

    def heard(self, raw: bytes, ts_recv: Nanos) -> None:
        """Count an inbound message."""
        self.messages += 1
        self.bytes += len(raw)
        self.last_receive = ts_recv

    def told(self, facts: list[Event]) -> None:
        """Count the facts of a message."""
        self.events += len(facts)
        for fact in facts:
            if type(fact) is FeedError:
                self.errors[fact.kind] += 1
        last = facts[-1]
        if type(last) is Trade or type(last) is Quote:
            self.last_data = last.ts_recv
            self.lags.append(last.ts_recv - last.ts_event)

    def stats(self, provider: str, subscriber_errors: int, buffer_peak: int) -> FeedStats:
        """The figures now."""
        lags = sorted(self.lags)
        return FeedStats(
            provider=provider,
            connects=self.connects,
            attempts=self.attempts,
            messages=self.messages,
            bytes=self.bytes,
            events=self.events,
            decode_errors=MappingProxyType(dict(self.errors)),
            subscriber_errors=subscriber_errors,
            last_receive=self.last_receive,
            lag_p50=lags[len(lags) // 2] if lags else None,
            lag_p99=lags[len(lags) * 99 // 100] if lags else None,
            gaps=self.gaps,
            buffer_peak=buffer_peak,
        )
