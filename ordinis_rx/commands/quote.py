"""``ordinis-rx quote``: one question to several providers, and the price that they agree on."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, cast

from ordinis_rx.commands.access import PROVIDERS, variable
from ordinis_rx.commands.quote_view import Told, json_line, view
from ordinis_rx.commands.screen import Screen
from ordinis_rx.commands.simulate import SIM_KEY, SIM_SECRET
from ordinis_rx.commands.values import Add, BadUsage, add_seed, positive, words
from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.errors import MissingExtra
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.pull.aggregator import DataAggregator
from ordinis_rx.pull.failures import NoQuotes
from ordinis_rx.pull.rest.alpaca import AlpacaRest
from ordinis_rx.pull.rest.finnhub import FinnhubRest
from ordinis_rx.pull.rest.polygon import PolygonRest
from ordinis_rx.pull.sources import PullSource
from ordinis_rx.sim import RestFaults, market, serve_rest
from ordinis_rx.sim.server import Protocol
from ordinis_rx.timebase import MINUTE

__all__ = ["add_quote", "quote"]

OFF_BPS = 50.0
"""How far off one of the demo's providers is."""

GRACE_SECONDS = 1.0
"""Asked once, better late than without."""

RATE = 400.0
"""Facts a second and symbol in the demo, so that each has a price at once."""


def add_quote(add: Add) -> None:
    """Add ``quote``."""
    parser = add(
        "quote",
        _quote,
        "ask several providers once, and tell the price that they agree on",
        "Keys come from the environment, as for `watch`. The exit code is 1 where a symbol has no price.",
    )
    parser.add_argument(
        "--symbols", type=words, required=True, metavar="A,B", help="what to ask for"
    )
    parser.add_argument(
        "--provider",
        type=words,
        default=[],
        metavar="A,B",
        help=f"whom to ask, of {', '.join(PROVIDERS)}",
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="ask simulated providers, one of them wrong; needs no key and no network",
    )
    add_seed(parser, "another seed, another market")
    parser.add_argument(
        "--timeout",
        type=positive,
        default=10.0,
        metavar="S",
        help="how long a provider may take; by default 10 s",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a symbol and line")


def _quote(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return quote(
        options.symbols,
        providers=options.provider,
        demo=options.demo,
        seed=options.seed,
        timeout=options.timeout,
        json=options.json,
    )


async def quote(
    symbols: Sequence[str],
    *,
    providers: Sequence[str] = (),
    demo: bool = False,
    seed: int = 0,
    timeout: float = 10.0,
    json: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Ask for each symbol once and tell what came: as tables, or, with *json*, as one object a line.

    With *demo*, the *providers* (by default all) are simulated on this machine, and one of three is off. The code is 1 where
    a symbol has no price. Raises `BadUsage` for a provider that there is not and a key that is not in the *environment*.
    """
    unknown = [name for name in providers if name not in _SOURCES]
    if unknown or not (providers or demo):
        what = f"no provider {unknown[0]!r}" if unknown else "either --provider or --demo is needed"
        raise BadUsage(f"{what}; there are {', '.join(_SOURCES)}")
    if find_spec("httpx") is None:  # once, and not by each provider
        raise MissingExtra("quote", package="httpx", extra="rest")
    if demo:
        async with _demo(symbols, providers or tuple(_SOURCES), seed) as service:
            return await _tell(service, symbols, timeout, json)
    try:
        sources = [_SOURCES[name](environment, None) for name in providers]
    except ValueError as error:
        raise BadUsage(str(error)) from error
    return await _tell(_Service(sources), symbols, timeout, json)


@dataclass(frozen=True, slots=True)
class _Service:
    """Who is asked, and what the truth is, where that is known."""

    sources: Sequence[PullSource]
    truth: Callable[[str, int], float] | None = None


async def _tell(service: _Service, symbols: Sequence[str], timeout: float, json: bool) -> int:
    config = AggregationConfig(timeout_seconds=timeout, max_age=MINUTE)
    with uncompiled():  # a handful of answers is no work for a compiler
        prices = DataAggregator(service.sources, config, grace_seconds=GRACE_SECONDS)
        told = await _asked(prices, symbols, service)
    if json:
        for each in told:
            print(json_line(each), flush=True)
    else:
        Screen().say(view(told))
    return 0 if all(each.has_price for each in told) else 1


async def _asked(prices: DataAggregator, symbols: Sequence[str], service: _Service) -> list[Told]:
    async def ask(symbol: str) -> Told:
        try:
            answer = await prices.ask(symbol)
        except NoQuotes as error:
            return Told(symbol, error)
        truth = service.truth and service.truth(symbol, answer.quote.ts_event)
        return Told(symbol, answer, truth)

    async with prices:
        return await asyncio.gather(*map(ask, symbols))


def _polygon(environment: Mapping[str, str], url: str | None) -> PullSource:
    return PolygonRest(variable("polygon", "POLYGON_API_KEY", environment), url)


def _finnhub(environment: Mapping[str, str], url: str | None) -> PullSource:
    return FinnhubRest(variable("finnhub", "FINNHUB_TOKEN", environment), url)


def _alpaca(environment: Mapping[str, str], url: str | None) -> PullSource:
    key = variable("alpaca", "APCA_API_KEY_ID", environment)
    return AlpacaRest(key, variable("alpaca", "APCA_API_SECRET_KEY", environment), url)


_SOURCES: Mapping[str, Callable[[Mapping[str, str], str | None], PullSource]] = {
    "polygon": _polygon,
    "finnhub": _finnhub,
    "alpaca": _alpaca,
}

_SIMULATED_KEYS = {
    "POLYGON_API_KEY": SIM_KEY,
    "FINNHUB_TOKEN": SIM_KEY,
    "APCA_API_KEY_ID": SIM_KEY,
    "APCA_API_SECRET_KEY": SIM_SECRET,
}


@asynccontextmanager
async def _demo(
    symbols: Sequence[str], providers: Sequence[str], seed: int
) -> AsyncGenerator[_Service, None]:
    """REST services on this machine that tell one market, each in its own way; the last of several is off by `OFF_BPS`."""
    prices = market(symbols, seed, RATE * len(symbols), None, start=time.time_ns())
    async with AsyncExitStack() as stack:
        sources: list[PullSource] = []
        for number, name in enumerate(providers):
            off = number == len(providers) - 1 > 1
            seen = prices.seen_by(name, seed=seed + number, noise_bps=0.3)
            faults = RestFaults(wrong=float(off), wrong_bps=OFF_BPS)
            server = await stack.enter_async_context(
                serve_rest(seen, cast("Protocol", name), faults=faults)
            )
            await server.knows(symbols)
            sources.append(_SOURCES[name](_SIMULATED_KEYS, server.url))
        yield _Service(sources, prices.truth)
