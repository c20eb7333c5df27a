"""What a feed counts about itself."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from ordinis_rx.display import Sheet, Shown, counted, figures, milliseconds, moment
from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    Halt,
    Quote,
    Reading,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.timebase import Nanos

__all__ = ["ALL_SYMBOLS", "MARKET_DATA", "FeedStats", "Meter"]

ALL_SYMBOLS = "*"
"""Subscribed to like a symbol where the vendor can send everything; any data is data for it."""

MARKET_DATA: frozenset[type[Event]] = frozenset(
    (Quote, Trade, Bar, Reading, Halt, TradeCancel, TradeCorrection)
)
"""What a vendor tells about a market, rather than about the connection."""

_LAGS = 1024

_symbol: Callable[[Event], str] = attrgetter("symbol")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStats(Shown):
    """A feed's figures at one moment, since it was made. Times are nanoseconds."""

    provider: str
    connects: int = 0
    """Connections that got through login."""
    connected_at: Nanos = 0
    """When the newest of them did; 0 when none has."""
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
    """When the newest message or pong came; 0 when none did."""
    lag_p50: Nanos | None = None
    """Median of arrival here - event at the venue, over the newest thousand messages."""
    lag_p99: Nanos | None = None
    """The same for the slowest one in a hundred."""
    gaps: int = 0
    """Interruptions that were told as `Gap`."""
    buffer_peak: int = 0
    """The most items that had to wait because a subscriber caused more while one was on its way."""

    @property
    def in_words(self) -> dict[str, str]:
        """The figures as texts, by name, for people to read.

        >>> stats = FeedStats(provider="polygon", connects=1, attempts=3, bytes=2_500, lag_p50=1_500_000)
        >>> [stats.in_words[name] for name in ("connects", "bytes", "lag_p50", "connected_at")]
        ['1 of 3 attempts', '2,500', '1.500 ms', '-']
        """
        return {
            "connects": f"{self.connects:,} of {self.attempts:,} attempts",
            "connected_at": moment(self.connected_at or None),
            "last_receive": moment(self.last_receive or None),
            "messages": f"{self.messages:,}",
            "bytes": f"{self.bytes:,}",
            "events": f"{self.events:,}",
            "gaps": f"{self.gaps:,}",
            "decode_errors": counted(self.decode_errors),
            "subscriber_errors": f"{self.subscriber_errors:,}",
            "lag_p50": milliseconds(self.lag_p50),
            "lag_p99": milliseconds(self.lag_p99),
            "buffer_peak": f"{self.buffer_peak:,}",
        }

    def _sheet(self) -> Sheet:
        return figures(f"FeedStats of {self.provider}", self.in_words)


class Meter:
    """Counts on the fly; `stats` is its snapshot."""

    __slots__ = (
        "attempts",
        "bytes",
        "connected_at",
        "connects",
        "doubtful",
        "errors",
        "events",
        "gaps",
        "lags",
        "last_data",
        "last_market_data",
        "last_receive",
        "messages",
    )

    def __init__(self) -> None:
        self.attempts = self.connects = self.messages = self.bytes = self.events = self.gaps = 0
        self.connected_at: Nanos = 0
        self.last_receive: Nanos = 0
        self.doubtful = False
        """Whether what comes now proves nothing of the time before it: then it does not count as newest data."""
        self.last_market_data: Nanos = 0
        """When any symbol's newest data came."""
        self.last_data: dict[str, Nanos] = {}
        """When the newest data came of each symbol that is watched, or since when it is watched."""
        self.errors: Counter[str] = Counter()
        self.lags: deque[Nanos] = deque(maxlen=_LAGS)

    def connected(self, now: Nanos) -> None:
        """Count a connection that got through login."""
        self.connects += 1
        self.connected_at = now

    def heard(self, raw: bytes) -> None:
        """Count an inbound message."""
        self.messages += 1
        self.bytes += len(raw)

    def arrived(self, facts: list[Event]) -> None:
        """Take the lag of a message's facts, by the last quote or trade among them, and when there was data."""
        for fact in reversed(facts):
            kind = type(fact)
            if kind in MARKET_DATA:
                if not self.doubtful:
                    self.last_market_data = fact.ts_recv
                if kind is Trade or kind is Quote:
                    self.lags.append(fact.ts_recv - fact.ts_event)
                    return

    def watch(self, symbols: Iterable[str], now: Nanos) -> None:
        """Remember when these symbols have data; those that were not watched yet are, from *now* on."""
        self.last_data = {symbol: self.last_data.get(symbol, now) for symbol in symbols}

    def told(self, facts: list[Event]) -> None:
        """Count facts that go out to subscribers."""
        self.events += len(facts)
        if FeedError in map(type, facts):
            self.errors.update(fact.kind for fact in facts if isinstance(fact, FeedError))

    def symbols_of(self, facts: list[Event]) -> set[str]:
        """The watched symbols for which there is market data among the *facts* of one message; remembers when."""
        # At every fact of every message: what can be asked of all of them in one call is.
        if not MARKET_DATA.issuperset(map(type, facts)):
            facts = [fact for fact in facts if type(fact) in MARKET_DATA]
        if not facts:
            return set()
        known, now = self.last_data, facts[-1].ts_recv
        symbols = {symbol for symbol in set(map(_symbol, facts)) if symbol in known}
        if ALL_SYMBOLS in known:
            symbols.add(ALL_SYMBOLS)
        if not self.doubtful:
            for symbol in symbols:
                known[symbol] = now
        return symbols

    def stats(self, provider: str, subscriber_errors: int, buffer_peak: int) -> FeedStats:
        """The figures now."""
        lags = sorted(self.lags)
        return FeedStats(
            provider=provider,
            connects=self.connects,
            connected_at=self.connected_at,
            attempts=self.attempts,
            messages=self.messages,
            bytes=self.bytes,
            events=self.events,
            decode_errors=dict(self.errors),
            subscriber_errors=subscriber_errors,
            last_receive=self.last_receive,
            lag_p50=lags[len(lags) // 2] if lags else None,
            lag_p99=lags[len(lags) * 99 // 100] if lags else None,
            gaps=self.gaps,
            buffer_peak=buffer_peak,
        )
