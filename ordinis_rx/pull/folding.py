"""The way of pulled answers through the consensus: a round at a time, by the same chain that pushed prices go through."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
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
from ordinis_rx.consensus.config import NEVER
from ordinis_rx.consensus.validate import reject_of
from ordinis_rx.events import Event, Quote, Trade, TradeFlags
from ordinis_rx.operators.event_time import moment
from ordinis_rx.operators.side import SideOutput

__all__ = ["Folded", "Folding"]


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


class Folding:
    """Folds rounds by *config*; *lasting* remembers from round to round, otherwise it is for one round.

    The rounds of a *lasting* one are the reports of a stream, and outliers are confirmed as the rule has it. In a round by
    itself all is known that ever will be: who is too far away is excluded at once.

    >>> from ordinis_rx.testing import a_quote
    >>> told = [a_quote(99.9, 100.1, provider="a"), a_quote(99.9, 100.1, provider="b"), a_quote(102, 103, provider="c")]
    >>> Folding(AggregationConfig()).fold(told).quote.source_summary
    '2 of 3: a, b; c excluded (outlier)'
    """

    def __init__(self, config: AggregationConfig, *, lasting: bool = False) -> None:
        rule = config.outliers
        if not lasting and isinstance(rule, RobustOutlier) and rule.confirm is None:
            rule = dataclasses.replace(rule, confirm=1)
        # Which times are too far off is judged here, round by round: hours may lie between two.
        inside = dataclasses.replace(config, emit="every", outliers=rule, time_window=NEVER)
        if not lasting:  # whoever has answered is too late at most, and nobody to be forgotten
            inside = dataclasses.replace(inside, idle=NEVER)
        self._window = config.time_window
        self._answers: list[AggregatedQuote] = []
        self._last: AggregatedQuote | None = None
        self._rejects: list[Reject] = []
        self._seq = 0
        self._root: Subject[Event] = Subject()
        refused: SideOutput[Reject] = SideOutput()
        refused.subscribe(self._rejects.append)
        self._root.pipe(consensus(inside, rejects=refused)).subscribe(self._answers.append)

    def fold(self, facts: Sequence[Quote | Trade]) -> Folded:
        """Fold the answers of one round; their order does not matter."""
        self._answers.clear()
        self._rejects.clear()
        newest = max(map(moment, facts), default=0)
        # In order of time, so that the last answer is made of all and speaks of the newest.
        ordered = sorted(facts, key=lambda fact: (moment(fact), fact.provider))
        fit: dict[int, Quote | Trade] = {}
        for told in ordered:
            self._seq += 1
            fact = replace(told, seq=self._seq)
            if newest - moment(fact) > self._window:
                self._rejects.append(reject_of(fact, "late"))
                continue
            if isinstance(fact, Quote) or fact.flags & TradeFlags.LAST:
                fit[fact.seq] = fact
            self._root.on_next(fact)
        for reject in self._rejects:
            fit.pop(reject.seq, None)
        if self._answers:
            self._last = self._answers[-1]
        # Where all tell of a time before their last answer's, that still stands.
        quote = self._last if fit else None
        return Folded(quote, tuple(self._rejects), {fact.provider: fact for fact in fit.values()})
