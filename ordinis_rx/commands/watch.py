"""``ordinis-rx watch``: a provider's stream, line by line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from ordinis_rx.commands.access import PROVIDERS, feed_of
from ordinis_rx.commands.attendance import Attendance
from ordinis_rx.commands.lines import line_of
from ordinis_rx.commands.ports import listening
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.commands.values import Add, port, positive, words
from ordinis_rx.event_json import to_json
from ordinis_rx.events import Event
from ordinis_rx.feed import Feed
from ordinis_rx.views.metrics import MetricsCollector
from ordinis_rx.views.metrics_server import serve_metrics

__all__ = ["add_watch", "watch"]


def add_watch(add: Add) -> None:
    """Add ``watch``."""
    parser = add(
        "watch",
        _watch,
        "stream a provider to the terminal",
        "Keys come from the environment: POLYGON_API_KEY; FINNHUB_TOKEN; APCA_API_KEY_ID and APCA_API_SECRET_KEY.",
    )
    parser.add_argument("--provider", choices=tuple(PROVIDERS), required=True, help="whom to ask")
    parser.add_argument(
        "--symbols", type=words, required=True, metavar="A,B", help="what to stream"
    )
    parser.add_argument(
        "--channels",
        type=words,
        metavar="trades,quotes",
        help="what of it; by default trades and quotes",
    )
    parser.add_argument(
        "--market",
        metavar="M",
        help="polygon: stocks, options, forex, crypto, indices, futures; alpaca: iex, sip, delayed_sip, test, crypto",
    )
    parser.add_argument(
        "--url", metavar="U", help="another address, such as that of `ordinis-rx simulate`"
    )
    parser.add_argument(
        "--duration", type=positive, metavar="S", help="seconds to stream, instead of for ever"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, with its type")
    parser.add_argument(
        "--metrics-port",
        type=port,
        metavar="N",
        help="serve counters to Prometheus on 127.0.0.1:N/metrics; 0 is a free port, told on stderr",
    )


def _watch(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return watch(
        options.provider,
        options.symbols,
        channels=options.channels,
        market=options.market,
        url=options.url,
        duration=options.duration,
        json=options.json,
        metrics_port=options.metrics_port,
    )


async def watch(
    provider: str,
    symbols: Sequence[str],
    *,
    channels: Iterable[str] | None = None,
    market: str | None = None,
    url: str | None = None,
    duration: float | None = None,
    json: bool = False,
    metrics_port: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> int:
    """Write every fact as it comes, until a signal or *duration* seconds are over.

    With *json* a line is what `to_json` makes of the fact. Symbols that nothing came of are told on stderr at the end, as is
    a provider that was never reached, which is exit code 1. What ends the stream (a wrong key, say) is raised; so is
    `BadUsage`, before anything is dialled. With *metrics_port* (0: a free one) the feed's figures are served to Prometheus
    on 127.0.0.1 as long as it runs, at an address that is told on stderr; raises `OrdinisError` when the port
    cannot be had.
    """
    events = feed_of(
        provider, symbols, channels=channels, market=market, url=url, environment=environment
    )
    async with AsyncExitStack() as stack:
        if metrics_port is not None:
            serving = serve_metrics(MetricsCollector([events]), port=metrics_port)
            address = await stack.enter_async_context(listening(metrics_port, serving))
            print(f"metrics at {address}", file=sys.stderr, flush=True)
        attendance = Attendance(symbols)
        await _tell(events, attendance, _json_line if json else line_of, duration)
    return attendance.conclude(events)


def _json_line(event: Event) -> str:
    return to_json(event).decode()


async def _tell(
    events: Feed, attendance: Attendance, line: Callable[[Event], str], duration: float | None
) -> None:
    failures: list[Exception] = []
    with stoppable() as stop:

        def on_error(error: Exception) -> None:
            failures.append(error)
            stop.now()

        def write(event: Event) -> None:
            if failures:
                return
            attendance.note(event)
            try:
                print(line(event), flush=True)
            except OSError as error:  # nobody reads any more: no fault of the stream
                on_error(error)

        async with events:
            events.subscribe(write, on_error, stop.now)
            await stop.wait(duration)
    if failures:
        raise failures[0]
