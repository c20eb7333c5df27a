"""The faults that a classic streaming client has, one test for each: what ours does instead."""

from __future__ import annotations

import asyncio
import itertools
import math
from typing import Any

import pytest

from ordinis_rx.bridges.isolated import subscribe_isolated
from ordinis_rx.errors import AuthError, Disconnected
from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    GapReason,
    Quote,
    StatusChange,
    StreamEventType,
    StreamStatus,
    Trade,
)
from ordinis_rx.feed import Feed
from ordinis_rx.handlers import BufferedStreamHandler
from ordinis_rx.operators import dedupe
from ordinis_rx.operators.buffering import BufferMeter, buffer
from ordinis_rx.operators.overflow import Overflow
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.timebase import MILLI, SECOND
from tests.transport import KEY, Ear, PolygonVendor, Vendor, a_feed, status, trade
from tests.virtual import START, after, in_virtual_time, settled, virtual_loop

CONNECTING, CONNECTED = StreamStatus.CONNECTING, StreamStatus.CONNECTED
RECONNECTING, ERROR = StreamStatus.RECONNECTING, StreamStatus.ERROR
CLOSED, DISCONNECTED = StreamStatus.CLOSED, StreamStatus.DISCONNECTED


async def listening(vendor: Vendor, *args: Any, **options: Any) -> tuple[Feed, Ear]:
    events = a_feed(vendor, *args, **options)
    ear = Ear().to(events)
    await settled()
    return events, ear


@in_virtual_time
async def test_a_clean_close_by_the_server_is_reconnected() -> None:
    """S01"""
    for code in (1000, 1001):
        vendor = PolygonVendor()
        events, ear = await listening(vendor)
        vendor.line.lose("goodbye", code=code)
        await settled()
        assert events.status is RECONNECTING
        await after(2)
        assert events.status is CONNECTED
        assert len(vendor.open_lines) == 1
        await events.close()
        assert ear.statuses[-1] is CLOSED


@pytest.mark.parametrize("anything_came", [True, False])
@in_virtual_time
async def test_silence_is_detected_though_pings_go_out(anything_came: bool) -> None:
    """S02"""
    vendor = PolygonVendor(acks="none")
    events, ear = await listening(vendor, heartbeat_interval_seconds=0.1)
    vendor.line.answers_pings = False
    if anything_came:
        vendor.line.say(trade())
    await after(0.3)
    assert RECONNECTING in ear.statuses
    assert vendor.lines[0].pings >= 1
    assert events.stats.attempts == 1
    await events.close()


@in_virtual_time
async def test_a_thousand_retries_do_not_recurse() -> None:
    """S03"""

    def refusing() -> Any:
        for _ in range(1_000):
            yield Disconnected("down")

    vendor = PolygonVendor()
    vendor.refuse = refusing()
    events, ear = await listening(
        vendor,
        max_reconnect_attempts=1_000,
        reconnect_delay_seconds=0.001,
        reconnect_delay_max_seconds=0.001,
    )
    await after(10)
    assert (len(vendor.dials), events.status, ear.errors) == (1_001, CONNECTED, [])
    await events.close()


@in_virtual_time
async def test_reconnects_leave_no_tasks_or_pings_behind() -> None:
    """S04"""
    vendor = PolygonVendor()
    events, _ = await listening(vendor, max_reconnect_attempts=None)
    tasks = len(asyncio.all_tasks())
    for _ in range(10):
        vendor.line.lose()
        await after(61)
    assert len(vendor.lines) == 11
    assert len(asyncio.all_tasks()) == tasks
    pings = [line.pings for line in vendor.lines[:-1]]
    await after(300)
    assert [line.pings for line in vendor.lines[:-1]] == pings
    await events.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("how", ["close", "leave"])
