"""The demo's outcome as one page that needs nothing else: no network, no script, for light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from ordinis_rx.commands.charts import KEYS, connections, prices
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import Outcome
from ordinis_rx.timebase import Nanos

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --ink: #1c2430; --quiet: #5d6875; --rule: #d9dee4;
  --consensus: #0b62c4; --band: #cfe1f7; --true: #7d8894; --up: #cfe6d6; --shade: #f7e9e6; --gap: #c8452f;
  --outlier: #8a3fc0; --stale: #b7791f; --false: #e0a030; --ok: #1c7a3e; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --ink: #e4e9ef; --quiet: #98a4b3; --rule: #2c343f;
  --consensus: #6cb2ff; --band: #1d3a5c; --true: #a9b4c0; --up: #23442f; --shade: #2e2122; --gap: #ff8069;
  --outlier: #c58af0; --stale: #e0b35c; --false: #c98f2a; --ok: #6fd08f; --bad: #ff8a80; } }
body { margin: 0 auto; max-width: 960px; padding: 24px 16px 48px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 32px 0 8px; }
h3 { font-size: 14px; margin: 16px 0 0; }
p { color: var(--quiet); margin: 4px 0 12px; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 7px; border-bottom: 1px solid var(--rule); text-align: left; white-space: nowrap; }
th { color: var(--quiet); font-weight: 600; } .number { text-align: right; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .grid { stroke: var(--rule); }
polyline.consensus { stroke: var(--consensus); }
polyline.true { stroke: var(--true); stroke-width: 2.6; stroke-dasharray: 6 3; }
.key { display: inline-block; width: 18px; height: 8px; margin: 0 6px 1px 0; border-radius: 2px; }
.key:not(:first-child) { margin-left: 14px; }
.key.consensus { background: var(--consensus); height: 4px; } .key.true { background: var(--true); height: 4px; }
.key.band { background: var(--band); } .key.shade { background: var(--shade); outline: 1px solid var(--rule); }
.key.outlier { background: var(--outlier); } .key.stale { background: var(--stale); }
.key.lost { background: var(--gap); }
.band { fill: var(--band); fill-opacity: 0.75; } .shade { fill: var(--shade); } .outlier { fill: var(--outlier); }
.stale { fill: var(--stale); } .lost { fill: var(--gap); } .false { fill: var(--false); }
.up { fill: var(--up); } .gap { fill: var(--gap); } .hit { fill: var(--ink); }
.ok { color: var(--ok); } .bad { color: var(--bad); font-weight: 700; }
"""


def page(outcome: Outcome, heard: Heard, began: Nanos) -> str:
    """The whole page; times on it are seconds since *began*."""
    verdict = "every promise kept" if outcome.ok else "not every promise was kept"
    off, interval = outcome.errors_bps, outcome.interval
    body = [
        f"<h1>ordinis-rx demo: {verdict}</h1>",
        f"<p>{outcome.seconds:g} seconds, seed {outcome.seed}. One hidden market, told by three simulated servers over "
        "WebSockets, each in a vendor's protocol; connections broken and data falsified on purpose.</p>",
        "<h2>Prices</h2>",
        f"<p>{KEYS}</p>",
        f"<p>Off by {off.median:.2f} basis points as a rule, {off.worst:.2f} at worst. The interval (95 %) holds the true "
        f"price at {interval.holds_truth:.1%} of {interval.looks} looks. Below each chart: who was not used, and why.</p>",
        *(prices(row.symbol, outcome, heard, began) for row in outcome.symbols),
        "<h2>Connections</h2>",
        "<p>Red: data is marked as missing (Gap). A triangle: broken on purpose. Amber: false on purpose.</p>",
        connections(outcome, heard, began),
        "<h2>Consensus at the end</h2>",
        _symbols(outcome),
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
        "<h2>False on purpose</h2>",
        _falsehoods(outcome),
        "<h2>Self-check</h2>",
        _checks(outcome),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>ordinis-rx demo</title><style>{_STYLE}</style></head>\n"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _symbols(outcome: Outcome) -> str:
    names = ("symbol", "price", "± bps", "confidence", "status", "left out", "true", "off bps")
    return _table(
        names,
        [
            (
                s.symbol,
                s.price,
                s.half_width_bps,
                s.confidence,
                s.status or "no answer",
                ", ".join(f"{name} ({reason})" for name, reason in s.excluded.items()),
                s.true,
                s.error_bps,
            )
            for s in outcome.symbols
        ],
    )


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
        "outliers %",
        "off bps",
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
                100 * p.outlier_share,
                p.deviation_bps,
            )
            for p in outcome.providers
        ],
    )


def _falsehoods(outcome: Outcome) -> str:
    names = (
        "at s",
        "until s",
        "provider",
        "data",
        "false facts",
        "left out as",
        "after s",
        "back after s",
    )
    return _table(
        names,
        [
            (
                f.at,
                f.until,
                f.provider,
                f.fault,
                f.falsified,
                f.reason,
                math.nan if f.excluded_after is None else f.excluded_after,
                math.nan if f.back_after is None else f.back_after,
            )
            for f in outcome.falsehoods
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
