"""A circuit breaker: who fails again and again is left alone for a while, then asked once to see whether it is back."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from ordinis_rx.checks import check_count, check_number, check_positive

__all__ = ["BreakerPolicy", "BreakerState", "CircuitBreaker"]


class BreakerState(enum.Enum):
    """Whether questions pass."""

    CLOSED = "CLOSED"
    """All of them."""
    OPEN = "OPEN"
    """None, until the cool-down is over."""
    HALF_OPEN = "HALF_OPEN"
    """One at a time, to see whether the source is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """After how many failures in a row a source is left alone, and for how long; then it is asked once, as a probe.

    Raises ValueError for a number of failures below 1, a cool-down that is not positive, and a longest one below that.

    >>> BreakerPolicy(failures=0)
    Traceback (most recent call last):
    ValueError: failures must be 1 or more failures, got 0
    """

    failures: int = 3
    """So many failures in a row open it."""
    cool_down_seconds: float = 15.0
    """How long it stays open; twice as long after each probe that fails."""
    longest_seconds: float = 300.0
    """The longest that it stays open."""

    def __post_init__(self) -> None:
        check_count("failures", self.failures, "failures")
        check_positive("cool_down_seconds", self.cool_down_seconds, endless=True)
        check_number("longest_seconds", self.longest_seconds)
        if not self.longest_seconds >= self.cool_down_seconds:
            raise ValueError(
                f"longest_seconds must be at least cool_down_seconds ({self.cool_down_seconds!r}), "
                f"got {self.longest_seconds!r}"
            )


class CircuitBreaker:
    """Stands before one source. *clock* tells seconds, from an origin of its own.

    Who asks takes a ticket from `admit` and gives it back with what came of it. A ticket from before the breaker last opened
    counts no more: the answer to an old question says nothing about the source now.

    >>> now = 0.0
    >>> breaker = CircuitBreaker(BreakerPolicy(failures=1, cool_down_seconds=10), clock=lambda: now)
    >>> ticket = breaker.admit()
    >>> breaker.failed(ticket)
    >>> breaker.admit() is None, breaker.wait_seconds
    (True, 10.0)
    >>> now = 10.0
    >>> probe = breaker.admit()
    >>> breaker.state.value, breaker.admit() is None
    ('HALF_OPEN', True)
    >>> breaker.succeeded(probe)
    >>> breaker.state.value
    'CLOSED'
    """

    def __init__(self, policy: BreakerPolicy, *, clock: Callable[[], float]) -> None:
        self._policy = policy
        self._clock = clock
        self._in_a_row = 0
        self._openings: int = 0
        self._cool_down = policy.cool_down_seconds
        self._until: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """Whether questions pass now."""
        if self._until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < self._until else BreakerState.HALF_OPEN

    @property
    def wait_seconds(self) -> float:
        """How long it stays open; 0 when it is not."""
        return 0.0 if self._until is None else max(self._until - self._clock(), 0.0)

    def admit(self) -> int | None:
        """A ticket to ask with, or None where the source is to be left alone."""
        state = self.state
        if state is BreakerState.OPEN or (state is BreakerState.HALF_OPEN and self._probing):
            return None
        self._probing = state is BreakerState.HALF_OPEN
        return self._openings

    def succeeded(self, ticket: int) -> None:
        """The source answered."""
        if ticket == self._openings:
            self._probing = False
            self._in_a_row = 0
            self._until = None
            self._cool_down = self._policy.cool_down_seconds

    def failed(self, ticket: int, *, for_good: bool = False) -> None:
        """The source failed; *for_good* opens at once, where asking again is of no use (a wrong key)."""
        if ticket != self._openings:
            return
        self._in_a_row += 1
        if self._until is not None:  # it was the probe
            self._cool_down = min(2 * self._cool_down, self._policy.longest_seconds)
        elif not for_good and self._in_a_row < self._policy.failures:
            return
        self._probing = False
        self._openings += 1
        self._until = self._clock() + self._cool_down

    def abandoned(self, ticket: int) -> None:
        """The question was given up, or what came of it says nothing about the source."""
        if ticket == self._openings:
            self._probing = False
