"""The figures that become metrics: none forgotten, none invented."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest

from ordinis_rx.consensus import ProviderStats
from ordinis_rx.feed_stats import FeedStats
from ordinis_rx.operators import BufferStats
from ordinis_rx.views.metrics_figures import (
    BUFFER_COUNTERS,
    BUFFER_GAUGES,
    FEED_COUNTERS,
    FEED_GAUGES,
    PROVIDER_COUNTERS,
    PROVIDER_GAUGES,
    Figures,
)


class Spy:
    """Stands for a record of figures; notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> float:
        self.asked.append(name)
        return 1


def asked_by(*tables: Figures[Any]) -> list[str]:
    spy = Spy()
    for table in tables:
        for _, _, value in table:
            value(spy)
    return sorted(spy.asked)


def fields(kind: Any, *apart: str) -> list[str]:
    names = getattr(kind, "_fields", None) or [each.name for each in dataclasses.fields(kind)]
    return sorted(set(names) - set(apart))


def test_each_figure_of_a_feed_is_told_once_but_those_with_labels_of_their_own() -> None:
    apart = ("provider", "decode_errors", "lag_p50", "lag_p99")
    assert asked_by(FEED_COUNTERS, FEED_GAUGES) == fields(FeedStats, *apart)


def test_each_figure_of_a_provider_is_told_once_but_those_with_labels_of_their_own() -> None:
    # The sum of latencies may fall where clocks disagree: it is no counter, and means nothing as a gauge.
    latencies = ("latency_p50_ms", "latency_p99_ms", "total_latency_ms", "timed_count")
    apart = ("provider", "errors", *latencies)
    asked = asked_by(PROVIDER_COUNTERS, PROVIDER_GAUGES)
    assert asked.count("judged_count") == 2  # whether it is known, and what it is
    assert sorted(set(asked)) == fields(ProviderStats, *apart)


def test_each_figure_of_a_buffer_is_told_once() -> None:
    assert asked_by(BUFFER_COUNTERS, BUFFER_GAUGES) == fields(BufferStats)


@pytest.mark.parametrize("name", ["connected", "last_receive"])
def test_a_time_that_never_was_is_no_number(name: str) -> None:
    values = {figure: value(FeedStats(provider="p")) for figure, _, value in FEED_GAUGES}
    assert math.isnan(values[f"{name}_timestamp_seconds"])
