"""A feed in virtual time: what it tells, who shares it, and what its subscribers can do to it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
import reactivex as rx
from reactivex import operators as ops

from ordinis_rx.bridges import aiter, iter_blocking
from ordinis_rx.errors import AuthError, Disconnected
from ordinis_rx.events import Event, FeedError, StatusChange, StreamStatus, Trade
from ordinis_rx.feed import Feed, feed
from ordinis_rx.framing import frames
from ordinis_rx.multicast import share
from ordinis_rx.operators import merge, mid, quotes, trades, zip_latest_by
from tests.transport import Ear, PolygonVendor, a_feed, a_polygon, status, trade
from tests.virtual import START, VirtualLoop, after, in_virtual_time, run, settled

CONNECTING, CONNECTED = StreamStatus.CONNECTING, StreamStatus.CONNECTED
RECONNECTING, ERROR = StreamStatus.RECONNECTING, StreamStatus.ERROR
CLOSED, DISCONNECTED = StreamStatus.CLOSED, StreamStatus.DISCONNECTED


@in_virtual_time
async def test_connecting_is_told_as_facts_and_data_follows() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, ["AAPL", "MSFT"])
    assert (events.status, vendor.dials) == (DISCONNECTED, [])
    ear = Ear().to(events)
    assert events.status is CONNECTING
    await settled()
    assert ear.statuses == [CONNECTING, CONNECTED]
    assert vendor.line.topics == {"T.AAPL", "T.MSFT"}
    vendor.line.say(trade("AAPL", 1.0), trade("MSFT", 2.0))
    await settled()
    assert ear.prices == [1.0, 2.0]
    assert [fact.seq for fact in ear.facts] == [1, 2, 3, 4]
    assert {fact.provider for fact in ear.facts} == {"polygon"}
    assert ear.of(Trade)[0].ts_recv == START
    assert ear.gaps == []  # nothing was missed: there was nothing before
    await events.close()
    assert ear.statuses[-1] is CLOSED
    assert (ear.completed, ear.errors) == (1, [])


@in_virtual_time
async def test_connected_is_told_only_after_the_login_was_answered() -> None:
    vendor = PolygonVendor(login=())
    events = a_feed(vendor)
    ear = Ear().to(events)
    await after(5)
    assert events.status is CONNECTING
    assert vendor.line.topics == set()
    vendor.line.say(status("connected", "Connected Successfully"))
    await settled()
    assert events.status is CONNECTING
    vendor.line.say(status("auth_success", "authenticated"))
    await settled()
    assert events.status is CONNECTED
    assert vendor.line.topics == {"T.AAPL"}
    vendor.line.say(status("auth_success", "authenticated"))  # said twice: no second subscription
    await settled()
    assert ear.statuses == [CONNECTING, CONNECTED]
    await events.close()


@in_virtual_time
async def test_many_subscribers_share_one_connection_and_the_last_one_hangs_up() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ears = [Ear().to(events) for _ in range(5)]
    await settled()
    vendor.line.say(trade())
    await settled()
    assert len(vendor.lines) == 1
    assert [len(ear.of(Trade)) for ear in ears] == [1] * 5
    for ear in ears[:4]:
        ear.leave()
    await settled()
    assert vendor.line.open
    assert events.status is CONNECTED
    ears[4].leave()
    ears[4].leave()  # twice is no matter
    await settled()
    assert not vendor.line.open
    assert events.status is DISCONNECTED


@in_virtual_time
async def test_a_feed_that_was_left_dials_again_for_the_next_subscriber() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    first = Ear().to(events)
    await settled()
    first.leave()
    await settled()
    second = Ear().to(events)
    await settled()
    assert len(vendor.lines) == 2
    assert vendor.line.topics == {"T.AAPL"}
    assert second.statuses == [CONNECTING, CONNECTED]
    assert second.gaps == []  # nobody listened, so nobody missed anything
    assert second.facts[0].seq > first.facts[-1].seq
    await events.close()


def test_a_feed_can_be_used_on_one_loop_after_another() -> None:
    vendors = [PolygonVendor(), PolygonVendor()]
    made: list[Feed] = []

    async def first() -> None:
        made.append(a_feed(vendors[0]))
        ear = Ear().to(made[0])
        await settled()
        ear.leave()

    async def second() -> None:
        made[0]._transport = vendors[1]
        ear = Ear().to(made[0])
        await settled()
        assert ear.statuses == [CONNECTING, CONNECTED]
        await made[0].close()

    run(first)
    run(second)


@contextmanager
def outliving_its_loop(*, leaves: bool = False) -> Generator[Feed]:
    """A feed that somebody listened to, or had just left, when its loop was closed amid everything."""
    made: list[Feed] = []

    async def listening() -> None:
        made.append(a_feed(PolygonVendor()))
        ear = Ear().to(made[0])
        await settled()
        if leaves:
            ear.leave()

    loop = VirtualLoop()
    loop.run_until_complete(listening())
    # Closed in truth, its tasks could not be cleared away.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "is_closed", lambda: True)
        yield made[0]
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(settled())
    loop.close()


def test_what_is_added_when_its_loop_is_closed_is_asked_for_on_the_next() -> None:
    with outliving_its_loop() as events:

        async def next_one() -> None:
            await events.add(["MSFT"])
            assert events.status is DISCONNECTED
            await events.remove(["AAPL"])
            events._transport = vendor = PolygonVendor()
            ear = Ear().to(events)
            await settled()
            assert (ear.statuses, vendor.line.topics) == ([CONNECTING, CONNECTED], {"T.MSFT"})
            await events.close()

        run(next_one)


@pytest.mark.parametrize("leaves", [False, True])
def test_closing_waits_for_nothing_on_a_loop_that_is_closed(leaves: bool) -> None:
    with outliving_its_loop(leaves=leaves) as events:

        async def next_one() -> None:
            async with asyncio.timeout(2):
                await events.close()
            assert events.status is CLOSED

        run(next_one)


def test_without_a_loop_subscribing_names_what_to_do() -> None:
    with pytest.raises(RuntimeError, match=r"a feed needs a running asyncio loop.*iter_blocking"):
        feed(a_polygon(), ["AAPL"]).subscribe(print)


@in_virtual_time
async def test_a_blocking_run_on_the_feeds_own_loop_is_refused_with_advice() -> None:
    stream = a_feed(PolygonVendor())
    ways = (
        stream,
        stream.pipe(ops.take(1), ops.map(str)),
        frames(stream),
        stream.pipe(quotes(), mid(), ops.first()),
        stream.pipe(zip_latest_by()),
        merge(stream),
        stream.pipe(share()),
    )
    for waited_for in ways:
        with pytest.raises(RuntimeError, match=r"would wait for ever.*await stream.*iter_blocking"):
            waited_for.run()
    assert stream.status is StreamStatus.DISCONNECTED


@in_virtual_time
async def test_a_feed_that_is_live_is_refused_on_another_loop_with_advice() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()

    with pytest.raises(
        RuntimeError, match=r"the polygon feed lives on another.*loop.*lambda: feed"
    ):
        next(iter_blocking(events))

    vendor.line.say(trade())
    await settled()
    assert len(ear.of(Trade)) == 1
    assert len(vendor.lines) == 1
    await events.close()


@in_virtual_time
async def test_a_closed_feed_completes_at_once_and_dials_no_more() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    await events.close()
    await events.close()
    ear = Ear().to(events)
    assert (ear.completed, ear.facts, vendor.dials) == (1, [], [])


@in_virtual_time
async def test_leaving_the_block_closes_the_feed() -> None:
    vendor = PolygonVendor()
    async with a_feed(vendor) as events:
        ear = Ear().to(events)
        await settled()
    assert (ear.completed, events.status, vendor.line.open) == (1, CLOSED, False)


@pytest.mark.parametrize("error", [ValueError, OSError, ConnectionResetError, Disconnected])
@in_virtual_time
async def test_a_raising_subscriber_is_dropped_and_the_others_miss_nothing(
    error: type[Exception],
) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    before, bad, behind = Ear().to(events), Ear(), Ear()

    def fail(fact: Event) -> None:
        if isinstance(fact, Trade) and fact.price == 5.0:
            raise error("disk full")

    bad.act = fail
    bad.to(events)
    behind.to(events)
    await settled()
    for price in range(20):
        vendor.line.say(trade(price=float(price)), trade(price=price + 0.5))
    await settled()
    assert len(before.prices) == len(behind.prices) == 40
    assert bad.prices[-1] == 5.0
    assert [type(told) for told in bad.errors] == [error]
    assert events.stats.subscriber_errors == 1
    assert len(vendor.lines) == 1  # and nobody took it for a lost connection
    assert events.status is CONNECTED
    await events.close()


@in_virtual_time
async def test_when_the_only_subscriber_raises_the_feed_hangs_up() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    bad = Ear()
    bad.act = lambda fact: 1 / 0 if isinstance(fact, Trade) else None
    bad.to(events)
    await settled()
    vendor.line.say(trade())
    await settled()
    assert isinstance(bad.errors[0], ZeroDivisionError)
    assert (events.status, vendor.line.open) == (DISCONNECTED, False)


@in_virtual_time
async def test_an_observer_of_items_that_raises_leaves_no_connection_behind() -> None:
    class Raising:
        def on_item(self, item: object) -> None:
            raise ValueError("no")

        def on_error(self, error: Exception) -> None: ...
        def on_completed(self) -> None: ...
        def exits(self, found: set[int]) -> None: ...

    vendor = PolygonVendor()
    events = a_feed(vendor)
    events.flow(Raising())
    await settled()
    assert events.status is DISCONNECTED
    assert vendor.open_lines == []
    ear = Ear().to(events)
    await settled()
    assert len(vendor.open_lines) == 1
    assert ear.statuses == [CONNECTING, CONNECTED]
    await events.close()


@in_virtual_time
async def test_take_one_sees_one_fact_and_hangs_up() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events.pipe(ops.filter(lambda fact: isinstance(fact, Trade)), ops.take(1)))
    await settled()
    vendor.line.say(trade(price=1.0), trade(price=2.0))
    await settled()
    assert (ear.prices, ear.completed) == ([1.0], 1)
    assert (events.status, vendor.line.open) == (DISCONNECTED, False)


@in_virtual_time
async def test_take_one_of_the_very_first_fact_dials_nothing_that_stays() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events.pipe(ops.take(1)))
    await settled()
    assert (ear.statuses, ear.completed) == ([CONNECTING], 1)
    assert vendor.open_lines == []
    assert events.status is DISCONNECTED


@in_virtual_time
async def test_a_subscriber_may_leave_and_come_back_inside_a_fact() -> None:
    """It is the only one, so the connection is dialled anew, from inside the old one's message."""
    vendor = PolygonVendor()
    events = a_feed(vendor, reconnect_delay_seconds=1.0)
    again = Ear()
    ear = Ear()

    def swap(fact: Event) -> None:
        if isinstance(fact, StatusChange) and fact.status is CONNECTING and fact.attempt == 1:
            ear.leave()
            again.to(events)

    ear.act = swap
    ear.to(events)
    await settled()
    vendor.line.lose()
    await after(3)
    assert again.statuses[-1] is CONNECTED
    assert len(vendor.open_lines) == 1
    await events.add(["MSFT"])
    assert vendor.line.topics == {"T.AAPL", "T.MSFT"}
    await events.close()


