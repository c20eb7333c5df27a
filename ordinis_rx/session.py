"""One conversation with a provider: log in, subscribe, and turn what comes into facts, until the connection ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable, SingleAssignmentDisposable

from ordinis_rx.config import StreamConfig
from ordinis_rx.errors import DecodeError, Disconnected
from ordinis_rx.events import Event, FeedError
from ordinis_rx.feed_stats import Meter
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Control,
    Decode,
    Provider,
    Refused,
    Topic,
)
from ordinis_rx.providers.reading import feed_error
from ordinis_rx.subscriptions import Subscriptions, named
from ordinis_rx.timebase import Nanos
from ordinis_rx.wire.clock import clock_of
from ordinis_rx.wire.connection import Send

__all__ = ["Session"]


class Session:
    """What a feed knows of its conversation, over all its connections.

    *tell* takes facts that have been numbered; *ready* is called when the provider lets us in, *settled* when all that was
    asked for is confirmed or no longer waited for.
    """

    def __init__(
        self,
        provider: Provider,
        subscriptions: Subscriptions,
        config: StreamConfig,
        meter: Meter,
        *,
        tell: Callable[[list[Event]], None],
        ready: Callable[[], None],
        settled: Callable[[], None],
        wall: Callable[[], Nanos] = time.time_ns,
    ) -> None:
        self._provider = provider
        self._subscriptions = subscriptions
        self._config = config
        self._meter = meter
        self._tell = tell
        self._ready = ready
        self._settled = settled
        self._wall = wall
        self._decode: Decode = provider.decoder(subscriptions.neutral)
        self._send: Send | None = None
        self._let_in = False
        self._schedule: Callable[[float, Callable[[], None]], None] = lambda delay, action: None
        self._seq = 0
        self._now = 0

    def now(self) -> Nanos:
        """The wall clock, kept from running backwards: two facts never arrive in the wrong order."""
        self._now = max(self._now, self._wall())
        return self._now

    def next_seq(self, count: int = 1) -> int:
        """The first of *count* fresh numbers."""
        first = self._seq + 1
        self._seq += count
        return first

    def opened(self, send: Send) -> None:
        """The connection is up, and the hello on its way."""
        self._send = send
        self._subscriptions.forget_connection()
        if not self._provider.authenticates:
            self._enter()

    def converse(self, source: Observable[bytes]) -> Observable[list[Event]]:
        """Turn the messages of a connection into the facts of each; fails when the provider ends it or lets us wait."""

        def subscribe(
            observer: abc.ObserverBase[list[Event]], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock = clock_of(scheduler, "a feed")
            timers, upstream = CompositeDisposable(), SingleAssignmentDisposable()
            everything = CompositeDisposable(timers, upstream, Disposable(self._leave))

            def schedule(delay: float, action: Callable[[], None]) -> None:
                timer = SingleAssignmentDisposable()
                timers.add(timer)

                def run(_: abc.SchedulerBase, __: object = None) -> None:
                    timers.remove(timer)
                    action()

                timer.disposable = clock.scheduler.schedule_relative(delay, run)

            def fail(error: Exception) -> None:
                everything.dispose()
                observer.on_error(error)

            def too_late() -> None:
                if not self._let_in:
                    fail(
                        Disconnected(
                            f"{self._provider.name} did not let us in "
                            f"within {self._config.connection_timeout_seconds:g} s"
                        )
                    )

            def on_next(raw: bytes) -> None:
                now = self.now()
                self._meter.last_receive = now
                if not raw:  # a pong: life, and nothing to read
                    return
                facts, controls = self._read(raw, now)
                if facts:
                    observer.on_next(facts)
                for control in controls:
                    if isinstance(control, Refused):
                        fail(control.error)
                        return
                    self._obey(control)

            self._let_in, self._send, self._schedule = False, None, schedule
            schedule(self._config.connection_timeout_seconds, too_late)
            upstream.disposable = source.subscribe(
                on_next, fail, observer.on_completed, scheduler=scheduler
            )
            return everything

        return Observable(subscribe)

    def reconcile(self) -> None:
        """Send what the wanted subscriptions differ in from those of the connection, if there is one."""
        if not self._let_in or self._send is None:
            return
        fresh, ended = self._subscriptions.to_send()
        for text in self._provider.unsubscribe(ended) if ended else ():
            self._send(text)
        for text in self._provider.subscribe(fresh) if fresh else ():
            self._send(text)
        if fresh and self._provider.acknowledges:
            self._schedule(self._config.acknowledge_timeout_seconds, lambda: self._missing(fresh))
        else:
            self._settled()

    def _leave(self) -> None:
        self._let_in, self._send = False, None

    def _enter(self) -> None:
        self._let_in = True
        self._meter.connects += 1
        self._ready()
        self.reconcile()

    def _read(self, raw: bytes, now: Nanos) -> tuple[list[Event], Sequence[Control]]:
        self._meter.heard(raw, now)
        try:
            facts, controls = self._decode(raw, now, self._seq + 1)
        except DecodeError as error:
            return [self.error("undecodable", error.reason, raw, seq=self.next_seq())], ()
        self._seq += len(facts)
        return facts, controls

    def _obey(self, control: Control) -> None:
        if isinstance(control, Authenticated):
            if not self._let_in:
                self._enter()
        elif isinstance(control, Acknowledged):
            self._subscriptions.confirm(control)
            if not self._subscriptions.unconfirmed:
                self._settled()
        elif not isinstance(control, Refused) and self._send is not None:
            self._send(control.data)

    def _missing(self, asked: list[Topic]) -> None:
        missing = [topic for topic in asked if topic in self._subscriptions.unconfirmed]
        if missing:
            seconds = self._config.acknowledge_timeout_seconds
            message = f"no acknowledgement within {seconds:g} s for {named(missing)}"
            error = self.error("unacknowledged", message, seq=self.next_seq())
            self._tell([error])
            self._settled()

    def error(self, kind: str, message: str, raw: bytes = b"", *, seq: int) -> FeedError:
        """A `FeedError` of now, about the conversation."""
        return feed_error(self._provider.name, kind, message, raw, ts_recv=self.now(), seq=seq)
