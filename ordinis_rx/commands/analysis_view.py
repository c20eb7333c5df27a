"""An analysis as a table for a terminal, and as a page that needs nothing else: no network, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ordinis_rx.commands.analysis import Analysis, Seen
from ordinis_rx.commands.drawing import Picture, Point, Span, lines
from ordinis_rx.commands.lines import printable
from ordinis_rx.commands.table import quiet_table
from ordinis_rx.kinds import Direction
from ordinis_rx.timebase import to_datetime

__all__ = ["page", "tables"]

_STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --ink: #1c2430; --quiet: #5d6875; --rule: #d9dee4;
  --l0: #0b62c4; --l1: #c8452f; --l2: #1c7a3e; --l3: #8a3fc0; --l4: #b7791f;
  --up: #cfe6d6; --down: #f3d3ce; --plain: #e3e6ea; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --ink: #e4e9ef; --quiet: #98a4b3; --rule: #2c343f;
  --l0: #6cb2ff; --l1: #ff8069; --l2: #6fd08f; --l3: #c58af0; --l4: #e0b35c;
  --up: #23442f; --down: #4a2722; --plain: #262d36; } }
body { margin: 0 auto; max-width: 960px; padding: 24px 16px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; } h2 { font-size: 17px; margin: 32px 0 4px; } p { color: var(--quiet); margin: 4px 0; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .grid { stroke: var(--rule); }
.l0 { stroke: var(--l0); } .l1 { stroke: var(--l1); } .l2 { stroke: var(--l2); } .l3 { stroke: var(--l3); }
.l4 { stroke: var(--l4); } .bullish { fill: var(--up); } .bearish { fill: var(--down); } .neutral { fill: var(--plain); }
.key { margin-right: 14px; } .key::before { content: "\\25ac "; }
.key.l0 { color: var(--l0); } .key.l1 { color: var(--l1); } .key.l2 { color: var(--l2); } .key.l3 { color: var(--l3); }
.key.l4 { color: var(--l4); }
"""
_COLOURS = 5
_ACROSS = 4
"""Symbols beside each other."""
_Series = tuple[str, list[float]]


def tables(seen: Sequence[Seen]) -> RenderableType:
    """What each symbol says at its last bar, a column a symbol, and the newest patterns under it."""
    parts: list[RenderableType] = [
        _table([each.analysis for each in seen[first : first + _ACROSS]])
        for first in range(0, len(seen), _ACROSS)
    ]
    for each in seen:
        parts += [Text(printable(f"  {line}")) for line in each.analysis.patterns]
    return Group(*parts)


def _table(analyses: Sequence[Analysis]) -> Table:
    table = quiet_table("at the last bar")
    table.add_column("")
    for now in analyses:
        table.add_column(printable(now.symbol), justify="right")
    table.add_row("time (UTC)", *(f"{to_datetime(now.last):%Y-%m-%d %H:%M:%S}" for now in analyses))
    table.add_row("bars", *(str(now.bars) for now in analyses))
    table.add_row("close", *(_shown(now.close) for now in analyses))
    for name in dict.fromkeys(name for now in analyses for name in now.indicators):
        table.add_row(name, *(_shown(now.indicators.get(name)) for now in analyses))
    for name in dict.fromkeys(name for now in analyses for name in now.timeframes):
        table.add_row(f"last {name} close", *(_shown(now.timeframes.get(name)) for now in analyses))
    if any(now.bias for now in analyses):
        table.add_row("bias", *(now.bias for now in analyses))
    return table


def page(seen: Sequence[Seen]) -> str:
    """A page with a chart of each symbol: closes, what lies among them, and each other indicator below; patterns shaded."""
    body = "".join(_symbol(each) for each in seen)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>ordinis-rx analysis</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>Analysis</h1>{body}</body></html>\n"
    )


def _symbol(seen: Seen) -> str:
    now, bars = seen.analysis, seen.bars
    places = {bar.ts_event: place for place, bar in enumerate(bars)}
    closes = [bar.close for bar in bars]
    among: list[_Series] = [("close", closes)]
    apart: list[_Series] = []
    for name in now.indicators:
        values = [math.nan] * len(bars)
        for row in seen.rows:
            if name in row.name.split(","):
                values[places[row.ts_event]] = getattr(row, name)
        (among if _fits(values, closes) else apart).append((name, values))
    shades = [
        Span(place, place + 1, str(match), _kind(match.direction))
        for match in seen.matches
        if (place := places.get(match.ts_event)) is not None
    ]
    title = f"{now.symbol}: {now.bars} bars, last close {_shown(now.close)}"
    if now.bias:
        title += f", {now.bias.lower().replace('_', ' ')}"
    parts = [f"<h2>{escape(title)}</h2>", _chart(now.symbol, among, shades, len(bars))]
    parts += [_chart(name, [(name, values)], [], len(bars)) for name, values in apart]
    return "".join(parts)


def _chart(title: str, series: Sequence[_Series], shades: Sequence[Span], bars: int) -> str:
    kinds = [f"l{k % _COLOURS}" for k in range(len(series))]
    keys = "".join(
        f'<span class="key {kind}">{escape(name)}</span>'
        for kind, (name, _) in zip(kinds, series, strict=True)
    )
    drawn = [
        (kind, [Point(place, value) for place, value in enumerate(values)])
        for kind, (_, values) in zip(kinds, series, strict=True)
    ]
    return f"<p>{keys}</p>" + lines(title, Picture(drawn, shades=shades), bars, unit="bars")


def _fits(values: Sequence[float], closes: Sequence[float]) -> bool:
    """Whether a line can be drawn over the closes: it stays near where they are."""
    known = [value for value in values if value == value]
    prices = [close for close in closes if close == close]
    if not known or not prices:
        return False
    margin = max(prices) - min(prices)
    return min(prices) - margin <= min(known) and max(known) <= max(prices) + margin


def _kind(direction: Direction) -> str:
    return direction.name.lower() if direction is not Direction.UNKNOWN else "neutral"


def _shown(value: float | None) -> str:
    return "-" if value is None or value != value else f"{value:.6g}"