@in_virtual_time
async def test_retry_subscribes_to_the_same_feed_again() -> None:
    vendor = PolygonVendor(login=(status("auth_failed", "authentication failed"),))
    events = a_feed(vendor)
    ear = Ear().to(events.pipe(ops.retry(3)))
    await after(1)
    assert len(vendor.dials) == 3
    assert [type(error) for error in ear.errors] == [AuthError]
    assert ear.statuses == [CONNECTING, ERROR] * 3
    assert vendor.open_lines == []


@in_virtual_time
async def test_facts_of_a_frame_that_also_ends_the_conversation_come_first() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade(price=7.0), status("auth_failed", "Your API Key is not valid."))
    await settled()
    assert ear.prices == [7.0]
    assert isinstance(ear.errors[0], AuthError)
    await events.close()


@in_virtual_time
async def test_a_feed_closed_by_a_fact_is_not_let_in_by_the_rest_of_its_frame() -> None:
    vendor = PolygonVendor(login=())
    events = a_feed(vendor)
    ear = Ear()
    ear.act = lambda fact: events.close() and None if isinstance(fact, FeedError) else None
    ear.to(events)
    await settled()
    vendor.line.say(status("puzzling"), status("auth_success"))
    await settled()
    assert ear.statuses == [CONNECTING, CLOSED]
    assert (ear.completed, events.status, events.stats.connects) == (1, CLOSED, 0)


