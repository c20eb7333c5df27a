"""The demo's outcome as tables for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ordinis_rx.commands.lines import decimals
from ordinis_rx.commands.outcome import Check, Falsehood, Fault, ProviderRow, SymbolRow

__all__ = ["checks_table", "faults_table", "figures", "quiet_table"]

_STATUS_STYLES = {
    "CONNECTED": "green",
    "RECONNECTING": "yellow",
    "CONNECTING": "yellow",
    "OK": "green",
    "DEGRADED": "yellow",
}
"""Of connections and of the consensus; all else is red."""


def figures(
    providers: Iterable[ProviderRow],
    symbols: Iterable[SymbolRow],
    *,
    symbol: str,
    progress: tuple[float, float] | None = None,
) -> RenderableType:
    """Providers with their prices of *symbol*, the consensus, and the *progress*: seconds passed, and of how many."""
    rows = tuple(providers)
    parts: list[RenderableType] = [
        _providers_table(rows),
        "",
        _prices_table(rows, symbol),
        "",
        _symbols_table(symbols),
        "",
    ]
    if progress is not None:
        parts.append(_progress_line(*progress))
    return Group(*parts)


def _progress_line(elapsed: float, seconds: float) -> Table:
    line = Table.grid(padding=(0, 1))
    line.add_row(
        ProgressBar(total=seconds, completed=elapsed, width=40),
        f"{elapsed:.0f} of {seconds:g} s",
        Text("Ctrl-C ends it", style="dim"),
    )
    return line


def _providers_table(rows: Iterable[ProviderRow]) -> Table:
    table = quiet_table("three providers", gap=1)  # all columns fit into 80
    table.add_column("provider")
    table.add_column("status", min_width=12)  # so that the table stands still while states change
    for name in ("lag ms", "events", "reconnects", "gaps", "errors", "outliers", "off bps"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            Text(row.status, style=_STATUS_STYLES.get(row.status, "red")),
            decimals(row.lag_ms, 1),
            str(row.events),
            str(row.reconnects),
            str(row.gaps),
            str(row.errors),
            f"{row.outlier_share:.1%}",
            _signed(row.deviation_bps),
        )
    return table


def _prices_table(rows: Iterable[ProviderRow], symbol: str) -> Table:
    table = quiet_table(f"what they say of {symbol}")
    table.add_column("provider")
    for name in ("last", "bid", "ask"):
        table.add_column(name, justify="right", min_width=8)
    for row in rows:
        table.add_row(row.name, decimals(row.last, 3), decimals(row.bid, 2), decimals(row.ask, 2))
    return table


def _symbols_table(rows: Iterable[SymbolRow]) -> Table:
    table = quiet_table("consensus beside the hidden true price", gap=1)
    table.add_column("symbol")
    for name in ("price", "± bps", "sure"):
        table.add_column(name, justify="right")
    table.add_column("status", min_width=12)
    for name in ("true", "off bps"):
        table.add_column(name, justify="right")
    table.add_column("left out", no_wrap=True, overflow="ellipsis", min_width=20, max_width=25)
    for row in rows:
        table.add_row(
            row.symbol,
            decimals(row.price, 3),
            decimals(row.half_width_bps, 2),
            decimals(row.confidence, 2),
            Text(row.status or "no answer", style=_STATUS_STYLES.get(row.status, "red")),
            decimals(row.true, 3),
            _signed(row.error_bps),
            Text(", ".join(f"{name} {reason}" for name, reason in row.excluded.items())),
        )
    return table


def faults_table(rows: Iterable[Fault]) -> Table:
    """What was broken, and how long data was missing for it."""
    table = quiet_table("broken on purpose")
    table.add_column("at s", justify="right")
    table.add_column("provider")
    table.add_column("connection")
    table.add_column("gap s", justify="right")
    for row in rows:
        table.add_row(f"{row.at:.1f}", row.provider, row.fault, _seconds(row.gap, "none"))
    return table


def falsehoods_table(rows: Iterable[Falsehood]) -> Table:
    """What was told wrongly, how soon it was found out, and how soon its provider was used again."""
    table = quiet_table("false on purpose")
    for name in ("at s", "until s"):
        table.add_column(name, justify="right")
    table.add_column("provider")
    table.add_column("data")
    table.add_column("false facts", justify="right")
    table.add_column("left out as")
    for name in ("after s", "back after s"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            f"{row.at:.1f}",
            f"{row.until:.1f}",
            row.provider,
            row.fault,
            str(row.falsified),
            row.reason,
            _seconds(row.excluded_after, "never"),
            _seconds(row.back_after, "never"),
        )
    return table


def checks_table(checks: Iterable[Check]) -> Table:
    """What was promised, and whether it was kept."""
    table = quiet_table("self-check")
    table.add_column("")
    table.add_column("promise")
    table.add_column("what happened")
    for check in checks:
        verdict = Text("ok", style="green") if check.ok else Text("FAILED", style="bold red")
        table.add_row(verdict, Text(check.name), Text(check.detail))
    return table


def quiet_table(title: str, *, gap: int = 2) -> Table:
    """A table without frames: a line below the names, *gap* columns of air between two."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, gap - 1, 0, 0),
    )


def _seconds(value: float | None, never: str) -> Text:
    return Text(never, style="red") if value is None else Text(f"{value:.2f}")


def _signed(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.2f}"
