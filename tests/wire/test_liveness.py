from __future__ import annotations

import asyncio

import pytest
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops
from reactivex.disposable import Disposable
from reactivex.scheduler import VirtualTimeScheduler
from reactivex.subject import Subject
from reactivex.testing import ReactiveTest, TestScheduler

from ordinis_rx.errors import Disconnected, Stalled
from ordinis_rx.wire.liveness import liveness

on_next, on_error, on_completed = (
    ReactiveTest.on_next,
    ReactiveTest.on_error,
    ReactiveTest.on_completed,
)


class Told:
    """What a subscriber of a stream of bytes heard, and when."""

    def __init__(self, source: Observable[bytes], scheduler: TestScheduler) -> None:
        self.scheduler = scheduler
        self.values: list[bytes] = []
        self.errors: list[tuple[float, str]] = []
        self.completed: list[float] = []
        self.subscription = source.subscribe(
            self.values.append,
            lambda error: self.errors.append((scheduler.clock, str(error))),
            lambda: self.completed.append(scheduler.clock),
            scheduler=scheduler,
        )


def test_s02_a_stream_that_never_says_anything_fails_after_the_limit() -> None:
    scheduler = TestScheduler()
    told = Told(rx.never().pipe(liveness(60.0)), scheduler)
    scheduler.advance_to(59.9)
    assert told.errors == []
    scheduler.advance_to(61.0)
    assert told.errors == [(60.0, "stalled: nothing from the connection for 60 s")]


def test_the_limit_counts_from_the_newest_item() -> None:
    scheduler = TestScheduler()
    source = scheduler.create_hot_observable(
        on_next(30, b"a"), on_next(80, b""), on_next(139, b"c")
    )
    told = Told(source.pipe(liveness(60.0, what="polygon")), scheduler)
    scheduler.advance_to(198.9)
    assert (told.values, told.errors) == ([b"a", b"", b"c"], [])
    scheduler.advance_to(250.0)
    assert told.errors == [(199.0, "stalled: nothing from polygon for 60 s")]


def test_the_source_is_disposed_before_the_failure_is_told() -> None:
    scheduler = TestScheduler()
    order: list[str] = []
    source: Observable[bytes] = rx.never().pipe(
        ops.finally_action(lambda: order.append("disposed"))
    )
    source.pipe(liveness(1.0)).subscribe(
        on_error=lambda error: order.append(type(error).__name__), scheduler=scheduler
    )
    scheduler.advance_to(2.0)
    assert order == ["disposed", "Stalled"]


def test_an_item_that_waits_behind_the_timer_is_heard_before_judging() -> None:
    scheduler = TestScheduler()
    subject: Subject[bytes] = Subject()
    told = Told(subject.pipe(liveness(10.0)), scheduler)
    scheduler.advance_to(9.99)
    # Scheduled after the last timer, for the same moment: the loop was held up and has both to do.
    scheduler.schedule_absolute(10.0, lambda *_: subject.on_next(b"late"))
    scheduler.advance_to(19.9)
    assert (told.values, told.errors) == ([b"late"], [])
    scheduler.advance_to(25.0)
    assert told.errors == [(20.0, "stalled: nothing from the connection for 10 s")]


def test_the_end_of_the_source_is_passed_on_and_ends_the_timer() -> None:
    scheduler = TestScheduler()
    failure = Disconnected("gone")
    ended = Told(scheduler.create_hot_observable(on_completed(5)).pipe(liveness(10.0)), scheduler)
    failed = Told(
        scheduler.create_hot_observable(on_error(6, failure)).pipe(liveness(10.0)), scheduler
    )
    scheduler.advance_to(100.0)
    assert (ended.completed, ended.errors) == ([5.0], [])
    assert failed.errors == [(6.0, "disconnected: gone")]


def test_s04_disposing_leaves_no_timer() -> None:
    scheduler = TestScheduler()
    told = Told(rx.never().pipe(liveness(10.0)), scheduler)
    told.subscription.dispose()
    VirtualTimeScheduler.start(scheduler)  # runs until nothing is planned
    assert scheduler.clock <= 10.0
    assert told.errors == []


def test_one_timer_serves_however_many_items() -> None:
    class Counting(TestScheduler):
        planned = 0

        def schedule_relative(self, *arguments: object, **named: object) -> object:  # type: ignore[override]
            self.planned += 1
            return super().schedule_relative(*arguments, **named)  # type: ignore[arg-type]

    scheduler = Counting()
    subject: Subject[bytes] = Subject()
    told = Told(subject.pipe(liveness(10.0)), scheduler)
    for _ in range(1000):
        subject.on_next(b"x")
    scheduler.advance_to(9.0)
    subject.on_next(b"x")
    scheduler.advance_to(18.9)
    assert len(told.values) == 1001
    assert scheduler.planned == 8  # one each quarter of the limit


