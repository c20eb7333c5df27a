"""``ordinis-rx demo``: three providers on loopback, broken and false on purpose, healed before your eyes, and judged."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Group

from ordinis_rx.commands.agreement import Agreement
from ordinis_rx.commands.board import Board
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import Outcome
from ordinis_rx.commands.play import SHOWN, Play
from ordinis_rx.commands.report import page
from ordinis_rx.commands.screen import Screen
from ordinis_rx.commands.selfcheck import check_tasks
from ordinis_rx.commands.stage import PRICES, staged
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.commands.table import checks_table, falsehoods_table, faults_table, figures
from ordinis_rx.commands.values import SHORTEST_DEMO, Add, add_seed, demo_seconds, file
from ordinis_rx.errors import OrdinisError

__all__ = ["add_demo", "demo", "tell"]


def add_demo(add: Add) -> None:
    """Add ``demo``."""
    parser = add(
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
    add_seed(parser, "another seed, another market")
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


def _demo(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    return demo(options.seconds, options.seed, json=options.json, report=options.report)


async def demo(
    seconds: float, seed: int = 0, *, json: bool = False, report: Path | None = None
) -> int:
    """Play for *seconds*, then tell what came of it: 0 when every promise was kept, 1 when not.

    With *json* one document is printed and nothing else; *report* is where a page about it is written, whatever the outcome.
    A signal ends it early, without a verdict.
    """
    outcome: Outcome | None = None
    screen = Screen(silent=json)
    with stoppable() as stop:
        async with staged(seed) as stage:
            board = Board([actor.name for actor in stage.actors], PRICES)
            heard = Heard(board, Agreement(PRICES, stage.market.truth))
            play = Play(stage, heard, screen, stop, seconds=seconds)
            with screen, heard.listen(actor.feed for actor in stage.actors):
                await play.run()
                if not stop.is_asked:
                    outcome = await play.outcome(seed)
        if outcome is None or stop.is_asked:
            print("ordinis-rx: interrupted", file=sys.stderr)
            return stop.exit_code

    checks = (*outcome.checks, check_tasks())
    outcome = msgspec.structs.replace(outcome, checks=checks, ok=all(c.ok for c in checks))
    if report is not None:
        _write(report, page(outcome, heard, play.began))
    if json:
        print(msgspec.json.encode(outcome).decode())
    else:
        tell(outcome, screen)
    return 0 if outcome.ok else 1


def tell(outcome: Outcome, screen: Screen) -> None:
    """Show what stays: tables, and the verdict in one line."""
    kept = sum(check.ok for check in outcome.checks)
    # Where the screen moves, the figures stand there already.
    screen.say("" if screen.moves else figures(outcome.providers, outcome.symbols, symbol=SHOWN))
    screen.say(
        Group(
            faults_table(outcome.faults),
            "",
            falsehoods_table(outcome.falsehoods),
            "",
            checks_table(outcome.checks),
            "",
        )
    )
    screen.say(f"{kept} of {len(outcome.checks)} promises kept")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OrdinisError(f"cannot write {path}: {error.strerror}") from error
