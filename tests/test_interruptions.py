"""Gaps: their exact bounds, one for each interruption, and what a backfill makes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ordinis_rx.errors import Disconnected
from ordinis_rx.events import (
    Event,
    FeedError,
    Gap,
    GapReason,
    StatusChange,
    StreamStatus,
    Trade,
)
from ordinis_rx.timebase import SECOND
from tests.transport import KEY, Ear, PolygonVendor, a_feed, status, trade
from tests.virtual import START, after, in_virtual_time, settled, virtual_loop

CONNECTED, ERROR = StreamStatus.CONNECTED, StreamStatus.ERROR


def now() -> int:
    return virtual_loop().wall()


@in_virtual_time
async def test_a_gap_reaches_from_the_last_message_to_the_last_acknowledgement() -> None:
    vendor = PolygonVendor(acks="none")
    events = a_feed(vendor, ["AAPL", "MSFT"], stable_seconds=0.0)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade())
    await after(7)
    vendor.line.say(trade())
    last = now()
    await after(3)
    vendor.line.lose()
    await after(2)
    line = vendor.line
    assert events.status is CONNECTED
    line.say(status("success", "subscribed to: T.AAPL"))
    await after(1.5)
    assert ear.gaps == []  # not all is in force yet
    line.say(trade("AAPL"))
    line.say(status("success", "subscribed to: T.MSFT"))
    healed = now()
    await settled()
    (gap,) = ear.gaps
    assert (gap.ts_from, gap.ts_to, gap.ts_event) == (last, healed, healed)
    assert (gap.reason, gap.symbols, gap.filled) == (GapReason.DISCONNECTED, (), False)
    assert gap.duration == healed - last
    assert events.stats.gaps == 1
    await events.close()
    assert len(ear.gaps) == 1


@in_virtual_time
async def test_a_pong_counts_as_a_sign_that_nothing_was_missed_yet() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, heartbeat_interval_seconds=10.0)
    ear = Ear().to(events)
    await after(25)  # a pong came at 20 s
    vendor.line.lose()
    await after(2)
    (gap,) = ear.gaps
    assert gap.ts_from == START + 20 * SECOND
    await events.close()


@in_virtual_time
async def test_an_interruption_is_one_gap_however_many_attempts_it_took() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await after(2)
    vendor.refuse = iter([Disconnected("down") for _ in range(4)])
    vendor.line.lose()
    await after(60)
    (gap,) = ear.gaps
    assert gap.ts_from == START  # the acknowledgement was the last thing that came
    assert ear.statuses.count(StreamStatus.RECONNECTING) == 5
    await events.close()


@in_virtual_time
async def test_a_connection_lost_before_it_was_healed_continues_the_same_gap() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.acks = "none"
    vendor.line.lose()
    await after(2)
    assert (events.status, ear.gaps) == (CONNECTED, [])
    vendor.line.lose()
    vendor.acks = "each"
    await after(5)
    (gap,) = ear.gaps
    assert gap.ts_from == START
    assert gap.ts_to > START + 3 * SECOND
    await events.close()


@in_virtual_time
async def test_without_acknowledgements_a_gap_ends_when_the_subscriptions_are_sent() -> None:
    from ordinis_rx.providers.finnhub import finnhub
    from tests.transport import Vendor

    vendor = Vendor()
    events = a_feed(vendor, provider=finnhub(KEY))
    ear = Ear().to(events)
    await settled()
    assert ear.statuses[-1] is CONNECTED
    vendor.line.lose()
    await after(1.5)
    (gap,) = ear.gaps
    assert gap.ts_from == START
    assert gap.ts_to - gap.ts_from == pytest.approx(SECOND, rel=1e-3)
    assert [line.said for line in vendor.lines] == [
        ['{"type":"subscribe","symbol":"AAPL"}'],
        ['{"type":"subscribe","symbol":"AAPL"}'],
    ]
    await events.close()


@in_virtual_time
async def test_a_removal_in_the_midst_of_acknowledgements_does_not_end_the_gap_early() -> None:
    vendor = PolygonVendor(acks="none")
    events = a_feed(vendor, ["AAPL", "MSFT"])
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(2)
    await events.remove(["MSFT"])
    await after(1)
    assert ear.gaps == []
    vendor.line.say(status("success", "subscribed to: T.AAPL"))
    await settled()
    assert len(ear.gaps) == 1
    await events.close()


@in_virtual_time
async def test_what_is_never_acknowledged_ends_the_gap_when_it_is_no_longer_waited_for() -> None:
    vendor = PolygonVendor()
    vendor.unknown = frozenset({"T.ZZ"})
    events = a_feed(vendor, ["AAPL", "ZZ"], acknowledge_timeout_seconds=10.0)
    ear = Ear().to(events)
    await after(11)
    vendor.line.lose()
    await after(10)
    assert ear.gaps == []
    await after(3)
    (gap,) = ear.gaps
    told = ear.of(FeedError)
    assert [error.message for error in told] == [
        "no acknowledgement within 10 s for trades of ZZ"
    ] * 2
    assert ear.facts.index(told[1]) < ear.facts.index(gap)
    await events.close()


@in_virtual_time
async def test_the_last_interruption_is_told_before_the_error_that_ends_the_stream() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, max_reconnect_attempts=2)
    ear = Ear().to(events)
    await after(3)
    vendor.refuse = iter([Disconnected("down") for _ in range(9)])
    vendor.line.lose()
    await after(100)
    (gap,) = ear.gaps
    ended = ear.of(StatusChange)[-1]
    assert ended.status is ERROR
    assert (gap.ts_from, gap.ts_to) == (START, ended.ts_recv)
    assert ear.facts[-2:] == [gap, ended]
    assert ear.errors != []


@in_virtual_time
async def test_a_closed_feed_has_missed_nothing() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(0.5)
    await events.close()
    assert ear.gaps == []
    assert events.stats.gaps == 0


# Backfill


@in_virtual_time
async def test_a_backfill_is_asked_for_the_gap_and_its_facts_follow_a_second_one() -> None:
    asked: list[Gap] = []

    async def backfill(gap: Gap) -> list[Event]:
        asked.append(gap)
        await after(3)
        return [
            Trade(symbol="AAPL", ts_event=START, price=price, size=1.0, provider="rest", seq=99)
            for price in (1.0, 2.0)
        ]

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=backfill)
    ear = Ear().to(events)
    await settled()
    lags = events.stats.lag_p50
    vendor.line.lose()
    await after(1.5)
    vendor.line.say(trade(price=10.0))
    await after(5)
    gap, filled = ear.gaps
    assert asked == [gap]
    assert (gap.filled, filled.filled) == (False, True)
    assert (filled.ts_from, filled.ts_to, filled.reason) == (gap.ts_from, gap.ts_to, gap.reason)
    assert ear.prices == [10.0, 1.0, 2.0]
    at = ear.facts.index(filled)
    assert [type(fact) for fact in ear.facts[at : at + 3]] == [Gap, Trade, Trade]
    assert [fact.seq for fact in ear.facts] == list(range(1, len(ear.facts) + 1))
    assert {fact.ts_recv for fact in ear.facts[at:]} == {filled.ts_event}
    assert ear.of(Trade)[1].provider == "rest"
    assert ear.of(Trade)[1].ts_event == START
    assert lags is None
    assert events.stats.lag_p50 < SECOND * 2  # that of the live trade: history has no lag
    assert events.stats.gaps == 1  # filling it makes no second interruption
    await events.close()


async def raises(gap: Gap) -> list[Any]:
    raise ValueError(f"https://rest.example/?apiKey={KEY}")


async def gives_nonsense(gap: Gap) -> list[Any]:
    return [{"price": 1.0}]


async def gives_nothing_iterable(gap: Gap) -> Any:
    return None


@pytest.mark.parametrize(
    ("backfill", "kind"),
    [(raises, "ValueError"), (gives_nonsense, "TypeError"), (gives_nothing_iterable, "TypeError")],
)
@in_virtual_time
async def test_a_backfill_that_fails_is_told_by_its_kind_alone(backfill: Any, kind: str) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=backfill)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(3)
    (error,) = ear.of(FeedError)
    assert (error.kind, error.message) == ("backfill", f"the backfill failed with {kind}")
    assert [gap.filled for gap in ear.gaps] == [False]
    assert events.status is CONNECTED
    assert KEY not in repr(ear.facts)
    await events.close()


@in_virtual_time
async def test_an_empty_backfill_says_that_nothing_was_missed() -> None:
    async def nothing(gap: Gap) -> tuple[Event, ...]:
        return ()

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=nothing)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(3)
    assert [gap.filled for gap in ear.gaps] == [False, True]
    await events.close()


@in_virtual_time
async def test_a_backfill_goes_on_while_the_next_interruption_comes() -> None:
    doors = [asyncio.Event(), asyncio.Event()]
    opened = iter(doors)

    async def slow(gap: Gap) -> list[Event]:
        await next(opened).wait()
        return []

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=slow)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(2)
    vendor.line.lose()
    await after(3)
    doors[1].set()
    await settled()
    doors[0].set()
    await settled()
    first, second, *filled = ear.gaps
    assert [gap.ts_from for gap in filled] == [second.ts_from, first.ts_from]
    await events.close()
