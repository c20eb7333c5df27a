"""One conversation with a provider: log in, subscribe, and turn what comes into facts, until the connection ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable, SingleAssignmentDisposable

from ordinis_rx.errors import Disconnected, OrdinisError, SubscriptionError
from ordinis_rx.events import Event
from ordinis_rx.providers.guarding import asked
from ordinis_rx.providers.protocol import (
    Acknowledged,
    Authenticated,
    Control,
    Refused,
    Reply,
    Topic,
)
from ordinis_rx.providers.reading import hushed
from ordinis_rx.session import Session
from ordinis_rx.subscriptions import named
from ordinis_rx.timebase import SECOND, Nanos
from ordinis_rx.wire.clock import clock_of
from ordinis_rx.wire.connection import Send
from ordinis_rx.wire.passing import Passing

__all__ = ["Conversation"]

_LEAP = SECOND
"""By so much more than the loop's clock may the clock of arrival go on, unless the machine slept or its clock was set."""

_UNREAD_SECONDS = 2.0
"""After so long no message has waited in our own machine since before it slept."""

_Schedule: TypeAlias = Callable[[float, Callable[[], None]], None]


class Conversation:
    """What is said on one connection, from the dial to its end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._send: Send | None = None
        self._schedule: _Schedule = lambda delay, action: None
        self._over = False
        self._waits = session.config.backoff.delays(session.random)
        """How long to wait before what the vendor ended is asked for again."""
        self._again_at: Nanos | None = None
        """When that is, if anything is to be asked for again."""
        self._settled_at: Nanos | None = None
        """Since when nothing is waited for, after what the vendor ended."""
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
            clock, seconds = clock_of(scheduler, "a feed")
            timers, upstream = CompositeDisposable(), SingleAssignmentDisposable()
            everything = CompositeDisposable(timers, upstream, Disposable(self._leave))

            def schedule(delay: float, action: Callable[[], None]) -> None:
                timer = SingleAssignmentDisposable()
                timers.add(timer)

                def run(_: abc.SchedulerBase, __: object = None) -> None:
                    timers.remove(timer)
                    action()

                timer.disposable = clock.schedule_relative(delay, run)

            def fail(error: Exception) -> None:
                everything.dispose()
                if isinstance(error, Disconnected):  # a goodbye may repeat what we said
                    reason = hushed(error.reason, *session.provider.secrets)
                    if reason != error.reason:
                        error = Disconnected(reason, code=error.code, cool_down=error.cool_down)
                observer.on_error(error)

            def too_late() -> None:
                if not self.let_in:
                    patience = session.config.connection_timeout_seconds
                    fail(
                        Disconnected(
                            f"{session.provider.name} did not let us in within {patience:g} s"
                        )
                    )

            before, looked = session.now(), seconds()
            awoke = looked - _UNREAD_SECONDS

            def on_next(raw: bytes) -> None:
                nonlocal before, looked, awoke
                now, at = session.now(), seconds()
                if now - before > (at - looked) * SECOND + _LEAP:
                    awoke = at
                before, looked = now, at
                # Had the machine slept, this may have waited here since then, whatever was lost meanwhile.
                meter.doubtful = at - awoke < _UNREAD_SECONDS
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
                    if (error := self._final(control)) is not None:
                        fail(error)
                        return
                    self._obey(control)

            self._schedule = schedule
            schedule(session.config.connection_timeout_seconds, too_late)
            upstream.disposable = source.subscribe(
                on_next, fail, observer.on_completed, scheduler=scheduler
            )
            return everything

        return Passing(subscribe)

    def reconcile(self) -> None:
        """Send what the wanted subscriptions differ in from those of this connection, once we are let in."""
        session, send = self._session, self._send
        if not self.let_in or send is None:
            return
        fresh, ended = session.subscriptions.to_send()
        if ended:
            send(*asked(session.provider, "unsubscribe", ended))
        if fresh:
            send(*asked(session.provider, "subscribe", fresh))
        if fresh and session.provider.acknowledges:
            patience = session.config.acknowledge_timeout_seconds
            asking = session.subscriptions.asking
            self._schedule(patience, lambda: self._missing(fresh, asking))
        self._settle()

    def _settle(self) -> None:
        if not self._session.subscriptions.unconfirmed.awaited:
            if self._settled_at is None:
                self._settled_at = self._session.now()
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

    def _final(self, control: Control) -> OrdinisError | None:
        """What this control ends the conversation with, if it does."""
        if isinstance(control, Refused):
            return control.error
        if not isinstance(control, Acknowledged) or not control.declined:
            return None
        if not self._session.subscriptions.is_hopeless():
            return None
        provider = self._session.provider
        return SubscriptionError(provider.name, hushed(control.reason, *provider.secrets))

    def _obey(self, control: Control) -> None:
        if isinstance(control, Authenticated):
            if not self.let_in:
                self._enter()
        elif isinstance(control, Acknowledged):
            unconfirmed = self._session.subscriptions.unconfirmed
            awaited = unconfirmed.awaited
            self._refused(control)
            if self._over:  # a subscriber has hung up at that
                return
            if lapsed := self._session.subscriptions.confirm(control):
                self._lapsed(lapsed)
            self._session.acknowledged()
            if awaited or unconfirmed.turned:  # else it tells nothing new
                self._settle()
        elif isinstance(control, Reply) and self._send is not None:
            self._send(control.data)

    def _refused(self, control: Acknowledged) -> None:
        """Say what the vendor will not stream, symbol by symbol."""
        session = self._session
        reason = hushed(control.reason, *session.provider.secrets)
        subscriptions = session.subscriptions
        topics = [*control.refused]
        if control.declined:
            topics += subscriptions.unconfirmed.unanswered()
        # Asked before: what is refused loses its name.
        names = {topic.symbol: subscriptions.neutral_of(topic.symbol) for topic in topics}
        refused: dict[str, list[Topic]] = {}
        for topic in subscriptions.refuse(topics, reason):
            refused.setdefault(names[topic.symbol], []).append(topic)
        if refused:
            session.refused()
            session.tell(
                [
                    session.error("refused", f"{named(its)}: {reason}", symbol=symbol)
                    for symbol, its in refused.items()
                ]
            )
        elif control.declined:  # nobody knows what it was about
            session.tell([session.error("refused", reason)])

    def _lapsed(self, topics: list[Topic]) -> None:
        """Say what the vendor has ended of itself, and ask for it again, less and less readily until a while went well."""
        session, backoff = self._session, self._session.config.backoff
        now = session.now()
        settled_at, self._settled_at = self._settled_at, None
        if settled_at is not None and now - settled_at >= backoff.stable_seconds * SECOND:
            self._waits = backoff.delays(session.random)
        if self._again_at is None:
            delay = next(self._waits, backoff.longest_seconds)
            self._again_at = now + round(delay * SECOND)
            self._schedule(delay, self._ask_again)
        left = max(0, self._again_at - now) / SECOND
        session.lapsed(topics)
        message = f"the vendor ended {named(topics)}; asking again in {left:.1f} s"
        session.tell([session.error("ended", message)])

    def _ask_again(self) -> None:
        self._again_at = None
        self.reconcile()

    def _missing(self, asked: list[Topic], asking: int) -> None:
        """Say which of the topics of that asking are not confirmed in time, and wait for them no longer."""
        session = self._session
        missing = session.subscriptions.unconfirmed.give_up(asked, asking)
        if missing:
            seconds = session.config.acknowledge_timeout_seconds
            message = f"no acknowledgement within {seconds:g} s for {named(missing)}"
            session.tell([session.error("unacknowledged", message)])
            if not self._over:  # else it made everybody leave
                self._settle()
