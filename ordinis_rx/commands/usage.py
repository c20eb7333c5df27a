"""What may be asked for on the command line, and which command it goes to."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Coroutine
from typing import Any, NoReturn

import ordinis_rx
from ordinis_rx.commands.access import PROVIDERS
from ordinis_rx.commands.analyze import add_analyze
from ordinis_rx.commands.dashboard_usage import add_dashboard
from ordinis_rx.commands.demo import demo
from ordinis_rx.commands.journal_usage import add_journal
from ordinis_rx.commands.proxy_usage import add_proxy
from ordinis_rx.commands.quote import quote
from ordinis_rx.commands.simulate import SIM_KEY, SIM_SECRET, simulate
from ordinis_rx.commands.values import (
    SHORTEST_DEMO,
    demo_seconds,
    file,
    key,
    port,
    positive,
    seed,
    words,
)
from ordinis_rx.commands.warm_up import add_warm_up
from ordinis_rx.commands.watch import watch
from ordinis_rx.sim import FAULT_NAMES

__all__ = ["Parser", "parser"]

PROTOCOLS = tuple(PROVIDERS)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        """Say *message*, and end with code 2."""
        self.exit(2, f"{self.prog}: {message}\n{self.prog} --help tells what is allowed\n")


class _CommandParser(Parser):
    """What belongs to no argument of a command is its own error: argparse leaves it to the whole command line."""

    def parse_known_args(self, *arguments: Any, **more: Any) -> Any:
        options, unknown = super().parse_known_args(*arguments, **more)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return options, unknown


class _Version(argparse.Action):
    """Tells the version, and ends; it is looked up by nobody else."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(f"{parser.prog} {ordinis_rx.__version__}")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """All commands; what is parsed has `command`, a function of the options, and `parser`, which can complain about them."""
    whole = Parser(
        prog="ordinis-rx",
        description="Reactive market data: many providers in, one pipeline.",
        epilog="No command needs a key or the internet but `watch` without --url and `quote` without --demo.",
        allow_abbrev=False,
    )
    whole.add_argument(
        "--version",
        action=_Version,
        nargs=0,
        dest=argparse.SUPPRESS,
        default=argparse.SUPPRESS,
        help="tell which version this is",
    )
    commands = whole.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_CommandParser
    )
    _add_demo(commands)
    _add_simulate(commands)
    _add_watch(commands)
    _add_quote(commands)
    add_journal(functools.partial(_add, commands))
    add_analyze(functools.partial(_add, commands))
    add_dashboard(functools.partial(_add, commands))
    add_proxy(functools.partial(_add, commands))
    add_warm_up(functools.partial(_add, commands))
    return whole


def _add(commands: Any, name: str, command: Any, summary: str, more: str) -> Parser:
    parser: Parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}. {more}",
        allow_abbrev=False,
    )
    parser.set_defaults(command=command, parser=parser)
    return parser


def _add_seed(parser: Parser) -> None:
    parser.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="N",
        help="another seed, another market (default: %(default)s)",
    )


def _add_demo(commands: Any) -> None:
    parser = _add(
        commands,
        "demo",
        _demo,
        "three providers on loopback, faults on, healed before your eyes",
        "A seeded market is told by three simulated servers over real WebSockets; connections are cut, muted and left half "
        "open on purpose, and data is false for a while; a consensus tells the price all the same. "
        "A self-check at the end decides the exit code: 0 all well, 1 not.",
    )
    parser.add_argument(
        "--seconds",
        type=demo_seconds,
        default=10.0,
        metavar="S",
        help=f"how long it runs; to break and heal everything takes {SHORTEST_DEMO:g} at least (default: %(default)g)",
    )
    _add_seed(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the outcome as one JSON document, and nothing else",
    )
    parser.add_argument(
        "--report",
        type=file,
        metavar="FILE.html",
        help="write the outcome as a self-contained page; a file that is there is written over",
    )


def _add_simulate(commands: Any) -> None:
    parser = _add(
        commands,
        "simulate",
        _simulate,
        "serve a seeded market in a vendor's protocol",
        "The vendor's own client can connect to it. The first line of output is the address; it serves until Ctrl-C.",
    )
    parser.add_argument(
        "--protocol", choices=PROTOCOLS, required=True, help="whose protocol to speak"
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
    _add_seed(parser)
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


def _add_watch(commands: Any) -> None:
    parser = _add(
        commands,
        "watch",
        _watch,
        "stream a provider to the terminal",
        "Keys come from the environment: POLYGON_API_KEY; FINNHUB_TOKEN; APCA_API_KEY_ID and APCA_API_SECRET_KEY.",
    )
    parser.add_argument("--provider", choices=PROTOCOLS, required=True, help="whom to ask")
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


def _add_quote(commands: Any) -> None:
    parser = _add(
        commands,
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
        help=f"whom to ask, of {', '.join(PROTOCOLS)}",
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="ask simulated providers, one of them wrong; needs no key and no network",
    )
    _add_seed(parser)
    parser.add_argument(
        "--timeout",
        type=positive,
        default=10.0,
        metavar="S",
        help="how long a provider may take; by default 10 s",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a symbol and line")


def _demo(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return demo(options.seconds, options.seed, json=options.json, report=options.report)


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


def _quote(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return quote(
        options.symbols,
        providers=options.provider,
        demo=options.demo,
        seed=options.seed,
        timeout=options.timeout,
        json=options.json,
    )
