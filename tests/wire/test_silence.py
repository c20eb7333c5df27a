from __future__ import annotations

from typing import Any

import pytest
import reactivex as rx
from reactivex.disposable import Disposable
from reactivex.scheduler import VirtualTimeScheduler
from reactivex.subject import BehaviorSubject, Subject
from reactivex.testing import TestScheduler

from ordinis_rx.timebase import HOUR, SECOND, Nanos
from ordinis_rx.wire.silence import silence


class Market:
    """Items are tuples of symbols that had data; the rest is kept by the test's own clock."""

    def __init__(
        self, limits: dict[str, float] | rx.Observable[dict[str, float]], **options: object
    ) -> None:
        self.scheduler = TestScheduler()
        self.items: Subject[tuple[str, ...]] = Subject()
        self.passed: list[tuple[str, ...]] = []
        self.errors: list[tuple[float, str]] = []
        self.completed = 0
        self.subscription = self.items.pipe(
            silence(limits, lambda item: item, wall=self.wall, **options)  # type: ignore[arg-type]
        ).subscribe(self.passed.append, self.fail, self.complete, scheduler=self.scheduler)

    def wall(self) -> Nanos:
        return round(self.scheduler.clock * SECOND)

    def fail(self, error: Exception) -> None:
        self.errors.append((self.scheduler.clock, str(error)))

    def complete(self) -> None:
        self.completed += 1

    def speak(self, until: float, *symbols: str) -> None:
        """An item a second, up to the moment given."""
        while self.scheduler.clock + 1 <= until:
            self.items.on_next(symbols)
            self.scheduler.advance_by(1.0)


def test_a_key_without_data_for_its_own_limit_is_named_while_others_are_lively() -> None:
    market = Market({"AAPL": 60.0, "XYZ": 20.0})
    market.speak(30.0, "AAPL")
    assert market.errors == [(20.0, "stalled: nothing from XYZ for 20 s")]


def test_items_that_are_no_data_do_not_count() -> None:
    market = Market({"AAPL": 5.0})
    market.speak(10.0)
    assert market.passed == [()] * 5
    assert market.errors == [(5.0, "stalled: nothing from AAPL for 5 s")]


def test_a_quiet_key_may_be_quiet_within_its_limit() -> None:
    market = Market({"QUIET": 3600.0, "BUSY": 5.0})
    market.speak(3500.0, "BUSY")
    market.items.on_next(("QUIET",))
    market.speak(7000.0, "BUSY")
    assert market.errors == []


def test_a_silence_is_told_when_its_limit_is_reached() -> None:
    market = Market({"AAPL": 20.0})
    market.scheduler.advance_to(10.1)
    market.items.on_next(("AAPL",))
    market.scheduler.advance_to(60.0)
    assert market.errors == [(30.1, "stalled: nothing from AAPL for 20 s")]


def test_keys_may_come_and_go_while_it_runs() -> None:
    limits = BehaviorSubject({"AAPL": 10.0})
    market = Market(limits)
    market.speak(100.0, "AAPL")
    limits.on_next({"AAPL": 10.0, "MSFT": 10.0})  # counts from here
    market.speak(105.0, "AAPL")
    limits.on_next({"MSFT": 10.0})
    market.speak(500.0, "MSFT")
    limits.on_next({"MSFT": 10.0, "AAPL": 10.0})  # again from here: the old silence is forgotten
    market.speak(505.0, "MSFT")
    assert market.errors == []
    market.speak(520.0, "MSFT")
    assert market.errors == [(510.0, "stalled: nothing from AAPL for 10 s")]


def test_a_closed_market_is_no_alarm_and_the_count_begins_at_the_opening() -> None:
    market = Market({"AAPL": 30.0}, is_open=lambda now: now >= HOUR)
    market.scheduler.advance_to(3620.0)
    assert market.errors == []
    market.scheduler.advance_to(3700.0)
    assert market.errors == [(3630.0, "stalled: nothing from AAPL for 30 s")]


def test_data_that_waits_behind_the_timer_is_heard_before_judging() -> None:
    market = Market({"AAPL": 10.0})
    for _ in range(10):
        market.scheduler.advance_by(0.99)
    market.scheduler.schedule_absolute(10.0, lambda *_: market.items.on_next(("AAPL",)))
    market.scheduler.advance_to(19.5)
    assert market.errors == []


def test_nothing_watched_is_never_silent() -> None:
    market = Market({})
    market.scheduler.advance_to(10_000.0)
    assert market.errors == []


