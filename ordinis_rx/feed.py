"""Where wire and provider meet: a provider's connection as one hot stream that heals itself.

The chain, each part of which works alone::

    messages | liveness | conversation with the provider | silence | retry_with_backoff | hub
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Self

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable, SerialDisposable

from ordinis_rx.config import StreamConfig
from ordinis_rx.errors import SubscriptionError, WireError
from ordinis_rx.events import Event, Heartbeat, StatusChange, StreamStatus
from ordinis_rx.feed_stats import MARKET_DATA, FeedStats, Meter
from ordinis_rx.interruptions import Backfill, Interruptions
from ordinis_rx.multicast import Hot
from ordinis_rx.providers.protocol import Provider, Topic
from ordinis_rx.session import Conversation, Session
from ordinis_rx.stream import Stream
from ordinis_rx.subscriptions import Subscriptions, named
from ordinis_rx.taps import Taps, WireFrame
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator
from ordinis_rx.wire.backoff import retry_with_backoff
from ordinis_rx.wire.clock import running_loop
from ordinis_rx.wire.connection import Connection, messages
from ordinis_rx.wire.liveness import liveness
from ordinis_rx.wire.silence import silence
from ordinis_rx.wire.transport import Transport, websockets_transport

__all__ = ["Feed", "feed"]


def feed(
    provider: Provider,
    symbols: Sequence[str] | Mapping[str, str],
    *,
    channels: Iterable[str] | None = None,
    config: StreamConfig | None = None,
    backfill: Backfill | None = None,
    transport: Transport = websockets_transport,
    random: Random | None = None,
    wall: Callable[[], Nanos] = time.time_ns,
) -> Feed:
    """A hot stream of what *provider* tells about *symbols*.

    Nothing is dialled before the first subscriber; all subscribers share one connection, and the last one that leaves
    hangs up. It needs a running asyncio loop when it is subscribed to. *symbols* is a list, or a mapping from your own
    neutral names to the vendor's (``{"BTC-USD": "BINANCE:BTCUSDT"}``); *channels* are by default what the provider counts as
    trades and quotes. What the vendor cannot stream is refused here: `SubscriptionError`.

    A lost, mute or refused connection is dialled again as *config* says, and every change of state is a `StatusChange` in
    the stream. When it is up again, a `Gap` says from when to when (by the clock of arrival) data may be missing; *backfill*
    is asked for it then, and what it answers comes behind a second, `filled` Gap. What cannot be read is a `FeedError`.
    The stream ends with an error only when trying again will not help (a wrong key) or the attempts are used up.

    *transport* dials, *random* draws the waits, and *wall* tells the time of arrival; all spans are measured on the loop.

    >>> from ordinis_rx.providers.finnhub import finnhub
    >>> events = feed(finnhub("token"), ["AAPL", "MSFT"])
    >>> events.subscriptions, events.status.name
    (('AAPL', 'MSFT'), 'DISCONNECTED')
    """
    if isinstance(channels, str):
        raise TypeError(f"channels must be several, got the string {channels!r}")
    return Feed(
        provider,
        symbols,
        frozenset(provider.default_channels if channels is None else channels),
        config or StreamConfig(),
        backfill,
        transport,
        random,
        wall,
    )


class Feed(Stream[Event]):
    """A provider's connection as a hot, reference-counted stream of events. `feed` makes it.

    It lives on the asyncio loop on which it is subscribed to; its methods are called there.
    """

    def __init__(
        self,
        provider: Provider,
        symbols: Sequence[str] | Mapping[str, str],
        channels: frozenset[str],
        config: StreamConfig,
        backfill: Backfill | None,
        transport: Transport,
        random: Random | None,
        wall: Callable[[], Nanos],
    ) -> None:
        super().__init__(self._join)
        self._provider = provider
        self._config = config
        self._transport = transport
        self._random = random
        self._subscriptions = Subscriptions(provider, symbols, channels)
        self._limits: dict[str, float] = {}
        self._watch_silence()
        self._meter = Meter()
        self._taps = Taps(provider.hello)
        self._session = Session(
            provider,
            self._subscriptions,
            config,
            self._meter,
            self._taps,
            tell=self._tell,
            ready=self._on_ready,
            acknowledged=self._wake,
            settled=self._on_settled,
            wall=wall,
        )
        self._interruptions = Interruptions(
            provider.name, self._session, self._meter, backfill, tell=self._tell
        )
        self._hot = Hot()
        self._chain = SerialDisposable()
        self._connections: set[Connection] = set()
        self._changed: asyncio.Event | None = None
        self._status = StreamStatus.DISCONNECTED
        self._attempt = 0
        self._live = False
        self._closed = False

    @property
    def status(self) -> StreamStatus:
        """The state of the connection."""
        return self._status

    @property
    def stats(self) -> FeedStats:
        """The figures of this moment, since the feed was made."""
        return self._meter.stats(self._provider.name, self._hot.failures, self._hot.peak)

    @property
    def provider(self) -> Provider:
        """Whom it asks."""
        return self._provider

    @property
    def seq(self) -> int:
        """The number of the last fact; 0 before the first. What a message in `wire` tells is numbered from the next on."""
        return self._session.seq

    @property
    def neutral(self) -> Mapping[str, str]:
        """From the vendor's symbols to the neutral ones, where they differ; it changes with what is added and removed."""
        return MappingProxyType(self._subscriptions.neutral)

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The symbols that are wanted, by their neutral names."""
        return self._subscriptions.symbols

    @property
    def wire(self) -> Observable[WireFrame]:
        """The raw messages in both directions, as they come; the login is not shown, nor is a key that the vendor repeats.

        It goes on over all connections, whoever listens to the feed, and completes when the feed is closed.
        """
        return self._taps.frames

    async def add(self, symbols: Sequence[str] | Mapping[str, str]) -> None:
        """Want more symbols, now or, when there is no connection, as soon as there is one.

        Returns when the vendor has confirmed them, where it confirms and is connected. Raises `SubscriptionError` for
        symbols that it cannot stream, before anything is sent, and for those not confirmed in time (they stay wanted).
        """
        topics = self._subscriptions.add(symbols)
        self._watch_silence()
        self._session.reconcile()
        await self._confirmed(topics)

    async def remove(self, symbols: Iterable[str]) -> None:
        """Want these symbols no longer; unknown ones are no matter."""
        self._subscriptions.remove([symbols] if isinstance(symbols, str) else symbols)
        self._watch_silence()
        self._session.reconcile()

    def close(self) -> _Closing:
        """End the stream for all subscribers and hang up for good, from any state; may be called twice.

        ``await feed.close()`` returns, within two seconds, when no task and no socket is left. A closed feed completes.
        """
        if not self._closed:
            self._closed = True
            self._hang_up(StreamStatus.CLOSED, "closed")
            self._hot.complete()
            self._taps.complete()
        return _Closing(self._connections, self._interruptions.tasks)

    async def __aenter__(self) -> Self:
        """The feed itself; leaving the block closes it."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close, and wait for it."""
        await self.close()

    def __repr__(self) -> str:
        return f"<Feed {self._provider.name} {self._status.name} {len(self.subscriptions)} symbols>"

    # Life

    def _join(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        if self._closed:
            observer.on_completed()
            return Disposable()
        running_loop("a feed")
        remove = self._hot.hub.add(observer)
        if not self._live:
            self._start(scheduler)

        def leave() -> None:
            remove()
            self._rest()

        return Disposable(leave)

    def _rest(self) -> None:
        """Hang up when nobody listens, whether the last one left or was dropped for raising."""
        if self._live and not self._hot.hub.branches:
            self._hang_up(StreamStatus.DISCONNECTED, "nobody listens")

    def _start(self, scheduler: abc.SchedulerBase | None) -> None:
        self._live, self._attempt = True, 0
        healing: Operator[list[Event], list[Event]] = retry_with_backoff(
            self._config.backoff,
            delivered=_are_delivery,
            on_retry=self._on_retry,
            random=self._random,
        )
        chain = rx.defer(lambda _: self._connection()).pipe(healing)
        mine = self._chain = SerialDisposable()
        mine.disposable = chain.subscribe(self._tell, self._on_error, scheduler=scheduler)

    def _connection(self) -> Observable[list[Event]]:
        """One connection, from the dial to its end."""
        provider, config = self._provider, self._config
        self._meter.attempts += 1
        self._change(StreamStatus.CONNECTING, f"dialling {provider.name}")
        conversation = Conversation(self._session)
        raw = messages(
            provider.endpoint.url,
            provider.hello,
            headers=provider.endpoint.headers,
            name=provider.name,
            timeout_seconds=config.connection_timeout_seconds,
            heartbeat_seconds=config.heartbeat_interval_seconds,
            transport=self._transport,
            opened=conversation.opened,
            sent=lambda data: self._taps.sent(data, self._session.now()),
            connections=self._connections,
        )
        limit = 2 * config.heartbeat_interval_seconds
        alive = raw.pipe(
            liveness(limit, first_seconds=max(limit, config.connection_timeout_seconds))
        )
        facts = conversation.facts(alive)
        if config.silence_seconds is None:
            return facts
        return facts.pipe(
            silence(
                self._limits,
                self._meter.symbols_of,
                is_open=self._is_expected,
                wall=self._session.now,
            )
        )

    def _is_expected(self, now: Nanos) -> bool:
        """Whether there may be data at all: we are let in, and the market trades."""
        return self._session.let_in and self._config.is_open(now)

    def _hang_up(self, status: StreamStatus, message: str) -> None:
        self._live = False
        self._chain.dispose()
        self._interruptions.forget()
        self._change(status, message)

    def _watch_silence(self) -> None:
        self._limits.clear()
        for symbol in self._subscriptions.symbols:
            limit = self._config.silence_of(symbol)
            if limit is not None:
                self._limits[symbol] = limit

    # What happens on the way

    def _on_ready(self) -> None:
        self._change(StreamStatus.CONNECTED, f"{self._provider.name} let us in")
        self._interruptions.connected()

    def _on_settled(self) -> None:
        self._wake()
        self._interruptions.healed()

    def _on_retry(self, error: Exception, attempt: int, delay: float) -> None:
        self._interruptions.lost(error)
        self._attempt = attempt
        of = self._config.max_reconnect_attempts
        count = f"attempt {attempt}" if of is None else f"attempt {attempt} of {of}"
        self._change(StreamStatus.RECONNECTING, f"{error}; trying again in {delay:.1f} s ({count})")

    def _on_error(self, error: Exception) -> None:
        """The end: trying again will not help, or has not."""
        self._interruptions.lost(error)
        self._interruptions.final()
        why = ""
        if isinstance(error, WireError):
            given_up = f"given up after {self._attempt} attempts"
            why = given_up if self._config.reconnect_enabled else "reconnecting is disabled"
        self._change(StreamStatus.ERROR, "; ".join(filter(None, (str(error), why))))
        self._live = False
        self._hot.error(error)

    def _change(self, status: StreamStatus, message: str) -> None:
        attempt = 0 if status in _AT_REST else self._attempt
        self._status = status
        self._wake()
        now = self._session.now()
        change = StatusChange(
            ts_event=now,
            ts_recv=now,
            provider=self._provider.name,
            seq=self._session.next_seq(),
            status=status,
            message=message,
            attempt=attempt,
        )
        self._tell([change])

    def _tell(self, facts: list[Event]) -> None:
        self._meter.told(facts)
        self._hot.push(facts)
        self._rest()

    # Waiting

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def _confirmed(self, topics: list[Topic]) -> None:
        unconfirmed = self._subscriptions.unconfirmed
        waiting = topics[::-1]
        try:
            async with asyncio.timeout(self._config.acknowledge_timeout_seconds):
                while self._session.let_in:
                    while waiting and waiting[-1] not in unconfirmed:
                        waiting.pop()
                    if not waiting:
                        return
                    self._changed = self._changed or asyncio.Event()
                    await self._changed.wait()
        except TimeoutError:
            missing = [topic for topic in topics if topic in unconfirmed]
            raise SubscriptionError(
                self._provider.name, f"no acknowledgement in time for {named(missing)}"
            ) from None


class _Closing:
    """Awaitable: until no task and no socket of a feed is left, or a backfill has not heeded its cancelling for a second."""

    def __init__(self, connections: Iterable[Connection], tasks: set[asyncio.Task[None]]) -> None:
        self._connections = connections
        self._tasks = tasks

    def __await__(self) -> Generator[object, None, None]:
        return self._gone().__await__()

    async def _gone(self) -> None:
        for connection in tuple(self._connections):
            await connection.wait_closed()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_BACKFILL_SECONDS)


_BACKFILL_SECONDS = 1.0
_AT_REST = (StreamStatus.CLOSED, StreamStatus.DISCONNECTED)


def _are_delivery(facts: list[Event]) -> bool:
    """Whether the vendor told anything but how the conversation goes; in a quiet market its heartbeat is all it has."""
    return any(type(fact) is Heartbeat or type(fact) in MARKET_DATA for fact in facts)
