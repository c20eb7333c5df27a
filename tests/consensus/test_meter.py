"""Providers' records while their reports are folded."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import pytest

from ordinis_rx.consensus import AggregationConfig, ConsensusMeter, RobustOutlier, consensus
from ordinis_rx.events import Event
from ordinis_rx.multicast import Hot
from ordinis_rx.stream import from_events, numbered
from ordinis_rx.testing import a_quote, a_trade, through
from ordinis_rx.timebase import DAY, MILLI, SECOND

START = 10**18


def q(price: float, provider: str, at: int, lag: int = 5 * MILLI) -> Event:
    at += START
    return a_quote(price - 0.01, price + 0.01, provider=provider, at=at, ts_recv=at + lag)


def told() -> list[Event]:
    events: list[Event] = []
    for k in range(20):
        events += [q(100.0, "a", k * SECOND), q(100.0, "b", k * SECOND, 20 * MILLI)]
        events.append(q(100.5, "c", k * SECOND))
    return numbered([*events, a_trade(0.0, provider="b", at=START + 20 * SECOND)])


@pytest.mark.parametrize("rows", [1, 1000])
def test_each_provider_has_its_record(rows: int) -> None:
    meter = ConsensusMeter()
    config = AggregationConfig(outliers=RobustOutlier(confirm=1))

    from_events(told(), rows=rows).pipe(consensus(config, meter=meter)).subscribe()
    a, b, c = meter.stats

    assert (a.provider, a.request_count, a.success_rate, a.error_count) == ("a", 20, 1.0, 0)
    assert (b.request_count, dict(b.errors), b.last_error) == (
        21,
        {"not-positive": 1},
        START + 20 * SECOND,
    )
    assert (a.outlier_count, c.outlier_count) == (0, 20)
    assert c.outlier_share == 1.0
    assert a.deviation_bps == pytest.approx(0.0, abs=1e-6)
    assert c.deviation_bps == pytest.approx(50.0, rel=0.01)
    assert a.latency_p50_ms == pytest.approx(5.0, rel=0.13)
    assert b.latency_p99_ms == pytest.approx(20.0, rel=0.13)
    assert (a.avg_latency_ms, a.lag_ms) == (5.0, 5.0)
    assert a.last_success == START + 19 * SECOND
    assert a.staleness_ms == 0.0


def test_nothing_is_known_before_the_first_report() -> None:
    assert ConsensusMeter().stats == ()


def test_without_arrival_times_there_is_no_latency() -> None:
    meter = ConsensusMeter()

    through(consensus(meter=meter), [a_quote(99.0, 101.0, provider="a")])

    assert math.isnan(meter.stats[0].latency_p50_ms)
    assert math.isnan(meter.stats[0].lag_ms)


def test_the_mean_latency_is_of_the_reports_whose_arrival_is_known() -> None:
    meter = ConsensusMeter()
    events = [q(100.0, "a", 0, 10 * MILLI)]
    events += [a_quote(99.0, 101.0, provider="a", at=START + k) for k in range(1, 10)]

    through(consensus(meter=meter), numbered(events))

    (stats,) = meter.stats
    assert (stats.success_count, stats.timed_count, stats.avg_latency_ms) == (10, 1, 10.0)


def test_a_stamp_that_is_not_believed_makes_no_latency() -> None:
    meter = ConsensusMeter()
    ahead = a_quote(99.0, 101.0, provider="a", at=START + 400 * DAY, ts_recv=START + SECOND)

    through(consensus(meter=meter), numbered([q(100.0, "a", 0, 10 * MILLI), ahead]))

    assert (meter.stats[0].avg_latency_ms, meter.stats[0].lag_ms) == (5.0, 0.0)


def test_nobody_is_stale_for_less_than_no_time_where_the_clock_is_set_back() -> None:
    meter = ConsensusMeter()
    quotes = [a_quote(provider=name, at=START - k * DAY) for k, name in enumerate("abc")]
    quotes.append(a_quote(provider="b", at=START - 2 * DAY))

    through(consensus(meter=meter), numbered(quotes))

    told = {each.provider: each.staleness_ms for each in meter.stats if each.success_count}
    assert told == {"a": 0.0, "b": 0.0}


def test_a_new_subscription_starts_a_new_record() -> None:
    meter = ConsensusMeter()
    stream = from_events(told()).pipe(consensus(meter=meter))

    for _ in range(2):
        stream.subscribe()

    assert meter.stats[0].request_count == 20
    assert meter.stats[1].error_count == 1


@pytest.mark.parametrize("together", [1, 5], ids=["alone", "in a message"])
def test_of_several_subscriptions_it_tells_of_the_newest_alone(together: int) -> None:
    meter = ConsensusMeter()
    measured = consensus(meter=meter)
    older, newer = Hot(), Hot()

    def tell(hot: Hot, *providers: str) -> None:
        for k, name in enumerate(providers):
            quotes = [q(100.0, name, k), a_quote(9.0, 8.0, provider=name, at=START + k)]
            facts = [fact for fact in quotes for _ in range(together)]
            hot.push(numbered(facts, first=len(facts) * k + 1))

    def told() -> list[tuple[str, int, int]]:
        return [(each.provider, each.success_count, each.error_count) for each in meter.stats]

    for hot in (older, newer, newer):
        hot.stream.pipe(measured).subscribe()
    tell(newer, "x")
    tell(older, "a", "b")

    assert told() == [("x", together, together)]


def test_before_the_first_report_it_is_no_time_and_nobody_has_a_record() -> None:
    assert (ConsensusMeter().now, ConsensusMeter().stats) == (0, ())


@pytest.mark.parametrize("trades", [0, 1, 5])
def test_the_share_of_outliers_does_not_hang_on_trades_beside_the_quotes(trades: int) -> None:
    events: list[Event] = []
    for second in range(40):
        at = START + second * SECOND
        for provider, mid in (("a", 100.0), ("b", 100.01), ("c", 101.0)):
            events.append(a_quote(mid - 0.01, mid + 0.01, provider=provider, at=at))
            events += [a_trade(mid, provider=provider, at=at) for _ in range(trades)]
    meter = ConsensusMeter()
    through(consensus(meter=meter), numbered(events))

    assert meter.stats[2].outlier_share > 0.9
    assert meter.stats[0].outlier_share == 0.0


def test_a_record_can_be_written_down() -> None:
    meter = ConsensusMeter()
    through(
        consensus(meter=meter),
        numbered([a_quote(99.0, 101.0, provider="a"), a_quote(9.0, 8.0, provider="a")]),
    )

    record = dataclasses.asdict(meter.stats[0])

    assert (record["request_count"], record["errors"]) == (2, {"crossed": 1})
    assert msgspec.json.decode(msgspec.json.encode(meter.stats[0]))["provider"] == "a"