def test_the_first_of_several_silent_keys_is_named_once() -> None:
    market = Market({"B": 5.0, "A": 5.0})
    market.scheduler.advance_to(30.0)
    assert market.errors == [(5.0, "stalled: nothing from B for 5 s")]


def test_disposing_and_completing_leave_no_timer() -> None:
    disposed, completed = Market({"AAPL": 5.0}), Market({"AAPL": 5.0})
    disposed.subscription.dispose()
    completed.items.on_completed()
    for market in (disposed, completed):
        VirtualTimeScheduler.start(market.scheduler)  # ends only when nothing is planned any more
        assert market.errors == []
    assert completed.completed == 1


@pytest.mark.parametrize("broken", ["keys_of", "is_open"])
def test_what_a_callback_raises_ends_the_stream_visibly(broken: str) -> None:
    def fails(_: object) -> bool:
        raise ZeroDivisionError(broken)

    scheduler, errors = TestScheduler(), list[Exception]()
    options = {"keys_of": lambda _: (), "is_open": lambda _: True, broken: fails}
    rx.interval(0.5).pipe(silence({"A": 5.0}, **options)).subscribe(  # type: ignore[arg-type]
        on_error=errors.append, scheduler=scheduler
    )
    scheduler.advance_to(30.0)
    assert [repr(error) for error in errors] == [f"ZeroDivisionError({broken!r})"]


def test_a_short_limit_is_looked_at_often_enough() -> None:
    market = Market({"QUICK": 0.5, "SLOW": 3600.0})
    market.scheduler.advance_to(0.26)
    market.items.on_next(("QUICK",))
    market.scheduler.advance_to(3.0)
    [(at, told)] = market.errors
    assert told == "stalled: nothing from QUICK for 0.5 s"
    assert 0.26 + 0.5 <= at <= 0.26 + 0.5 + 2 * 0.05


def test_a_short_limit_that_is_added_is_kept_at_once() -> None:
    limits = BehaviorSubject({"SLOW": 3600.0})
    market = Market(limits)
    market.scheduler.advance_to(10.5)
    limits.on_next({"SLOW": 3600.0, "QUICK": 0.5})
    market.scheduler.advance_to(12.5)
    assert market.errors == [(11.0, "stalled: nothing from QUICK for 0.5 s")]


def test_a_limit_of_nothing_does_not_spin() -> None:
    market = Market({"NOW": 0.0})
    market.scheduler.advance_to(1.0)
    assert market.errors == [(0.001, "stalled: nothing from NOW for 0 s")]


def test_closing_for_lunch_within_a_silence_is_seen_though_nobody_looked_meanwhile() -> None:
    def is_open(now: Nanos) -> bool:
        return not 100 * SECOND <= now < 160 * SECOND

    market = Market({"AAPL": 90.0}, is_open=is_open)
    market.scheduler.advance_to(80.5)
    market.items.on_next(("AAPL",))
    market.scheduler.advance_to(400.0)
    ((at, _),) = market.errors
    assert 160.0 + 90.0 <= at <= 160.0 + 91.0


def test_a_market_is_asked_about_only_when_a_key_seems_overdue() -> None:
    asked: list[Nanos] = []
    market = Market({"AAPL": 30.0}, is_open=lambda now: bool(asked.append(now)) or True)
    market.speak(3600.0, "AAPL")
    assert asked == []
    market.scheduler.advance_to(3700.0)
    assert len(market.errors) == 1
    assert min(asked) >= 3599 * SECOND


def test_many_keys_that_fall_due_one_after_the_other_are_looked_at_together() -> None:
    """A thousand keys that speak a little before they are due take no more than a look a second."""
    keys = [f"S{number}" for number in range(1000)]
    market = Market(dict.fromkeys(keys, 100.0))
    planned = 0
    schedule = market.scheduler.schedule_absolute

    def counted(*args: Any, **options: Any) -> Any:
        nonlocal planned
        planned += 1
        return schedule(*args, **options)

    market.scheduler.schedule_absolute = counted  # type: ignore[method-assign]
    for round in range(5):
        for place, key in enumerate(keys):
            market.scheduler.advance_to(round * 90.0 + place * 0.09)
            market.items.on_next((key,))
    assert market.errors == []
    assert planned <= 5 * 90 + 1
    market.scheduler.advance_to(1000.0)
    ((at, told),) = market.errors
    assert told == "stalled: nothing from S0 for 100 s"
    assert 460.0 <= at <= 461.0


def test_limits_that_change_all_the_time_do_not_put_an_alarm_off() -> None:
    limits = BehaviorSubject({"AAPL": 10.0})
    market = Market(limits)
    for number in range(100):
        market.scheduler.advance_by(0.3)
        limits.on_next({"AAPL": 10.0, f"S{number}": 1000.0})
    ((at, _),) = market.errors
    assert 10.0 <= at <= 11.0


