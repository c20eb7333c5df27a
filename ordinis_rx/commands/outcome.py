"""What came of a demo, as plain values: for the tables, the JSON document and the page alike."""

from __future__ import annotations

import msgspec

__all__ = [
    "Check",
    "Errors",
    "Falsehood",
    "Fault",
    "Interval",
    "Outcome",
    "ProviderRow",
    "SymbolRow",
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
    outlier_share: float
    """Of its prices, how many the consensus left out (0 to 1)."""
    deviation_bps: float
    """How far its prices were from the consensus, on the average, with their sign."""


class SymbolRow(msgspec.Struct, frozen=True, kw_only=True):
    """The consensus on one symbol beside the true price; `status` is empty where there is no fresh answer."""

    symbol: str
    price: float
    half_width: float
    half_width_bps: float
    confidence: float
    status: str
    excluded: dict[str, str]
    """Who is left out, and why."""
    true: float
    error_bps: float


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """A connection that was broken; seconds since the demo began, and the `Gap` that it left (None: no trace)."""

    at: float
    provider: str
    fault: str
    gap: float | None


class Falsehood(msgspec.Struct, frozen=True, kw_only=True):
    """Data that was false; seconds since the demo began."""

    at: float
    until: float
    provider: str
    fault: str
    symbols: tuple[str, ...]
    falsified: int
    """How many facts were false."""
    reason: str
    """Why the consensus is to leave the provider out."""
    excluded_after: float | None
    """Seconds until it was left out for that reason, with every symbol concerned; None: it was not."""
    back_after: float | None
    """Seconds from the last false fact until it was used again everywhere; None: it was not."""


class Errors(msgspec.Struct, frozen=True, kw_only=True):
    """How far the consensus was off over the whole demo, in basis points of the true price."""

    samples: int
    without_price: int
    median: float
    worst: float


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """How often the true price was within the interval that was told, and how wide that was."""

    looks: int
    """At which there was a price."""
    holds_truth: float
    """The share of them at which the true price was within."""
    half_width_bps: float
    """As a rule."""


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
    falsehoods: tuple[Falsehood, ...]
    errors_bps: Errors
    interval: Interval
    statuses: dict[str, int]
    """At how many looks the consensus had which status."""
    checks: tuple[Check, ...]
