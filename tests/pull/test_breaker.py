from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.pull.breaker import BreakerPolicy, BreakerState, CircuitBreaker

POLICY = BreakerPolicy(failures=3, cool_down_seconds=10.0, longest_seconds=35.0)


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def breaker(clock: _Clock) -> CircuitBreaker:
    return CircuitBreaker(POLICY, clock=clock)


def _ticket(breaker: CircuitBreaker) -> int:
    ticket = breaker.admit()
    assert ticket is not None
    return ticket


def _break(breaker: CircuitBreaker) -> None:
    for _ in range(POLICY.failures):
        breaker.failed(_ticket(breaker))


def test_it_opens_at_the_third_failure_in_a_row(breaker: CircuitBreaker) -> None:
    breaker.failed(_ticket(breaker))
    breaker.failed(_ticket(breaker))
    assert breaker.state is BreakerState.CLOSED

    breaker.failed(_ticket(breaker))

    assert breaker.state is BreakerState.OPEN
    assert breaker.admit() is None
    assert breaker.wait_seconds == 10.0


def test_a_success_in_between_starts_the_count_anew(breaker: CircuitBreaker) -> None:
    for _ in range(5):
        breaker.failed(_ticket(breaker))
        breaker.failed(_ticket(breaker))
        breaker.succeeded(_ticket(breaker))

    assert breaker.state is BreakerState.CLOSED


def test_after_the_cool_down_one_probe_goes_and_no_other(
    breaker: CircuitBreaker, clock: _Clock
) -> None:
    _break(breaker)
    clock.now += 9.999
    assert breaker.admit() is None

    clock.now += 0.001

    assert breaker.state is BreakerState.HALF_OPEN
    probe = _ticket(breaker)
    assert breaker.admit() is None
    breaker.succeeded(probe)
    assert breaker.state is BreakerState.CLOSED
    assert breaker.wait_seconds == 0.0


def test_each_probe_that_fails_doubles_the_wait_up_to_the_longest(
    breaker: CircuitBreaker, clock: _Clock
) -> None:
    _break(breaker)
    waits = [breaker.wait_seconds]
    for _ in range(3):
        clock.now += breaker.wait_seconds
        breaker.failed(_ticket(breaker))
        waits.append(breaker.wait_seconds)

    assert waits == [10.0, 20.0, 35.0, 35.0]

    clock.now += 35.0
    breaker.succeeded(_ticket(breaker))
    _break(breaker)
    assert breaker.wait_seconds == 10.0  # the next trouble is a new one


def test_a_probe_that_was_given_up_leaves_room_for_the_next(
    breaker: CircuitBreaker, clock: _Clock
) -> None:
    _break(breaker)
    clock.now += 10.0

    breaker.abandoned(_ticket(breaker))

    assert breaker.state is BreakerState.HALF_OPEN
    assert breaker.admit() is not None


def test_what_cannot_get_better_opens_at_once(breaker: CircuitBreaker) -> None:
    breaker.failed(_ticket(breaker), for_good=True)

    assert breaker.state is BreakerState.OPEN


def test_an_answer_to_an_old_question_says_nothing(breaker: CircuitBreaker, clock: _Clock) -> None:
    old = [_ticket(breaker) for _ in range(3)]
    _break(breaker)

    breaker.succeeded(old[0])
    assert breaker.state is BreakerState.OPEN

    clock.now += 10.0
    probe = _ticket(breaker)
    breaker.failed(old[1])
    breaker.abandoned(old[2])
    assert breaker.state is BreakerState.HALF_OPEN
    assert breaker.admit() is None
    breaker.succeeded(probe)
    assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"failures": 0}, "failures must be 1 or more failures, got 0"),
        ({"cool_down_seconds": 0}, "cool_down_seconds must be a number above 0, got 0"),
        ({"longest_seconds": 1.0}, r"at least cool_down_seconds \(15.0\), got 1.0"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(values: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        BreakerPolicy(**values)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(["ask", "ok", "bad", "drop", "wait"]), max_size=60))
def test_it_never_stays_shut_for_ever(steps: list[str]) -> None:
    clock = _Clock()
    breaker = CircuitBreaker(POLICY, clock=clock)
    tickets: list[int] = []
    for step in steps:
        if step == "wait":
            clock.now += 7.0
        elif step == "ask":
            ticket = breaker.admit()
            tickets += [] if ticket is None else [ticket]
        elif tickets:
            back = {"ok": breaker.succeeded, "bad": breaker.failed, "drop": breaker.abandoned}
            back[step](tickets.pop(0))
        assert breaker.wait_seconds <= POLICY.longest_seconds
    for ticket in tickets:
        breaker.abandoned(ticket)

    clock.now += breaker.wait_seconds

    assert breaker.admit() is not None
