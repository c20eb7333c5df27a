"""From what happened in a demo to the rows that tell of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ordinis_rx.commands.agreement import Exclusion, Look
from ordinis_rx.commands.heard import Heard
from ordinis_rx.commands.outcome import (
    Errors,
    Falsehood,
    Fault,
    Interval,
    ProviderRow,
    SymbolRow,
)
from ordinis_rx.commands.script import Injected, Lied
from ordinis_rx.commands.stage import Actor
from ordinis_rx.consensus import ProviderStats
from ordinis_rx.events import Gap
from ordinis_rx.timebase import MILLI, SECOND, Nanos, seconds

__all__ = [
    "errors_of",
    "falsehood_rows",
    "fault_rows",
    "gap_of",
    "interval_of",
    "provider_rows",
    "statuses_of",
    "symbol_rows",
]

IN_FLIGHT: Nanos = 1 * SECOND
"""What was on its way when something was done to a provider arrives up to so much later, on a busy machine."""

_UNKNOWN = ProviderStats("")


def provider_rows(actors: Iterable[Actor], heard: Heard, symbol: str) -> tuple[ProviderRow, ...]:
    """A row for each provider, with its prices of *symbol*."""
    records = heard.stats
    return tuple(
        _provider_row(actor, heard, records.get(actor.name, _UNKNOWN), symbol) for actor in actors
    )


def _provider_row(actor: Actor, heard: Heard, record: ProviderStats, symbol: str) -> ProviderRow:
    stats, board = actor.feed.stats, heard.board
    quote = board.quotes.get((actor.name, symbol))
    trade = board.trades.get((actor.name, symbol))
    return ProviderRow(
        name=actor.name,
        status=board.statuses[actor.name].value,
        last=trade.price if trade else math.nan,
        bid=quote.bid if quote else math.nan,
        ask=quote.ask if quote else math.nan,
        lag_ms=math.nan if stats.lag_p50 is None else stats.lag_p50 / MILLI,
        events=stats.events,
        reconnects=max(0, stats.connects - 1),
        gaps=stats.gaps,
        errors=sum(stats.decode_errors.values()),
        outlier_share=record.outlier_share,
        deviation_bps=record.deviation_bps,
    )


def symbol_rows(heard: Heard, symbols: Iterable[str], now: Nanos) -> tuple[SymbolRow, ...]:
    """A row for each symbol, as of *now*."""
    return tuple(_symbol_row(heard, heard.agreement.look(symbol, now)) for symbol in symbols)


def _symbol_row(heard: Heard, look: Look) -> SymbolRow:
    answer = heard.agreement.answers.get(look.symbol)
    if look.status is None:
        answer = None
    return SymbolRow(
        symbol=look.symbol,
        price=look.price,
        half_width=look.half_width,
        half_width_bps=look.half_width_bps,
        confidence=answer.confidence if answer else math.nan,
        status=answer.status.value if answer else "",
        excluded=dict(answer.reasons) if answer else {},
        true=look.true,
        error_bps=look.error_bps,
    )


def gap_of(injected: Injected, gaps: Iterable[Gap]) -> Gap | None:
    """The mark that a broken connection left: of the same provider, around or shortly after its moment."""
    for gap in gaps:
        # What was on its way still arrived, so that the gap may begin a moment later.
        if gap.provider == injected.provider and (
            gap.ts_from - IN_FLIGHT <= injected.ts <= gap.ts_to
        ):
            return gap
    return None


def fault_rows(
    injected: Iterable[Injected], gaps: Sequence[Gap], began: Nanos
) -> tuple[Fault, ...]:
    """A row for each broken connection, with the length of its gap in seconds."""
    rows: list[Fault] = []
    for fault in injected:
        gap = gap_of(fault, gaps)
        rows.append(
            Fault(
                at=_since(began, fault.ts),
                provider=fault.provider,
                fault=fault.fault,
                gap=None if gap is None else _since(gap.ts_from, gap.ts_to),
            )
        )
    return tuple(rows)


def falsehood_rows(
    lied: Iterable[Lied], exclusions: Sequence[Exclusion], began: Nanos
) -> tuple[Falsehood, ...]:
    """A row for each lie that is over, with how soon it was found out and forgiven."""
    return tuple(
        _falsehood(each, each.until, exclusions, began) for each in lied if each.until is not None
    )


def _falsehood(
    lied: Lied, until: Nanos, exclusions: Sequence[Exclusion], began: Nanos
) -> Falsehood:
    lie = lied.lie
    mine = [
        each
        for each in exclusions
        if (each.provider, each.reason) == (lie.provider, lie.seen_as)
        and each.symbol in lie.symbols
        and each.since <= until + IN_FLIGHT
        and (each.until is None or each.until > lied.ts)
    ]
    firsts = {each.symbol: each.since for each in reversed(mine)}
    ends = [each.until for each in mine if each.until is not None]
    return Falsehood(
        at=_since(began, lied.ts),
        until=_since(began, until),
        provider=lie.provider,
        fault=lie.fault,
        symbols=lie.symbols,
        falsified=lied.falsified,
        reason=lie.seen_as,
        excluded_after=(
            max(0.0, _since(lied.ts, max(firsts.values())))
            if len(firsts) == len(lie.symbols)
            else None
        ),
        back_after=max(0.0, _since(until, max(ends))) if mine and len(ends) == len(mine) else None,
    )


def _since(began: Nanos, ts: Nanos) -> float:
    return round(seconds(ts - began), 3)


def errors_of(looks: Sequence[Look]) -> Errors:
    """How far the prices were off.

    >>> errors_of([Look(0, "A", 100.0, 100.01, 0.02), Look(1, "A", 100.0)]).without_price
    1
    """
    off = sorted(abs(look.error_bps) for look in looks if not math.isnan(look.price))
    return Errors(
        samples=len(looks),
        without_price=len(looks) - len(off),
        median=_middle(off),
        worst=off[-1] if off else math.nan,
    )


def interval_of(looks: Iterable[Look]) -> Interval:
    """How good the intervals were.

    >>> interval_of([Look(0, "A", 100.0, 100.01, 0.02), Look(1, "A", 100.0, 100.03, 0.02)]).holds_truth
    0.5
    """
    told = [look for look in looks if not math.isnan(look.price)]
    return Interval(
        looks=len(told),
        holds_truth=sum(look.holds_truth for look in told) / len(told) if told else math.nan,
        half_width_bps=_middle(sorted(look.half_width_bps for look in told)),
    )


def statuses_of(looks: Iterable[Look]) -> dict[str, int]:
    """How often each status was seen; ``NONE`` where there was no fresh answer."""
    return dict(Counter("NONE" if look.status is None else look.status.value for look in looks))


def _middle(ordered: Sequence[float]) -> float:
    return ordered[len(ordered) // 2] if ordered else math.nan