@in_virtual_time
async def test_what_cannot_be_read_is_counted_by_kind_and_the_stream_goes_on() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    for frame in (b"not json", b"[1,2", b'[{"ev":"??"}]', b"\xff\xfe", b"[]"):
        vendor.line.raw(frame)
    vendor.line.say(trade(), {"ev": "T", "sym": "MSFT"})
    await settled()
    assert ear.problems.count("undecodable") == 3
    assert "unknown-message" in ear.problems
    assert events.stats.decode_errors["undecodable"] == 3
    assert sum(events.stats.decode_errors.values()) == len(ear.problems)
    assert len(ear.of(Trade)) == 2
    assert len(vendor.lines) == 1
    await events.close()


@in_virtual_time
async def test_items_of_one_message_reach_one_subscriber_whole_and_two_in_step() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    order: list[tuple[str, float]] = []

    def heard(name: str) -> Any:
        return lambda fact: order.append((name, fact.price)) if type(fact) is Trade else None

    events.subscribe(heard("a"))
    events.subscribe(heard("b"))
    await settled()
    vendor.line.say(trade(price=1.0), trade(price=2.0))
    await settled()
    assert order == [("a", 1.0), ("b", 1.0), ("a", 2.0), ("b", 2.0)]
    await events.close()


@in_virtual_time
async def test_neutral_names_are_what_subscribers_see_and_native_ones_what_is_sent() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, {"Apple": "AAPL"})
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade("AAPL"))
    await settled()
    assert vendor.line.topics == {"T.AAPL"}
    assert [fact.symbol for fact in ear.of(Trade)] == ["Apple"]
    assert events.subscriptions == ("Apple",)
    await events.close()


