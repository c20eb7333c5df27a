"""The first step of a consensus: which reports are fit to be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msgspec.structs import replace

from ordinis_rx.checks import check_choice, check_duration, check_is, check_several
from ordinis_rx.codes import MOST_PROVIDERS, Codes
from ordinis_rx.consensus.facts import Reject, Report, ReportKind
from ordinis_rx.consensus.numbers import REASONS
from ordinis_rx.consensus.rows import losses
from ordinis_rx.events import Event, Heartbeat, Quote, Trade, TradeFlags
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.reports import (
    CLOCK,
    FIT,
    LARGEST,
    NOW,
    TOO_MANY,
    believed,
    clock_says,
    flaw_of_price,
    flaw_of_quote,
    worth,
)
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.stepping import Telling, telling
from ordinis_rx.timebase import HOUR, Nanos
from ordinis_rx.typing import Operator

__all__ = ["flaw_of", "reject_of", "traded_of", "validate", "value_of"]

_KINDS = tuple(ReportKind)


def validate(
    *,
    price: Literal["mid", "microprice"] = "mid",
    time_window: Nanos = 1 * HOUR,
    ignore: Iterable[str] = (),
    rejects: SideOutput[Reject] | None = None,
) -> Operator[Event, Report]:
    """Quotes and trades as reports of what a symbol is worth, as far as they are fit to be used.

    A report is worth the mid of a quote (or with ``price="microprice"`` its microprice), or the price of a trade that may
    move the last price; other trades are left out. It is fit where its price is a number above 0, a quote has both sides and
    is not crossed, and its time is within *time_window* nanoseconds of the latest that was believed. What is later than that
    is refused only where its `ts_recv` is unknown, since what has arrived has happened: so the first report after a lull is
    as good as any. Two such times in a row that agree, of two providers, are believed as well.

    What is not fit goes to the side output *rejects*, as a `Reject` with the reason. Statuses, gaps and heartbeats become
    reports of loss and of time. Quotes and trades of providers named in *ignore* are not listened to. All is told at once.
    Raises TypeError for what is not of its kind, ValueError for another *price* and for a *time_window* that is not
    positive.

    >>> from ordinis_rx.testing import a_quote, through
    >>> refused = SideOutput()
    >>> [r.price for r in through(validate(rejects=refused), [a_quote(9.0, 11.0), a_quote(9.0, 8.0)])], refused.told
    ([10.0], 1)
    """
    check_choice("validate: price", price, ("mid", "microprice"))
    check_several("validate: ignore", ignore, "['alpaca']")
    check_duration("validate: time_window", time_window)
    check_side("validate: rejects", rejects)
    ignored = frozenset(ignore)
    for name in ignored:
        check_is("validate: ignore: each", name, str, "the name of a provider")
    micro = int(price == "microprice")

    def make() -> Telling:
        validating = _Validating(micro, time_window, ignored, rejects)
        return lambda item: (report for fact in item.facts for report in validating.reports(fact))

    return hears(telling(make), tells=Report)


def flaw_of(fact: Quote | Trade) -> int:
    """What is wrong with the values of a quote or a trade."""
    return (
        flaw_of_quote(fact.bid, fact.ask) if isinstance(fact, Quote) else flaw_of_price(fact.price)
    )


def value_of(fact: Quote | Trade, micro: int) -> float:
    """What a quote or a trade says that the symbol is worth."""
    if isinstance(fact, Trade):
        return fact.price
    return worth(fact.bid, fact.ask, fact.bid_size, fact.ask_size, micro)


def traded_of(trade: Trade) -> float:
    """How much a trade adds to the volume; nothing where it may not, or says no size."""
    return trade.size if trade.flags & TradeFlags.VOLUME and 0.0 < trade.size < LARGEST else 0.0


def reject_of(fact: Quote | Trade, reason: str) -> Reject:
    """A quote or a trade that is not used, as it is told."""
    return Reject(
        symbol=fact.symbol,
        ts_event=fact.ts_event,
        ts_recv=fact.ts_recv,
        provider=fact.provider,
        seq=fact.seq,
        reason=reason,
        value=fact.mid if isinstance(fact, Quote) else fact.price,
    )


class _Validating:
    """One subscriber's clock, and its providers' success so far."""

    __slots__ = (
        "_clock",
        "_codes",
        "_ignored",
        "_micro",
        "_refused",
        "_rejects",
        "_taken",
        "_window",
    )

    def __init__(
        self,
        micro: int,
        window: Nanos,
        ignored: frozenset[str],
        rejects: SideOutput[Reject] | None,
    ) -> None:
        self._micro = micro
        self._window = window
        self._ignored = ignored
        self._rejects = rejects
        self._clock = [0] * CLOCK
        self._codes = Codes()
        self._taken: dict[str, int] = {}
        self._refused: dict[str, int] = {}

    def reports(self, fact: Any) -> list[Report]:
        """What *fact* comes to."""
        if isinstance(fact, Quote | Trade):
            report = self._report(fact)
            return [] if report is None else [report]
        if isinstance(fact, Heartbeat):
            at = believed(fact.ts_event, fact.ts_recv)
            clock_says(self._clock, at, fact.ts_recv, self._codes[fact.provider], self._window)
            return [self._other(ReportKind.TIME, fact.symbol, fact)]
        return [self._other(_KINDS[kind], symbol, fact) for kind, symbol in losses(fact)]

    def _report(self, fact: Quote | Trade) -> Report | None:
        provider = fact.provider
        if provider in self._ignored:
            return None
        if isinstance(fact, Trade) and not fact.flags & TradeFlags.LAST:
            return None
        code = self._codes[provider]
        flaw = TOO_MANY
        if code < MOST_PROVIDERS:
            flaw = flaw_of(fact)
            if flaw == FIT:
                at = believed(fact.ts_event, fact.ts_recv)
                flaw = clock_says(self._clock, at, fact.ts_recv, code, self._window)
        if flaw != FIT:
            self._refused[provider] = self._refused.get(provider, 0) + 1
            self._reject(fact, flaw)
            return None
        taken = self._taken[provider] = self._taken.get(provider, 0) + 1
        report = Report(
            symbol=fact.symbol,
            ts_event=fact.ts_event,
            ts_recv=fact.ts_recv,
            provider=provider,
            seq=fact.seq,
            kind=ReportKind.TRADE,
            price=value_of(fact, self._micro),
            clock=self._clock[NOW],
            success=float(taken) / float(taken + self._refused.get(provider, 0)),
        )
        if isinstance(fact, Trade):
            return replace(report, size=traded_of(fact))
        return replace(report, kind=ReportKind.QUOTE, bid=fact.bid, ask=fact.ask)

    def _reject(self, fact: Quote | Trade, flaw: int) -> None:
        if self._rejects is None:
            return
        self._rejects.tell([reject_of(fact, REASONS[flaw])])

    def _other(self, kind: ReportKind, symbol: str, fact: Event) -> Report:
        return Report(
            symbol=symbol,
            ts_event=fact.ts_event,
            ts_recv=fact.ts_recv,
            provider=fact.provider,
            seq=fact.seq,
            kind=kind,
            clock=self._clock[NOW],
        )
