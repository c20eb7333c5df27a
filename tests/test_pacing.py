from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx import sim
from ordinis_rx.events import Event, Trade
from ordinis_rx.pacing import MOST, paced
from ordinis_rx.testing import a_trade
from ordinis_rx.timebase import MILLI, SECOND


def test_facts_are_told_when_their_moment_has_come() -> None:
    clock = VirtualTimeScheduler()
    prices = sim.market(["A"], seed=1, rate=200, duration=2 * SECOND, paced=True)
    told: list[tuple[float, Event]] = []
    ends: list[float] = []
    prices.subscribe(
        lambda event: told.append((clock.clock, event)),
        on_completed=lambda: ends.append(clock.clock),
        scheduler=clock,
    )

    assert not told
    clock.advance_by(1)
    half = len(told)
    clock.advance_by(2)

    assert [event for _, event in told] == list(prices.events())
    assert 150 < half < 250
    lags = [at - (event.ts_recv - prices.start) / SECOND for at, event in told]
    assert min(lags) > -1e-6
    assert max(lags) < 0.0201
    assert len(ends) == 1


def test_one_timer_serves_all_that_falls_due_within_a_beat() -> None:
    class Counting(VirtualTimeScheduler):
        timers = 0

        def schedule_relative(self, *args, **options):  # type: ignore[no-untyped-def]
            self.timers += 1
            return super().schedule_relative(*args, **options)

    clock = Counting()
    told: list[Event] = []
    sim.market(["A"], rate=2000, duration=SECOND).paced().subscribe(told.append, scheduler=clock)
    clock.advance_by(2)

    assert len(told) > 1900
    assert clock.timers < 60


def test_a_quiet_market_sets_no_timer_before_its_next_fact() -> None:
    clock = VirtualTimeScheduler()
    told: list[float] = []
    quiet = sim.market(["A"], seed=3, rate=0.1, duration=60 * SECOND, paced=True)
    quiet.subscribe(lambda _: told.append(clock.clock), scheduler=clock)
    clock.advance_by(60.1)

    due = [(e.ts_recv - quiet.start) / SECOND for e in quiet.events()]
    assert due == pytest.approx(told, abs=0.021)
    assert len(told) >= 2


def test_dispose_stops_it_at_once() -> None:
    clock = VirtualTimeScheduler()
    told: list[Event] = []
    subscription = sim.market(["A"], duration=None, paced=True).subscribe(
        lambda event: told.append(event) or (len(told) == 5 and subscription.dispose()),
        scheduler=clock,
    )
    clock.advance_by(5)

    assert len(told) == 5


def test_a_market_too_fast_tells_a_bounded_number_a_beat() -> None:
    clock = VirtualTimeScheduler()
    told: list[Event] = []
    fast = sim.market(["A"], rate=5e6, duration=5 * MILLI, paced=True)
    fast.subscribe(told.append, scheduler=clock)
    clock.advance_by(0.0201)
    first = len(told)
    clock.advance_by(1)

    assert first == MOST
    assert len(told) == len(list(fast.events())) > 2 * MOST


def test_a_slow_provider_is_heard_as_much_later() -> None:
    clock = VirtualTimeScheduler()
    prices = sim.market(["A"], rate=50, duration=SECOND, paced=True)
    told: list[Event] = []
    prices.seen_by("slow", latency=500 * MILLI).subscribe(told.append, scheduler=clock)
    clock.advance_by(0.5)
    assert not told
    clock.advance_by(1.1)
    assert len(told) == len(list(prices.events()))


def test_without_a_loop_or_a_scheduler_it_says_what_it_needs() -> None:
    errors: list[Exception] = []
    sim.market(["A"], paced=True).subscribe(on_error=errors.append)

    assert [type(error) for error in errors] == [RuntimeError]
    assert "needs a running asyncio loop, or a scheduler" in str(errors[0])


async def test_it_runs_on_the_loop_that_is_running() -> None:
    done = asyncio.Event()
    told: list[Event] = []
    prices = sim.market(["A"], rate=1000, duration=30 * MILLI, paced=True)
    prices.subscribe(told.append, on_completed=done.set)
    assert not told
    await asyncio.wait_for(done.wait(), 5)

    assert told == list(prices.events())


def test_what_was_due_before_its_source_failed_is_told_first() -> None:
    def failing() -> Iterator[Event]:
        yield from (a_trade(1.0, at=SECOND), a_trade(2.0, at=2 * SECOND))
        raise OSError("the rest cannot be read")

    clock = VirtualTimeScheduler()
    told: list[Any] = []
    paced(failing, None, speed=1000.0).subscribe(told.append, told.append, scheduler=clock)
    clock.advance_by(10)

    assert [type(each) for each in told] == [Trade, Trade, OSError]


def test_each_subscription_begins_with_its_own_first_fact() -> None:
    facts: list[Event] = []
    stream = paced(lambda: iter(facts), None)
    heard: list[Any] = []
    for at in (None, 3000 * SECOND, 5 * SECOND):
        facts[:] = [] if at is None else [a_trade(at=at), a_trade(at=at + SECOND)]
        clock = VirtualTimeScheduler()
        stream.subscribe(
            lambda fact, clock=clock: heard.append((round(clock.clock, 1), fact.ts_event)),
            on_completed=lambda: heard.append("|"),
            scheduler=clock,
        )
        clock.advance_by(2)

    late, early = 3000 * SECOND, 5 * SECOND
    assert heard == [
        "|",
        *[(0.0, late), (1.0, late + SECOND), "|"],
        *[(0.0, early), (1.0, early + SECOND), "|"],
    ]
