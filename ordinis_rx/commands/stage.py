"""The set of the demo: one hidden truth, three servers that tell it each in its own way, and our feeds that listen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from random import Random

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.scheduler.eventloop import AsyncIOScheduler

from ordinis_rx.commands.lies import Liar
from ordinis_rx.commands.simulate import SIM_KEY, SIM_SECRET
from ordinis_rx.config import StreamConfig
from ordinis_rx.events import Event
from ordinis_rx.feed import Feed, feed
from ordinis_rx.pacing import paced
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider
from ordinis_rx.sim import Faults, Market, Server, WireFaults, market, serve
from ordinis_rx.sim.faults import duplicate
from ordinis_rx.sim.server import Protocol
from ordinis_rx.stream import Stream
from ordinis_rx.timebase import MILLI, Nanos, seconds

__all__ = ["CONFIG", "PRICES", "Actor", "Stage", "staged"]

PRICES = {"AAPL": 185.0, "MSFT": 370.0, "NVDA": 480.0}
"""What is traded, and where it begins: not so low that a tick would be a large part of it."""

RATE = 180.0
"""Facts a second that each provider tells; enough for a price to be never older than a part of a second."""

LEAD: Nanos = 500 * MILLI
"""From setting the stage to the opening of the market: servers and connections are up by then."""

CONFIG = StreamConfig(
    reconnect_delay_seconds=0.1,
    reconnect_delay_max_seconds=0.8,
    max_reconnect_attempts=None,
    connection_timeout_seconds=2.0,
    acknowledge_timeout_seconds=2.0,
    heartbeat_interval_seconds=0.25,
    silence_seconds=0.6,
    stable_seconds=1.0,
)
"""As impatient as a lively market on loopback allows: every fault is found out in well under a second."""


@dataclass(frozen=True, slots=True)
class Part:
    """How one provider tells the truth: how late, how exactly, and which faults its data has."""

    protocol: Protocol
    latency: Nanos
    noise_bps: float
    duplicates: float = 0.0
    garbage: float = 0.0


PARTS = (
    Part("polygon", latency=2 * MILLI, noise_bps=0.3, duplicates=0.05),
    Part("finnhub", latency=40 * MILLI, noise_bps=1.0, garbage=0.1),
    Part("alpaca", latency=15 * MILLI, noise_bps=0.5),
)


@dataclass(frozen=True, slots=True)
class Actor:
    """A provider on the stage: what it serves, what we hear, and the faults put into its data."""

    name: str
    server: Server
    feed: Feed
    liar: Liar
    tally: Faults = field(default_factory=Faults)


@dataclass(frozen=True, slots=True)
class Stage:
    """The truth, and those who tell it."""

    market: Market
    actors: tuple[Actor, ...]


@asynccontextmanager
async def staged(seed: int) -> AsyncGenerator[Stage, None]:
    """Servers that listen, and feeds that nobody has subscribed to yet; all gone when the context ends."""
    for part in PARTS:  # compiles or loads what decodes, which takes longer than the lead
        _provider(part.protocol, "ws://127.0.0.1").decoder({})
    truth = market(
        list(PRICES), seed, RATE, duration=None, start=time.time_ns() + LEAD, prices=PRICES
    )
    async with AsyncExitStack() as stack:
        actors = [await _enter(stack, truth, part, seed) for part in PARTS]
        yield Stage(truth, tuple(actors))


async def _enter(stack: AsyncExitStack, truth: Market, part: Part, seed: int) -> Actor:
    tally, liar = Faults(), Liar()
    seen = truth.seen_by(part.protocol, seed=seed, latency=part.latency, noise_bps=part.noise_bps)
    told = liar.tells(_rehearsed(seen)).pipe(duplicate(part.duplicates, seed=seed, tally=tally))
    faults = WireFaults(garbage=part.garbage)
    server = await stack.enter_async_context(
        serve(
            _opening(truth.start, told),
            part.protocol,
            api_key=SIM_KEY,
            secret=SIM_SECRET,
            faults=faults,
            seed=seed,
        )
    )
    listening = feed(
        _provider(part.protocol, server.url), list(PRICES), config=CONFIG, random=Random(seed)
    )
    return Actor(part.protocol, server, await stack.enter_async_context(listening), liar, tally)


def _rehearsed(seen: Market) -> Stream[Event]:
    """*seen* in real time, once; its first stretch is made now, since that takes tens of milliseconds to be late by."""
    events = seen.events()
    first = next(events)
    return paced(lambda: chain((first,), events), seen.start)


def _opening(start: Nanos, told: Observable[Event]) -> Observable[Event]:
    """*told* from the moment *start* on: all servers begin together, though they come up one after the other."""

    def wait(_: abc.SchedulerBase | None) -> Observable[Event]:
        clock = AsyncIOScheduler(asyncio.get_running_loop())
        left = seconds(max(0, start - time.time_ns()))
        return rx.timer(left, scheduler=clock).pipe(ops.flat_map(lambda _: told))

    return rx.defer(wait)


def _provider(protocol: Protocol, url: str) -> Provider:
    match protocol:
        case "polygon":
            return polygon(SIM_KEY, url=url)
        case "finnhub":
            return finnhub(SIM_KEY, url)
        case "alpaca":
            return alpaca(SIM_KEY, SIM_SECRET, url=url)
