"""``ordinis-rx inspect``: what is in a recording, as tables for a terminal or as JSON."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ordinis_rx.commands.lines import amount, printable
from ordinis_rx.commands.survey import Survey, survey
from ordinis_rx.commands.table import quiet_table
from ordinis_rx.timebase import Nanos, seconds, to_datetime

__all__ = ["inspect", "view"]


async def inspect(path: Path, *, json: bool = False) -> int:
    """Print what is in *path*; with *json* as one object. A recording that is damaged ends in exit code 1."""
    found = survey(path)
    if json:
        print(msgspec.json.encode(found).decode())
    else:
        Console().print(view(found), crop=False)
    return 1 if found.lost_bytes else 0


def view(survey: Survey) -> RenderableType:
    """Kinds, the busiest symbols, the first gaps; and what is lost, in red."""
    head = f"{survey.path}: {amount(survey.count, _NOUNS[survey.format])} in {survey.bytes} bytes"
    if survey.provider is not None:
        head += f", of {survey.provider}"
    if survey.started is not None:
        head += f", begun {_moment(survey.started)}"
    parts: list[RenderableType] = [
        Text(printable(head), no_wrap=True, overflow="ignore"),
        "",
        _kinds(survey),
    ]
    if survey.symbols:
        parts += ["", _symbols(survey)]
    if survey.gaps:
        parts += ["", _gaps(survey)]
    if survey.lost_bytes:
        lost = f"damaged: {survey.lost_bytes} bytes lost ({survey.lost_reason})"
        parts += ["", Text(printable(lost), style="bold red")]
    return Group(*parts)


_NOUNS = {"facts": "fact", "parquet": "fact", "wire": "message"}


def _kinds(survey: Survey) -> Table:
    table = quiet_table("kinds")
    table.add_column("kind")
    for name in ("count", "first (UTC)", "last (UTC)", "a second"):
        table.add_column(name, justify="right")
    for row in survey.kinds:
        table.add_row(
            row.kind, str(row.count), _moment(row.first), _moment(row.last), f"{row.rate:.4g}"
        )
    return table


def _symbols(survey: Survey) -> Table:
    table = quiet_table(amount(survey.symbols_in_all, "symbol"))
    table.add_column("symbol")
    table.add_column("facts", justify="right")
    for symbol, count in survey.symbols.items():
        table.add_row(Text(printable(symbol)), str(count))
    return table


def _gaps(survey: Survey) -> Table:
    table = quiet_table(amount(survey.gaps_in_all, "gap"))
    table.add_column("provider")
    table.add_column("from (UTC)", justify="right")
    table.add_column("s", justify="right")
    table.add_column("reason")
    for gap in survey.gaps:
        reason = f"{gap.reason}, filled" if gap.filled else gap.reason
        length = f"{seconds(gap.ts_to - gap.ts_from):.3f}"
        table.add_row(Text(printable(gap.provider)), _moment(gap.ts_from), length, reason)
    return table


def _moment(moment: Nanos) -> str:
    try:
        return to_datetime(moment).strftime("%Y-%m-%d %H:%M:%S.%f")
    except OverflowError:
        return f"{moment} ns"
