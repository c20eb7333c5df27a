from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from random import Random

import pytest
import reactivex as rx
from hypothesis import given, settings
from hypothesis import strategies as st
from reactivex import Observable, abc
from reactivex.disposable import Disposable
from reactivex.testing import TestScheduler

from ordinis_rx.errors import AuthError, Disconnected, OrdinisError
from ordinis_rx.wire.backoff import Backoff, retry_with_backoff

Script = Callable[[abc.ObserverBase[str], TestScheduler], None]


class Server:
    """A source that lives through one script a subscription, the last one again and again."""

    def __init__(self, scheduler: TestScheduler, *scripts: Script) -> None:
        self.scheduler = scheduler
        self.scripts = scripts
        self.dialled: list[float] = []
        self.open = 0
        self.most_open = 0

    def source(self) -> Observable[str]:
        def subscribe(
            observer: abc.ObserverBase[str], _: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            script = self.scripts[min(len(self.dialled), len(self.scripts) - 1)]
            self.dialled.append(self.scheduler.clock)
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            script(observer, self.scheduler)

            def hang_up() -> None:
                self.open -= 1

            return Disposable(hang_up)

        return Observable(subscribe)


def fails(error: Exception | None = None, *, after: float = 0.0, says: str | None = None) -> Script:
    """Says something at once, fails after a while; at once means inside subscribe()."""
    failure = Disconnected("refused") if error is None else error

    def script(observer: abc.ObserverBase[str], scheduler: TestScheduler) -> None:
        if says is not None:
            observer.on_next(says)
        if after:
            scheduler.schedule_relative(after, lambda *_: observer.on_error(failure))
        else:
            observer.on_error(failure)

    return script


def lives(observer: abc.ObserverBase[str], _: TestScheduler) -> None:
    observer.on_next("alive")


class Told:
    def __init__(self) -> None:
        self.values: list[str] = []
        self.errors: list[Exception] = []
        self.completed = 0
        self.retries: list[tuple[int, float]] = []
        self.reasons: list[str] = []

    def on_retry(self, error: Exception, attempt: int, delay: float) -> None:
        self.reasons.append(str(error))
        self.retries.append((attempt, delay))

    def complete(self) -> None:
        self.completed += 1


def run(
    server: Server, backoff: Backoff, seconds: float, **options: object
) -> tuple[Told, abc.DisposableBase]:
    told = Told()
    options.setdefault("random", Random(7))
    options.setdefault("on_retry", told.on_retry)
    subscription = (
        server.source()
        .pipe(retry_with_backoff(backoff, **options))  # type: ignore[arg-type]
        .subscribe(
            told.values.append, told.errors.append, told.complete, scheduler=server.scheduler
        )
    )
    server.scheduler.advance_by(seconds)
    return told, subscription


@given(
    first=st.floats(0.01, 100),
    factor=st.floats(1, 1000),
    seed=st.integers(0, 2**32),
    attempts=st.integers(0, 20),
)
@settings(max_examples=100)
def test_every_delay_keeps_both_bounds_and_is_drawn_from_the_upper_half_of_a_doubling_span(
    first: float, factor: float, seed: int, attempts: int
) -> None:
    longest = first * factor
    delays = list(Backoff(first, longest, attempts).delays(Random(seed)))
    assert len(delays) == attempts
    for turn, delay in enumerate(delays):
        span = min(first * 2**turn, longest)
        assert first <= delay * (1 + 1e-12)
        assert delay <= span * (1 + 1e-12)
        assert delay >= span / 2 * (1 - 1e-12)


def test_delays_go_on_for_ever_without_a_limit_of_attempts_and_end_at_the_longest() -> None:
    delays = list(islice(Backoff(1.0, 60.0, attempts=None).delays(Random(3)), 10_000))
    assert all(30.0 <= delay <= 60.0 for delay in delays[6:])


def test_s07_delays_are_jittered_but_repeatable() -> None:
    def drawn(seed: int) -> list[float]:
        return list(Backoff().delays(Random(seed)))

    assert drawn(1) == drawn(1)
    assert drawn(1)[1:] != drawn(2)[1:]
    assert len(set(drawn(1))) == 10


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"first_seconds": 0.0}, "first_seconds must be a finite number above 0, got 0.0"),
        ({"first_seconds": float("nan")}, "first_seconds must be a finite number above 0, got nan"),
        (
            {"longest_seconds": 0.5},
            r"longest_seconds must be at least first_seconds \(1.0\), got 0.5",
        ),
        ({"attempts": -1}, "attempts must be 0 or more attempts, got -1"),
        ({"stable_seconds": -1.0}, "stable_seconds must be a number, 0 or more, got -1.0"),
        ({"long_seconds": -1}, "long_seconds must be a number, 0 or more, got -1"),
    ],
)
def test_a_backoff_that_makes_no_sense_is_refused(fields: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Backoff(**fields)  # type: ignore[arg-type]


def test_a_wire_error_is_followed_by_another_try_after_the_delay_and_not_before() -> None:
    server = Server(TestScheduler(), fails(), lives)
    told, _ = run(server, Backoff(1.0), 0.999)
    assert server.dialled == [0.0]
    server.scheduler.advance_by(0.002)
    assert server.dialled == [0.0, 1.0]
    assert (told.values, told.errors) == (["alive"], [])


def test_s03_ten_thousand_failures_in_a_row_need_no_recursion() -> None:
    server = Server(TestScheduler(), *[fails()] * 10_000, lives)
    told, _ = run(server, Backoff(1.0, 1.0, attempts=None), 10_001.0)
    assert told.values == ["alive"]
    assert len(server.dialled) == 10_001
    assert told.retries[-1] == (10_000, 1.0)


def test_s06_disposing_ends_the_wait_and_nothing_is_dialled_any_more() -> None:
    server = Server(TestScheduler(), fails(), lives)
    told, subscription = run(server, Backoff(1.0), 0.5)
    subscription.dispose()
    subscription.dispose()
    server.scheduler.advance_by(100.0)
    assert server.dialled == [0.0]
    assert (told.values, told.errors, told.completed) == ([], [], 0)


def test_disposing_hangs_up_the_try_that_is_running() -> None:
    server = Server(TestScheduler(), fails(), lives)
    _, subscription = run(server, Backoff(1.0), 2.0)
    assert server.open == 1
    subscription.dispose()
    assert server.open == 0


def test_s07_a_flapping_server_is_waited_for_longer_and_longer_and_given_up() -> None:
    server = Server(TestScheduler(), fails(after=0.05, says="welcome"))
    told, _ = run(server, Backoff(1.0, attempts=3), 1000.0)
    assert len(server.dialled) == 4
    assert [attempt for attempt, _ in told.retries] == [1, 2, 3]
    assert [str(error) for error in told.errors] == ["disconnected: refused"]


def test_a_try_that_lived_and_delivered_ends_the_row() -> None:
    server = Server(TestScheduler(), fails(), fails(), fails(after=10.0, says="data"), fails())
    told, _ = run(server, Backoff(1.0, attempts=3, stable_seconds=10.0), 30.0)
    assert [attempt for attempt, _ in told.retries] == [1, 2, 1, 2, 3]
    assert told.retries[2][1] == 1.0  # the delay starts from the beginning as well


def test_a_long_life_without_delivery_does_not_end_the_row() -> None:
    server = Server(TestScheduler(), fails(after=100.0, says="hello"))
    told, _ = run(server, Backoff(1.0, attempts=3), 1000.0, delivered=lambda v: v == "data")
    assert [attempt for attempt, _ in told.retries] == [1, 2, 3]
    assert len(told.errors) == 1


def test_only_what_is_delivered_ends_the_row() -> None:
    server = Server(TestScheduler(), fails(after=100.0, says="data"))
    told, _ = run(server, Backoff(1.0, attempts=3), 1000.0, delivered=lambda v: v == "data")
    assert {attempt for attempt, _ in told.retries} == {1}
    assert told.errors == []


def test_waits_are_drawn_from_the_dice_given_and_each_is_told_with_its_error() -> None:
    server = Server(TestScheduler(), *[fails(Disconnected(f"refused {turn}")) for turn in range(4)])
    told, _ = run(server, Backoff(attempts=3), 1000.0, random=Random(5))
    assert [delay for _, delay in told.retries] == list(Backoff(attempts=3).delays(Random(5)))
    assert told.reasons == [f"disconnected: refused {turn}" for turn in range(3)]


def test_a_try_may_count_as_stable_at_once() -> None:
    server = Server(TestScheduler(), fails(says="data"))
    told, _ = run(server, Backoff(1.0, attempts=1, stable_seconds=0.0), 100.0)
    assert {attempt for attempt, _ in told.retries} == {1}


def test_a_very_long_life_ends_the_row_though_a_quiet_market_delivered_nothing() -> None:
    server = Server(TestScheduler(), fails(after=600.0, says="hello"))
    told, _ = run(server, Backoff(1.0, attempts=3), 10_000.0, delivered=lambda v: v == "data")
    assert {attempt for attempt, _ in told.retries} == {1}
    assert told.errors == []


def test_delivery_in_a_short_life_does_not_end_the_row() -> None:
    server = Server(TestScheduler(), fails(after=9.9, says="data"))
    told, _ = run(
        server, Backoff(1.0, attempts=3, stable_seconds=10.0), 1000.0, delivered=lambda _: True
    )
    assert [attempt for attempt, _ in told.retries] == [1, 2, 3]


def test_s08_a_fatal_error_is_not_tried_again_and_the_connection_is_closed() -> None:
    error = AuthError("polygon", "bad key")
    server = Server(TestScheduler(), fails(error, after=0.1))
    told, _ = run(server, Backoff(), 1000.0)
    assert told.errors == [error]
    assert (server.dialled, server.open) == ([0.0], 0)


def test_s21_giving_up_is_told_by_the_last_error() -> None:
    server = Server(TestScheduler(), *[fails(Disconnected(f"refused {turn}")) for turn in range(4)])
    told, _ = run(server, Backoff(attempts=3), 1000.0)
    assert [str(error) for error in told.errors] == ["disconnected: refused 3"]
    assert told.completed == 0


def test_no_attempts_means_no_retry() -> None:
    server = Server(TestScheduler(), fails())
    told, _ = run(server, Backoff(attempts=0), 1000.0)
    assert len(server.dialled) == 1
    assert len(told.errors) == 1


def test_the_last_try_of_the_row_may_still_succeed() -> None:
    server = Server(TestScheduler(), fails(), fails(), lives)
    told, _ = run(server, Backoff(attempts=2), 1000.0)
    assert (told.values, told.errors) == (["alive"], [])


def test_an_error_that_asks_to_cool_down_is_obeyed_beyond_the_longest_delay() -> None:
    server = Server(TestScheduler(), fails(Disconnected("max_connections", cool_down=60.0)), lives)
    told, _ = run(server, Backoff(1.0, 2.0), 59.0)
    assert told.retries == [(1, 60.0)]
    assert len(server.dialled) == 1
    server.scheduler.advance_by(1.5)
    assert told.values == ["alive"]


def test_s18_there_is_never_more_than_one_connection_at_a_time() -> None:
    server = Server(TestScheduler(), fails(after=0.5, says="data"))
    run(server, Backoff(1.0, attempts=20), 10_000.0)
    assert len(server.dialled) == 21
    assert (server.open, server.most_open) == (0, 1)


def test_completion_is_passed_on() -> None:
    told, scheduler = Told(), TestScheduler()
    rx.of("a", "b").pipe(retry_with_backoff(Backoff())).subscribe(
        told.values.append, told.errors.append, told.complete, scheduler=scheduler
    )
    scheduler.advance_by(1000.0)
    assert (told.values, told.errors, told.completed) == (["a", "b"], [], 1)


def test_what_is_retryable_can_be_chosen() -> None:
    server = Server(TestScheduler(), fails(OSError("no route")), lives)
    told, _ = run(server, Backoff(), 10.0, retryable=lambda error: isinstance(error, OSError))
    assert told.values == ["alive"]


@pytest.mark.parametrize("option", ["retryable", "delivered", "on_retry"])
def test_what_a_callback_raises_ends_the_stream_visibly(option: str) -> None:
    def broken(*_: object) -> bool:
        raise ZeroDivisionError(option)

    server = Server(TestScheduler(), fails(after=1.0, says="data"))
    told, _ = run(server, Backoff(), 10.0, **{option: broken})
    assert [repr(error) for error in told.errors] == [f"ZeroDivisionError({option!r})"]
    assert (len(server.dialled), server.open) == (1, 0)


def test_each_subscription_counts_its_own_failures() -> None:
    server = Server(TestScheduler(), fails())
    source = server.source().pipe(retry_with_backoff(Backoff(attempts=2)))
    for _ in range(2):
        source.subscribe(on_error=lambda _: None, scheduler=server.scheduler)
        server.scheduler.advance_by(100.0)
    assert len(server.dialled) == 6


def test_the_scheduler_is_handed_to_the_source() -> None:
    seen: list[object] = []

    def subscribe(_: object, scheduler: abc.SchedulerBase | None = None) -> Disposable:
        seen.append(scheduler)
        return Disposable()

    scheduler = TestScheduler()
    Observable(subscribe).pipe(retry_with_backoff(Backoff())).subscribe(scheduler=scheduler)
    assert seen == [scheduler]


def test_without_scheduler_and_without_loop_there_is_an_error_and_no_thread() -> None:
    errors: list[Exception] = []
    rx.never().pipe(retry_with_backoff(Backoff())).subscribe(on_error=errors.append)
    assert [str(error) for error in errors] == [
        "retry_with_backoff needs a running asyncio loop; in a script, iter_blocking brings its own"
    ]


def test_time_lived_is_measured_by_the_scheduler_given() -> None:
    scheduler = TestScheduler()
    server = Server(scheduler, fails(after=timedelta(hours=9).total_seconds(), says="data"))
    told, _ = run(server, Backoff(attempts=1), timedelta(days=1).total_seconds())
    assert [attempt for attempt, _ in told.retries] == [1, 1]


def test_wire_errors_are_the_only_ones_retried_unless_told_otherwise() -> None:
    server = Server(TestScheduler(), fails(OrdinisError("ours, but final")))
    told, _ = run(server, Backoff(), 100.0)
    assert [str(error) for error in told.errors] == ["ours, but final"]


def test_fields_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError, match=r"attempts must be a whole number of attempts, got 0\.5"):
        Backoff(attempts=0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="long_seconds must be a number, got '600'"):
        Backoff(long_seconds="600")  # type: ignore[arg-type]


def test_what_is_no_policy_and_what_is_no_function_are_refused_at_the_call() -> None:
    with pytest.raises(TypeError, match="retry_with_backoff: backoff must be a Backoff, got 5"):
        retry_with_backoff(5)  # type: ignore[arg-type]
    for name in ("retryable", "delivered", "on_retry"):
        with pytest.raises(
            TypeError, match=f"retry_with_backoff: {name} must be a function, got 5"
        ):
            retry_with_backoff(Backoff(), **{name: 5})  # type: ignore[arg-type]
