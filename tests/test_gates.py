from __future__ import annotations

from collections.abc import Callable

import pytest
import reactivex as rx
from reactivex import operators as ops
from reactivex.testing import TestScheduler

import ordinis_rx as ox
from ordinis_rx import operators as oo
from ordinis_rx.bridges import aiter, iter_blocking, subscribe_isolated
from ordinis_rx.events import Quote, Trade
from ordinis_rx.gates import gate_of_subscriber, subscribing_through
from ordinis_rx.stream import from_events

MANY = [
    Trade(symbol="A", ts_event=t, price=float(t), size=1.0, seq=t, provider="p")
    for t in range(1, 10_001)
]


class Turnstile:
    """Lets through as many items as it has been given tickets for."""

    def __init__(self, tickets: int) -> None:
        self.tickets = tickets
        self.waiting: list[Callable[[], None]] = []

    def is_open(self) -> bool:
        self.tickets -= 1
        return self.tickets >= 0

    def when_open(self, action: Callable[[], None], /) -> None:
        self.waiting.append(action)


def test_a_cold_source_waits_at_a_closed_gate_and_goes_on_when_it_opens() -> None:
    gate, told = Turnstile(2), list[Trade]()
    with subscribing_through(gate):
        from_events(MANY[:5], rows=1).pipe(ops.filter(lambda _: True)).subscribe(told.append)

    assert [trade.seq for trade in told] == [1, 2]

    gate.tickets = 9
    gate.waiting.pop()()

    assert [trade.seq for trade in told] == [1, 2, 3, 4, 5]


def test_a_source_that_waits_can_be_disposed() -> None:
    gate, told, scheduler = Turnstile(1), list[Trade](), TestScheduler()
    with subscribing_through(gate):
        hang_up = from_events(MANY[:5], rows=1).subscribe(told.append, scheduler=scheduler)
    scheduler.start()
    hang_up.dispose()
    gate.tickets = 9

    gate.waiting.pop()()
    scheduler.start()

    assert [trade.seq for trade in told] == [1]


def test_a_gate_is_for_those_who_subscribe_through_it_alone() -> None:
    outer, inner = Turnstile(0), Turnstile(0)

    with subscribing_through(outer):
        with subscribing_through(inner):
            assert gate_of_subscriber() is inner
        assert gate_of_subscriber() is outer

    assert gate_of_subscriber() is None


def test_a_script_hears_all_of_a_cold_source_through_a_small_queue() -> None:
    with iter_blocking(from_events(MANY), maxsize=10) as trades:
        heard = [trade.seq for trade in trades]

    assert heard == list(range(1, 10_001))
    assert trades.stats.dropped == 0
    assert trades.stats.peak <= 1024 + 10


async def test_an_async_loop_hears_all_of_a_cold_source_through_a_small_queue() -> None:
    async with aiter(from_events(MANY).pipe(oo.notional()), maxsize=10) as readings:
        heard = [reading.seq async for reading in readings]

    assert heard == list(range(1, 10_001))


async def test_an_endless_market_can_be_walked_through_and_left() -> None:
    market = ox.sim.market(["AAPL"], seed=1, duration=None)
    quotes: list[Quote] = []

    async with aiter(market.pipe(oo.quotes())) as stream:
        async for quote in stream:
            quotes.append(quote)
            if len(quotes) == 3_000:
                break

    assert [quote.seq for quote in quotes] == sorted({quote.seq for quote in quotes})


@pytest.mark.parametrize("in_thread", [False, True])
async def test_an_isolated_callback_hears_all_of_a_cold_source(in_thread: bool) -> None:
    heard: list[int] = []

    await subscribe_isolated(
        from_events(MANY), lambda trade: heard.append(trade.seq), maxsize=10, in_thread=in_thread
    ).join()

    assert heard == list(range(1, 10_001))


async def test_two_cold_sources_merged_wait_both() -> None:
    async with aiter(oo.merge(from_events(MANY), from_events(MANY)), maxsize=10) as trades:
        heard = [trade.ts_event async for trade in trades]

    assert sorted(heard) == sorted([trade.ts_event for trade in MANY] * 2)


async def test_a_source_that_cannot_wait_is_held_to_the_bound() -> None:
    async with aiter(rx.from_iterable(MANY), maxsize=10) as trades:
        heard = [trade.seq async for trade in trades]

    assert heard == list(range(9_991, 10_001))
    assert trades.stats.dropped == 9_990
