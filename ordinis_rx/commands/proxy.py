"""``ordinis-rx proxy``: a bad connection on purpose, between any client and any server."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Coroutine
from typing import Any

from ordinis_rx.commands.ports import listening
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.commands.values import (
    Add,
    BadUsage,
    add_seed,
    address,
    count,
    port,
    positive,
    share,
    size,
    span,
)
from ordinis_rx.testing.fault_proxy import ProxyFaults, ProxyStats, fault_proxy

__all__ = ["add_proxy", "proxy"]


def add_proxy(add: Add) -> None:
    """Add ``proxy``."""
    parser = add(
        "proxy",
        _proxy,
        "spoil the connection between a client and a server",
        "The first line of output is where to connect; it carries until Ctrl-C, and then says what it has done. Durations "
        "carry a unit (ns us ms s m h d), sizes may (KB MB GB, KiB MiB GiB).",
    )
    parser.add_argument(
        "--to", type=address, required=True, metavar="HOST:PORT", help="where the server listens"
    )
    parser.add_argument(
        "--port", type=port, default=0, metavar="N", help="where to listen (default: a free one)"
    )
    for name, kind, form, told in _FAULTS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar=form, help=told)
    add_seed(parser, "another seed, other bytes that are wrong")
    parser.add_argument(
        "--duration", type=positive, metavar="S", help="seconds to run, instead of for ever"
    )


_FAULTS: tuple[tuple[str, Callable[[str], Any], str, str], ...] = (
    ("latency", span, "TIME", "how much later everything arrives, in each direction"),
    ("jitter", span, "TIME", "up to so much later still, drawn anew for each piece"),
    ("bandwidth", size, "SIZE", "how much fits through in a second, in each direction"),
    ("cut_after", size, "SIZE", "reset each connection after so many bytes"),
    (
        "half_open_after",
        size,
        "SIZE",
        "carry no more after so many bytes, and leave the sockets open",
    ),
    ("slow_close", span, "TIME", "how much later one side hears that the other has ended it"),
    ("corrupt", share, "SHARE", "share of the bytes from the server in which one bit is wrong"),
    ("corrupt_every", count, "N", "the same for each byte of that number"),
    ("max_connections", count, "N", "reset more than so many at a time; 0 refuses everybody"),
)


def _proxy(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    given = {name: getattr(options, name) for name, *_ in _FAULTS}
    try:
        faults = ProxyFaults(**{name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise BadUsage(str(error)) from error
    return proxy(
        options.to,
        port=options.port,
        faults=faults,
        seed=options.seed,
        duration=options.duration,
    )


async def proxy(
    to: tuple[str, int],
    *,
    port: int = 0,
    faults: ProxyFaults,
    seed: int = 0,
    duration: float | None = None,
) -> int:
    """Carry until a signal comes or *duration* seconds are over; where it listens is the first line of output.

    Raises `OrdinisError` when the port cannot be had.
    """
    carrying = fault_proxy(*to, port=port, faults=faults, seed=seed)
    async with listening(port, carrying) as running:
        with stoppable() as stop:
            print(f"listening {running.host}:{running.port}", flush=True)
            await stop.wait(duration)
    print(_summary(running.stats), flush=True)
    return 0


def _summary(stats: ProxyStats) -> str:
    """What was carried, and every fault that befell it."""
    counts = dataclasses.asdict(stats)
    connections, up, down = (counts.pop(n) for n in ("connections", "bytes_up", "bytes_down"))
    told = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return (
        f"carried {up} bytes up and {down} bytes down over {connections} connections; "
        f"faults: {', '.join(told) or 'none'}"
    )
