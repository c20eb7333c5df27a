"""How a feed behaves: reconnecting, patience, heartbeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ordinis_rx.checks import (
    check_callable,
    check_count,
    check_flag,
    check_not_negative,
    check_number,
    check_positive,
)
from ordinis_rx.timebase import Nanos, doubt_long
from ordinis_rx.wire.backoff import Backoff

__all__ = ["StreamConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamConfig:
    """The settings of one feed. All spans are seconds.

    >>> StreamConfig(max_reconnect_attempts=None).backoff
    Backoff(first_seconds=1.0, longest_seconds=60.0, attempts=None, stable_seconds=10.0, long_seconds=600.0)
    >>> StreamConfig(heartbeat_interval_seconds=0)
    Traceback (most recent call last):
    ValueError: heartbeat_interval_seconds must be a number above 0, got 0
    """

    reconnect_enabled: bool = True
    """False: the first lost connection ends the stream."""

    reconnect_delay_seconds: float = 1.0
    """The shortest wait before a new try; it doubles with each try that fails."""

    reconnect_delay_max_seconds: float = 60.0
    """The longest wait before a new try."""

    max_reconnect_attempts: int | None = 10
    """Tries in a row before the feed gives up and the stream ends with the last error; None: never."""

    connection_timeout_seconds: float = 30.0
    """How long dialling, handshake and login may take together."""

    heartbeat_interval_seconds: float = 30.0
    """How often a ping goes out; after twice this without any inbound frame the connection counts as stalled. The vendor's
    own pings are frames, too, and so is each piece of a message: a vendor may leave ours unanswered."""

    tick_seconds: float | None = None
    """How often a `Heartbeat` of our own, by our clock, says in the stream that time has passed, connected or not: so that
    in a quiet market bars end (``flush_after=``) and a consensus sees that what was said has grown old. None: never; a
    vendor's own heartbeats (Finnhub's) are told anyhow. A recording of facts keeps them, one of messages does not."""

    buffer_size: int = 1000
    """How many events wait for a slow consumer (`aiter`, `iter_blocking`, `subscribe_isolated`) that names no `maxsize`."""

    stable_seconds: float = 10.0
    """How long a connection must live, and deliver, before the count of tries starts anew."""

    acknowledge_timeout_seconds: float = 10.0
    """How long the vendor may take to confirm a subscription, where it confirms; what is missing then is named."""

    silence_seconds: float | Mapping[str, float] | None = None
    """How long a symbol may be without data before its connection is taken to be mute and dialled again: for all
    symbols, or for those named. None: never, since only you know how lively your symbols are."""

    is_open: Callable[[Nanos], bool] | None = None
    """Whether the market trades at a moment (UTC nanoseconds): while it does not, silence is no alarm, and nothing is
    missed. A function of time alone: it is asked about moments that are past. None: it always trades. For the regular
    sessions of an exchange take ``ordinis_rx.calendars.sessions("XNYS").is_open``."""

    def __post_init__(self) -> None:
        check_flag("reconnect_enabled", self.reconnect_enabled)
        check_count("buffer_size", self.buffer_size, "events")
        if self.max_reconnect_attempts is not None:
            check_count("max_reconnect_attempts", self.max_reconnect_attempts, "attempts", least=0)
        check_number("reconnect_delay_max_seconds", self.reconnect_delay_max_seconds)
        check_not_negative("stable_seconds", self.stable_seconds, endless=True)
        for name, endless in (
            ("reconnect_delay_seconds", False),
            ("connection_timeout_seconds", True),
            ("heartbeat_interval_seconds", True),
            ("acknowledge_timeout_seconds", True),
        ):
            check_positive(name, getattr(self, name), endless=endless)
            doubt_long(name, getattr(self, name))
        if not self.reconnect_delay_max_seconds >= self.reconnect_delay_seconds:
            raise ValueError(
                f"reconnect_delay_max_seconds must be at least reconnect_delay_seconds "
                f"({self.reconnect_delay_seconds!r}), got {self.reconnect_delay_max_seconds!r}"
            )
        silence = self.silence_seconds
        for limit in silence.values() if isinstance(silence, Mapping) else (silence,):
            if limit is not None:
                check_positive("silence_seconds", limit, endless=True)
                doubt_long("silence_seconds", limit)
        if self.tick_seconds is not None:
            check_positive("tick_seconds", self.tick_seconds)
            doubt_long("tick_seconds", self.tick_seconds)
        check_callable("is_open", self.is_open, optional=True)

    @property
    def backoff(self) -> Backoff:
        """The policy of reconnecting."""
        return Backoff(
            first_seconds=self.reconnect_delay_seconds,
            longest_seconds=self.reconnect_delay_max_seconds,
            attempts=self.max_reconnect_attempts if self.reconnect_enabled else 0,
            stable_seconds=self.stable_seconds,
        )

    def silence_of(self, symbol: str) -> float | None:
        """How long *symbol* may be without data; None: as long as it likes."""
        silence = self.silence_seconds
        return silence.get(symbol) if isinstance(silence, Mapping) else silence
