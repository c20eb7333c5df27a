"""``ordinis-rx demo``: three providers on loopback, broken and false on purpose, healed before your eyes, and judged."""

from __future__ import annotations

import sys
from pathlib import Path

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
from ordinis_rx.errors import OrdinisError

__all__ = ["demo", "tell"]


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