@pytest.mark.parametrize("where", [Trade, FeedError, RECONNECTING, CONNECTED])
@in_virtual_time
async def test_hanging_up_inside_a_handler_is_final(where: Any, how: str) -> None:
    """S05"""
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear()

    def act(fact: Event) -> None:
        if where in (type(fact), getattr(fact, "status", None)):
            events.close() if how == "close" else ear.leave()

    ear.act = act
    ear.to(events)
    await settled()
    if vendor.open_lines:
        vendor.line.say(trade())
        vendor.line.raw(b"dirt")
        vendor.line.lose()
    await after(3600)
    assert events.status is (CLOSED if how == "close" else DISCONNECTED)
    assert len(vendor.dials) == 1
    assert vendor.open_lines == []


@in_virtual_time
async def test_a_feed_that_was_left_while_backing_off_does_not_come_back_to_life() -> None:
    """S06"""
    vendor = PolygonVendor()
    vendor.refuse = iter([Disconnected("down"), Disconnected("down")])
    events, ear = await listening(vendor)
    await after(0.5)
    ear.leave()
    vendor.refuse = iter(())  # the server is there again
    await after(3600)
    assert (events.status, len(vendor.dials), vendor.lines) == (DISCONNECTED, 1, [])


@in_virtual_time
async def test_a_flapping_server_is_met_with_growing_jittered_waits_and_given_up() -> None:
    """S07"""

    class Flapping(PolygonVendor):
        def hear(self, line: Any, text: str) -> None:
            super().hear(line, text)
            if "subscribe" in text:
                line.lose("flap", code=1000)

    vendor = Flapping()
    _, ear = await listening(vendor, max_reconnect_attempts=5)
    await after(3)
    assert len(vendor.dials) <= 4  # and not 53
    await after(300)
    assert len(vendor.dials) == 6
    waits = [later - earlier for earlier, later in itertools.pairwise(vendor.dials)]
    assert waits[-1] > 7.9
    assert len({round(wait, 3) for wait in waits[1:]}) == 4
    assert isinstance(ear.errors[0], Disconnected)


@in_virtual_time
async def test_a_refused_key_is_tried_once_told_and_its_socket_closed() -> None:
    """S08"""
    vendor = PolygonVendor(login=(status("auth_failed", "authentication failed"),))
    events, ear = await listening(vendor)
    await after(3600)
    assert (len(vendor.dials), vendor.open_lines) == (1, [])
    assert events.status is ERROR
    assert isinstance(ear.errors[0], AuthError)


@pytest.mark.parametrize("hello", [True, False])
@in_virtual_time
async def test_polygon_subscribes_after_its_hello_and_connected_means_let_in(hello: bool) -> None:
    """S09"""
    vendor = PolygonVendor(login=())
    events, _ = await listening(vendor)
    if hello:
        vendor.line.say(status("connected", "Connected Successfully"))
        await settled()
    assert events.status is CONNECTING
    assert len(vendor.line.said) == 1
    vendor.line.say(status("auth_success", "authenticated"))
    await settled()
    assert events.status is CONNECTED
    assert vendor.line.topics == {"T.AAPL"}
    await events.close()


@in_virtual_time
async def test_milliseconds_are_read_as_milliseconds() -> None:
    """S10"""
    vendor = PolygonVendor()
    events, ear = await listening(vendor)
    vendor.line.say(trade(at=1_536_036_818_784))
    await settled()
    (fact,) = ear.of(Trade)
    assert fact.ts_event == 1_536_036_818_784 * MILLI
    assert fact.time.isoformat() == "2018-09-04T04:53:38.784000+00:00"
    await events.close()


