"""``ordinis-rx simulate``: a seeded market on this machine, in the protocol of a vendor."""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from ordinis_rx.commands.access import PROVIDERS
from ordinis_rx.commands.lines import amount
from ordinis_rx.commands.ports import listening
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.commands.values import Add, BadUsage, add_seed, key, port, positive, words
from ordinis_rx.providers.reading import shown
from ordinis_rx.sim import FAULT_NAMES, FaultPlan, Server, market, parse_faults, serve
from ordinis_rx.sim.server import Protocol
from ordinis_rx.timebase import MINUTE

__all__ = ["SIM_KEY", "SIM_SECRET", "add_simulate", "simulate"]

SIM_KEY = "sim-key"
SIM_SECRET = "sim-secret"
"""What opens the simulated servers unless told otherwise; no secrets at all."""


def add_simulate(add: Add) -> None:
    """Add ``simulate``."""
    parser = add(
        "simulate",
        _simulate,
        "serve a seeded market in a vendor's protocol",
        "The vendor's own client can connect to it. The first line of output is the address; it serves until Ctrl-C.",
    )
    parser.add_argument(
        "--protocol", choices=tuple(PROVIDERS), required=True, help="whose protocol to speak"
    )
    parser.add_argument(
        "--port", type=port, default=0, metavar="N", help="where to listen (default: a free one)"
    )
    parser.add_argument(
        "--symbols", type=words, required=True, metavar="A,B", help="what is traded"
    )
    parser.add_argument(
        "--rate",
        type=positive,
        default=100.0,
        metavar="R",
        help="quotes and trades a second, in all (default: %(default)g)",
    )
    add_seed(parser, "another seed, another market")
    parser.add_argument(
        "--api-key",
        type=key,
        default=SIM_KEY,
        metavar="K",
        help="the key that opens it (default: %(default)s)",
    )
    parser.add_argument(
        "--secret",
        type=key,
        default=SIM_SECRET,
        metavar="K",
        help="the secret to it, for alpaca (default: %(default)s)",
    )
    parser.add_argument(
        "--duration", type=positive, metavar="S", help="seconds to serve, instead of for ever"
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a fault of the data or the wire, may be given several times: "
        + ", ".join(FAULT_NAMES),
    )


def _simulate(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return simulate(
        options.protocol,
        options.symbols,
        port=options.port,
        rate=options.rate,
        seed=options.seed,
        api_key=options.api_key,
        secret=options.secret,
        duration=options.duration,
        faults=options.fault,
    )


async def simulate(
    protocol: Protocol,
    symbols: Sequence[str],
    *,
    port: int = 0,
    rate: float = 100.0,
    seed: int = 0,
    api_key: str = SIM_KEY,
    secret: str = SIM_SECRET,
    duration: float | None = None,
    faults: Sequence[str] = (),
) -> int:
    """Serve until a signal comes or *duration* seconds are over; the address is the first line of output.

    Raises `BadUsage` for faults that there are not, and `OrdinisError` when the port cannot be had.
    """
    start = time.time_ns()
    try:
        plan = parse_faults(faults, start=start, seed=seed, symbols=symbols)
        prices = market(symbols, seed, rate, None, start=start, bars=MINUTE, provider=protocol)
    except ValueError as error:
        raise BadUsage(str(error)) from error
    source = plan.apply(prices.paced())
    serving = serve(
        source,
        protocol,
        port=port,
        api_key=api_key,
        secret=secret,
        faults=plan.wire,
        seed=seed,
    )
    async with listening(port, serving) as server:
        with stoppable() as stop:
            told = [f"listening {shown(server.url)}"]
            if (api_key, secret) == (SIM_KEY, SIM_SECRET):
                told.append(_hint(protocol, server, symbols))
            # In one go: who reads the address alone may close the pipe then.
            print("\n".join(told), flush=True)
            await stop.wait(duration)
    print(_summary(server, plan), flush=True)
    return 0


_KEYS = {
    "polygon": f"POLYGON_API_KEY={SIM_KEY}",
    "finnhub": f"FINNHUB_TOKEN={SIM_KEY}",
    "alpaca": f"APCA_API_KEY_ID={SIM_KEY} APCA_API_SECRET_KEY={SIM_SECRET}",
}


def _hint(protocol: Protocol, server: Server, symbols: Sequence[str]) -> str:
    return (
        f"try: {_KEYS[protocol]} ordinis-rx watch --provider {protocol} "
        f"--url {shown(server.url)} --symbols {','.join(symbols)}"
    )


def _summary(server: Server, plan: FaultPlan) -> str:
    """What was served, and every fault that befell it."""
    stats = server.stats
    faults = {**dataclasses.asdict(plan.tally), **dataclasses.asdict(stats)}
    for usual in ("connections", "received", "subscriptions", "messages_sent", "events_sent"):
        del faults[usual]
    told = [f"{count} {name.replace('_', ' ')}" for name, count in faults.items() if count]
    served = (amount(stats.events_sent, "event"), amount(stats.messages_sent, "message"))
    over = amount(stats.connections, "connection")
    return f"served {' in '.join(served)} over {over}; faults: {', '.join(told) or 'none'}"
