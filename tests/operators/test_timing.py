"""Rx's own timed operators on the clock of the events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import reactivex
from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import Subject

from ordinis_rx import operators as oo
from ordinis_rx.batches import Item
from ordinis_rx.clock import EventClock
from ordinis_rx.events import Event, Trade
from ordinis_rx.multicast import Hot, share
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_gap, a_status, a_trade, same_on_frames
from ordinis_rx.timebase import MILLI, SECOND

NOON = 1_700_000_000 * SECOND


def trade(seconds: float, number: float = 0.0, **more: Any) -> Trade:
    return a_trade(number or seconds, at=NOON + round(seconds * SECOND), **more)


def at(*seconds: float) -> list[Event]:
    return [trade(s, n) for n, s in enumerate(seconds, 1)]


Piped = Callable[[EventClock], Callable[[Observable[Any]], Observable[Any]]]


def heard(pipe: Piped, events: list[Event], rows: int = 1024, **options: Any) -> list[Any]:
    """What comes out, each with the time of the clock in seconds after noon."""
    clock = EventClock(**options)
    told: list[Any] = []

    def note(value: Any) -> None:
        plain = value.price if isinstance(value, Trade) else value
        told.append((plain, (clock.nanos - NOON) / SECOND))

    stream = from_events(events, rows=rows).pipe(oo.on_clock(clock), pipe(clock))
    stream.subscribe(
        note,
        lambda error: told.append(type(error).__name__),
        lambda: told.append(("end", (clock.nanos - NOON) / SECOND)),
    )
    assert clock.waiting == 0
    return told


def test_debounce_tells_what_stood_for_its_time() -> None:
    told = heard(lambda clock: ops.debounce(1.0, scheduler=clock), at(0, 0.5, 2, 3, 3.5))

    assert told == [(2, 1.5), (3, 3.0), (5, 3.5), ("end", 3.5)]


def test_throttle_first_lets_one_through_in_each_stretch() -> None:
    told = heard(lambda clock: ops.throttle_first(1.0, scheduler=clock), at(0, 0.5, 0.9, 1, 1.5, 7))

    assert [what for what, _ in told] == [1, 4, 6, "end"]


def test_timeout_falls_between_the_events_that_are_too_far_apart() -> None:
    told = heard(lambda clock: ops.timeout(2.0, scheduler=clock), at(100, 101, 103.5, 104))

    assert told == [(1, 100.0), (2, 101.0), "Exception"]


def test_timeout_goes_over_to_another_stream() -> None:
    other = reactivex.of(9.0)

    told = heard(lambda clock: ops.timeout(2.0, other, scheduler=clock), at(0, 5))

    assert [what for what, *_ in told] == [1, 9.0, "end"]


def test_windows_are_half_open_and_their_times_are_exact() -> None:
    def counted(clock: EventClock) -> Callable[[Observable[Any]], Observable[Any]]:
        return lambda source: source.pipe(
            ops.window_with_time(1.0, scheduler=clock),
            ops.flat_map(lambda window: window.pipe(ops.count())),
        )

    told = heard(counted, at(0, 0.5, 1, 1, 3.25))

    assert told == [(2, 1.0), (2, 2.0), (0, 3.0), (1, 3.25), ("end", 3.25)]


def test_sample_tells_the_newest_at_each_tick_and_ends_with_the_one_after_the_end() -> None:
    told = heard(lambda clock: ops.sample(1.0, scheduler=clock), at(0, 0.5, 2.5, 2.75))

    assert told == [(2, 1.0), (4, 3.0), ("end", 3.0)]


def test_delay_tells_everything_later_also_after_the_end() -> None:
    told = heard(lambda clock: ops.delay(2.0, scheduler=clock), at(0, 0.5, 3))

    assert told == [(1, 2.0), (2, 2.5), (3, 5.0), ("end", 5.0)]


def test_delays_add_up() -> None:
    def twice(clock: EventClock) -> Callable[[Observable[Any]], Observable[Any]]:
        return lambda source: source.pipe(
            ops.delay(1.0, scheduler=clock), ops.delay(timedelta(seconds=2), scheduler=clock)
        )

    assert heard(twice, at(0, 1)) == [(1, 3.0), (2, 4.0), ("end", 4.0)]


def test_the_scheduler_of_the_subscription_is_enough() -> None:
    clock, told = EventClock(), []
    stream = from_events(at(0, 1, 5)).pipe(oo.on_clock(clock), ops.debounce(2.0))

    stream.subscribe(told.append, scheduler=clock)

    assert [fact.price for fact in told] == [2, 3]


def test_observe_on_the_clock_tells_each_fact_before_the_next_comes() -> None:
    clock, told = EventClock(), []
    shared = from_events(at(0, 0, 1)).pipe(oo.on_clock(clock), share())
    hub = reactivex.merge(
        shared.pipe(ops.observe_on(clock), ops.map(lambda t: ("observed", t.price))),
        shared.pipe(ops.map(lambda t: ("came", t.price))),
    )

    hub.subscribe(told.append)

    assert told == [(word, n) for n in (1.0, 2.0, 3.0) for word in ("came", "observed")]


def test_many_events_at_one_time_do_not_hold_the_clock_up() -> None:
    told = heard(lambda clock: ops.delay(1.0, scheduler=clock), at(*[0] * 500))

    assert told == [*((n, 1.0) for n in range(1, 501)), ("end", 1.0)]


def test_an_error_passes_and_the_clock_is_free_again() -> None:
    clock, told = EventClock(), []
    failing = from_events(at(0, 1)).pipe(ops.concat(reactivex.throw(RuntimeError("over"))))

    failing.pipe(oo.on_clock(clock), ops.debounce(5.0, scheduler=clock)).subscribe(
        lambda fact: told.append(fact.price), lambda error: told.append(str(error))
    )

    assert told == ["over"]
    assert (clock.waiting, clock.now.year) == (0, 1000)


def test_a_stream_can_be_subscribed_to_again() -> None:
    clock = EventClock()
    stream = from_events(at(0, 0.5, 3)).pipe(
        oo.on_clock(clock), ops.debounce(1.0, scheduler=clock), ops.map(lambda t: t.price)
    )

    first, second = (stream.pipe(ops.to_list()).run() for _ in range(2))

    assert first == second == [2, 3]


def test_retry_starts_the_clock_afresh() -> None:
    clock, told, tries = EventClock(), [], iter((True, False))

    def fails_once(_: Any) -> Observable[Any]:
        return reactivex.throw(RuntimeError()) if next(tries) else reactivex.empty()

    source = from_events(at(0, 3)).pipe(ops.concat(reactivex.defer(fails_once)))
    source.pipe(oo.on_clock(clock), ops.delay(1.0, scheduler=clock), ops.retry(2)).subscribe(
        lambda t: told.append((t.price, (clock.nanos - NOON) // SECOND))
    )

    assert told == [(1, 1), (1, 1), (2, 4)]


def test_who_has_heard_enough_stops_the_clock() -> None:
    told = heard(
        lambda clock: lambda s: s.pipe(ops.delay(1.0, scheduler=clock), ops.take(1)), at(0, 0.5, 9)
    )

    assert told == [(1, 1.0), ("end", 1.0)]


def test_what_was_taken_in_time_is_told_even_if_nothing_else_is_wanted() -> None:
    told = heard(
        lambda clock: lambda s: s.pipe(ops.take(2), ops.delay(5.0, scheduler=clock)), at(0, 1, 2)
    )

    assert told == [(1, 5.0), (2, 6.0), ("end", 6.0)]


def test_a_stream_begun_in_the_wake_of_another_has_a_clock_of_its_own() -> None:
    clock, told = EventClock(), []
    source = from_events(at(0, 3))

    def once() -> None:
        later = source.pipe(oo.on_clock(clock), ops.delay(1.0, scheduler=clock))
        later.subscribe(lambda t: told.append((t.price, (clock.nanos - NOON) // SECOND)))

    source.pipe(oo.on_clock(clock)).subscribe(on_completed=once)

    assert told == [(1, 1), (2, 4)]


def test_a_subscriber_that_raises_without_on_error_frees_the_clock() -> None:
    clock = EventClock()

    def fail(_: Any) -> None:
        raise RuntimeError("mine")

    stream = from_events(at(0, 9)).pipe(oo.on_clock(clock), ops.debounce(1.0, scheduler=clock))
    with pytest.raises(RuntimeError, match="mine"):
        stream.subscribe(fail)

    assert clock.now.year == 1000


def test_a_stamp_from_next_year_and_our_own_reports_move_no_time() -> None:
    clock, seen = EventClock(), []
    events = [
        trade(0),
        trade(400 * 86_400, ts_recv=NOON + SECOND),
        a_status(at=NOON + 99 * SECOND),
        a_gap(NOON, NOON + 98 * SECOND),
        trade(2),
    ]

    from_events(events).pipe(oo.on_clock(clock)).subscribe(
        lambda _: seen.append((clock.nanos - NOON) // SECOND)
    )

    assert seen == [0, 1, 1, 1, 2]


def test_a_late_fact_finds_the_clock_where_it_is() -> None:
    clock, seen = EventClock(), []

    from_events(at(0, 5, 3, 6)).pipe(oo.on_clock(clock)).subscribe(
        lambda _: seen.append((clock.nanos - NOON) // SECOND)
    )

    assert seen == [0, 5, 5, 6]


def test_with_a_clock_the_root_delivers_row_by_row_to_everybody() -> None:
    clock, rows = EventClock(), []
    source = from_events(at(*range(6)))

    source.pipe(counting(rows), oo.on_clock(clock)).subscribe()
    source.pipe(counting(rows)).subscribe()

    assert rows == [1, 1, 1, 1, 1, 1, 6]


def counting(rows: list[int]) -> Callable[[Observable[Any]], Observable[Any]]:
    from ordinis_rx.stepping import each_item

    def step(item: Item) -> Item:
        rows.append(item.n)
        return item

    return each_item(lambda: step)


def test_a_hot_source_that_falls_silent_moves_no_time() -> None:
    hot, clock, told = Hot(), EventClock(), []
    subscription = hot.stream.pipe(
        oo.on_clock(clock), ops.debounce(1.0, scheduler=clock)
    ).subscribe(lambda fact: told.append(fact.price))

    hot.push([trade(0, 1, seq=1), trade(0.5, 2, seq=2)])
    assert told == []
    hot.push([trade(1.5, 3, seq=3)])
    assert told == [2]
    subscription.dispose()

    assert clock.waiting == 0


@pytest.mark.parametrize(
    "timed",
    [
        lambda clock: ops.debounce(0.002, scheduler=clock),
        lambda clock: ops.delay(0.003, scheduler=clock),
        lambda clock: ops.sample(0.002, scheduler=clock),
        lambda clock: ops.throttle_first(0.003, scheduler=clock),
    ],
)
def test_timed_operators_do_the_same_on_any_frames(timed: Piped) -> None:
    times = (0, 1, 1, 2, 5, 3, 9, 9.5, 20)
    events = [a_trade(n, at=NOON + round(t * MILLI)) for n, t in enumerate(times, 1)]

    def make() -> Callable[[Observable[Any]], Observable[Any]]:
        clock = EventClock()
        return lambda source: source.pipe(oo.on_clock(clock), timed(clock))

    same_on_frames(make, events)


@pytest.mark.parametrize("on_error", [None, lambda _: None])
def test_what_a_timer_raises_is_for_whoever_pushes(on_error: Any) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not now")

    clock, source = EventClock(), Subject[Any]()
    source.pipe(oo.on_clock(clock)).subscribe(on_error=on_error)
    clock.schedule_relative(2e-9, refuse)
    source.on_next(trade(0))

    with pytest.raises(ValueError, match="not now"):
        source.on_next(trade(1))