@in_virtual_time
async def test_forex_and_crypto_have_channels_of_their_own() -> None:
    """S11"""
    vendor = PolygonVendor()
    crypto = a_feed(
        vendor,
        ["BTC-USD"],
        provider=polygon(KEY, market="crypto"),
        channels={"trades", "quotes", "minute_bars", "second_bars"},
    )
    ear = Ear().to(crypto)
    await settled()
    assert vendor.line.topics == {"XT.BTC-USD", "XQ.BTC-USD", "XA.BTC-USD", "XAS.BTC-USD"}
    pair = {"pair": "BTC-USD"}
    bar = pair | {"v": 0.75, "o": 1, "c": 2, "h": 3, "l": 0.5, "s": 1_700_000_000_000}
    vendor.line.say(
        pair | {"ev": "XT", "p": 1.0, "s": 0.5, "t": 1_700_000_000_000, "i": "1", "x": 1},
        pair | {"ev": "XQ", "bp": 1, "ap": 2, "bs": 1, "as": 1, "t": 1_700_000_000_000, "x": 1},
        bar | {"ev": "XA", "e": 1_700_000_060_000},
        bar | {"ev": "XAS", "e": 1_700_000_001_000},
    )
    await settled()
    assert [len(ear.of(kind)) for kind in (Trade, Quote, Bar)] == [1, 1, 2]
    await crypto.close()

    vendor = PolygonVendor()
    forex = a_feed(vendor, ["EUR/USD"], provider=polygon(KEY, market="forex"), channels={"quotes"})
    ear = Ear().to(forex)
    await settled()
    vendor.line.say({"ev": "C", "p": "EUR/USD", "x": "44", "a": 2, "b": 1, "t": 1_700_000_000_000})
    await settled()
    assert vendor.line.topics == {"C.EUR/USD"}
    assert [quote.symbol for quote in ear.of(Quote)] == ["EUR/USD"]
    await forex.close()


@in_virtual_time
async def test_fractions_of_a_coin_are_not_lost() -> None:
    """S12"""
    vendor = PolygonVendor()
    events = a_feed(
        vendor, ["BTC-USD"], provider=polygon(KEY, market="crypto"), channels={"trades"}
    )
    ear = Ear().to(events)
    await settled()
    for size in (4.522e-05, 0.75, 1.5):
        row = {"ev": "XT", "pair": "BTC-USD", "p": 2.0, "s": size, "t": 1_700_000_000_000}
        vendor.line.say(row | {"i": "1", "x": 1})
    await settled()
    assert [fact.size for fact in ear.of(Trade)] == [4.522e-05, 0.75, 1.5]
    assert [fact.notional for fact in ear.of(Trade)] == [9.044e-05, 1.5, 3.0]
    await events.close()


@in_virtual_time
async def test_what_is_missing_is_not_a_number_and_told() -> None:
    """S13"""
    vendor = PolygonVendor()
    events, ear = await listening(vendor, channels={"trades", "quotes"})
    vendor.line.say({"ev": "Q", "sym": "AAPL", "ap": 200.0, "t": 1_700_000_000_000})
    vendor.line.say({"ev": "T", "sym": "AAPL", "p": "NaN", "s": 1, "t": 1_700_000_000_000})
    vendor.line.say({"ev": "T"})
    await settled()
    (quote,) = ear.of(Quote)
    assert math.isnan(quote.bid)
    assert math.isnan(quote.mid)
    assert all(math.isnan(fact.price) for fact in ear.of(Trade))
    assert ear.of(Trade)[1].ts_event == ear.of(Trade)[1].ts_recv  # and not 1970
    assert len(ear.problems) >= 4
    assert sum(events.stats.decode_errors.values()) == len(ear.problems)
    await events.close()


@in_virtual_time
async def test_errors_are_told_counted_and_carry_what_they_are_about() -> None:
    """S14"""
    vendor = PolygonVendor()
    events, ear = await listening(vendor)
    bad = Ear()
    bad.act = lambda fact: 1 / 0 if isinstance(fact, Trade) else None
    bad.to(events)
    vendor.line.raw(b"{not json")
    vendor.line.say(status("error", "not authorized"))
    vendor.line.say([1, 2])
    vendor.line.say(trade())
    await settled()
    undecodable, refused, *rest = ear.of(FeedError)
    assert (undecodable.kind, undecodable.raw) == ("undecodable", b"{not json")
    assert (refused.kind, refused.message) == ("not-authorized", "not authorized")
    assert len(rest) == 1
    assert rest[0].raw == b"[1,2]"
    assert isinstance(bad.errors[0], ZeroDivisionError)
    assert events.stats.subscriber_errors == 1
    assert len(ear.prices) == 1
    await events.close()


