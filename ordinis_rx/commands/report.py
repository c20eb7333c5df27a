"""The demo's outcome as one page that needs nothing else: no network, no script, for light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from ordinis_rx.commands.board import Board
from ordinis_rx.commands.drawing import Lane, Point, Span, lanes, lines
from ordinis_rx.commands.outcome import Outcome
from ordinis_rx.timebase import Nanos
from ordinis_rx.timebase import seconds as in_seconds

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --ink: #1c2430; --quiet: #5d6875; --rule: #d9dee4;
  --median: #0b62c4; --true: #98a2ad; --up: #cfe6d6; --gap: #c8452f; --ok: #1c7a3e; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --ink: #e4e9ef; --quiet: #98a4b3; --rule: #2c343f;
  --median: #6cb2ff; --true: #7d8894; --up: #23442f; --gap: #ff8069; --ok: #6fd08f; --bad: #ff8a80; } }
body { margin: 0 auto; max-width: 960px; padding: 24px 16px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 32px 0 8px; }
h3 { font-size: 14px; margin: 16px 0 0; }
p { color: var(--quiet); margin: 4px 0 12px; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--rule); text-align: left; white-space: nowrap; }
th { color: var(--quiet); font-weight: 600; } .number { text-align: right; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .grid { stroke: var(--rule); }
polyline.median { stroke: var(--median); } polyline.true { stroke: var(--true); stroke-width: 3.2; }
.key { display: inline-block; width: 18px; height: 4px; margin: 0 6px 3px 0; border-radius: 2px; }
.key.median { background: var(--median); } .key.true { background: var(--true); margin-left: 14px; }
.up { fill: var(--up); } .gap { fill: var(--gap); } .hit { fill: var(--ink); }
.ok { color: var(--ok); } .bad { color: var(--bad); font-weight: 700; }
"""


def page(outcome: Outcome, board: Board, began: Nanos) -> str:
    """The whole page; times on it are seconds since *began*."""
    verdict = "every promise kept" if outcome.ok else "not every promise was kept"
    off = outcome.errors_bps
    body = [
        f"<h1>ordinis-rx demo: {verdict}</h1>",
        f"<p>{outcome.seconds:g} seconds, seed {outcome.seed}. One hidden market, told by three simulated servers over "
        f"WebSockets, each in a vendor's protocol; connections broken on purpose.</p>",
        "<h2>Prices</h2>",
        f'<p><span class="key median"></span>median of the fresh prices<span class="key true"></span>hidden true price. '
        f"Off by {off.median:.2f} basis points as a rule, {off.worst:.2f} at worst.</p>",
        *_prices(outcome, board, began),
        "<h2>Connections</h2>",
        "<p>Red: data is marked as missing (Gap). A triangle: broken on purpose.</p>",
        _connections(outcome, board, began),
        "<h2>Providers</h2>",
        _providers(outcome),
        "<h2>Broken on purpose</h2>",
        _table(
            ("at s", "provider", "connection", "gap s"),
            [
                (f.at, f.provider, f.fault, "none" if f.gap is None else f.gap)
                for f in outcome.faults
            ],
        ),
        "<h2>Self-check</h2>",
        _checks(outcome),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>ordinis-rx demo</title><style>{_STYLE}</style></head>\n"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _prices(outcome: Outcome, board: Board, began: Nanos) -> Iterable[str]:
    for row in outcome.symbols:
        looks = [sample for sample in board.samples if sample.symbol == row.symbol]
        times = [in_seconds(look.ts - began) for look in looks]
        series = [
            ("true", [Point(at, look.true) for at, look in zip(times, looks, strict=True)]),
            ("median", [Point(at, look.median) for at, look in zip(times, looks, strict=True)]),
        ]
        yield f"<h3>{escape(row.symbol)}</h3>"
        yield lines(f"{row.symbol}: median and true price", series, outcome.seconds)


def _connections(outcome: Outcome, board: Board, began: Nanos) -> str:
    rows = [
        Lane(
            provider.name,
            spans=[
                Span(
                    in_seconds(gap.ts_from - began),
                    in_seconds(gap.ts_to - began),
                    f"gap of {in_seconds(gap.duration):.2f} s ({gap.reason.value.lower()})",
                )
                for gap in board.gaps
                if gap.provider == provider.name
            ],
            hits=[
                Span(fault.at, fault.at, f"{fault.fault} at {fault.at:.1f} s")
                for fault in outcome.faults
                if fault.provider == provider.name
            ],
        )
        for provider in outcome.providers
    ]
    return lanes("when each provider was connected", rows, outcome.seconds)


def _providers(outcome: Outcome) -> str:
    names = (
        "provider",
        "status",
        "last",
        "bid",
        "ask",
        "lag ms",
        "events",
        "reconnects",
        "gaps",
        "errors",
    )
    return _table(
        names,
        [
            (
                p.name,
                p.status,
                p.last,
                p.bid,
                p.ask,
                p.lag_ms,
                p.events,
                p.reconnects,
                p.gaps,
                p.errors,
            )
            for p in outcome.providers
        ],
    )


def _checks(outcome: Outcome) -> str:
    rows = [
        f'<tr><td class="{"ok" if check.ok else "bad"}">{"ok" if check.ok else "FAILED"}</td>'
        f"<td>{escape(check.name)}</td><td>{escape(check.detail)}</td></tr>"
        for check in outcome.checks
    ]
    head = "<tr><th></th><th>promise</th><th>what happened</th></tr>"
    return f'<div class="scroll"><table>{head}{"".join(rows)}</table></div>'


def _table(names: Sequence[str], rows: Sequence[Sequence[str | float]]) -> str:
    numeric = [not isinstance(value, str) for value in rows[0]] if rows else [False] * len(names)
    head = "".join(
        f"<th{_NUMBER if right else ''}>{escape(name)}</th>"
        for name, right in zip(names, numeric, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


_NUMBER = ' class="number"'


def _cell(value: str | float) -> str:
    match value:
        case str():
            return f"<td>{escape(value)}</td>"
        case int():
            return f"<td{_NUMBER}>{value}</td>"
        case float():
            return f"<td{_NUMBER}>{'-' if math.isnan(value) else f'{value:.2f}'}</td>"
