from __future__ import annotations

import math

from rich.console import Console, RenderableType

from ordinis_rx.commands.outcome import Check, Fault, ProviderRow, SymbolRow
from ordinis_rx.commands.table import checks_table, faults_table, figures

PROVIDER = ProviderRow(
    name="p",
    status="CONNECTED",
    last=9.0,
    bid=math.nan,
    ask=math.nan,
    lag_ms=1.25,
    events=7,
    reconnects=2,
    gaps=3,
    errors=4,
)
SYMBOL = SymbolRow(symbol="A", median=9.0, true=9.01, error_bps=-1.5, fresh=2)


def text_of(shown: RenderableType) -> str:
    console = Console(width=120, color_system=None, force_terminal=False)
    with console.capture() as seen:
        console.print(shown)
    return seen.get()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("│")[1:-1]]


def test_a_provider_is_a_row_and_what_it_lacks_a_dash() -> None:
    lines = text_of(figures([PROVIDER], [SYMBOL], symbol="A")).splitlines()

    rows = [cells(line) for line in lines if "│" in line]
    assert rows == [
        ["p", "CONNECTED", "9.000", "-", "-", "1.2", "7", "2", "3", "4"],
        ["A", "9.000", "9.010", "-1.50", "2"],
    ]


def test_progress_is_told_in_seconds() -> None:
    shown = text_of(figures([], [], symbol="A", progress=(3.2, 10.0)))

    assert "3 of 10 s" in shown
    assert "of 10 s" not in text_of(figures([], [], symbol="A"))


def test_a_fault_without_trace_and_a_broken_promise_stand_out() -> None:
    fault = Fault(at=1.0, provider="p", fault="cut off", gap=None)
    check = Check(name="[bold]all[/bold] well", ok=False, detail="[red]no")

    assert "none" in text_of(faults_table([fault]))
    shown = text_of(checks_table([check]))
    assert "FAILED" in shown
    assert "[bold]all[/bold] well" in shown  # told as it is, not as markup
