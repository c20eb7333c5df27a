"""What came of a question, as tables for a terminal and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ordinis_rx.commands.lines import decimals, printable
from ordinis_rx.events import Quote, Trade
from ordinis_rx.pull.failures import NoQuotes
from ordinis_rx.pull.results import ProviderResult, Round
from ordinis_rx.timebase import MILLI

__all__ = ["Told", "json_line", "view"]

_STYLES = {"OK": "green", "DEGRADED": "yellow"}


class Told(NamedTuple):
    """What is told of a symbol, beside the true price where that is known."""

    symbol: str
    outcome: Round | NoQuotes
    truth: float | None = None

    @property
    def has_price(self) -> bool:
        """Whether the providers agreed on a price."""
        return isinstance(self.outcome, Round) and self.outcome.quote.has_price


def view(told: Sequence[Told]) -> RenderableType:
    """A table of the prices agreed on, one of what each provider said, and why there is none where there is none."""
    parts: list[RenderableType] = [_prices(told), _answers(told)]
    parts += [
        Text(printable(str(each.outcome)), style="red")
        for each in told
        if isinstance(each.outcome, NoQuotes)
    ]
    return Group(*parts)


def _prices(told: Sequence[Told]) -> Table:
    table = Table(title="consensus", title_justify="left")
    table.add_column("symbol")
    for name in ("price", "95 %", "confidence"):
        table.add_column(name, justify="right")
    table.add_column("status")
    for name in ("bid", "ask"):
        table.add_column(name, justify="right")
    table.add_column("used")
    with_truth = any(each.truth is not None for each in told)
    if with_truth:
        table.add_column("true price", justify="right")
        table.add_column("error bps", justify="right")
    for each in told:
        if isinstance(each.outcome, NoQuotes):
            table.add_row(each.symbol, "-", "-", "-", Text("NO PRICE", style="red"))
            continue
        quote = each.outcome.quote
        status = quote.status.value
        cells: list[str | Text] = [
            each.symbol,
            decimals(quote.price, 3),
            f"± {decimals(quote.half_width, 3)}" if quote.has_price else "-",
            f"{quote.confidence:.2f}",
            Text(status, style=_STYLES.get(status, "red")),
            decimals(quote.bid, 2),
            decimals(quote.ask, 2),
            printable(quote.source_summary),
        ]
        if each.truth is not None:
            error_bps = (quote.price / each.truth - 1) * 1e4
            cells += [decimals(each.truth, 3), decimals(error_bps, 2)]
        table.add_row(*cells)
    return table


def _answers(told: Sequence[Told]) -> Table:
    table = Table(title="answers", title_justify="left")
    table.add_column("symbol")
    table.add_column("provider")
    for name in ("price", "bid", "ask", "age ms", "latency ms"):
        table.add_column(name, justify="right")
    table.add_column("")
    for each in told:
        if isinstance(each.outcome, NoQuotes):
            for name, cause in each.outcome.causes.items():
                table.add_row(each.symbol, name, *"-----", Text(printable(str(cause)), style="red"))
            continue
        reasons = dict(each.outcome.quote.reasons)
        reasons |= {reject.provider: reject.reason for reject in each.outcome.rejects}
        reasons |= dict.fromkeys(each.outcome.unheard, "not waited for")
        for result in each.outcome.results:
            table.add_row(each.symbol, *_cells(result, reasons.get(result.provider_name, "")))
        for name in each.outcome.unheard:
            table.add_row(each.symbol, name, *"-----", reasons[name])
    return table


def _cells(result: ProviderResult, reason: str) -> tuple[str | Text, ...]:
    latency = f"{result.latency_ms:.1f}"
    if result.error is not None:
        why = Text(printable(str(result.error)), style="red")
        return (result.provider_name, *"----", latency, why)
    match result.data:
        case Quote() as q:
            figures = (q.mid, q.bid, q.ask)
        case Trade() as t:
            figures = (t.price, math.nan, math.nan)
        case _:
            figures = (math.nan, math.nan, math.nan)
    age = "-"
    if isinstance(result.data, (Quote, Trade)):
        age = f"{(result.timestamp - result.data.ts_event) / MILLI:.0f}"
    return (
        result.provider_name,
        *(decimals(figure, 3) for figure in figures),
        age,
        latency,
        Text(reason, style="yellow"),
    )


def json_line(told: Told) -> str:
    """All that is told of a symbol, as one JSON object; what is not a number is null."""
    outcome = told.outcome
    line: dict[str, object] = {"symbol": told.symbol, "has_price": told.has_price}
    if isinstance(outcome, NoQuotes):
        line["error"] = outcome.message
        line["causes"] = {name: str(cause) for name, cause in outcome.causes.items()}
    else:
        line["quote"] = outcome.quote
        line["summary"] = outcome.quote.source_summary
        line["answers"] = [
            {
                "provider": result.provider_name,
                "latency_ms": result.latency_ms,
                "data": result.data,
                "error": None if result.error is None else str(result.error),
            }
            for result in outcome.results
        ]
        line["unheard"] = outcome.unheard
    if told.truth is not None:
        line["true_price"] = told.truth
    return msgspec.json.encode(line).decode()
