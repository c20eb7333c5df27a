"""What is known of each provider, pushed and pulled alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ordinis_rx.display import Sheet, Shown, counted, figures, measured, moment
from ordinis_rx.events import NAN
from ordinis_rx.timebase import Nanos

__all__ = ["ProviderStats"]


@dataclass(frozen=True, slots=True)
class ProviderStats(Shown):
    """One provider's record so far. What was never seen is NaN, a time that never was is 0.

    >>> stats = ProviderStats("finnhub", request_count=4, success_count=3, errors={"timeout": 1}, outlier_count=1)
    >>> stats.success_rate, stats.error_count, round(stats.outlier_share, 2)
    (0.75, 1, 0.33)
    """

    provider: str
    request_count: int = 0
    """How often it was asked, or how many reports it pushed."""
    success_count: int = 0
    """How many answers were fit to be used."""
    errors: Mapping[str, int] = field(default_factory=dict[str, int])
    """What went wrong, and how often, by cause."""
    outlier_count: int = 0
    """How many of its answers were excluded as outliers."""
    judged_count: int | None = None
    """How many were held against others'; the trade of who has a fresh quote is not. None: all that were fit to be used."""
    latency_p50_ms: float = NAN
    """The median time from the question to the answer or, where reports are pushed, from the event to its arrival; ms.

    Pushed ones are counted in four classes for each doubling, of which this is the middle: up to an eighth off."""
    latency_p99_ms: float = NAN
    """The same for the slowest one in a hundred."""
    total_latency_ms: float = 0.0
    """All these times, added up."""
    lag_ms: float = NAN
    """From the event to its arrival, of the newest answer."""
    staleness_ms: float = NAN
    """How long ago its newest answer was true, by the time that the newest of any provider tells."""
    last_success: Nanos = 0
    """When the last answer fit to be used came (where reports are pushed: the newest time that one told)."""
    last_error: Nanos = 0
    """When something last went wrong (where reports are pushed: the time that the report told)."""
    deviation_bps: float = NAN
    """How far its answers were from the consensus, on the average, with their sign."""
    timed_count: int | None = None
    """Of how many answers a latency is known; None: of all that were fit to be used."""

    @property
    def success_rate(self) -> float:
        """The share of answers that were fit to be used; 0 where there was none."""
        return self.success_count / self.request_count if self.request_count else 0.0

    @property
    def error_count(self) -> int:
        """How often something went wrong; who was left alone because of that was not asked, and is counted, too."""
        return sum(self.errors.values())

    @property
    def outlier_share(self) -> float:
        """The share of the answers held against those of others that were excluded as outliers; 0 where there was none."""
        judged = self.success_count if self.judged_count is None else self.judged_count
        return self.outlier_count / judged if judged else 0.0

    @property
    def avg_latency_ms(self) -> float:
        """The mean latency of the answers of which it is known; 0 where there was none."""
        timed = self.success_count if self.timed_count is None else self.timed_count
        return self.total_latency_ms / timed if timed else 0.0

    def _sheet(self) -> Sheet:
        return figures(
            f"ProviderStats of {self.provider}",
            {
                "request_count": f"{self.request_count:,}",
                "success_rate": f"{self.success_rate:.1%}",
                "errors": counted(self.errors),
                "outlier_share": f"{self.outlier_share:.1%}",
                "latency_p50_ms": measured(self.latency_p50_ms, 4),
                "latency_p99_ms": measured(self.latency_p99_ms, 4),
                "lag_ms": measured(self.lag_ms, 4),
                "staleness_ms": measured(self.staleness_ms, 4),
                "deviation_bps": measured(self.deviation_bps, 4),
                "last_success": moment(self.last_success or None),
                "last_error": moment(self.last_error or None),
            },
        )
