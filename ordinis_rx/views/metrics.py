"""What feeds, providers, buffers and side outputs count, as metrics for Prometheus."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from ordinis_rx.consensus import ProviderStats
from ordinis_rx.errors import MissingExtra
from ordinis_rx.feed import Feed
from ordinis_rx.kinds import StreamStatus
from ordinis_rx.operators import BufferStats, SideOutput
from ordinis_rx.views.metrics_figures import (
    BUFFER_COUNTERS,
    BUFFER_GAUGES,
    FEED_COUNTERS,
    FEED_GAUGES,
    PROVIDER_COUNTERS,
    PROVIDER_GAUGES,
    SIDE_COUNTERS,
    Figures,
    seconds_of,
)

if TYPE_CHECKING:
    from prometheus_client.core import Metric

__all__ = ["Buffered", "MetricsCollector"]

MOST_KINDS = 32
"""Kinds of errors that have a series of their own; those that come later are counted together, as ``other``."""

T = TypeVar("T")


class Buffered(Protocol):
    """A `BufferMeter`, or a bridge with a buffer of its own."""

    @property
    def stats(self) -> BufferStats:
        """The counts at this moment."""
        ...


class MetricsCollector:
    """A collector for a Prometheus registry: asked by it, it tells the figures of that moment, and keeps none itself.

    *feeds* are told apart by the name of their provider, or by names of your own (a mapping), which two feeds of one
    provider must have; *providers* is asked for what is known of each one, such as ``lambda: meter.stats`` of a
    `ConsensusMeter` or ``lambda: aggregator.provider_stats.values()``; *buffers* and *side_outputs* have the names that you
    give them. Units are seconds, bytes and ratios. No label holds a symbol, a message or an address; of the kinds of errors
    the first 32 of each provider are told apart. What has not been seen yet (a lag, the time of the first message) has no
    sample. Ask it where the feeds run, as `serve_metrics` does.

    Needs the extra ``metrics``; raises `MissingExtra` without, ValueError for two feeds of one name.

    >>> from prometheus_client import CollectorRegistry, generate_latest
    >>> import ordinis_rx as ox
    >>> registry = CollectorRegistry()
    >>> registry.register(MetricsCollector([ox.feed(ox.finnhub("token"), ["AAPL"])]))
    >>> print(generate_latest(registry).decode().splitlines()[-1])
    ordinis_rx_feed_buffer_peak_items{provider="finnhub"} 0.0
    """

    def __init__(
        self,
        feeds: Iterable[Feed] | Mapping[str, Feed] = (),
        *,
        providers: Callable[[], Iterable[ProviderStats]] = tuple,
        buffers: Mapping[str, Buffered] | None = None,
        side_outputs: Mapping[str, SideOutput[Any]] | None = None,
    ) -> None:
        try:
            from prometheus_client import core
        except ImportError as error:
            raise MissingExtra(
                "telling metrics", package="prometheus-client", extra="metrics"
            ) from error
        self._counter = core.CounterMetricFamily
        self._gauge = core.GaugeMetricFamily
        self._metric = core.Metric
        self._feeds = _named(feeds)
        self._providers = providers
        self._buffers = dict(buffers or {})
        self._side_outputs = dict(side_outputs or {})

    def collect(self) -> Iterator[Metric]:
        """Every metric, with a sample for each that it is known of; a group of which there is none is left out."""
        if self._feeds:
            stats = {name: each.stats for name, each in self._feeds.items()}
            yield self._statuses()
            yield from self._counters("feed", "provider", stats, FEED_COUNTERS)
            yield self._kinds("feed", "kind", {n: s.decode_errors for n, s in stats.items()})
            yield self._quantiles(
                "feed_lag_seconds",
                "From the event at the venue to its arrival here, over the newest thousand messages",
                {name: (seconds_of(s.lag_p50), seconds_of(s.lag_p99)) for name, s in stats.items()},
            )
            yield from self._gauges("feed", "provider", stats, FEED_GAUGES)
        known = {each.provider: each for each in self._providers()}
        if known:
            yield from self._counters("provider", "provider", known, PROVIDER_COUNTERS)
            yield self._kinds("provider", "reason", {n: s.errors for n, s in known.items()})
            yield self._quantiles(
                "provider_latency_seconds",
                "From the question to the answer, or from the event to its arrival",
                {n: (s.latency_p50_ms / 1e3, s.latency_p99_ms / 1e3) for n, s in known.items()},
            )
            yield from self._gauges("provider", "provider", known, PROVIDER_GAUGES)
        if self._buffers:
            waits = {name: each.stats for name, each in self._buffers.items()}
            yield from self._counters("buffer", "buffer", waits, BUFFER_COUNTERS)
            yield from self._gauges("buffer", "buffer", waits, BUFFER_GAUGES)
        if self._side_outputs:
            yield from self._counters("side_output", "output", self._side_outputs, SIDE_COUNTERS)

    def _statuses(self) -> Metric:
        metric = self._gauge(
            "ordinis_rx_feed_status",
            "1 for the state that the connection is in, 0 for the others",
            labels=("provider", "status"),
        )
        for name, each in self._feeds.items():
            now = each.status
            for status in StreamStatus:
                metric.add_metric((name, status.name.lower()), float(status is now))
        return metric

    def _counters(
        self, group: str, label: str, holders: Mapping[str, T], figures: Figures[T]
    ) -> Iterator[Metric]:
        for figure, meaning, value in figures:
            counter = self._counter(f"ordinis_rx_{group}_{figure}", meaning, labels=(label,))
            for name, holder in holders.items():
                counter.add_metric((name,), value(holder))
            yield counter

    def _gauges(
        self, group: str, label: str, holders: Mapping[str, T], figures: Figures[T]
    ) -> Iterator[Metric]:
        for figure, meaning, value in figures:
            gauge = self._gauge(f"ordinis_rx_{group}_{figure}", meaning, labels=(label,))
            for name, holder in holders.items():
                found = value(holder)
                if not math.isnan(found):
                    gauge.add_metric((name,), found)
            yield gauge

    def _kinds(self, group: str, label: str, errors: Mapping[str, Mapping[str, int]]) -> Metric:
        metric = self._counter(
            f"ordinis_rx_{group}_errors",
            f"What went wrong and was counted, by {label}",
            labels=("provider", label),
        )
        for name, counts in errors.items():
            for kind, times in _bounded(counts).items():
                metric.add_metric((name, kind), times)
        return metric

    def _quantiles(
        self, figure: str, meaning: str, found: Mapping[str, tuple[float, float]]
    ) -> Metric:
        # A summary, which alone may have a label `quantile`; of moving windows there is no sum and no count.
        metric = self._metric(f"ordinis_rx_{figure}", meaning, "summary")
        for name, values in found.items():
            for quantile, value in zip(("0.5", "0.99"), values, strict=True):
                if not math.isnan(value):
                    labels = {"provider": name, "quantile": quantile}
                    metric.add_sample(f"ordinis_rx_{figure}", labels, value)
        return metric


def _named(feeds: Iterable[Feed] | Mapping[str, Feed]) -> dict[str, Feed]:
    if isinstance(feeds, Mapping):
        return dict(cast("Mapping[str, Feed]", feeds))
    named: dict[str, Feed] = {}
    for each in feeds:
        name = each.provider.name
        if name in named:
            raise ValueError(f"two feeds are named {name!r}; give them names of your own")
        named[name] = each
    return named


def _bounded(counts: Mapping[str, int]) -> dict[str, int]:
    # By who came first, which does not change: a counter must never fall.
    kept = dict(islice(counts.items(), MOST_KINDS))
    rest = sum(islice(counts.values(), MOST_KINDS, None))
    if rest:
        kept["other"] = kept.get("other", 0) + rest
    return kept