@pytest.mark.parametrize("at", [0.0, 3.0, 4.9, 7.0, 9.9])
@pytest.mark.parametrize("held_up", [4.0, 9.0, 28_800.0])
def test_time_in_which_the_loop_was_held_up_is_no_silence(at: float, held_up: float) -> None:
    """Pings go out every 5 s, and are answered half a second later, as far as the loop lets them."""
    scheduler = TestScheduler()
    source: Subject[bytes] = Subject()
    told = Told(source.pipe(liveness(10.0)), scheduler)

    def ping(*_: object) -> None:
        scheduler.schedule_relative(0.5, lambda *_: source.on_next(b""))
        scheduler.schedule_relative(5.0, ping)

    ping()
    scheduler.advance_to(100.0 + at)
    scheduler.sleep(held_up)  # the clock goes on, and nothing is done
    scheduler.advance_by(100.0)
    assert told.errors == []


@pytest.mark.parametrize("held_up", [1.0, 9.0, 28_800.0])
def test_a_dead_peer_is_found_though_the_loop_was_held_up(held_up: float) -> None:
    scheduler = TestScheduler()
    told = Told(rx.never().pipe(liveness(10.0)), scheduler)
    scheduler.advance_to(6.0)
    scheduler.sleep(held_up)  # the clock goes on, and nothing is done
    scheduler.advance_by(10.1)
    assert [error for _, error in told.errors] == ["stalled: nothing from the connection for 10 s"]


def test_each_subscription_is_judged_by_itself() -> None:
    scheduler = TestScheduler()
    subject: Subject[bytes] = Subject()
    lively = subject.pipe(liveness(10.0))
    first = Told(lively, scheduler)
    scheduler.advance_to(8.0)
    second = Told(lively, scheduler)
    scheduler.advance_to(17.0)
    assert [at for at, _ in first.errors] == [10.0]
    assert second.errors == []


async def test_the_running_loop_is_the_clock_where_none_is_given() -> None:
    failed = asyncio.get_running_loop().create_future()
    rx.never().pipe(liveness(0.01)).subscribe(on_error=failed.set_result)
    error = await asyncio.wait_for(failed, 5)
    assert isinstance(error, Stalled)


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan")])
def test_a_limit_that_is_not_positive_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match=f"limit_seconds must be a number above 0, got {limit}"):
        liveness(limit)


def test_the_first_item_may_take_longer_and_the_later_ones_may_not() -> None:
    scheduler = TestScheduler()
    source: Subject[bytes] = Subject()
    told = Told(source.pipe(liveness(2.0, first_seconds=30.0)), scheduler)
    scheduler.advance_to(29.0)
    assert told.errors == []
    source.on_next(b"")
    scheduler.advance_to(31.5)
    assert [error for _, error in told.errors] == ["stalled: nothing from the connection for 2 s"]


def test_a_first_item_that_never_comes_has_its_own_limit() -> None:
    scheduler = TestScheduler()
    told = Told(rx.never().pipe(liveness(2.0, first_seconds=30.0)), scheduler)
    scheduler.advance_to(31.0)
    assert [error for _, error in told.errors] == ["stalled: nothing from the connection for 30 s"]
    with pytest.raises(ValueError, match="first_seconds must be a number above 0, got 0"):
        liveness(2.0, first_seconds=0)


def test_a_first_item_may_be_asked_for_sooner_than_the_later_ones() -> None:
    scheduler = TestScheduler()
    told = Told(rx.never().pipe(liveness(2.0, first_seconds=0.5)), scheduler)
    scheduler.advance_to(1.0)
    assert told.errors == [(0.5, "stalled: nothing from the connection for 0.5 s")]


def test_the_scheduler_is_handed_to_the_source_and_where_there_is_none_the_error_names_us() -> None:
    seen: list[object] = []

    def subscribe(_: object, scheduler: object = None) -> Disposable:
        seen.append(scheduler)
        return Disposable()

    scheduler = TestScheduler()
    Told(Observable(subscribe).pipe(liveness(2.0)), scheduler)  # type: ignore[arg-type]
    assert seen == [scheduler]
    errors: list[Exception] = []
    rx.never().pipe(liveness(2.0)).subscribe(on_error=errors.append)
    assert str(errors[0]).startswith("liveness needs a running asyncio loop")
