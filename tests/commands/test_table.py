from __future__ import annotations

import math

import msgspec
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


def text_of(shown: RenderableType, *, width: int = 120) -> str:
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as seen:
        console.print(shown)
    return seen.get()


def test_a_provider_is_a_row_and_what_it_lacks_a_dash() -> None:
    lines = text_of(figures([PROVIDER], [SYMBOL], symbol="A")).splitlines()

    rows = [" ".join(line.split()) for line in lines]
    assert "p CONNECTED 9.000 - - 1.2 7 2 3 4" in rows
    assert "A 9.000 9.010 -1.50 2" in rows


def test_the_widest_figures_fit_into_80_columns() -> None:
    wide = msgspec.structs.replace(
        PROVIDER, name="polygon", status="RECONNECTING", last=480.125, bid=480.01, ask=480.02
    )
    table = figures([wide], [], symbol="A", progress=(9.0, 10.0))

    name, head, _, row, *_ = [line.rstrip() for line in text_of(table, width=80).splitlines()]

    assert name == "three providers, prices of A"
    assert head == (
        "provider status          last    bid    ask lag ms events reconnects gaps errors"
    )
    assert row == (
        "polygon  RECONNECTING 480.125 480.01 480.02    1.2      7          2    3      4"
    )


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
