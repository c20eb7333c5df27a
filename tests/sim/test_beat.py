"""A server's market leaves the loop to others, whatever its pace."""

from __future__ import annotations

import asyncio
import itertools

from ordinis_rx.events import Event, Trade
from ordinis_rx.feed import feed
from ordinis_rx.gates import subscribing_through
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.sim import faults, market, serve
from ordinis_rx.sim.beat import Beat
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_trade


async def test_what_comes_in_one_turn_is_told_in_the_next() -> None:
    told: list[list[Event]] = []
    beat = Beat(told.append, lambda: True)
    facts = [a_trade(price) for price in (1, 2, 3)]
    beat.take(facts[0])
    beat.take(facts[1])
    assert told == []
    await asyncio.sleep(0)
    beat.take(facts[2])
    await asyncio.sleep(0)
    assert told == [facts[:2], facts[2:]]


async def test_a_cold_source_waits_for_each_turn_and_loses_nothing() -> None:
    told: list[list[Event]] = []
    beat = Beat(told.append, lambda: True)
    facts = [a_trade(price, seq=price) for price in range(1, 5_001)]
    with subscribing_through(beat):
        from_events(facts, rows=100).subscribe(beat.take)
    assert not beat.is_open()
    while sum(map(len, told)) < 5_000:
        await asyncio.sleep(0)
    assert list(itertools.chain(*told)) == facts
    assert max(map(len, told)) < 1_100


async def test_a_cold_source_waits_for_room() -> None:
    told: list[list[Event]] = []
    room = False
    beat = Beat(told.append, lambda: room)
    with subscribing_through(beat):
        from_events([a_trade(1), a_trade(2)], rows=1).subscribe(beat.take)
    for _ in range(100):
        await asyncio.sleep(0)
    assert told == []
    room = True
    while len(told) < 1:
        await asyncio.sleep(0)
    assert len(list(itertools.chain(*told))) == 2


async def test_an_endless_market_without_a_pace_does_not_hold_up_the_loop() -> None:
    prices = market(["AAPL"], seed=7, rate=100.0, duration=None).pipe(faults.bias(50))
    heard = asyncio.get_running_loop().create_future()

    def hear(fact: Event) -> None:
        if isinstance(fact, Trade) and not heard.done():
            heard.set_result(fact)

    async with (
        serve(prices, "polygon") as server,
        feed(polygon("sim-key", url=server.url), ["AAPL"]) as events,
    ):
        events.subscribe(hear)
        fact = await asyncio.wait_for(heard, 10)
    assert fact.symbol == "AAPL"
