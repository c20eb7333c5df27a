"""Subscribers that raise, block and leave: the others hear everything, and the connection is none of their business."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx.bridges.isolated import subscribe_isolated
from ordinis_rx.errors import Disconnected, Stalled
from ordinis_rx.events import StreamStatus, Trade
from ordinis_rx.feed import Feed
from tests.figures import record
from tests.transport import Ear, PolygonVendor, a_feed, trade
from tests.virtual import after, in_virtual_time, settled, virtual_loop

CONNECTED = StreamStatus.CONNECTED
COUNT = 40

FAILURES: dict[str, Callable[[], Exception]] = {
    "ValueError": lambda: ValueError("mine"),
    "OSError": lambda: OSError(28, "No space left on device"),
    "ConnectionResetError": lambda: ConnectionResetError(104, "Connection reset by peer"),
    "BrokenPipeError": lambda: BrokenPipeError(32, "Broken pipe"),
    "TimeoutError": lambda: TimeoutError("mine"),
    "Disconnected": lambda: Disconnected("mine"),
    "Stalled": lambda: Stalled("mine", 1.0),
}


async def told(vendor: PolygonVendor, first: int = 0) -> list[float]:
    """Trades, one after the other; their prices."""
    prices = [float(price) for price in range(first, first + COUNT)]
    for price in prices:
        vendor.line.say(trade(price=price))
        await after(0.01)
    return prices


def intact(vendor: PolygonVendor, events: Feed) -> bool:
    """Whether the one connection of the beginning is the one of now."""
    return len(vendor.dials) == 1 and events.status is CONNECTED and vendor.line.open


async def among_others(join: Callable[[Feed], object]) -> tuple[Any, ...]:
    """A feed with a subscriber before and one behind whatever *join* adds to it, and all that was told."""
    vendor = PolygonVendor()
    events = a_feed(vendor)
    before = Ear().to(events)
    joined = join(events)
    behind = Ear().to(events)
    await settled()
    prices = await told(vendor)
    assert before.prices == behind.prices == prices
    assert before.errors == behind.errors == []
    assert intact(vendor, events)
    return events, joined, prices


WAYS: dict[str, Callable[[Feed, Callable[[Any], Any], Ear], object]] = {
    "a callback": lambda events, fails, ear: events.subscribe(fails, ear.on_error),
    "an operator of reactivex": lambda events, fails, ear: events.pipe(ops.map(fails)).subscribe(
        ear.on_next, ear.on_error
    ),
    "an operator of ours": lambda events, fails, ear: events.pipe(
        ox.operators.trades(), ops.do_action(fails)
    ).subscribe(ear.on_next, ear.on_error),
    "an operator behind frames": lambda events, fails, ear: (
        ox.frames(events.pipe(ox.operators.trades()), rows=2)
        .pipe(ops.map(fails))
        .subscribe(ear.on_next, ear.on_error)
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FAILURES)
@in_virtual_time
async def test_what_a_subscriber_raises_is_its_own_end_and_nobody_elses(
    way: str, name: str
) -> None:
    ear, heard = Ear(), list[Any]()

    def fails(fact: Any) -> Any:
        heard.append(fact)
        if len(heard) == 5:
            raise FAILURES[name]()
        return fact

    events, _, _ = await among_others(lambda events: WAYS[way](events, fails, ear))
    (error,) = ear.errors
    assert type(error) is type(FAILURES[name]())
    assert str(error) == str(FAILURES[name]())
    assert len(heard) == 5
    assert events.stats.gaps == 0
    await events.close()
    record(
        "isolation",
        "the others hear 100 %, 0 reconnects",
        f"{len(WAYS) * len(FAILURES)} ways to fail",
    )


@pytest.mark.parametrize("way", [way for way in WAYS if "frames" not in way])
@in_virtual_time
async def test_the_result_of_a_cancelled_task_is_a_failure_like_any_other(way: str) -> None:
    """Its error is none that `except Exception` takes, and it must not be taken for a cancelled connection."""
    ear, heard = Ear(), list[Any]()
    cancelled = virtual_loop().create_future()
    cancelled.cancel()

    def fails(fact: Any) -> Any:
        heard.append(fact)
        return cancelled.result() if len(heard) == 5 else fact

    events, _, _ = await among_others(lambda events: WAYS[way](events, fails, ear))
    (error,) = ear.errors
    assert str(error) == "a subscriber raised CancelledError"
    assert isinstance(error.__cause__, asyncio.CancelledError)
    await after(100)
    assert events.status is CONNECTED
    assert events.stats.gaps == 0
    await events.close()


@pytest.mark.parametrize("name", FAILURES)
@in_virtual_time
async def test_a_tap_on_the_wire_that_raises_is_dropped_alone(name: str) -> None:
    heard: list[Any] = []

    def fails(frame: Any) -> None:
        heard.append(frame)
        raise FAILURES[name]()

    events, _, _ = await among_others(lambda events: events.wire.subscribe(fails))
    assert len(heard) == 1
    await events.close()


@pytest.mark.parametrize("name", FAILURES)
@in_virtual_time
async def test_a_backfill_that_fails_is_told_and_no_connection_is_lost_by_it(name: str) -> None:
    async def fails(gap: Any) -> list[Any]:
        raise FAILURES[name]()

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=fails)
    ear = Ear().to(events)
    await settled()
    vendor.line.lose()
    await after(5)
    assert (len(vendor.dials), events.status) == (2, CONNECTED)
    assert ear.problems == ["backfill"]
    await events.close()


@in_virtual_time
async def test_a_subscriber_that_blocks_the_loop_costs_time_and_nothing_else() -> None:
    """A minute and more for each trade, with pings every half a minute: nobody is stalled but the loop itself."""
    vendor = PolygonVendor()
    events = a_feed(vendor, silence_seconds=120.0)
    slow, other = Ear(), Ear()
    slow.act = lambda fact: virtual_loop().block(75.0) if isinstance(fact, Trade) else None
    slow.to(events)
    other.to(events)
    await settled()
    prices = await told(vendor)
    assert virtual_loop().time() >= COUNT * 75
    assert other.prices == slow.prices == prices
    assert intact(vendor, events)
    assert events.stats.gaps == 0
    await events.close()


@pytest.mark.parametrize("sibling", [False, True])
@in_virtual_time
async def test_subscribers_that_leave_and_put_each_other_out_take_nobody_along(
    sibling: bool,
) -> None:
    ears: list[Ear] = []

    def join(events: Feed) -> None:
        for number in range(10):
            ear = Ear()

            def act(fact: Any, number: int = number) -> None:
                if isinstance(fact, Trade) and fact.price == 3.0 * number:
                    ears[number].leave()
                    if sibling and number % 2:
                        ears[number - 1].leave()

            ear.act = act
            ears.append(ear.to(events))

    events, _, _ = await among_others(join)
    for number, ear in enumerate(ears):
        assert ear.prices == [float(price) for price in range(3 * number + 1)]
        assert (ear.errors, ear.completed) == ([], 0)
    await events.close()


@in_virtual_time
async def test_a_callback_with_a_queue_of_its_own_may_fail_as_often_as_it_likes() -> None:
    def fails(fact: Any) -> None:
        raise ConnectionResetError(104, "mine")

    events, isolated, prices = await among_others(lambda events: subscribe_isolated(events, fails))
    await settled()
    assert isolated.failures == len(prices) + 1  # and that it is connected
    isolated.dispose()
    await events.close()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ConnectionError("mine")])
@in_virtual_time
async def test_the_only_subscriber_that_raises_ends_the_feed_with_its_own_error(
    error: Exception,
) -> None:
    """The disk is full, and not the connection lost: nothing is dialled again."""
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear = Ear()

    def act(fact: Any) -> None:
        if isinstance(fact, Trade):
            raise error

    ear.act = act
    ear.to(events)
    await settled()
    vendor.line.say(trade())
    await after(3600)
    assert ear.errors == [error]
    assert len(vendor.dials) == 1
    assert events.status is StreamStatus.DISCONNECTED
    assert StreamStatus.RECONNECTING not in ear.statuses