@in_virtual_time
async def test_a_slow_subscriber_with_a_queue_of_its_own_holds_nobody_up() -> None:
    """S15"""
    vendor = PolygonVendor()
    events, _ = await listening(vendor, buffer_size=100)
    lags: list[float] = []
    sent_at = 0.0

    async def slow(fact: Event) -> None:
        await after(0.01)

    fast = Ear()
    fast.act = lambda fact: lags.append(virtual_loop().time() - sent_at)
    fast.to(events)
    isolated = subscribe_isolated(events, slow, maxsize=100)
    for number in range(500):
        sent_at = virtual_loop().time()
        vendor.line.say(trade(price=float(number)))
        await after(0.002)
    assert len(fast.prices) == 500
    assert max(lags) < 0.001
    stats = isolated.stats
    assert stats.dropped > 200
    assert stats.peak == 100
    isolated.dispose()
    await events.close()


@in_virtual_time
async def test_a_quiet_symbol_is_not_forgotten_for_a_busy_one_and_what_is_dropped_is_counted() -> (
    None
):
    """S16"""
    vendor = PolygonVendor()
    events = a_feed(vendor, ["QUIET", "BUSY"])
    handler = BufferedStreamHandler(max_buffer_size=100)
    events.subscribe(handler)
    meter = BufferMeter()
    conflated = Ear().to(events.pipe(buffer(10, Overflow.CONFLATE, meter=meter)))
    await settled()
    vendor.line.say(trade("QUIET", 7.0), *(trade("BUSY", float(price)) for price in range(2_000)))
    await settled()
    quiet = handler.latest_trade("QUIET")
    assert quiet is not None
    assert quiet.price == 7.0
    assert handler.dropped == {StreamEventType.TRADE: 1_901}
    assert conflated.prices == [7.0, 1_999.0]
    assert meter.stats.conflated == 1_999
    await events.close()


@in_virtual_time
async def test_adding_in_the_connected_handler_is_sent_once_and_on_a_closed_socket_kept() -> None:
    """S17"""
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear()
    adding: list[asyncio.Future[None]] = []

    def act(fact: Event) -> None:
        if isinstance(fact, StatusChange) and fact.status is CONNECTED:
            adding.append(asyncio.ensure_future(events.add(["MSFT"])))

    ear.act = act
    ear.to(events)
    await settled()
    asked = [text for text in vendor.line.said if "MSFT" in text]
    assert len(asked) == 1
    assert vendor.line.topics == {"T.AAPL", "T.MSFT"}
    vendor.line.lose()
    await settled()
    await events.add(["IBM"])  # raises nothing, and is not lost
    await after(3)
    assert vendor.line.topics == {"T.AAPL", "T.MSFT", "T.IBM"}
    await asyncio.gather(*adding)
    await events.close()


@in_virtual_time
async def test_subscribing_again_while_reconnecting_makes_no_second_connection() -> None:
    """S18"""
    vendor = PolygonVendor()
    events, first = await listening(vendor)
    vendor.line.lose()
    await after(0.3)
    assert events.status is RECONNECTING
    others = [Ear().to(events) for _ in range(3)]
    await after(3)
    assert len(vendor.dials) == 2
    assert len(vendor.open_lines) == 1
    vendor.line.say(trade())
    await settled()
    assert [len(ear.prices) for ear in (first, *others)] == [1] * 4
    await events.close()
    assert vendor.open_lines == []


@in_virtual_time
async def test_a_subscriber_that_leaves_inside_a_fact_does_not_make_the_next_one_miss_it() -> None:
    """S19"""
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ears = [Ear() for _ in range(4)]
    for ear in ears[:3]:
        ear.act = lambda fact, ear=ear: ear.leave() if isinstance(fact, Trade) else None
    for ear in ears:
        ear.to(events)
    await settled()
    vendor.line.say(trade(price=1.0))
    vendor.line.say(trade(price=2.0))
    await settled()
    assert [ear.prices for ear in ears] == [[1.0], [1.0], [1.0], [1.0, 2.0]]
    await events.close()


