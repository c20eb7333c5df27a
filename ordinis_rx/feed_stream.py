"""A provider's connection as one hot stream that heals itself.

The chain, each part of which works alone::

    messages | liveness | conversation with the provider | silence | retry_with_backoff | hub
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from random import Random
from types import MappingProxyType
from typing import Self

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SerialDisposable
from reactivex.subject import BehaviorSubject

from ordinis_rx.config import StreamConfig
from ordinis_rx.conversation import Conversation
from ordinis_rx.display import Sheet, Shown, figures, listed
from ordinis_rx.errors import SubscriptionError
from ordinis_rx.events import Event, Heartbeat, StreamStatus
from ordinis_rx.feed_changes import Changes
from ordinis_rx.feed_closing import Closing
from ordinis_rx.feed_condition import Condition
from ordinis_rx.feed_stats import MARKET_DATA, FeedStats, Meter
from ordinis_rx.feed_ticking import Ticking
from ordinis_rx.gates import gate_of_subscriber
from ordinis_rx.interruptions import Backfill, Interruptions
from ordinis_rx.loops import loop_for
from ordinis_rx.multicast import Hot
from ordinis_rx.providers.protocol import Provider, Topic
from ordinis_rx.session import Session
from ordinis_rx.stream import Blocking, Stream
from ordinis_rx.subscriptions import Subscriptions, named
from ordinis_rx.taps import Taps, WireFrame
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator
from ordinis_rx.wire.backoff import retry_with_backoff
from ordinis_rx.wire.connection import Connection, messages
from ordinis_rx.wire.liveness import liveness
from ordinis_rx.wire.passing import Passing
from ordinis_rx.wire.silence import Limits, silence
from ordinis_rx.wire.transport import Transport

__all__ = ["Feed"]


class Feed(Stream[Event], Shown):
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
        self._limits: BehaviorSubject[Limits] = BehaviorSubject({})
        self._meter = Meter()
        self._taps = Taps(provider.hello)
        self._changes = Changes()
        self._session = Session(
            provider,
            self._subscriptions,
            config,
            self._meter,
            self._taps,
            tell=self._tell,
            ready=self._on_ready,
            acknowledged=self._changes.tell,
            lapsed=self._on_lapsed,
            refused=self._watch_silence,
            settled=self._on_settled,
            wall=wall,
            random=random,
        )
        self._interruptions = Interruptions(
            provider.name, self._session, self._meter, backfill, tell=self._tell
        )
        self._condition = Condition(provider.name, self._session, config, tell=self._on_change)
        self._ticking = Ticking(provider.name, self._session, config.tick_seconds, tell=self._tell)
        self._hot = Hot()
        self._chain = SerialDisposable()
        self._connections: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        """Where it lives, once it does."""
        self._live = False
        self._closed = False
        self._ended_by: Exception | None = None
        """The error that it ended with last."""

    @property
    def status(self) -> StreamStatus:
        """The state of the connection."""
        return self._condition.status

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
        symbols that it cannot stream, before anything is sent, for those that it refuses (they are not asked for again), and
        for those not confirmed in time (they stay wanted); what ends the feed meanwhile, as a wrong key may; RuntimeError
        for a feed that is closed, or is closed meanwhile.
        """
        if self._closed:
            raise RuntimeError(f"the {self._provider.name} feed is closed for good: make another")
        self._outlive_loop()
        topics = self._subscriptions.add(symbols)
        self._watch_silence()
        self._session.reconcile()
        await self._confirmed(topics)

    async def remove(self, symbols: Iterable[str]) -> None:
        """Want these symbols no longer; unknown ones are no matter."""
        self._outlive_loop()
        self._subscriptions.remove([symbols] if isinstance(symbols, str) else symbols)
        self._watch_silence()
        self._session.reconcile()

    def close(self) -> Closing:
        """End the stream for all subscribers and hang up for good, from any state; may be called twice.

        ``await feed.close()`` returns, within two seconds, when no task and no socket is left. A closed feed completes.
        """
        self._outlive_loop()
        if not self._closed:
            self._closed = True
            self._hang_up(StreamStatus.CLOSED, "closed")
            self._hot.complete()
            self._taps.complete()
        return Closing(self._connections, self._interruptions.tasks)

    async def __aenter__(self) -> Self:
        """The feed itself; leaving the block closes it."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close, and wait for it."""
        await self.close()

    def __repr__(self) -> str:
        return f"<Feed {self._provider.name} {self.status.name} {len(self.subscriptions)} symbols>"

    def _sheet(self) -> Sheet:
        symbols = {"symbols": listed(self.subscriptions, 10)}
        title = f"Feed {self._provider.name}, {self.status.name}"
        return figures(title, symbols | self.stats.in_words)

    # Life

    def _join(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        if self._closed:
            observer.on_completed()
            return Disposable()
        loop = loop_for("a feed")
        self._outlive_loop()
        if self._live and loop is not self._loop:
            raise RuntimeError(
                f"the {self._provider.name} feed lives on another asyncio loop; make one here, as in "
                "iter_blocking(lambda: feed(...)), or listen with `async for event in aiter(stream)` where it lives"
            )
        if isinstance(scheduler, Blocking):
            raise RuntimeError(
                "run() would wait for ever: it stops the loop that a feed lives on; use `await stream` or "
                "`async for event in aiter(stream)` here, and iter_blocking(...) where there is no loop"
            )
        gate = gate_of_subscriber(scheduler)
        if gate is not None:
            gate.have_room(self._config.buffer_size)
        remove = self._hot.hub.add(observer)
        if not self._live:
            self._loop = loop
            self._ticking.begin(loop)
            self._start(scheduler)

        def leave() -> None:
            remove()
            self._rest()

        return Disposable(leave)

    def _outlive_loop(self) -> None:
        """What lived on a loop that is closed is over, though nobody could say so there."""
        if self._loop is not None and self._loop.is_closed():
            self._loop = None
            self._connections.clear()  # their tasks will never end
            if self._live:
                message = "the asyncio loop that it lived on is closed"
                self._hang_up(StreamStatus.DISCONNECTED, message)

    def _rest(self) -> None:
        """Hang up when nobody listens, whether the last one left or was dropped for raising."""
        if self._live and not self._hot.hub.branches:
            self._hang_up(StreamStatus.DISCONNECTED, "nobody listens")

    def _start(self, scheduler: abc.SchedulerBase | None) -> None:
        self._live = True
        self._ended_by = None
        self._condition.begin()
        healing: Operator[list[Event], list[Event]] = retry_with_backoff(
            self._config.backoff,
            delivered=_are_delivery,
            on_retry=self._on_retry,
            random=self._random,
        )
        chain = Passing(self._connect).pipe(healing)
        mine = self._chain = SerialDisposable()
        mine.disposable = chain.subscribe(self._tell, self._on_error, scheduler=scheduler)

    def _connect(
        self, observer: abc.ObserverBase[list[Event]], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return self._connection().subscribe(observer, scheduler=scheduler)

    def _connection(self) -> Observable[list[Event]]:
        """One connection, from the dial to its end."""
        provider, config = self._provider, self._config
        self._meter.attempts += 1
        self._condition.dialling()
        conversation = Conversation(self._session)
        self._watch_silence()
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
                is_open=self._config.is_open,
                wall=self._session.wall,
            )
        )

    def _hang_up(self, status: StreamStatus, message: str) -> None:
        self._live = False
        self._chain.dispose()
        self._ticking.end()
        self._interruptions.forget()
        self._condition.change(status, message)

    def _watch_silence(self) -> None:
        """Wait for data of the symbols that are wanted, as soon as we are let in."""
        limits: dict[str, float] = {}
        if self._session.let_in:
            for symbol in self._subscriptions.symbols:
                limit = self._config.silence_of(symbol)
                if limit is not None:
                    limits[symbol] = limit
        self._meter.watch(limits, self._session.now())
        self._limits.on_next(limits)

    # What happens on the way

    def _on_ready(self) -> None:
        self._interruptions.connected()
        self._watch_silence()
        self._condition.let_in()  # told last: it may make everybody leave

    def _on_change(self, facts: list[Event]) -> None:
        self._changes.tell()
        self._tell(facts)

    def _on_lapsed(self, topics: list[Topic]) -> None:
        self._interruptions.lapsed(topics)

    def _on_settled(self) -> None:
        self._changes.tell()
        self._interruptions.healed()

    def _on_retry(self, error: Exception, attempt: int, delay: float) -> None:
        self._interruptions.lost(error)
        self._condition.retrying(error, attempt, delay)

    def _on_error(self, error: Exception) -> None:
        """The end: trying again will not help, or has not. It is told, whatever a calendar or a clock raises meanwhile."""
        try:
            with suppress(Exception):  # a calendar that fails: the gap is told without it
                self._interruptions.lost(error)
            self._interruptions.final()
        finally:
            try:
                self._condition.failed(error)
            finally:
                self._live = False
                self._ticking.end()
                self._ended_by = error
                self._hot.error(error)

    def _tell(self, facts: list[Event]) -> None:
        self._meter.told(facts)
        self._hot.push(facts)
        self._rest()

    async def _confirmed(self, topics: list[Topic]) -> None:
        """Wait for the vendor's word on *topics*, as long as it can be had."""
        unconfirmed = self._subscriptions.unconfirmed
        waiting = topics[::-1]

        def is_settled() -> bool:
            while waiting and waiting[-1] not in unconfirmed:
                waiting.pop()
            return not waiting or not self._session.let_in

        before = self._ended_by
        in_time = await self._changes.until(is_settled, self._config.acknowledge_timeout_seconds)
        ended = self._ended_by
        if waiting and ended is not None and ended is not before:
            raise ended
        refused = [topic for topic in topics if topic in self._subscriptions.refused]
        if refused:
            reason = self._subscriptions.refused[refused[0]]
            raise SubscriptionError(self._provider.name, f"{named(refused)}: {reason}")
        if waiting and self._closed:
            raise RuntimeError(
                f"the {self._provider.name} feed was closed before {named(waiting[::-1])} was confirmed"
            )
        # Tests come here; but where a timeout is thrown into a coroutine, Python 3.11 does not trace what follows.
        if not in_time:  # pragma: no cover
            missing = [topic for topic in topics if topic in unconfirmed]
            raise SubscriptionError(
                self._provider.name, f"no acknowledgement in time for {named(missing)}"
            )


def _are_delivery(facts: list[Event]) -> bool:
    """Whether the vendor told anything but how the conversation goes; in a quiet market its heartbeat is all it has."""
    return any(type(fact) is Heartbeat or type(fact) in MARKET_DATA for fact in facts)
