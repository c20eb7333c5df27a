"""One conversation with a provider: log in, subscribe, and turn what comes into facts, until the connection ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable, SingleAssignmentDisposable

from ordinis_rx.config import StreamConfig
from ordinis_rx.errors import Disconnected
from ordinis_rx.events import Event, FeedError
from ordinis_rx.feed_stats import Meter
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Control,
    Decode,
    Provider,
    Refused,
    Reply,
    Topic,
)
from ordinis_rx.providers.reading import blotter, decoded, feed_error, hushed
from ordinis_rx.subscriptions import Subscriptions, named
from ordinis_rx.taps import Taps
from ordinis_rx.timebase import Nanos
from ordinis_rx.wire.clock import clock_of
from ordinis_rx.wire.connection import Send

__all__ = ["Conversation", "Session"]

_Schedule = Callable[[float, Callable[[], None]], None]


class Session:
    """What a feed knows of its conversation, over all its connections.

    *tell* takes facts that have been numbered; *ready* is called when the provider lets us in, *acknowledged* when it
    confirms something, *settled* when all that was asked for is confirmed or no longer waited for.
    """

    def __init__(
        self,
        provider: Provider,
        subscriptions: Subscriptions,
        config: StreamConfig,
        meter: Meter,
        taps: Taps,
        *,
        tell: Callable[[list[Event]], None],
        ready: Callable[[], None],
        acknowledged: Callable[[], None],
        settled: Callable[[], None],
        wall: Callable[[], Nanos] = time.time_ns,
    ) -> None:
        self.provider = provider
        self.subscriptions = subscriptions
        self.config = config
        self.meter = meter
        self.taps = taps
        self.tell = tell
        self.ready = ready
        self.acknowledged = acknowledged
        self.settled = settled
        self.current: Conversation | None = None
        """The one whose connection is open."""
        self._wall = wall
        self._decode: Decode = provider.decoder(subscriptions.neutral)
        self.quiet = blotter(provider.secrets)
        """Takes our keys out of a message, should the provider repeat them: so none gets into a fact or a recording."""
        self.seq = 0
        """The last number given to a fact."""
        self._now = 0

    @property
    def let_in(self) -> bool:
        """Whether there is a connection on which the provider knows us."""
        return self.current is not None and self.current.let_in

    def now(self) -> Nanos:
        """The wall clock, kept from running backwards: two facts never arrive in the wrong order."""
        self._now = max(self._now, self._wall())
        return self._now

    def next_seq(self, count: int = 1) -> int:
        """The first of *count* fresh numbers."""
        first = self.seq + 1
        self.seq += count
        return first

    def reconcile(self) -> None:
        """Send what the wanted subscriptions differ in from those of the connection, if there is one."""
        if self.current is not None:
            self.current.reconcile()

    def read(self, raw: bytes, now: Nanos) -> tuple[list[Event], Sequence[Control]]:
        """The facts and controls of one message; what cannot be read is a `FeedError`, whatever the decoder makes of it."""
        facts, controls = decoded(self.provider.name, self._decode, raw, now, self.seq + 1)
        self.seq += len(facts)
        return facts, controls

    def error(self, kind: str, message: str, raw: bytes = b"") -> FeedError:
        """A `FeedError` of now, about the conversation, with the next number."""
        return feed_error(
            self.provider.name, kind, message, raw, ts_recv=self.now(), seq=self.next_seq()
        )


class Conversation:
    """What is said on one connection, from the dial to its end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._send: Send | None = None
        self._schedule: _Schedule = lambda delay, action: None
        self._over = False
        self.let_in = False
        """Whether the provider knows us on this connection."""

    def opened(self, send: Send) -> None:
        """The connection is up, and the hello on its way."""
        self._send = send
        self._session.current = self
        self._session.subscriptions.forget_connection()
        if not self._session.provider.authenticates:
            self._enter()

    def facts(self, source: Observable[bytes]) -> Observable[list[Event]]:
        """The facts of each message of *source*; fails when the provider ends it or does not let us in in time."""
        session, meter = self._session, self._session.meter

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
                if isinstance(error, Disconnected):  # a goodbye may repeat what we said
                    reason = hushed(error.reason, *session.provider.secrets)
                    if reason != error.reason:
                        error = Disconnected(reason, code=error.code, cool_down=error.cool_down)
                observer.on_error(error)

            def too_late() -> None:
                if not self.let_in:
                    seconds = session.config.connection_timeout_seconds
                    fail(
                        Disconnected(
                            f"{session.provider.name} did not let us in within {seconds:g} s"
                        )
                    )

            def on_next(raw: bytes) -> None:
                now = session.now()
                meter.last_receive = now
                if not raw:  # a pong: life, and nothing to read
                    return
                raw = session.quiet(raw)
                session.taps.received(raw, now)
                meter.heard(raw)
                facts, controls = session.read(raw, now)
                if facts:
                    meter.arrived(facts)
                    observer.on_next(facts)
                for control in controls:
                    if self._over:  # a subscriber has hung up meanwhile
                        return
                    if isinstance(control, Refused):
                        fail(control.error)
                        return
                    self._obey(control)

            self._schedule = schedule
            schedule(session.config.connection_timeout_seconds, too_late)
            upstream.disposable = source.subscribe(
                on_next, fail, observer.on_completed, scheduler=scheduler
            )
            return everything

        return Observable(subscribe)

    def reconcile(self) -> None:
        """Send what the wanted subscriptions differ in from those of this connection, once we are let in."""
        session, send = self._session, self._send
        if not self.let_in or send is None:
            return
        fresh, ended = session.subscriptions.to_send()
        for text in session.provider.unsubscribe(ended) if ended else ():
            send(text)
        for text in session.provider.subscribe(fresh) if fresh else ():
            send(text)
        if fresh and session.provider.acknowledges:
            patience = session.config.acknowledge_timeout_seconds
            self._schedule(patience, lambda: self._missing(fresh))
        self._settle()

    def _settle(self) -> None:
        if not self._session.subscriptions.unconfirmed:
            self._session.settled()

    def _leave(self) -> None:
        self._over, self.let_in, self._send = True, False, None
        if self._session.current is self:
            self._session.current = None

    def _enter(self) -> None:
        self.let_in = True
        self._session.meter.connected(self._session.now())
        self._session.ready()
        self.reconcile()

    def _obey(self, control: Authenticated | Acknowledged | Reply) -> None:
        if isinstance(control, Authenticated):
            if not self.let_in:
                self._enter()
        elif isinstance(control, Acknowledged):
            self._session.subscriptions.confirm(control)
            self._session.acknowledged()
            self._settle()
        elif self._send is not None:
            self._send(control.data)

    def _missing(self, asked: list[Topic]) -> None:
        session = self._session
        missing = [topic for topic in asked if topic in session.subscriptions.unconfirmed]
        if missing:
            seconds = session.config.acknowledge_timeout_seconds
            message = f"no acknowledgement within {seconds:g} s for {named(missing)}"
            session.tell([session.error("unacknowledged", message)])
            session.settled()
