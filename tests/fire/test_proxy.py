"""Our feed, through a proxy that spoils the connection, to our simulator: faults end as they must, no loss is silent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from reactivex import operators as ops

from ordinis_rx.config import StreamConfig
from ordinis_rx.events import Event, FeedError, GapReason, StatusChange, StreamStatus, Trade
from ordinis_rx.feed import Feed, feed
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.sim import Server, market, serve
from ordinis_rx.testing.fault_proxy import FaultProxy, ProxyFaults, fault_proxy
from ordinis_rx.testing.history import Sent, check_history
from ordinis_rx.timebase import MILLI, SECOND
from tests.figures import record
from tests.live import LiveEar
from tests.virtual import START

pytestmark = pytest.mark.deep

CONNECTED, RECONNECTING = StreamStatus.CONNECTED, StreamStatus.RECONNECTING
HEARTBEAT = 0.1
QUICK = StreamConfig(
    reconnect_delay_seconds=0.01,
    reconnect_delay_max_seconds=0.02,
    max_reconnect_attempts=None,
    heartbeat_interval_seconds=HEARTBEAT,
)


@dataclass
class Scene:
    """A feed that is connected through the proxy, and all that was said to it."""

    proxy: FaultProxy
    server: Server
    events: Feed
    ear: LiveEar
    said: list[tuple[int, Trade]] = field(default_factory=list)

    async def more(self, count: int = 20) -> None:
        """Wait until so many more trades have arrived."""
        await self.ear.trades(len(self.ear.prices) + count)

    async def back(self, spoil: Callable[[], None], times: int = 1) -> None:
        """Spoil the connection, and wait until the feed has been let in so many times more, and hears trades."""
        before = self.events.stats.connects
        spoil()
        await self.ear.until(lambda: self.events.stats.connects >= before + times)
        await self.more()

    def now(self, faults: ProxyFaults) -> Callable[[], None]:
        """What has the proxy commit *faults* from now on."""

        def spoil() -> None:
            self.proxy.faults = faults

        return spoil

    def problems(self) -> list[str]:
        """What the feed owes an explanation for: of all that was said from its first trade to its last."""
        arrived = {fact.trade_id: fact.ts_recv for fact in self.ear.of(Trade)}
        ids = [trade.trade_id for _, trade in self.said]
        first, last = (ids.index(key) for key in (next(iter(arrived)), list(arrived)[-1]))
        sent, newest = list[Sent](), 0
        for at, trade in self.said[first : last + 1]:
            # One connection keeps the order: what is behind an arrival would have arrived after it.
            newest = max(newest, arrived.get(trade.trade_id, 0), at)
            sent.append(Sent(trade.symbol, trade.trade_id, newest))
        return check_history(sent, self.ear.facts)


@contextlib.asynccontextmanager
async def scene(faults: ProxyFaults | None = None, **config: float) -> AsyncIterator[Scene]:
    loop = asyncio.get_running_loop()

    def wall() -> int:
        return START + round(loop.time() * SECOND)

    def note(event: Event) -> None:
        if isinstance(event, Trade):
            said.append((wall(), event))

    said: list[tuple[int, Trade]] = []
    told = market(["AAPL", "MSFT"], rate=1000.0).paced().pipe(ops.do_action(note))
    async with (
        serve(told) as server,
        fault_proxy("127.0.0.1", server.port, faults=faults) as proxy,
    ):
        settings = {name: getattr(QUICK, name) for name in QUICK.__slots__} | config
        events = feed(
            polygon("sim-key", url=proxy.through(server.url)),
            ["AAPL", "MSFT"],
            channels={"trades"},
            config=StreamConfig(**settings),
            wall=wall,
        )
        ear = LiveEar().to(events)
        assert isinstance(ear, LiveEar)
        try:
            await ear.trades(1)
            yield Scene(proxy, server, events, ear, said)
        finally:
            await events.close()


async def cut(at: Scene) -> None:
    for _ in range(2):
        await at.back(at.proxy.cut)


async def cut_again_and_again(at: Scene) -> None:
    await at.back(at.now(ProxyFaults(cut_after=5_000)), times=3)


async def half_open(at: Scene) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await at.back(at.proxy.half_open)
    (stalled,) = (c for c in at.ear.of(StatusChange) if c.status is RECONNECTING)
    assert "nothing from the connection for 0.2 s" in stalled.message
    assert (stalled.ts_recv - START) / SECOND - began <= 2 * HEARTBEAT + 1.0


async def half_open_in_the_midst_of_a_frame(at: Scene) -> None:
    at.proxy.faults = ProxyFaults(half_open_after=5_001)
    await at.ear.until(lambda: RECONNECTING in at.ear.statuses)
    await at.back(at.now(ProxyFaults()))


async def closed_slowly(at: Scene) -> None:
    at.proxy.faults = ProxyFaults(slow_close=50 * MILLI)
    await at.back(at.server.drop_connections)


async def said_goodbye(at: Scene) -> None:
    await at.back(lambda: at.server.drop_connections(1001))


async def refused(at: Scene) -> None:
    at.proxy.faults = ProxyFaults(max_connections=0)
    at.proxy.cut()
    await at.ear.until(lambda: at.proxy.stats.refused >= 3)
    await at.back(at.now(ProxyFaults()))


FAULTS: dict[Callable[[Scene], Awaitable[None]], GapReason] = {
    cut: GapReason.DISCONNECTED,
    cut_again_and_again: GapReason.DISCONNECTED,
    half_open: GapReason.STALLED,
    half_open_in_the_midst_of_a_frame: GapReason.STALLED,
    closed_slowly: GapReason.DISCONNECTED,
    said_goodbye: GapReason.DISCONNECTED,
    refused: GapReason.DISCONNECTED,
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_a_spoiled_connection_is_made_anew_and_no_loss_is_silent(
    fault: Callable[[Scene], Awaitable[None]],
) -> None:
    async with scene() as at:
        await at.more()
        await fault(at)
        ear, events = at.ear, at.events
        assert at.problems() == []
        assert events.status is CONNECTED
        assert len(ear.gaps) == events.stats.gaps == events.stats.connects - 1 >= 1
        assert {gap.reason for gap in ear.gaps} == {FAULTS[fault]}
        assert at.proxy.connections == 1  # the server may still hold one that nobody has told it of
        assert ear.of(FeedError) == []
    record(
        "loss over real sockets", "0 silent, through a proxy that spoils", f"{len(FAULTS)} faults"
    )


@pytest.mark.parametrize(
    "faults",
    [
        ProxyFaults(latency=30 * MILLI, jitter=20 * MILLI),
        ProxyFaults(bandwidth=200_000.0),
    ],
    ids=["late and uneven", "narrow"],
)
async def test_a_poor_connection_is_no_interruption_and_loses_nothing(faults: ProxyFaults) -> None:
    async with scene(faults) as at:
        await at.more(60)
        assert at.problems() == []
        assert [fact.status for fact in at.ear.of(StatusChange)][1:] == [CONNECTED]
        assert (at.ear.gaps, at.ear.of(FeedError)) == ([], [])


async def test_wrong_bits_are_told_or_end_the_connection_and_never_the_feed() -> None:
    """Inside a number a wrong bit cannot be seen without TLS: what is said here is that the feed lives, and heals."""
    async with scene() as at:
        await at.more()
        at.proxy.faults = ProxyFaults(corrupt_every=101)
        await at.ear.until(lambda: at.ear.of(FeedError) and RECONNECTING in at.ear.statuses)
        await at.back(at.now(ProxyFaults()))
        assert at.events.status is CONNECTED
        assert (at.ear.errors, at.proxy.connections) == ([], 1)
        told = sum(at.events.stats.decode_errors.values())
        assert told == len(at.ear.of(FeedError)) > 0
