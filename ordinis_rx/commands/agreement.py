"""What the providers agree on: the newest answer of each symbol, who was left out when, and how the truth stood to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ordinis_rx.consensus import AggregatedQuote, ConsensusStatus
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["FRESH", "Agreement", "Exclusion", "Look"]

FRESH: Nanos = 1 * SECOND
"""What is older has no say: a report in the consensus, and the consensus itself when it is looked at."""


class Look(NamedTuple):
    """One look at a symbol: NaN where there was no price."""

    ts: Nanos
    symbol: str
    true: float
    price: float = math.nan
    half_width: float = math.nan
    status: ConsensusStatus | None = None
    quiet: bool = False
    """Whether nothing was broken and nothing told wrongly at that moment."""

    @property
    def error_bps(self) -> float:
        """How far the price is off, in basis points of the true price."""
        return (self.price / self.true - 1) * 10_000

    @property
    def half_width_bps(self) -> float:
        """Half of the interval, in basis points of the price."""
        return self.half_width / self.price * 10_000

    @property
    def holds_truth(self) -> bool:
        """Whether the true price is within the interval; never without a price."""
        return abs(self.price - self.true) <= self.half_width


@dataclass(slots=True)
class Exclusion:
    """A stretch in which a provider's word on a symbol was not used, by the clock of arrival."""

    provider: str
    symbol: str
    reason: str
    since: Nanos
    until: Nanos | None = None
    """None while it goes on."""


class Agreement:
    """Takes every answer of the consensus."""

    def __init__(self, symbols: Iterable[str], truth: Callable[[str, Nanos], float]) -> None:
        self.answers: dict[str, AggregatedQuote] = {}
        self.exclusions: list[Exclusion] = []
        self.looks: list[Look] = []
        self._symbols = tuple(symbols)
        self._truth = truth
        self._clock: Nanos = 0
        self._open: dict[tuple[str, str, str], Exclusion] = {}

    def on_next(self, answer: AggregatedQuote) -> None:
        """Take one answer."""
        before = self.answers.get(answer.symbol)
        self.answers[answer.symbol] = answer
        # The report that led to it may be a late one; the price is of the latest time that was heard of.
        self._clock = max(self._clock, answer.ts_event)
        reasons = answer.reasons
        if reasons != (() if before is None else before.reasons):
            self._note(answer, reasons)

    def _note(self, answer: AggregatedQuote, reasons: tuple[tuple[str, str], ...]) -> None:
        now = {(provider, answer.symbol, reason) for provider, reason in reasons}
        for key in [key for key in self._open if key[1] == answer.symbol and key not in now]:
            self._open.pop(key).until = answer.ts_recv
        for key in sorted(now - self._open.keys()):
            self._open[key] = Exclusion(*key, since=answer.ts_recv)
            self.exclusions.append(self._open[key])

    @property
    def is_whole(self) -> bool:
        """Whether every known provider is used for every symbol."""
        found = [self.answers.get(symbol) for symbol in self._symbols]
        return all(answer is not None and answer.status is ConsensusStatus.OK for answer in found)

    def sample(self, now: Nanos, *, quiet: bool = False) -> None:
        """Look at every symbol, by the clock of arrival, and remember what was seen."""
        self.looks.extend(self.look(symbol, now, quiet=quiet) for symbol in self._symbols)

    def look(self, symbol: str, now: Nanos, *, quiet: bool = False) -> Look:
        """The consensus on *symbol*, if it is fresh, beside the true price of the time that it speaks of."""
        answer = self.answers.get(symbol)
        if answer is None or now - answer.ts_recv > FRESH:
            return Look(now, symbol, self._truth(symbol, now), quiet=quiet)
        true = self._truth(symbol, self._clock)
        return Look(now, symbol, true, answer.price, answer.half_width, answer.status, quiet)
