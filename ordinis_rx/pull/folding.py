"""The way of pulled answers through the consensus: a round by itself, or round after round as a stream."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from msgspec.structs import replace
from reactivex.subject import Subject

from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    Reject,
    RobustOutlier,
    consensus,
)
from ordinis_rx.consensus.aggregate import Folding
from ordinis_rx.consensus.config import NEVER
from ordinis_rx.consensus.validate import reject_of
from ordinis_rx.events import Event, Gap, GapReason, Quote, Trade, TradeFlags
from ordinis_rx.operators.event_time import moment
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.timebase import Nanos

__all__ = ["Folded", "RoundFolding", "fold_round"]


@dataclass(frozen=True, slots=True)
class Folded:
    """What the answers of a round amount to."""

    quote: AggregatedQuote | None
    """None where no answer has a price fit to be used."""
    rejects: tuple[Reject, ...]
    fit: Mapping[str, Quote | Trade]
    """What has one, the newest of each provider."""

    def flaw_of(self, provider: str) -> str:
        """What is wrong with the answer of *provider*; nothing: ``""``."""
        if provider in self.fit:
            return ""
        for reject in self.rejects:
            if reject.provider == provider:
                return f"{reject.reason} ({reject.value:g})"
        return "its trade may not move the last price"


def fold_round(
    config: AggregationConfig,
    facts: Sequence[Quote | Trade],
    success: Mapping[str, float] | None = None,
) -> Folded:
    """Fold the answers of one round by itself, in whatever order they came: all is known that ever will be.

    Who is too far away is excluded at once, without confirmation. *success* are the shares of success of the providers, for
    the original confidence; 1 where none is told.

    >>> from ordinis_rx.testing import a_quote
    >>> told = [a_quote(99.9, 100.1, provider="a"), a_quote(99.9, 100.1, provider="b"), a_quote(102, 103, provider="c")]
    >>> fold_round(AggregationConfig(), told).quote.source_summary
    '2 of 3: a, b; c excluded (outlier)'
    """
    rule = config.outliers
    if isinstance(rule, RobustOutlier) and rule.confirm is None:
        config = dataclasses.replace(config, outliers=dataclasses.replace(rule, confirm=1))
    rejects: list[Reject] = []
    refused: SideOutput[Reject] = SideOutput()
    refused.subscribe(rejects.append)
    told = _in_order(facts, 1)
    quote = Folding(config, rejects=refused)(told, success=success) if told else None
    fit = _fit(told, rejects)
    return Folded(quote if fit else None, tuple(rejects), fit)


class RoundFolding:
    """Folds rounds as the reports of a stream: what it learns is remembered, and outliers are confirmed as the rule has it.

    >>> from ordinis_rx.testing import a_quote
    >>> rounds = RoundFolding(AggregationConfig())
    >>> rounds.fold([a_quote(99.9, 100.1, provider="a")], {"a"}).quote.price
    100.0
    """

    def __init__(self, config: AggregationConfig) -> None:
        # Which times are too far off is judged here, round by round: hours may lie between two.
        inside = dataclasses.replace(config, emit="every", time_window=NEVER)
        self._window = config.time_window
        self._answers: list[AggregatedQuote] = []
        self._last: AggregatedQuote | None = None
        self._rejects: list[Reject] = []
        self._heard: set[str] = set()
        self._seq = 0
        self._root: Subject[Event] = Subject()
        refused: SideOutput[Reject] = SideOutput()
        refused.subscribe(self._rejects.append)
        self._root.pipe(consensus(inside, rejects=refused)).subscribe(self._answers.append)

    def fold(self, facts: Sequence[Quote | Trade], asked: Set[str]) -> Folded:
        """Fold the answers of one round; their order does not matter. What others than who was *asked* said is void."""
        self._answers.clear()
        self._rejects.clear()
        newest = max(map(moment, facts), default=0)
        told = _in_order(facts, self._seq + 1)
        self._seq += len(told)
        if told:
            self._leave_out(self._heard - asked, newest)
            self._heard |= {fact.provider for fact in told}
        for fact in told:
            if newest - moment(fact) > self._window:
                self._rejects.append(reject_of(fact, "late"))
            else:
                # Answers are stamped as their newest report is: by no time that nobody believes.
                self._root.on_next(replace(fact, ts_event=moment(fact)))
        if self._answers:
            self._last = self._answers[-1]
        fit = _fit(told, self._rejects)
        # Where all tell of a time before their last answer's, that still stands.
        return Folded(self._last if fit else None, tuple(self._rejects), fit)

    def _leave_out(self, names: Set[str], at: Nanos) -> None:
        self._heard -= names
        for name in sorted(names):
            gap = Gap(
                ts_event=at, provider=name, ts_from=at, ts_to=at, reason=GapReason.DISCONNECTED
            )
            self._root.on_next(gap)


def _in_order(facts: Sequence[Quote | Trade], first: int) -> list[Quote | Trade]:
    """*facts* in order of time, so that the last answer is made of all and speaks of the newest; numbered from *first*."""
    ordered = sorted(facts, key=lambda fact: (moment(fact), fact.provider))
    return [replace(fact, seq=seq) for seq, fact in enumerate(ordered, first)]


def _fit(told: Sequence[Quote | Trade], rejects: Sequence[Reject]) -> dict[str, Quote | Trade]:
    """The newest of each provider that has a price fit to be used."""
    refused = {reject.seq for reject in rejects}
    return {
        fact.provider: fact
        for fact in told
        if fact.seq not in refused and (isinstance(fact, Quote) or fact.flags & TradeFlags.LAST)
    }
