"""The demo's outcome as tables for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ordinis_rx.commands.outcome import Check, Fault, ProviderRow, SymbolRow

__all__ = ["checks_table", "faults_table", "figures"]

_STATUS_STYLES = {"CONNECTED": "green", "RECONNECTING": "yellow", "CONNECTING": "yellow"}


def figures(
    providers: Iterable[ProviderRow],
    symbols: Iterable[SymbolRow],
    *,
    symbol: str,
    progress: tuple[float, float] | None = None,
) -> RenderableType:
    """Providers with their prices of *symbol*, symbols, and the *progress*: seconds passed, and of how many."""
    parts: list[RenderableType] = [
        _providers_table(providers, symbol),
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


def _providers_table(rows: Iterable[ProviderRow], symbol: str) -> Table:
    table = _table(f"three providers, prices of {symbol}", gap=1)  # all ten columns fit into 80
    table.add_column("provider")
    table.add_column("status", min_width=12)  # so that the table stands still while states change
    for name in ("last", "bid", "ask", "lag ms", "events", "reconnects", "gaps", "errors"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            Text(row.status, style=_STATUS_STYLES.get(row.status, "red")),
            _number(row.last, 3),
            _number(row.bid, 2),
            _number(row.ask, 2),
            _number(row.lag_ms, 1),
            str(row.events),
            str(row.reconnects),
            str(row.gaps),
            str(row.errors),
        )
    return table


def _symbols_table(rows: Iterable[SymbolRow]) -> Table:
    table = _table("median of the fresh prices beside the hidden true price")
    table.add_column("symbol")
    for name in ("median", "true price", "error bps", "fresh providers"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.symbol,
            _number(row.median, 3),
            _number(row.true, 3),
            _signed(row.error_bps),
            str(row.fresh),
        )
    return table


def faults_table(rows: Iterable[Fault]) -> Table:
    """What was broken, and how long data was missing for it."""
    table = _table("broken on purpose")
    table.add_column("at s", justify="right")
    table.add_column("provider")
    table.add_column("connection")
    table.add_column("gap s", justify="right")
    for row in rows:
        gap = Text("none", style="red") if row.gap is None else Text(f"{row.gap:.2f}")
        table.add_row(f"{row.at:.1f}", row.provider, row.fault, gap)
    return table


def checks_table(checks: Iterable[Check]) -> Table:
    """What was promised, and whether it was kept."""
    table = _table("self-check")
    table.add_column("")
    table.add_column("promise")
    table.add_column("what happened")
    for check in checks:
        verdict = Text("ok", style="green") if check.ok else Text("FAILED", style="bold red")
        table.add_row(verdict, Text(check.name), Text(check.detail))
    return table


def _table(title: str, *, gap: int = 2) -> Table:
    """A quiet table: no frames, a line below the names, *gap* columns of air between two."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, gap - 1, 0, 0),
    )


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def _signed(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.2f}"
