"""What a feed knows of its talk with a provider, over all its connections: the clock, the numbers, and who is to be told."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol

from ordinis_rx.config import StreamConfig
from ordinis_rx.events import Event, FeedError
from ordinis_rx.feed_stats import Meter
from ordinis_rx.providers.guarding import guarded
from ordinis_rx.providers.protocol import Control, Provider, Topic
from ordinis_rx.providers.reading import blotter, feed_error
from ordinis_rx.subscriptions import Subscriptions
from ordinis_rx.taps import Taps
from ordinis_rx.timebase import Nanos

__all__ = ["Session", "Talking"]


class Talking(Protocol):
    """What is said on one connection."""

    let_in: bool

    def reconcile(self) -> None:
        """Send what the wanted subscriptions differ in from those of this connection."""


class Session:
    """What a feed knows of its conversation, over all its connections.

    *tell* takes facts that have been numbered; *ready* is called when the provider lets us in, *acknowledged* when it
    confirms something, *lapsed* with what it ends of itself, *refused* when it will not stream something, and *settled* when
    all that is wanted is confirmed or no longer waited for, and when a symbol is mute no more after that.
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
        lapsed: Callable[[list[Topic]], None],
        refused: Callable[[], None],
        settled: Callable[[], None],
        wall: Callable[[], Nanos] = time.time_ns,
        random: Random | None = None,
    ) -> None:
        self.provider = provider
        self.subscriptions = subscriptions
        self.config = config
        self.meter = meter
        self.taps = taps
        self.tell = tell
        self.ready = ready
        self.acknowledged = acknowledged
        self.lapsed = lapsed
        self.refused = refused
        self.settled = settled
        self.current: Talking | None = None
        """The conversation whose connection is open."""
        self.random = Random() if random is None else random
        """What waits are drawn from."""
        self.wall = wall
        """The clock as it is, which somebody may set back."""
        self._decode = guarded(provider.name, provider.decoder(subscriptions.neutral))
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
        self._now = max(self._now, self.wall())
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
        facts, controls = self._decode(raw, now, self.seq + 1)
        self.seq += len(facts)
        return facts, controls

    def error(self, kind: str, message: str, raw: bytes = b"", *, symbol: str = "") -> FeedError:
        """A `FeedError` of now, about the conversation or what was wanted of a *symbol*, with the next number."""
        provider, now = self.provider.name, self.now()
        return feed_error(
            provider, kind, message, raw, ts_recv=now, seq=self.next_seq(), symbol=symbol
        )
