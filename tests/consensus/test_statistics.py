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


def test_a_record_is_shown_in_four_digits_and_its_times_in_full() -> None:
    stats = ProviderStats(
        "finnhub",
        request_count=4321,
        success_count=4300,
        errors={"timeout": 21},
        outlier_count=43,
        latency_p50_ms=12.345678,
        latency_p99_ms=98.765432,
        lag_ms=3.1415926,
        staleness_ms=1234.5678,
        deviation_bps=-0.123456,
        last_success=1_781_622_376_036_000_000,
        last_error=1_781_622_375_036_000_000,
    )

    assert stats._sheet().rows == [
        ("request_count", "4,321"),
        ("success_rate", "99.5%"),
        ("errors", "timeout 21"),
        ("outlier_share", "1.0%"),
        ("latency_p50_ms", "12.35"),
        ("latency_p99_ms", "98.77"),
        ("lag_ms", "3.142"),
        ("staleness_ms", "1235"),
        ("deviation_bps", "-0.1235"),
        ("last_success", "2026-06-16 15:06:16.036000000"),
        ("last_error", "2026-06-16 15:06:15.036000000"),
    ]