def test_without_limits_nothing_is_planned() -> None:
    market = Market(BehaviorSubject({"AAPL": 10.0}))
    market.subscription.dispose()
    limits = BehaviorSubject({"AAPL": 10.0})
    market = Market(limits)
    limits.on_next({})
    VirtualTimeScheduler.start(market.scheduler)  # ends only when nothing is planned any more
    assert market.errors == []


@pytest.mark.parametrize("held_up", [45.0, 28_800.0])
def test_time_in_which_the_loop_was_held_up_is_no_silence(held_up: float) -> None:
    market = Market({"AAPL": 60.0, "QUIET": 900.0})
    market.scheduler.advance_to(30.0)
    market.items.on_next(("QUIET",))
    market.scheduler.sleep(held_up)  # the clock goes on, and nothing is done
    market.scheduler.advance_by(10.0)
    market.items.on_next(("AAPL",))
    market.scheduler.advance_by(50.0)
    assert market.errors == []
    market.scheduler.advance_by(11.0)
    [(_, told)] = market.errors
    assert told == "stalled: nothing from AAPL for 60 s"


def test_a_loop_that_is_always_late_does_not_hide_a_silence() -> None:
    market = Market({"AAPL": 60.0})
    for _ in range(100):
        market.scheduler.advance_by(0.1)
        market.scheduler.sleep(2.0)
    [(_, told)] = market.errors
    assert told == "stalled: nothing from AAPL for 60 s"


def test_items_and_errors_pass_unchanged() -> None:
    market = Market({"AAPL": 20.0})
    market.items.on_next(("AAPL", "MSFT"))
    market.items.on_error(OSError("gone"))
    assert market.passed == [("AAPL", "MSFT")]
    assert market.errors == [(0.0, "gone")]


def test_the_source_and_the_limits_are_left_before_the_failure_is_told() -> None:
    limits = BehaviorSubject({"AAPL": 5.0})
    market = Market(limits)
    assert (len(market.items.observers), len(limits.observers)) == (1, 1)
    market.scheduler.advance_to(6.0)
    assert len(market.errors) == 1
    assert (market.items.observers, limits.observers) == ([], [])


def test_limits_that_fail_end_the_stream_visibly() -> None:
    limits = BehaviorSubject({"AAPL": 5.0})
    market = Market(limits)
    market.scheduler.advance_to(2.0)
    limits.on_error(LookupError("no such symbol"))
    market.scheduler.advance_to(60.0)
    assert market.errors == [(2.0, "no such symbol")]
    assert market.items.observers == []


def test_a_look_that_comes_late_counts_twice_its_lateness_as_no_silence_and_the_next_one_judges() -> (
    None
):
    once = Market({"AAPL": 10.0})
    once.scheduler.advance_to(9.0)
    once.scheduler.sleep(6.0)  # the clock goes on, and nothing is done: the look is 5 s late
    once.scheduler.advance_to(30.0)
    assert once.errors == [(20.0, "stalled: nothing from AAPL for 10 s")]
    twice = Market({"AAPL": 10.0})
    twice.scheduler.advance_to(9.0)
    twice.scheduler.sleep(6.0)
    twice.scheduler.advance_to(19.0)
    twice.scheduler.sleep(6.0)
    twice.scheduler.advance_to(60.0)
    assert twice.errors == [(25.0, "stalled: nothing from AAPL for 10 s")]


def test_with_a_short_limit_the_opening_is_found_to_a_tenth_of_it() -> None:
    market = Market({"AAPL": 5.0}, is_open=lambda now: now >= round(101.3 * SECOND))
    market.scheduler.advance_to(200.0)
    ((at, _),) = market.errors
    assert 101.3 + 5.0 - 0.5 <= at <= 101.3 + 5.0 + 2 * 0.5


def test_the_scheduler_is_handed_to_the_source_and_where_there_is_none_the_error_names_us() -> None:
    seen: list[object] = []

    def subscribe(_: object, scheduler: object = None) -> Disposable:
        seen.append(scheduler)
        return Disposable()

    scheduler = TestScheduler()
    watched = rx.Observable(subscribe).pipe(silence({}, lambda _: ()))  # type: ignore[arg-type]
    watched.subscribe(scheduler=scheduler)
    assert seen == [scheduler]
    errors: list[Exception] = []
    watched.subscribe(on_error=errors.append)
    assert str(errors[0]).startswith("silence needs a running asyncio loop")