@in_virtual_time
async def test_duplicates_disorder_and_gaps_can_be_seen() -> None:
    """S20"""
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear, unique = Ear().to(events), Ear().to(events.pipe(dedupe()))
    await settled()
    vendor.line.say(trade(price=1.0, at=START // MILLI))
    vendor.line.say(trade(price=1.0, at=START // MILLI))  # the very same
    vendor.line.say(trade(price=2.0, at=START // MILLI - 10_000) | {"i": "2"})
    await settled()
    assert (len(ear.prices), len(unique.prices)) == (3, 2)
    late = ear.of(Trade)[-1]
    assert late.ts_recv - late.ts_event == 10 * SECOND
    seqs = [fact.seq for fact in ear.facts]
    assert seqs == sorted(set(seqs))
    vendor.line.lose()
    await after(2)
    assert len(ear.gaps) == len(unique.gaps) == 1
    await events.close()


@in_virtual_time
async def test_subscribing_does_not_block_and_giving_up_is_told() -> None:
    """S21"""
    vendor = PolygonVendor()
    vendor.refuse = iter([Disconnected(f"down {number}") for number in range(20)])
    began = virtual_loop().time()
    events, ear = await listening(vendor, max_reconnect_attempts=3)
    assert virtual_loop().time() == began
    await after(60)
    assert events.status is ERROR
    assert ear.statuses[-1] is ERROR
    assert ear.of(StatusChange)[-1].message.endswith("given up after 3 attempts")
    assert [str(error) for error in ear.errors] == ["disconnected: down 3"]


@in_virtual_time
async def test_a_quote_and_two_trades_of_one_moment_are_three_facts() -> None:
    """S22"""
    vendor = PolygonVendor()
    events = a_feed(vendor, channels={"trades", "quotes"})
    ear = Ear().to(events.pipe(dedupe()))
    await settled()
    quote = {"ev": "Q", "sym": "AAPL", "bp": 1, "ap": 2, "bs": 1, "as": 1, "t": 1_700_000_000_000}
    vendor.line.say(quote, trade() | {"i": "1"}, trade() | {"i": "2"})
    await settled()
    assert (len(ear.of(Quote)), len(ear.of(Trade))) == (1, 2)
    await events.close()


@in_virtual_time
async def test_what_was_lost_over_a_reconnect_is_marked_and_can_be_filled() -> None:
    """S23"""

    async def backfill(gap: Any) -> list[Event]:
        return [Trade(symbol="AAPL", ts_event=gap.ts_from + 1, price=5.0, size=1.0)]

    vendor = PolygonVendor()
    events, ear = await listening(vendor, backfill=backfill)
    vendor.line.say(trade())
    await after(1.0)
    vendor.line.lose()
    await after(3)
    gap, filled = ear.gaps
    assert (gap.ts_from, gap.reason) == (START, GapReason.DISCONNECTED)
    assert gap.ts_to >= START + 2 * SECOND
    assert filled.filled
    assert ear.prices == [100.0, 5.0]
    await events.close()


@in_virtual_time
async def test_what_is_removed_while_it_is_being_subscribed_to_stays_removed() -> None:
    """S24: a congested socket, on which a message takes a while."""

    class Congested(PolygonVendor):
        async def __call__(self, url: str, **options: Any) -> Any:
            line = await super().__call__(url, **options)
            send = line.send

            async def slowly(data: str | bytes) -> None:
                await after(0.02)
                await send(data)

            line.send = slowly
            return line

    vendor = Congested()
    events, ear = await listening(vendor, ["AAPL", "ZZ"])
    for _ in range(3):
        await after(0.03)  # the login is through, the subscription is on its way
        assert events.status is CONNECTED
        await events.remove(["ZZ"])
        await after(1)
        assert vendor.line.topics == {"T.AAPL"}
        await events.add(["ZZ"])
        await after(1)
        vendor.line.lose()
        await after(11)
    assert ear.problems == []
    await events.close()
