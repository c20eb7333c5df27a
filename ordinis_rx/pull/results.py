"""What came of a question: one result a provider, and the consensus of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

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
    """From the question to the answer, or to the failure."""
    timestamp: Nanos
    """When it came, by our clock."""
    success: bool = True
    error: Exception | None = None
    """Why not."""


@dataclass(frozen=True, slots=True)
class Round:
    """One question to all providers, and what became of it."""

    quote: AggregatedQuote
    results: tuple[ProviderResult, ...]
    """In the order in which they came."""
    unheard: tuple[str, ...] = ()
    """Who had not answered when the others were agreed, or when the time was over."""
    rejects: tuple[Reject, ...] = ()
    """The answers without a price fit to be used, and what was wrong with them."""


@dataclass(frozen=True, slots=True)
class Health:
    """How many of the enabled providers can be asked."""

    healthy: bool
    """Whether there are enough for the quorum."""
    message: str
    providers: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
