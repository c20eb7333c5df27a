"""``ordinis-rx dashboard``: a local page that shows providers, their consensus and its candles, live."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from reactivex import Observable

from ordinis_rx.commands.access import PROVIDERS, feed_of
from ordinis_rx.commands.agreement import FRESH, Agreement
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.ports import listening
from ordinis_rx.commands.recordings import recorded_facts
from ordinis_rx.commands.sabotage import Sabotage
from ordinis_rx.commands.script import schedule
from ordinis_rx.commands.stage import PRICES, Stage, staged
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.commands.values import Add, BadUsage, add_seed, port, positive, words
from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.events import Event
from ordinis_rx.kernels.compiled import has_numba, uncompiled
from ordinis_rx.views.dashboard import State, listen, serve_dashboard

__all__ = ["add_dashboard", "dashboard"]

ROUND_SECONDS = 45.0
"""How long the demo takes to break everything once, before it begins again."""

TICK_SECONDS = 0.1


def add_dashboard(add: Add) -> None:
    """Add ``dashboard``."""
    parser = add(
        "dashboard",
        _dashboard,
        "a local page: providers, their consensus and its candles, live",
        "Served on 127.0.0.1 alone. Keys come from the environment, as for `watch`.",
    )
    shown = parser.add_mutually_exclusive_group(required=True)
    shown.add_argument(
        "--demo", action="store_true", help="three simulated providers, broken again and again"
    )
    shown.add_argument(
        "--provider", type=words, metavar="A,B", help=f"whom to ask, of {', '.join(PROVIDERS)}"
    )
    shown.add_argument("--replay", type=Path, metavar="FILE", help="a recording")
    parser.add_argument(
        "--symbols", type=words, default=[], metavar="A,B", help="what to ask the providers for"
    )
    parser.add_argument(
        "--speed",
        type=positive,
        default=1.0,
        metavar="N",
        help="of the recording (default: %(default)g)",
    )
    parser.add_argument("--market", metavar="M", help="as for `watch`")
    parser.add_argument("--url", metavar="U", help="another address, where one provider is asked")
    parser.add_argument(
        "--port", type=port, default=0, metavar="N", help="where to listen (default: a free one)"
    )
    add_seed(parser, "another seed, another market")
    parser.add_argument(
        "--duration", type=positive, metavar="S", help="seconds to serve, instead of for ever"
    )


def _dashboard(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    names: list[str] = options.provider or []
    unknown = [name for name in names if name not in PROVIDERS]
    if unknown:
        raise BadUsage(f"--provider {unknown[0]}: there are {', '.join(PROVIDERS)}")
    if names and not options.symbols:
        raise BadUsage("--provider needs --symbols")
    if options.url is not None and len(names) != 1:
        raise BadUsage("--url is the address of one provider")
    return dashboard(
        demo=options.demo,
        providers=names,
        symbols=options.symbols,
        replayed=options.replay,
        speed=options.speed,
        market=options.market,
        url=options.url,
        port=options.port,
        seed=options.seed,
        duration=options.duration,
    )


async def dashboard(
    *,
    demo: bool = False,
    providers: Sequence[str] = (),
    symbols: Sequence[str] = (),
    replayed: Path | None = None,
    speed: float = 1.0,
    market: str | None = None,
    url: str | None = None,
    port: int = 0,
    seed: int = 0,
    duration: float | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Serve the page until a signal, or for *duration* seconds; its address is the first line of output.

    It shows one of three: a *demo* that is broken on purpose, again and again; *providers* live, with keys from the
    *environment*; or a recording *replayed* at *speed*. When a stream ends, the page stays and says why. Raises `BadUsage`
    where a provider lacks its key, and `OrdinisError` when the port cannot be had.
    """
    state = State()
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(stoppable())
        if demo:
            stage = await stack.enter_async_context(staged(seed))
            await stack.enter_async_context(_troubled(stage))
            streams: list[Observable[Event]] = [actor.feed for actor in stage.actors]
        elif replayed is not None:
            streams = [recorded_facts(replayed, "dashboard", speed=speed)]
        else:
            streams = []
            for name in providers:
                events = feed_of(name, symbols, market=market, url=url, environment=environment)
                streams.append(await stack.enter_async_context(events))
        serving = listening(port, serve_dashboard(state, port=port))
        served = await stack.enter_async_context(serving)
        config = AggregationConfig(
            min_providers=min(2, len(streams)), max_age=FRESH * (1 if demo else 5)
        )
        if not demo and has_numba():
            wait = "some 20 s the first time (ordinis-rx warm-up does it ahead)"
            print(f"getting the consensus ready: {wait}", file=sys.stderr, flush=True)
        with uncompiled() if demo else nullcontext():  # to compile takes longer than to look
            hearing = listen(streams, state, config)
        stack.callback(hearing.dispose)
        print(f"dashboard at {served.url} (Ctrl-C ends it)", flush=True)
        await stop.wait(duration)
    return 0


@asynccontextmanager
async def _troubled(stage: Stage) -> AsyncGenerator[None]:
    """Break the providers of the demo, one after the other and for ever, while the context lasts."""
    heard = Heard(
        Board([a.name for a in stage.actors], PRICES), Agreement(PRICES, stage.market.truth)
    )
    hearing = heard.listen(actor.feed for actor in stage.actors)
    breaking = asyncio.create_task(_break(stage, heard))
    try:
        yield
    finally:
        breaking.cancel()
        hearing.dispose()


async def _break(stage: Stage, heard: Heard) -> None:
    clock = asyncio.get_running_loop().time
    while True:
        sabotage = Sabotage(stage.actors, heard, schedule(ROUND_SECONDS))
        start = clock()
        while not (sabotage.is_done and clock() - start >= ROUND_SECONDS):
            sabotage.act(clock() - start, time.time_ns())
            await asyncio.sleep(TICK_SECONDS)
