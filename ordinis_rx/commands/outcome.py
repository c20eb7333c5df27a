"""What came of a demo, as plain values: for the tables, the JSON document and the page alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from ordinis_rx.commands.board import Board, Sample
from ordinis_rx.commands.script import Injected
from ordinis_rx.commands.stage import Actor
from ordinis_rx.events import Gap
from ordinis_rx.timebase import MILLI, Nanos, seconds

__all__ = [
    "Check",
    "Errors",
    "Fault",
    "Outcome",
    "ProviderRow",
    "SymbolRow",
    "errors_of",
    "fault_rows",
    "gap_of",
    "provider_rows",
    "symbol_rows",
]


class ProviderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One provider's figures; prices are those of one symbol, NaN (in JSON null) where there is none."""

    name: str
    status: str
    last: float
    bid: float
    ask: float
    lag_ms: float
    events: int
    reconnects: int
    gaps: int
    errors: int


class SymbolRow(msgspec.Struct, frozen=True, kw_only=True):
    """The median of the fresh prices of one symbol beside the true price."""

    symbol: str
    median: float
    true: float
    error_bps: float
    fresh: int


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was committed; seconds since the demo began, and the `Gap` it left (None: no trace)."""

    at: float
    provider: str
    fault: str
    gap: float | None


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """How far the median was off over the whole demo, in basis points of the true price."""

    samples: int
    without_price: int
    median: float
    worst: float


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One promise, whether it was kept, and by what that is told."""

    name: str
    ok: bool
    detail: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    ok: bool
    seconds: float
    seed: int
    providers: tuple[ProviderRow, ...]
    symbols: tuple[SymbolRow, ...]
    faults: tuple[Fault, ...]
    errors_bps: Errors
    checks: tuple[Check, ...]


def provider_rows(actors: Iterable[Actor], board: Board, symbol: str) -> tuple[ProviderRow, ...]:
    """A row for each provider, with its prices of *symbol*."""
    return tuple(_provider_row(actor, board, symbol) for actor in actors)


def _provider_row(actor: Actor, board: Board, symbol: str) -> ProviderRow:
    stats = actor.feed.stats
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
    )


def symbol_rows(board: Board, symbols: Iterable[str], now: Nanos) -> tuple[SymbolRow, ...]:
    """A row for each symbol, as of *now*."""
    looks = [board.look(symbol, now) for symbol in symbols]
    return tuple(
        SymbolRow(
            symbol=look.symbol,
            median=look.median,
            true=look.true,
            error_bps=look.error_bps,
            fresh=look.fresh,
        )
        for look in looks
    )


def gap_of(injected: Injected, gaps: Iterable[Gap]) -> Gap | None:
    """The mark that a fault left: of the same provider, around or shortly after its moment."""
    for gap in gaps:
        # What was on its way still arrived, so that the gap may begin a moment later.
        if gap.provider == injected.provider and (
            gap.ts_from - 250 * MILLI <= injected.ts <= gap.ts_to
        ):
            return gap
    return None


def fault_rows(
    injected: Iterable[Injected], gaps: Sequence[Gap], began: Nanos
) -> tuple[Fault, ...]:
    """A row for each fault, with the length of its gap in seconds."""
    rows: list[Fault] = []
    for fault in injected:
        gap = gap_of(fault, gaps)
        rows.append(
            Fault(
                at=round(seconds(fault.ts - began), 3),
                provider=fault.provider,
                fault=fault.fault,
                gap=None if gap is None else round(seconds(gap.duration), 3),
            )
        )
    return tuple(rows)


def errors_of(samples: Sequence[Sample]) -> Errors:
    """How far the medians were off.

    >>> errors_of([Sample(0, "A", 100.01, 100.0, 3), Sample(1, "A", math.nan, 100.0, 0)]).without_price
    1
    """
    off = sorted(abs(s.error_bps) for s in samples if not math.isnan(s.median))
    return Errors(
        samples=len(samples),
        without_price=len(samples) - len(off),
        median=off[len(off) // 2] if off else math.nan,
        worst=off[-1] if off else math.nan,
    )
