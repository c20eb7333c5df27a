"""What may be asked for on the command line about the dashboard."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from ordinis_rx.commands.access import PROVIDERS
from ordinis_rx.commands.dashboard import dashboard
from ordinis_rx.commands.values import Add, BadUsage, add_seed, port, positive, words

__all__ = ["add_dashboard"]


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
