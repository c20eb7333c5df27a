"""All that may be asked for on the command line; each command adds what is its own."""

from __future__ import annotations

import argparse
import functools
from typing import Any, NoReturn

import ordinis_rx
from ordinis_rx.commands.analyze import add_analyze
from ordinis_rx.commands.dashboard import add_dashboard
from ordinis_rx.commands.demo import add_demo
from ordinis_rx.commands.journal_usage import add_journal
from ordinis_rx.commands.proxy import add_proxy
from ordinis_rx.commands.quote import add_quote
from ordinis_rx.commands.simulate import add_simulate
from ordinis_rx.commands.values import Add
from ordinis_rx.commands.warm_up import add_warm_up
from ordinis_rx.commands.watch import add_watch

__all__ = ["Parser", "parser"]


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
    add: Add = functools.partial(_add, commands)
    add_demo(add)
    add_simulate(add)
    add_watch(add)
    add_quote(add)
    add_journal(add)
    add_analyze(add)
    add_dashboard(add)
    add_proxy(add)
    add_warm_up(add)
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
