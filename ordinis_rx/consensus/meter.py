"""Providers' records while their reports are folded: read at any moment, or told as a stream."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from ordinis_rx.codes import MOST_PROVIDERS, Names
from ordinis_rx.consensus.facts import Reject
from ordinis_rx.consensus.statistics import ProviderStats
from ordinis_rx.kernels.record import Call
from ordinis_rx.kernels.reports import LAG_BUCKETS, NOW, lag_of_bucket
from ordinis_rx.timebase import MILLI, Nanos

__all__ = ["ConsensusMeter"]


class ConsensusMeter:
    """The record of each provider in a consensus, to be read at any moment: hand it to ``consensus(meter=...)``.

    It tells of the newest subscription of that consensus, and begins afresh with each; before the first it knows nobody.

    >>> from ordinis_rx.consensus import consensus
    >>> from ordinis_rx.testing import a_quote, through
    >>> meter = ConsensusMeter()
    >>> told = [a_quote(99.0, 101.0, provider="a"), a_quote(99.0, 98.0, provider="a")]
    >>> answers = through(consensus(meter=meter), told)
    >>> meter.stats[0].request_count, meter.stats[0].success_rate, dict(meter.stats[0].errors)
    (2, 0.5, {'crossed': 1})
    """

    def __init__(self) -> None:
        self.names = Names()
        """The names that the numbers of providers stand for."""
        self._call: Call | None = None
        self._errors: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._last_error: dict[str, Nanos] = {}

    def watch(self, call: Call) -> None:
        """Read *call*, the record of a new subscription, from now on, and forget the one before. The consensus calls it."""
        self._call = call
        self._errors.clear()
        self._last_error.clear()

    def learn(self, call: Call, names: Names) -> None:
        """Read numbers of providers by *names*, where *call* is the record that is read. The consensus calls it."""
        if call is self._call:
            self.names = names

    def refuse(self, call: Call, rejects: list[Reject]) -> None:
        """Count what was not fit to be used, where *call* is the record that is read. The consensus calls it."""
        if call is not self._call:
            return
        for reject in rejects:
            self._errors[reject.provider][reject.reason] += 1
            self._last_error[reject.provider] = reject.ts_event

    @property
    def now(self) -> Nanos:
        """The latest time that the reports told, nanoseconds since 1970; 0 before the first report."""
        return 0 if self._call is None else self._call.state("clock")[NOW].item()

    @property
    def stats(self) -> tuple[ProviderStats, ...]:
        """A snapshot for each provider that has reported, sorted by name."""
        if self._call is None:
            return ()
        words = list(self.names.providers.words[:MOST_PROVIDERS])
        made = [self._of(code, name, self._call) for code, name in enumerate(words)]
        return tuple(sorted((each for each in made if each.request_count), key=_name))

    def _of(self, code: int, name: str, call: Call) -> ProviderStats:
        number = {
            column: call.state(column)[code].item()
            for column in (
                "taken",
                "judged",
                "outliers",
                "off_sum",
                "off_count",
                "newest",
                "lag",
                "lag_sum",
            )
        }
        errors = self._errors[name]
        lags = call.state("lags")[code * LAG_BUCKETS : (code + 1) * LAG_BUCKETS]
        timed = int(lags.sum())
        newest = number["newest"]
        return ProviderStats(
            provider=name,
            request_count=number["taken"] + errors.total(),
            success_count=number["taken"],
            errors=dict(errors),
            outlier_count=number["outliers"],
            judged_count=number["judged"],
            latency_p50_ms=_quantile(lags, 0.5),
            latency_p99_ms=_quantile(lags, 0.99),
            total_latency_ms=number["lag_sum"] / MILLI,
            timed_count=timed,
            lag_ms=number["lag"] / MILLI if timed else np.nan,
            staleness_ms=max(self.now - newest, 0) / MILLI if newest else np.nan,
            last_success=newest,
            last_error=self._last_error.get(name, 0),
            deviation_bps=(
                number["off_sum"] / number["off_count"] if number["off_count"] else np.nan
            ),
        )


def _name(stats: ProviderStats) -> str:
    return stats.provider


def _quantile(lags: np.ndarray[tuple[int], np.dtype[np.int64]], share: float) -> float:
    total = int(lags.sum())
    if not total:
        return np.nan
    bucket = int(np.searchsorted(np.cumsum(lags), share * total))
    return lag_of_bucket(bucket) / MILLI
