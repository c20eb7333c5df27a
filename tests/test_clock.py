"""The clock of events: what is due when, in which order, and what happens before the first event and after the last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.clock import EventClock
from ordinis_rx.timebase import HOUR, MILLI, SECOND, to_datetime

NOON = 1_700_000_000 * SECOND


def noting(clock: EventClock, notes: list[Any], what: Any = None) -> Callable[..., None]:
    return lambda *_: notes.append((what, clock.nanos) if what is not None else clock.nanos)


def started(at: int = NOON) -> tuple[EventClock, list[Any]]:
    clock = EventClock()
    clock.attach()
    clock.advance_to(at)
    return clock, []


def finish(clock: EventClock) -> None:
    clock.release()
    clock.run_out()


def test_what_is_due_at_an_events_time_runs_before_it_each_at_its_own_time() -> None:
    clock, notes = started()
    for delay in (2.0, 1.0, 3.0, 3.001):
        clock.schedule_relative(delay, noting(clock, notes))

    clock.advance_to(NOON + 3 * SECOND)

    assert notes == [NOON + SECOND, NOON + 2 * SECOND, NOON + 3 * SECOND]
    assert clock.nanos == NOON + 3 * SECOND
    assert clock.waiting == 1


def test_what_is_due_at_one_time_runs_in_the_order_in_which_it_was_asked_for() -> None:
    clock, notes = started()
    for number in range(250):  # the clocks of Rx hang, or run ahead, from a hundred on
        clock.schedule_relative(1.0, noting(clock, notes, number))

    clock.advance_to(NOON + SECOND)

    assert notes == [(number, NOON + SECOND) for number in range(250)]


def test_what_an_action_asks_for_at_once_runs_in_the_same_go_and_not_inside_it() -> None:
    clock, notes = started()

    def first(*_: object) -> None:
        clock.schedule(noting(clock, notes, "second"))
        notes.append(("first", clock.nanos))

    clock.schedule_relative(1.0, first)
    clock.advance_to(NOON + 5 * SECOND)

    assert notes == [("first", NOON + SECOND), ("second", NOON + SECOND)]


def test_time_never_goes_back() -> None:
    clock, notes = started()
    clock.schedule_relative(1.0, noting(clock, notes))

    clock.advance_to(NOON - HOUR)

    assert (clock.nanos, notes) == (NOON, [])


def test_what_is_asked_for_before_the_first_event_counts_from_it() -> None:
    clock, notes = EventClock(), []
    clock.attach()
    clock.schedule_relative(1.5, noting(clock, notes, "relative"))
    clock.schedule_absolute(clock.now + timedelta(seconds=1), noting(clock, notes, "from now"))
    clock.schedule_absolute(to_datetime(NOON + 2 * SECOND), noting(clock, notes, "a moment"))
    clock.schedule(noting(clock, notes, "at once"))

    clock.advance_to(NOON)
    assert notes == [("at once", NOON)]
    clock.advance_to(NOON + 9 * SECOND)

    assert notes[1:] == [
        ("from now", NOON + SECOND),
        ("relative", NOON + 1_500 * MILLI),
        ("a moment", NOON + 2 * SECOND),
    ]


def test_a_clock_that_knows_its_start_counts_from_that() -> None:
    clock, notes = EventClock(NOON), []
    assert clock.now == datetime.fromtimestamp(NOON // SECOND, UTC)
    clock.attach()
    clock.schedule_relative(1.0, noting(clock, notes))

    clock.advance_to(NOON + HOUR)

    assert notes == [NOON + SECOND]


def test_a_moment_that_is_past_is_now() -> None:
    clock, notes = started()
    clock.schedule_absolute(to_datetime(NOON - HOUR), noting(clock, notes))
    clock.schedule_absolute(NOON // SECOND - 5.0, noting(clock, notes))
    clock.schedule_relative(-3.0, noting(clock, notes))

    clock.run_due()

    assert notes == [NOON] * 3


def test_a_period_is_kept_however_far_events_are_apart() -> None:
    clock, notes = started()

    def tick(count: Any) -> Any:
        notes.append((count, clock.nanos - NOON))
        return count + 1

    timer = clock.schedule_periodic(0.25, tick, 1)
    clock.advance_to(NOON + SECOND)
    timer.dispose()
    clock.advance_to(NOON + 9 * SECOND)

    assert notes == [(n, n * 250 * MILLI) for n in (1, 2, 3, 4)]
    assert clock.waiting == 0


def test_a_period_that_is_disposed_of_inside_its_action_ends() -> None:
    clock, notes = started()

    def tick(_: Any) -> None:
        notes.append(clock.nanos)
        timer.dispose()

    timer = clock.schedule_periodic(1.0, tick)
    clock.advance_to(NOON + HOUR)

    assert notes == [NOON + SECOND]


@pytest.mark.parametrize("period", [0.0, -1.0, timedelta(0)])
def test_a_period_must_be_positive(period: float | timedelta) -> None:
    with pytest.raises(ValueError, match="a period of an EventClock must be positive, got"):
        EventClock().schedule_periodic(period, print)


def test_run_out_must_not_be_negative() -> None:
    with pytest.raises(ValueError, match=r"run_out must be 0 or more nanoseconds, .* got -1"):
        EventClock(run_out=-1)


def test_a_cancelled_action_does_not_run() -> None:
    clock, notes = started()
    timer = clock.schedule_relative(1.0, noting(clock, notes))
    timer.dispose()
    timer.dispose()

    clock.advance_to(NOON + HOUR)

    assert (notes, clock.waiting) == ([], 0)


def test_what_is_cancelled_does_not_pile_up() -> None:
    clock, notes = started()
    kept = [clock.schedule_relative(3.0, noting(clock, notes, n)) for n in range(3)]
    for _ in range(10_000):  # as debounce does with every event
        clock.schedule_relative(60.0, noting(clock, notes)).dispose()
        assert len(clock._heap) < 200

    assert clock.waiting == len(kept)
    clock.advance_to(NOON + HOUR)
    assert [what for what, _ in notes] == [0, 1, 2]


def test_disposing_of_an_action_that_ran_disposes_of_what_it_returned() -> None:
    class Noted:
        disposed = 0

    from reactivex.disposable import Disposable

    def count() -> None:
        Noted.disposed += 1

    clock, _ = started()
    timer = clock.schedule(lambda *_: Disposable(count))
    clock.run_due()
    assert Noted.disposed == 0
    timer.dispose()
    assert Noted.disposed == 1


def test_after_the_end_time_goes_on_until_nothing_waits() -> None:
    clock, notes = started()

    def again(scheduler: Any, left: Any) -> None:
        notes.append(clock.nanos - NOON)
        if left:
            scheduler.schedule_relative(1.0, again, left - 1)

    clock.schedule_relative(1.0, again, 2)
    finish(clock)

    assert notes == [SECOND, 2 * SECOND, 3 * SECOND]


def test_a_timer_without_end_is_cut_off_when_the_clock_has_run_out() -> None:
    clock, notes = EventClock(run_out=10 * SECOND), []
    clock.attach()
    clock.advance_to(NOON)
    clock.schedule_periodic(1.0, noting(clock, notes))

    finish(clock)

    assert len(notes) == 10
    assert clock.waiting == 0


def test_the_last_of_several_drivers_lets_it_run_out() -> None:
    clock, notes = started()
    clock.attach()
    clock.schedule_relative(1.0, noting(clock, notes))

    finish(clock)
    assert notes == []
    finish(clock)
    assert notes == [NOON + SECOND]


def test_a_clock_that_nobody_drives_any_more_forgets_and_starts_afresh() -> None:
    clock, notes = started()
    timer = clock.schedule_relative(1.0, noting(clock, notes, "of the first run"))

    clock.detach()
    timer.dispose()
    assert clock.waiting == 0
    clock.schedule_relative(1.0, noting(clock, notes, "of the second"))
    clock.attach()
    clock.advance_to(5 * SECOND)
    clock.advance_to(9 * SECOND)

    assert notes == [("of the second", 6 * SECOND)]


def test_an_action_that_lets_go_of_the_clock_ends_the_run() -> None:
    clock, notes = started()
    clock.schedule_relative(1.0, lambda *_: clock.detach())
    clock.schedule_relative(2.0, noting(clock, notes))

    clock.advance_to(NOON + HOUR)

    assert (notes, clock.waiting) == ([], 0)
    assert clock.now.year == 1000


def test_an_action_that_raises_leaves_the_clock_usable() -> None:
    clock, notes = started()

    def fail(*_: object) -> None:
        raise RuntimeError("my own")

    clock.schedule_relative(1.0, fail)
    clock.schedule_relative(2.0, noting(clock, notes))

    with pytest.raises(RuntimeError, match="my own"):
        clock.advance_to(NOON + HOUR)
    assert clock.nanos == NOON + SECOND
    clock.advance_to(NOON + HOUR)

    assert notes == [NOON + 2 * SECOND]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30),
    st.lists(st.integers(0, 4), max_size=12),
)
def test_in_whatever_steps_time_goes_the_same_happens_at_the_same_times(
    asked: list[tuple[int, bool]], steps: list[int]
) -> None:
    def story(moments: list[int]) -> list[Any]:
        clock, notes = started(0)
        for number, (delay, cancelled) in enumerate(asked):
            timer = clock.schedule_relative(delay, noting(clock, notes, number))
            if cancelled:
                timer.dispose()
        for moment in moments:
            clock.advance_to(moment * SECOND)
        return notes

    end = sum(steps)
    by_steps = [sum(steps[: n + 1]) for n in range(len(steps))]

    told = story([*by_steps, end])

    assert told == story([end])
    wanted = [(d, n) for n, (d, cancelled) in enumerate(asked) if not cancelled and d <= end]
    assert told == [(n, d * SECOND) for d, n in sorted(wanted) if steps or d <= 0]
