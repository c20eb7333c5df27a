from __future__ import annotations

import math

import msgspec
from rich.console import Console, RenderableType

from ordinis_rx.commands.outcome import Check, Falsehood, Fault, ProviderRow, SymbolRow
from ordinis_rx.commands.table import checks_table, falsehoods_table, faults_table, figures

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
    outlier_share=0.125,
    deviation_bps=math.nan,
)
SYMBOL = SymbolRow(
    symbol="A",
    price=9.0,
    half_width=0.02,
    half_width_bps=2.2,
    confidence=0.91,
    status="DEGRADED",
    excluded={"p": "outlier", "q": "stale"},
    true=9.01,
    error_bps=-1.5,
)
FALSE = Falsehood(
    at=1.0,
    until=2.0,
    provider="p",
    fault="too high",
    symbols=("A",),
    falsified=9,
    reason="outlier",
    excluded_after=0.25,
    back_after=None,
)


def text_of(shown: RenderableType, *, width: int = 120) -> str:
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as seen:
        console.print(shown)
    return seen.get()


def test_a_provider_is_a_row_and_what_it_lacks_a_dash() -> None:
    lines = text_of(figures([PROVIDER], [SYMBOL], symbol="A")).splitlines()

    rows = [" ".join(line.split()) for line in lines]
    assert "p CONNECTED 1.2 7 2 3 4 12.5% -" in rows
    assert "p 9.000 - -" in rows
    assert "A 9.000 2.20 0.91 DEGRADED 9.010 -1.50 p outlier, q stale" in rows


def test_a_symbol_without_an_answer_says_so() -> None:
    none = dict.fromkeys(
        ("price", "half_width", "half_width_bps", "confidence", "error_bps"), math.nan
    )
    quiet = msgspec.structs.replace(SYMBOL, status="", excluded={}, **none)

    rows = [" ".join(row.split()) for row in text_of(figures([], [quiet], symbol="A")).splitlines()]

    assert "A - - - no answer 9.010 -" in rows


def test_the_widest_figures_fit_into_a_terminal_of_24_rows_of_80_columns() -> None:
    wide = msgspec.structs.replace(
        PROVIDER, name="polygon", status="RECONNECTING", events=99_999, deviation_bps=-12.34
    )
    long = msgspec.structs.replace(
        SYMBOL,
        symbol="NVDA",
        price=480.125,
        half_width_bps=25.12,
        status="NO_CONSENSUS",
        true=480.125,
        excluded={"alpaca": "outlier", "finnhub": "lost"},
    )
    table = figures([wide] * 3, [long] * 3, symbol="A", progress=(9.0, 10.0))

    lines = [line.rstrip() for line in text_of(table, width=80).splitlines()]

    assert len(lines) < 24
    assert lines[1] == (
        "provider status       lag ms events reconnects gaps errors outliers off bps"
    )
    assert lines[3] == (
        "polygon  RECONNECTING    1.2  99999          2    3      4    12.5%  -12.34"
    )
    assert lines[18] == (
        "NVDA   480.125 25.12 0.91 NO_CONSENSUS 480.125   -1.50 alpaca outlier, finnhub …"
    )


def test_progress_is_told_in_seconds() -> None:
    shown = text_of(figures([], [], symbol="A", progress=(3.2, 10.0)))

    assert "3 of 10 s" in shown
    assert "of 10 s" not in text_of(figures([], [], symbol="A"))


def test_a_fault_without_trace_and_a_broken_promise_stand_out() -> None:
    fault = Fault(at=1.0, provider="p", fault="cut off", gap=None)
    check = Check(name="[bold]all[/bold] well", ok=False, detail="[red]no")

    assert "none" in text_of(faults_table([fault]))
    [*_, false] = text_of(falsehoods_table([FALSE])).rstrip().splitlines()
    assert false.split() == ["1.0", "2.0", "p", "too", "high", "9", "outlier", "0.25", "never"]
    shown = text_of(checks_table([check]))
    assert "FAILED" in shown
    assert "[bold]all[/bold] well" in shown  # told as it is, not as markup
