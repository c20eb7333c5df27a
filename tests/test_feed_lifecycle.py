"""Closing a feed, from every state and from inside its own facts: prompt, final, and nothing stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ordinis_rx.errors import Disconnected, SubscriptionError
from ordinis_rx.events import Event, Gap, StatusChange, StreamStatus, Trade
from ordinis_rx.feed import Feed
from tests.transport import Ear, PolygonVendor, Vendor, a_feed, status, trade
from tests.virtual import after, in_virtual_time, settled, virtual_loop

CONNECTING, CONNECTED = StreamStatus.CONNECTING, StreamStatus.CONNECTED
RECONNECTING, ERROR = StreamStatus.RECONNECTING, StreamStatus.ERROR
CLOSED, DISCONNECTED = StreamStatus.CLOSED, StreamStatus.DISCONNECTED


async def dialling(vendor: PolygonVendor, events: Feed) -> None:
    await settled()
    assert (len(vendor.dials), vendor.lines) == (1, [])


async def authenticating(vendor: PolygonVendor, events: Feed) -> None:
    await settled()
    assert events.status is CONNECTING
    assert len(vendor.line.said) == 1


async def subscribing(vendor: PolygonVendor, events: Feed) -> None:
    await settled()
    assert events.status is CONNECTED
    assert len(vendor.line.said) == 2


async def streaming(vendor: PolygonVendor, events: Feed) -> None:
    await settled()
    vendor.line.say(trade())
    await settled()
    assert events.stats.messages == 3


async def backing_off(vendor: PolygonVendor, events: Feed) -> None:
    await settled()
    vendor.line.lose()
    await after(0.5)
    assert events.status is RECONNECTING


async def backfilling(vendor: PolygonVendor, events: Feed) -> None:
    await backing_off(vendor, events)
    await after(2)
    assert events.status is CONNECTED
    assert len(events._interruptions.tasks) == 1


async def closed(vendor: PolygonVendor, events: Feed) -> None:
    await streaming(vendor, events)
    await events.close()


STATES = [dialling, authenticating, subscribing, streaming, backing_off, backfilling, closed]


async def never(gap: Gap) -> list[Event]:
    await asyncio.Event().wait()
    raise AssertionError


def vendor_for(state: Any) -> PolygonVendor:
    vendor = PolygonVendor(
        login=() if state is authenticating else (status("auth_success"),),
        acks="none" if state is subscribing else "each",
    )
    vendor.never_answers = state is dialling
    return vendor


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@in_virtual_time
async def test_close_is_prompt_and_final_from_every_state(
    state: Callable[[PolygonVendor, Feed], Awaitable[None]],
) -> None:
    vendor = vendor_for(state)
    events = a_feed(vendor, backfill=never)
    ear, other = Ear().to(events), Ear().to(events)
    await state(vendor, events)
    dials, began = len(vendor.dials), virtual_loop().time()
    await events.close()
    await events.close()
    assert virtual_loop().time() - began < 2
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert vendor.open_lines == []
    assert (ear.completed, other.completed) == (1, 1)
    assert ear.errors == other.errors == []
    assert ear.statuses.count(CLOSED) == 1
    assert ear.facts[-1].status is CLOSED
    await after(3600)  # nothing wakes up
    assert len(vendor.dials) == dials
    assert events.status is CLOSED
    assert ear.facts[-1].status is CLOSED


@pytest.mark.parametrize("state", STATES[:-1], ids=lambda state: state.__name__)
@in_virtual_time
async def test_the_last_subscriber_leaves_nothing_behind_from_every_state(
    state: Callable[[PolygonVendor, Feed], Awaitable[None]],
) -> None:
    vendor = vendor_for(state)
    events = a_feed(vendor, backfill=never)
    ear = Ear().to(events)
    await state(vendor, events)
    dials, count = len(vendor.dials), len(ear.facts)
    ear.leave()
    await settled()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert vendor.open_lines == []
    await after(3600)
    assert (len(vendor.dials), len(ear.facts), events.status) == (dials, count, DISCONNECTED)


@pytest.mark.parametrize("state", STATES[:-1], ids=lambda state: state.__name__)
@in_virtual_time
async def test_leaving_and_coming_back_at_once_makes_one_fresh_connection(
    state: Callable[[PolygonVendor, Feed], Awaitable[None]],
) -> None:
    vendor = vendor_for(state)
    events = a_feed(vendor, backfill=never)
    ear = Ear().to(events)
    await state(vendor, events)
    ear.leave()
    again = Ear().to(events)
    vendor.never_answers, vendor.login, vendor.acks = False, (status("auth_success"),), "each"
    await after(30)
    assert again.statuses == [CONNECTING, CONNECTED]
    assert len(vendor.open_lines) == 1
    await events.close()


@pytest.mark.parametrize("moment", [CONNECTING, CONNECTED, RECONNECTING, Trade, Gap])
@pytest.mark.parametrize("how", ["close", "leave"])
@in_virtual_time
async def test_a_subscriber_may_end_it_inside_any_fact(moment: Any, how: str) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ear, other = Ear(), Ear()

    def act(fact: Event) -> None:
        told = fact.status if isinstance(fact, StatusChange) else type(fact)
        if told is moment:
            if how == "close":
                events.close()
            else:
                ear.leave()
                other.leave()

    ear.act = act
    other.to(events)
    ear.to(events)
    if moment is CONNECTING:
        await settled()
        vendor.line.lose()  # the first one was told before the ear came
    await after(3)
    if moment is not CONNECTING and vendor.open_lines:
        vendor.line.say(trade())
        await settled()
    if vendor.open_lines:
        vendor.line.lose()
    await after(10)
    assert events.status is (CLOSED if how == "close" else DISCONNECTED)
    assert vendor.open_lines == []
    dials = len(vendor.dials)
    await after(3600)
    assert len(vendor.dials) == dials
    assert ear.completed == (1 if how == "close" else 0)
    await events.close()


@in_virtual_time
async def test_close_inside_the_terminal_error_is_safe() -> None:
    vendor = PolygonVendor(login=(status("auth_failed", "no"),))
    events = a_feed(vendor)
    ear = Ear()
    ear.act = lambda fact: (
        events.close() and None if isinstance(fact, StatusChange) and fact.status is ERROR else None
    )
    ear.to(events)
    await after(10)
    assert ear.statuses == [CONNECTING, ERROR, CLOSED]
    assert (ear.completed, ear.errors) == (1, [])


@in_virtual_time
async def test_leaving_while_backing_off_cancels_the_retry() -> None:
    vendor = PolygonVendor()
    vendor.refuse = iter([Disconnected("down")])
    events = a_feed(vendor)
    ear = Ear().to(events)
    await settled()
    assert events.status is RECONNECTING
    ear.leave()
    await after(3600)  # the vendor has long been back
    assert (len(vendor.dials), vendor.lines) == (1, [])
    assert events.status is DISCONNECTED


@in_virtual_time
async def test_adding_does_not_wait_for_a_feed_that_is_closed_meanwhile() -> None:
    vendor = PolygonVendor()
    vendor.unknown = frozenset({"T.ZZ"})
    events = a_feed(vendor)
    Ear().to(events)
    await settled()
    adding = asyncio.ensure_future(events.add(["ZZ"]))
    await settled()
    assert not adding.done()
    await events.close()
    await settled()
    with pytest.raises(RuntimeError, match="was closed before trades of ZZ was confirmed"):
        adding.result()


@in_virtual_time
async def test_close_does_not_wait_for_a_backfill_that_will_not_stop() -> None:
    over = asyncio.Event()

    async def stubborn(gap: Gap) -> list[Event]:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue
        return []

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=stubborn)
    ear = Ear().to(events)
    await backfilling(vendor, events)
    began = virtual_loop().time()
    await events.close()
    assert virtual_loop().time() - began <= 2
    over.set()
    await settled()
    assert ear.facts[-1].status is CLOSED


@in_virtual_time
async def test_facts_that_a_backfill_brings_after_its_time_reach_nobody() -> None:
    release = asyncio.Event()

    async def late(gap: Gap) -> list[Event]:
        try:
            await release.wait()
        except asyncio.CancelledError:
            return [Trade(symbol="AAPL", ts_event=1, price=1.0, size=1.0)]
        return []

    vendor = PolygonVendor()
    events = a_feed(vendor, backfill=late)
    ear = Ear().to(events)
    await backfilling(vendor, events)
    ear.leave()
    again = Ear().to(events)
    await after(5)
    assert again.of(Trade) == []
    assert again.gaps == []
    await events.close()


@in_virtual_time
async def test_symbols_that_an_idle_feed_gets_are_only_remembered_and_a_closed_one_takes_none() -> (
    None
):
    events = a_feed(Vendor())
    await events.add(["MSFT"])
    assert events.subscriptions == ("AAPL", "MSFT")
    with pytest.raises(SubscriptionError):
        await events.add(["A,B"])
    await events.close()
    with pytest.raises(RuntimeError, match="feed is closed for good: make another"):
        await events.add(["IBM"])
    assert events.subscriptions == ("AAPL", "MSFT")
