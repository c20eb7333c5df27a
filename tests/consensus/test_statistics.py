"""One provider's record."""

from __future__ import annotations

import math

from ordinis_rx.consensus import ProviderStats


def test_rates_are_shares_of_what_was_asked_and_answered() -> None:
    stats = ProviderStats(
        "a",
        request_count=10,
        success_count=8,
        errors={"timeout": 1, "crossed": 1},
        outlier_count=2,
        total_latency_ms=80.0,
    )

    assert (stats.success_rate, stats.error_count) == (0.8, 2)
    assert (stats.outlier_share, stats.avg_latency_ms) == (0.25, 10.0)


def test_of_a_provider_that_was_never_asked_nothing_is_known() -> None:
    stats = ProviderStats("a")

    assert (stats.success_rate, stats.outlier_share, stats.avg_latency_ms) == (0.0, 0.0, 0.0)
    assert math.isnan(stats.latency_p50_ms)
