"""A feed that is asked to says every second that time has passed, so that a quiet market does not stand still."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ordinis_rx.config import StreamConfig
from ordinis_rx.consensus import AggregationConfig, ConsensusStatus, consensus
from ordinis_rx.errors import AuthError
from ordinis_rx.events import Heartbeat, StreamStatus
from ordinis_rx.operators import time_bars, trades
from ordinis_rx.timebase import SECOND
from tests.transport import Ear, PolygonVendor, a_feed, status, trade
from tests.virtual import after, in_virtual_time, settled, virtual_loop


@in_virtual_time
async def test_it_tells_the_time_while_somebody_listens_connected_or_not() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, tick_seconds=1.0, reconnect_delay_seconds=5.0)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(3.5)
    beats = ear.of(Heartbeat)

    assert events.status is StreamStatus.RECONNECTING
    assert [b.ts_event - a.ts_event for a, b in pairwise(beats)] == [SECOND] * 2
    assert [beat.ts_recv for beat in beats] == [beat.ts_event for beat in beats]
    assert {beat.provider for beat in beats} == {events.provider.name}
    assert [fact.seq for fact in ear.facts] == [*range(1, len(ear.facts) + 1)]

    ear.leave()
    await after(5)
    assert ear.of(Heartbeat) == beats
    again = Ear().to(events)
    await after(1.5)
    assert len(again.of(Heartbeat)) == 1
    await events.close()
    await after(5)
    assert len(again.of(Heartbeat)) == 1


@in_virtual_time
async def test_it_tells_none_unless_it_is_asked_to_and_none_after_an_error() -> None:
    silent = Ear().to(events := a_feed(PolygonVendor()))
    await after(100)
    assert silent.of(Heartbeat) == []
    await events.close()

    refused = Ear().to(a_feed(PolygonVendor(login=(status("auth_failed"),)), tick_seconds=0.5))
    await after(100)
    assert [type(error) for error in refused.errors] == [AuthError]
    assert refused.of(Heartbeat) == []


@in_virtual_time
async def test_a_busy_loop_makes_no_crowd_of_them() -> None:
    events = a_feed(PolygonVendor(), tick_seconds=1.0)
    ear = Ear().to(events)
    await settled()
    virtual_loop().block(10.25)
    await after(2)
    assert len(ear.of(Heartbeat)) == 3
    await events.close()


@in_virtual_time
async def test_a_subscriber_may_leave_at_one() -> None:
    events = a_feed(PolygonVendor(), tick_seconds=1.0)
    ear = Ear().to(events)
    ear.act = lambda fact: ear.leave() if type(fact) is Heartbeat else None
    await after(3)
    assert len(ear.of(Heartbeat)) == 1
    assert events.status is StreamStatus.DISCONNECTED
    await events.close()


@in_virtual_time
async def test_the_last_bar_of_a_quiet_market_is_told() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, tick_seconds=1.0)
    bars = Ear().to(events.pipe(time_bars(10 * SECOND, flush_after=2 * SECOND)))
    told = Ear().to(events.pipe(trades()))
    await settled()
    vendor.line.say(trade())
    await after(15)
    assert len(told.facts) == len(bars.facts) == 1
    await events.close()


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "1"])
def test_a_span_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises((TypeError, ValueError), match="tick_seconds must be a"):
        StreamConfig(tick_seconds=seconds)


@in_virtual_time
async def test_a_consensus_sees_that_all_have_fallen_silent() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, channels={"quotes"}, tick_seconds=1.0)
    answers = Ear().to(events.pipe(consensus(AggregationConfig(max_age=3 * SECOND))))
    await settled()
    at = virtual_loop().wall() // 1_000_000
    vendor.line.say({"ev": "Q", "sym": "AAPL", "bp": 99.0, "ap": 101.0, "bs": 1, "as": 1, "t": at})
    await after(10)
    assert answers.facts[0].has_price
    assert answers.facts[-1].status is ConsensusStatus.NO_QUORUM
    await events.close()
