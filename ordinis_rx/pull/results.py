"""What came of a question: one result a provider, and the consensus of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ordinis_rx.consensus import AggregatedQuote, Reject
from ordinis_rx.pull.sources import Answer
from ordinis_rx.timebase import Nanos

__all__ = ["Health", "ProviderResult", "Round"]


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """What one provider answered, or why it did not.

    >>> ProviderResult("mine", {"price": 1.5}, 12.0, 1_700_000_000_000_000_000).success
    True
    """

    provider_name: str
    data: Answer | None
    latency_ms: float
    """From the question to the answer, or to the failure, milliseconds."""
    timestamp: Nanos
    """When it came, by our clock, nanoseconds."""
    success: bool = True
    """Whether it answered; whether the answer has a price fit to be used is not told here, but by `Round.rejects`."""
    error: Exception | None = None
    """Why it did not, where it did not."""


@dataclass(frozen=True, slots=True)
class Round:
    """One question about a symbol to all enabled providers, and what became of it; `DataAggregator.ask` gives it."""

    quote: AggregatedQuote
    """The consensus of the answers; never OK where the answer of somebody who was asked is not among those used."""
    results: tuple[ProviderResult, ...]
    """Answers and failures, one a provider, in the order in which they came."""
    unheard: tuple[str, ...] = ()
    """Who had not answered when the others were agreed, or when the time was over; a later answer is not used."""
    rejects: tuple[Reject, ...] = ()
    """The answers without a price fit to be used, and what was wrong with them."""


@dataclass(frozen=True, slots=True)
class Health:
    """How many of the enabled providers can be asked now; nobody is asked for it. `DataAggregator.health_check` gives it."""

    healthy: bool
    """Whether they are enough for the quorum, ``config.min_providers``."""
    message: str
    """The same in words, ``"2/3 providers healthy"``."""
    providers: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """By name, whether a provider can be asked: False while it is left alone, after failures (see `BreakerPolicy`) or as it
    was asked too often (`RateLimited`)."""
