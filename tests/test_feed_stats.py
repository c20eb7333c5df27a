"""What a feed counts about itself."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from ordinis_rx.events import Event, Heartbeat, Quote, StreamStatus, Trade
from ordinis_rx.feed_stats import FeedStats, Meter
from ordinis_rx.timebase import MILLI, SECOND
from tests.transport import Ear, PolygonVendor, a_feed, trade
from tests.virtual import START, after, in_virtual_time, settled


def a_trade(lag: int, symbol: str = "AAPL") -> Trade:
    return Trade(symbol=symbol, ts_event=1_000, ts_recv=1_000 + lag, price=1.0, size=1.0)


def a_quote(lag: int) -> Quote:
    return Quote(symbol="MSFT", ts_event=1_000, ts_recv=1_000 + lag, bid=1.0, ask=2.0)


@in_virtual_time
async def test_a_fresh_feed_has_counted_nothing() -> None:
    events = a_feed(PolygonVendor())
    assert events.stats == FeedStats(provider="polygon", decode_errors=MappingProxyType({}))


@in_virtual_time
async def test_every_figure_counts_what_it_says() -> None:
    vendor = PolygonVendor(acks="whole")
    events = a_feed(vendor)
    bad = Ear()
    bad.act = lambda fact: 1 / 0 if isinstance(fact, Trade) else None
    ear = Ear().to(events)
    bad.to(events)
    await after(5)
    vendor.line.say(trade(at=START // MILLI + 4_750))
    vendor.line.raw(b"dirt")
    await after(1)
    vendor.line.lose()
    await after(2)
    stats = events.stats
    assert stats.provider == "polygon"
    assert (stats.connects, stats.attempts, stats.gaps) == (2, 2, 1)
    assert stats.messages == 6  # twice a login and an acknowledgement, a trade, dirt
    sizes = [len(msgspec.json.encode([trade(at=START // MILLI + 4_750)])), len(b"dirt")]
    login = len('[{"ev":"status","status":"auth_success"}]')
    ack = len('[{"ev":"status","status":"success","message":"subscribed to: T.AAPL"}]')
    assert stats.bytes == sum(sizes) + 2 * (login + ack)
    assert stats.events == len(ear.facts)
    assert stats.decode_errors == {"undecodable": 1}
    assert stats.subscriber_errors == 1
    assert (stats.lag_p50, stats.lag_p99) == (250 * MILLI, 250 * MILLI)
    assert stats.connected_at == stats.last_receive
    assert START + 7 * SECOND <= stats.last_receive <= START + 8 * SECOND
    await events.close()


@in_virtual_time
async def test_a_snapshot_does_not_change_afterwards() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    Ear().to(events)
    await settled()
    before = events.stats
    vendor.line.raw(b"dirt")
    await settled()
    assert before.decode_errors == {}
    assert events.stats.decode_errors == {"undecodable": 1}
    before.decode_errors["x"] = 1  # type: ignore[index]
    assert events.stats.decode_errors == {
        "undecodable": 1
    }  # who writes into a snapshot has it alone
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.events = 5  # type: ignore[misc]
    await events.close()


@in_virtual_time
async def test_a_pong_is_the_newest_sign_of_life_but_no_message() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    Ear().to(events)
    await after(1)
    messages = events.stats.messages
    await after(60)
    assert events.stats.messages == messages
    assert events.stats.last_receive == START + 60 * SECOND
    await events.close()


@in_virtual_time
async def test_the_peak_is_what_waited_while_a_subscriber_caused_more() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear()

    def cause(fact: Event) -> None:
        if isinstance(fact, Trade):
            events.close()  # its own status has to wait for the trade to have gone round

    ear.act = cause
    ear.to(events)
    await settled()
    assert events.stats.buffer_peak == 0
    vendor.line.say(trade())
    await settled()
    assert ear.statuses[-1] is StreamStatus.CLOSED
    assert events.stats.buffer_peak == 1


def test_lag_is_taken_from_quotes_and_trades_the_last_one_of_each_message() -> None:
    meter = Meter()
    meter.arrived([a_trade(5), a_quote(7), Heartbeat(ts_event=0, ts_recv=999)])
    meter.arrived([Heartbeat(ts_event=0, ts_recv=999)])
    assert list(meter.lags) == [7]


@pytest.mark.parametrize(
    ("lags", "p50", "p99"),
    [([5], 5, 5), ([3, 1, 2], 2, 3), (list(range(100)), 50, 99), ([9] * 200 + [1], 9, 9)],
)
def test_percentiles_are_of_what_was_measured(lags: list[int], p50: int, p99: int) -> None:
    meter = Meter()
    for lag in lags:
        meter.arrived([a_trade(lag)])
    stats = meter.stats("sim", 0, 0)
    assert (stats.lag_p50, stats.lag_p99) == (p50, p99)


def test_only_the_newest_thousand_lags_are_remembered() -> None:
    meter = Meter()
    for lag in [10_000] * 2_000 + [1] * 1_024:
        meter.arrived([a_trade(lag)])
    assert meter.stats("sim", 0, 0).lag_p99 == 1


def test_symbols_with_data_are_told_and_remembered() -> None:
    meter = Meter()
    meter.watch(["AAPL", "TSLA", "*"], 7)
    beat: Any = Heartbeat(symbol="AAPL", ts_event=0)
    assert meter.symbols_of([beat]) == set()
    assert meter.symbols_of([a_trade(1), beat, a_quote(1)]) == {"AAPL", "*"}
    assert meter.last_data == {"AAPL": 1_001, "TSLA": 7, "*": 1_001}
    meter.watch(["AAPL", "MSFT"], 8)
    assert meter.last_data == {"AAPL": 1_001, "MSFT": 8}


def test_when_there_was_data_at_all_is_remembered_of_every_message() -> None:
    meter = Meter()
    beat: Any = Heartbeat(symbol="AAPL", ts_event=0, ts_recv=9_999)
    meter.arrived([beat])
    assert meter.last_market_data == 0
    meter.arrived([a_trade(1), a_quote(2), beat])
    assert meter.last_market_data == 1_002
