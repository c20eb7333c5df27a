"""Trying again, politely: the policy is a value, the mechanism an operator, and silence is not success."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from reactivex import Observable, abc
from reactivex.disposable import SerialDisposable, SingleAssignmentDisposable

from ordinis_rx.checks import (
    check_callable,
    check_count,
    check_is,
    check_not_negative,
    check_number,
    check_positive,
)
from ordinis_rx.errors import WireError
from ordinis_rx.typing import A, Operator
from ordinis_rx.wire.clock import clock_of
from ordinis_rx.wire.passing import Passing

__all__ = ["Backoff", "retry_with_backoff"]


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait between tries, and when to give up. All spans are seconds.

    The delay doubles from `first_seconds` up to `longest_seconds`; each wait is drawn from the upper half below the
    delay, but never below `first_seconds`. After `attempts` retries in a row that failed (None: never) the last error
    is final. The row ends with a try that lived for `stable_seconds` and delivered, or for `long_seconds` in any case: a
    quiet market must not use up the attempts of a connection that is cut every few hours.

    >>> [round(delay, 1) for delay in Backoff(1.0, 8.0, attempts=5).delays(Random(1))]
    [1.0, 1.8, 3.5, 5.0, 6.0]
    """

    first_seconds: float = 1.0
    longest_seconds: float = 60.0
    attempts: int | None = 10
    stable_seconds: float = 10.0
    long_seconds: float = 600.0

    def __post_init__(self) -> None:
        check_positive("first_seconds", self.first_seconds)
        check_number("longest_seconds", self.longest_seconds)
        check_not_negative("stable_seconds", self.stable_seconds, endless=True)
        check_not_negative("long_seconds", self.long_seconds, endless=True)
        if self.attempts is not None:
            check_count("attempts", self.attempts, "attempts", least=0)
        if not self.longest_seconds >= self.first_seconds:
            raise ValueError(
                f"longest_seconds must be at least first_seconds ({self.first_seconds!r}), "
                f"got {self.longest_seconds!r}"
            )

    def delays(self, random: Random) -> Iterator[float]:
        """The waits of one row of retries: as many as there are attempts, each drawn from *random*."""
        delay, left = self.first_seconds, self.attempts
        while left is None or left > 0:
            yield random.uniform(max(self.first_seconds, delay / 2), delay)
            delay = min(delay * 2, self.longest_seconds)
            left = None if left is None else left - 1


def _is_wire_error(error: Exception) -> bool:
    return isinstance(error, WireError)


def _anything(_: object) -> bool:
    return True


def _untold(_error: Exception, _attempt: int, _delay: float) -> None:
    """Nobody asked."""


def retry_with_backoff(
    backoff: Backoff,
    *,
    retryable: Callable[[Exception], bool] = _is_wire_error,
    delivered: Callable[[A], bool] = _anything,
    on_retry: Callable[[Exception, int, float], None] = _untold,
    random: Random | None = None,
) -> Operator[A, A]:
    """Subscribe again after an error that is *retryable*, as *backoff* says.

    A try ends the row of failures when it lived for ``backoff.stable_seconds`` and an item came for which *delivered*
    is true, or when it lived for ``backoff.long_seconds``. So a server that accepts and drops us at once, or says hello
    and no more, is waited for longer and longer, and given up. An error's own ``cool_down`` is waited for at least.
    *on_retry* hears, before each wait, of the error, the number of the coming retry (1, 2, ... in a row) and the wait in
    seconds.

    Other errors, and the last one when the attempts are used up, go to ``on_error``; so does what *retryable*,
    *delivered* or *on_retry* raise. Completion is passed on. The clock is the scheduler given to ``subscribe``, or else
    the running asyncio loop. Disposing ends the wait too. *random* makes the waits repeatable.

    >>> from reactivex.testing import TestScheduler
    >>> import reactivex as rx
    >>> from ordinis_rx.errors import Disconnected
    >>> tries = iter([rx.throw(Disconnected("refused")), rx.throw(Disconnected("refused")), rx.of("up")])
    >>> scheduler, told = TestScheduler(), []
    >>> source = rx.defer(lambda _: next(tries)).pipe(retry_with_backoff(Backoff(attempts=2)))
    >>> hang_up = source.subscribe(told.append, scheduler=scheduler)
    >>> scheduler.advance_to(0.9), told, scheduler.advance_to(3.1), told
    (None, ['up'], None, ['up'])
    """
    check_is("retry_with_backoff: backoff", backoff, Backoff, "a Backoff")
    for name, function in (
        ("retryable", retryable),
        ("delivered", delivered),
        ("on_retry", on_retry),
    ):
        check_callable(f"retry_with_backoff: {name}", function)
    dice = Random() if random is None else random

    def persistent(source: Observable[A]) -> Observable[A]:
        def subscribe(
            observer: abc.ObserverBase[A], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            clock, seconds = clock_of(scheduler, "retry_with_backoff")
            current = SerialDisposable()
            delays, failures = backoff.delays(dice), 0

            def attempt(*_: object) -> None:
                began, healthy = seconds(), False

                def on_next(value: A) -> None:
                    nonlocal healthy
                    if not healthy:
                        try:
                            healthy = delivered(value)
                        except Exception as error:
                            give_up(error)
                            return
                    observer.on_next(value)

                def on_error(error: Exception) -> None:
                    nonlocal delays, failures
                    lived = seconds() - began
                    if lived >= (backoff.stable_seconds if healthy else backoff.long_seconds):
                        delays, failures = backoff.delays(dice), 0
                    try:
                        delay = next(delays, None) if retryable(error) else None
                        if delay is None:
                            give_up(error)
                            return
                        if isinstance(error, WireError):
                            delay = max(delay, error.cool_down)
                        failures += 1
                        on_retry(error, failures, delay)
                    except Exception as ours:
                        give_up(ours)
                        return
                    current.disposable = clock.schedule_relative(delay, attempt)

                # In place before subscribing: a source that fails inside subscribe() sets the
                # timer of the next try first, and our own assignment must not dispose that.
                mine = SingleAssignmentDisposable()
                current.disposable = mine
                mine.disposable = source.subscribe(
                    on_next, on_error, observer.on_completed, scheduler=scheduler
                )

            def give_up(error: Exception) -> None:
                current.dispose()
                observer.on_error(error)

            attempt()
            return current

        return Passing(subscribe)

    return persistent
