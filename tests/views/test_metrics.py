"""Counters as metrics: right figures, proper names, and nothing in the labels that should not be there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from reactivex.scheduler import VirtualTimeScheduler

import ordinis_rx as ox
from ordinis_rx.consensus import ProviderStats
from ordinis_rx.events import Trade
from ordinis_rx.operators import BufferMeter, Overflow, SideOutput, buffer, drop_crossed
from ordinis_rx.testing import a_quote, through
from ordinis_rx.timebase import SECOND
from ordinis_rx.views.metrics import MOST_KINDS, MetricsCollector
from tests.transport import Ear, PolygonVendor, a_feed, trade
from tests.virtual import START, after, in_virtual_time

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def text_of(collector: MetricsCollector) -> str:
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode()


def samples(collector: MetricsCollector) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(text_of(collector)):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, f"{key} is told twice"
            found[key] = sample.value
    return found


def at(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"ordinis_rx_{name}", frozenset(labels.items())


def known(*stats: ProviderStats) -> Samples:
    return samples(MetricsCollector(providers=lambda: stats))


def everything() -> MetricsCollector:
    return MetricsCollector(
        [ox.feed(ox.finnhub("canary-2718"), ["AAPL"])],
        providers=lambda: [
            ProviderStats(
                "polygon", 4, 3, {"timeout": 1}, 1, 1.0, 2.0, 3.0, 4.0, 5.0, SECOND, SECOND, 6.0
            )
        ],
        buffers={"disk": BufferMeter()},
        side_outputs={"crossed": SideOutput[Any]()},
    )


@in_virtual_time
async def test_a_feeds_figures_are_those_of_its_stats_at_the_moment_of_asking() -> None:
    vendor = PolygonVendor(acks="whole")
    events = a_feed(vendor)
    collector = MetricsCollector([events])
    before = samples(collector)
    assert before[at("feed_status", provider="polygon", status="disconnected")] == 1
    assert before[at("feed_events_total", provider="polygon")] == 0
    assert at("feed_lag_seconds", provider="polygon", quantile="0.5") not in before
    assert at("feed_last_receive_timestamp_seconds", provider="polygon") not in before

    bad = Ear()
    bad.act = lambda fact: 1 / 0 if isinstance(fact, Trade) else None
    Ear().to(events)
    bad.to(events)
    await after(5)
    vendor.line.say(trade(at=START // 1_000_000 + 4_750))
    vendor.line.raw(b"dirt")
    await after(1)
    vendor.line.lose()
    await after(2)

    now, stats = samples(collector), events.stats
    for name, value in {
        "feed_connection_attempts_total": 2,
        "feed_connects_total": 2,
        "feed_messages_total": 6,
        "feed_received_bytes_total": stats.bytes,
        "feed_events_total": stats.events,
        "feed_gaps_total": 1,
        "feed_subscriber_errors_total": 1,
        "feed_connected_timestamp_seconds": stats.connected_at / SECOND,
        "feed_last_receive_timestamp_seconds": stats.last_receive / SECOND,
        "feed_buffer_peak_items": stats.buffer_peak,
    }.items():
        assert now[at(name, provider="polygon")] == value, name
    assert now[at("feed_errors_total", provider="polygon", kind="undecodable")] == 1
    assert now[at("feed_lag_seconds", provider="polygon", quantile="0.5")] == 0.25
    assert now[at("feed_lag_seconds", provider="polygon", quantile="0.99")] == 0.25
    states = {
        dict(labels)["status"]: value
        for (name, labels), value in now.items()
        if name == "ordinis_rx_feed_status"
    }
    assert [name for name, value in states.items() if value] == ["connected"]
    assert len(states) == 6
    await events.close()
    assert samples(collector)[at("feed_status", provider="polygon", status="closed")] == 1


def test_a_providers_record_is_told_in_seconds_and_ratios() -> None:
    told = known(
        ProviderStats(
            "polygon",
            request_count=5,
            success_count=4,
            errors={"timeout": 1},
            outlier_count=2,
            latency_p50_ms=20.0,
            latency_p99_ms=80.0,
            lag_ms=250.0,
            staleness_ms=1_500.0,
            last_success=3 * SECOND,
            last_error=2 * SECOND,
            deviation_bps=-25.0,
        )
    )
    me = {"provider": "polygon"}
    assert told == {
        at("provider_requests_total", **me): 5,
        at("provider_successes_total", **me): 4,
        at("provider_judged_total", **me): 4,
        at("provider_outliers_total", **me): 2,
        at("provider_errors_total", reason="timeout", **me): 1,
        at("provider_latency_seconds", quantile="0.5", **me): 0.02,
        at("provider_latency_seconds", quantile="0.99", **me): 0.08,
        at("provider_lag_seconds", **me): 0.25,
        at("provider_staleness_seconds", **me): 1.5,
        at("provider_deviation_ratio", **me): -0.0025,
        at("provider_last_success_timestamp_seconds", **me): 3,
        at("provider_last_error_timestamp_seconds", **me): 2,
    }


def test_what_was_never_seen_has_no_sample() -> None:
    assert {name for name, _ in known(ProviderStats("new"))} == {
        "ordinis_rx_provider_requests_total",
        "ordinis_rx_provider_successes_total",
        "ordinis_rx_provider_judged_total",
        "ordinis_rx_provider_outliers_total",
    }


def test_buffers_and_side_outputs_are_told_by_the_names_that_they_were_given() -> None:
    meter, crossed = BufferMeter(), SideOutput[Any]()
    collector = MetricsCollector(buffers={"disk": meter}, side_outputs={"crossed": crossed})
    quotes = [a_quote(1.0, 2.0), a_quote(2.0, 3.0), a_quote(3.0, 4.0)]
    held = buffer(2, Overflow.DROP_OLDEST, meter=meter, scheduler=VirtualTimeScheduler())
    ox.from_events(quotes).pipe(held).subscribe()
    through(drop_crossed(crossed), [a_quote(99.0, 101.0), a_quote(102.0, 101.0)])

    told = samples(collector)

    stats = meter.stats
    assert (stats.received, stats.dropped) == (3, 1)
    for name, value in {
        "received_facts_total": stats.received,
        "delivered_facts_total": stats.delivered,
        "dropped_facts_total": stats.dropped,
        "conflated_facts_total": stats.conflated,
        "pending_facts": stats.pending,
        "peak_facts": stats.peak,
    }.items():
        assert told[at(f"buffer_{name}", buffer="disk")] == value, name
    assert told[at("side_output_facts_total", output="crossed")] == 1


def test_names_follow_the_conventions() -> None:
    families = list(text_string_to_metric_families(text_of(everything())))
    assert len(families) == 31
    for family in families:
        assert re.fullmatch(r"ordinis_rx_(feed|provider|buffer|side_output)_[a-z_]+", family.name)
        assert family.documentation, family.name
        assert family.type in {"counter", "gauge", "summary"}
        assert not re.search(r"_(ms|ns|nanos|bps|milliseconds)\b", family.name)
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter"), sample.name


def test_what_promtool_would_complain_of_is_not_there() -> None:
    for family in text_string_to_metric_families(text_of(everything())):
        labels = {label for sample in family.samples for label in sample.labels}
        assert "quantile" not in labels or family.type == "summary", family.name
        assert "le" not in labels
        assert not re.search(r"_(count|sum|bucket|info|counter|gauge|summary)$", family.name)
        assert not re.search(
            r"_(s|b|sec|secs|min|minutes|hours|kb|mb|pct|percent)(_|$)", family.name
        )
        assert ":" not in family.name
        assert family.name == family.name.lower()


def test_labels_are_few_and_hold_no_symbol_and_no_key() -> None:
    text = text_of(everything())
    assert "canary" not in text
    assert "AAPL" not in text
    labels = {label for _, pairs in samples(everything()) for label, _ in pairs}
    assert labels == {"provider", "status", "quantile", "reason", "buffer", "output"}


@pytest.mark.parametrize("kinds", [MOST_KINDS, MOST_KINDS + 5])
def test_kinds_of_errors_without_end_are_bounded_and_none_is_lost(kinds: int) -> None:
    told = known(ProviderStats("p", errors={f"kind-{n}": n + 1 for n in range(kinds)}))
    errors = {
        dict(labels)["reason"]: value
        for (name, labels), value in told.items()
        if name == "ordinis_rx_provider_errors_total"
    }
    assert len(errors) == MOST_KINDS + (kinds > MOST_KINDS)
    assert sum(errors.values()) == kinds * (kinds + 1) / 2


def test_a_kind_that_is_called_other_is_told_once() -> None:
    errors = {"other": 3, **{f"kind-{n}": 1 for n in range(MOST_KINDS + 1)}}
    told = known(ProviderStats("p", errors=MappingProxyType(errors)))
    assert told[at("provider_errors_total", provider="p", reason="other")] == 3 + 2


def feeds(names: Iterable[str]) -> Mapping[str, ox.Feed]:
    return {name: ox.feed(ox.finnhub("token"), ["AAPL"]) for name in names}


def test_two_feeds_of_one_provider_need_names_of_their_own() -> None:
    two = feeds(["shares", "coins"])
    with pytest.raises(ValueError, match="two feeds are named 'finnhub'; give them names"):
        MetricsCollector(two.values())
    told = samples(MetricsCollector(two))
    assert at("feed_events_total", provider="shares") in told
    assert at("feed_events_total", provider="coins") in told


def test_a_name_with_quotes_and_line_ends_cannot_break_the_text() -> None:
    odd = 'a"} 1\nevil{x="'
    assert known(ProviderStats(odd))[at("provider_requests_total", provider=odd)] == 0


def test_without_prometheus_client_the_error_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "import ordinis_rx as ox\n"
        "from ordinis_rx.views.metrics import MetricsCollector\n"
        "try: MetricsCollector()\n"
        "except ox.MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "telling metrics needs prometheus-client" in done.stdout
    assert "ordinis-rx[metrics]" in done.stdout