@in_virtual_time
async def test_a_feed_is_a_source_for_ordinary_operators() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    prices = events.pipe(
        ops.filter(lambda fact: isinstance(fact, Trade)), ops.map(lambda fact: fact.price)
    )
    seen: list[Any] = []
    both = rx.zip(prices, prices.pipe(ops.map(lambda price: -price))).subscribe(seen.append)
    await settled()
    vendor.line.say(trade(price=1.0), trade(price=2.0))
    await settled()
    assert seen == [(1.0, -1.0), (2.0, -2.0)]
    assert len(vendor.lines) == 1
    both.dispose()
    await settled()
    assert vendor.open_lines == []


@in_virtual_time
async def test_the_repr_says_who_and_how_it_is() -> None:
    events = a_feed(PolygonVendor())
    assert repr(events) == "<Feed polygon DISCONNECTED 1 symbols>"
    for option, wanted in (
        ("wall", "a function"),
        ("transport", "a function"),
        ("backfill", "a function"),
        ("random", "a random.Random"),
    ):
        with pytest.raises(TypeError, match=f"feed: {option} must be {wanted}, got 5"):
            feed(a_polygon(), ["AAPL"], **{option: 5})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="symbols must be a list or a mapping, got None"):
        feed(a_polygon(), None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="channels must be several, got 5"):
        feed(a_polygon(), ["AAPL"], channels=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="channels must be several, got the string 'trades'"):
        a_feed(PolygonVendor(), channels="trades")
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_as_many_facts_wait_for_a_slow_consumer_as_the_feed_is_configured_for() -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, buffer_size=3)
    by_config = aiter(events.pipe(trades(), share()))
    by_name = aiter(events, maxsize=5)
    for consumer in (by_config, by_name):
        await consumer.__aenter__()
    await settled()

    vendor.line.say(*(trade(price=float(price)) for price in range(1, 9)))
    await settled()

    assert [(await anext(by_config)).price for _ in range(3)] == [6.0, 7.0, 8.0]
    assert (by_config.stats.dropped, by_name.stats.pending) == (5, 5)
    await by_config.aclose()
    await by_name.aclose()
    await events.close()


def test_a_feed_whose_loop_is_gone_begins_anew_on_another() -> None:
    vendor, feeds, ears = PolygonVendor(), list[Feed](), list[Ear]()

    async def listen() -> None:
        if not feeds:
            feeds.append(a_feed(vendor))
        ears.append(Ear().to(feeds[0]))
        await settled()
        vendor.line.say(trade())
        await settled()

    def as_a_program() -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:  # cancels what nobody has closed
            runner.run(listen())

    as_a_program()
    as_a_program()

    assert len(vendor.dials) == 2
    assert ears[1].statuses == [CONNECTING, CONNECTED]
    assert len(ears[1].of(Trade)) == 1
