"""A source among others: asked with a deadline and through its breaker, and with a record of how that went."""

from __future__ import annotations

import asyncio
import math
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ordinis_rx.consensus import ProviderStats
from ordinis_rx.errors import AuthError, DecodeError, OrdinisError, SubscriptionError
from ordinis_rx.kernels.reports import believed
from ordinis_rx.loops import cancelled_ourselves
from ordinis_rx.pull.breaker import BreakerPolicy, BreakerState, CircuitBreaker
from ordinis_rx.pull.failures import (
    CircuitOpen,
    NoAnswer,
    RateLimited,
    UnusableAnswer,
    words_of,
)
from ordinis_rx.pull.sources import PullSource
from ordinis_rx.timebase import MILLI, Nanos

__all__ = ["Member"]

T = TypeVar("T")

REMEMBERED = 1000
"""So many latencies and deviations the percentiles and means are of."""

ANSWERED = (SubscriptionError, UnusableAnswer)
"""Failures that are the symbol's own: the source works."""


ENDINGS = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What ends more than a question."""


class Member:
    """One source of an aggregator. *clock* tells seconds of an origin of its own, *now* the time of day."""

    def __init__(
        self,
        source: PullSource,
        *,
        policy: BreakerPolicy,
        clock: Callable[[], float],
        now: Callable[[], Nanos],
    ) -> None:
        self.source = source
        self.name = source.name
        self.breaker = CircuitBreaker(policy, clock=clock)
        self.seconds = clock
        self._now = now
        self._requests = 0
        self._successes = 0
        self._outliers = 0
        self._errors: Counter[str] = Counter()
        self._latencies: deque[float] = deque(maxlen=REMEMBERED)
        self._total_latency = 0.0
        self._deviations: deque[float] = deque(maxlen=REMEMBERED)
        self._lag_ms = math.nan
        self._newest: Nanos = 0
        self._last_success: Nanos = 0
        self._last_error: Nanos = 0
        self._rests_until = -math.inf
        self._last_failure = ""
        """What went wrong last, of what counts for the breaker."""

    def __repr__(self) -> str:
        return f"Member({self.name!r})"

    async def ask(self, question: Callable[[], Awaitable[T]], timeout_seconds: float) -> T:
        """The answer to *question*.

        Raises `CircuitOpen` without asking while the source is left alone, `RateLimited` until it may be asked again,
        `NoAnswer` after *timeout_seconds* and when somebody else cancels what the source waits for, and whatever the source
        raises. Failures go into the record, and count for the breaker, but for those that are the symbol's own. A source
        that does not heed that its time is over is waited for, but has failed by then, whatever it answers later.
        """
        ticket = self._admitted()
        self._requests += 1
        late = NoAnswer(self.name, f"nothing within {timeout_seconds:g} s")
        is_late = False

        def be_late() -> None:
            nonlocal is_late
            is_late = True
            self._went_wrong(late, ticket)

        # A source that does not heed its cancellation has failed now, and not when it lets go.
        timer = asyncio.get_running_loop().call_later(timeout_seconds, be_late)
        try:
            async with asyncio.timeout(timeout_seconds):
                answer = await self._answered_by(question)
        except Exception as error:
            if is_late:
                raise late from error
            self._went_wrong(error, ticket)
            raise
        except BaseException:
            self.breaker.abandoned(ticket)
            raise
        finally:
            timer.cancel()
        if is_late:
            raise late
        self.breaker.succeeded(ticket)
        return answer

    def _admitted(self) -> int:
        rest = self._rests_until - self.seconds()
        ticket = None if rest > 0 else self.breaker.admit()
        if ticket is not None:
            return ticket
        self._errors["left-alone"] += 1
        if rest > 0:
            raise RateLimited(self.name, cool_down=rest)
        raise CircuitOpen(self.name, cool_down=self.breaker.wait_seconds, last=self._last_failure)

    async def _answered_by(self, question: Callable[[], Awaitable[T]]) -> T:
        try:
            return await question()
        except asyncio.CancelledError as error:
            if cancelled_ourselves():
                raise
            raise NoAnswer(self.name, "what it waited for was cancelled") from error
        except (Exception, *ENDINGS):
            raise
        except BaseException as error:
            raise NoAnswer(self.name, f"it raised {type(error).__name__}") from error

    def _went_wrong(self, error: Exception, ticket: int) -> None:
        self.failed(error)
        if isinstance(error, ANSWERED):
            self.breaker.succeeded(ticket)
        elif isinstance(error, RateLimited):
            self._rests_until = self.seconds() + error.cool_down
            self.breaker.abandoned(ticket)
        else:
            self._last_failure = words_of(error)
            self.breaker.failed(ticket, for_good=isinstance(error, AuthError))

    async def ask_aside(self, question: Callable[[], Awaitable[T]], timeout_seconds: float) -> T:
        """As `ask`, for what is no price: any answer is one that can be used."""
        began = self.seconds()
        answer = await self.ask(question, timeout_seconds)
        self._answered((self.seconds() - began) * 1e3, self._now())
        return answer

    @property
    def can_be_asked(self) -> bool:
        """Whether a question would reach the source now, if it is not on trial already."""
        resting = self.seconds() < self._rests_until
        return not resting and self.breaker.state is not BreakerState.OPEN

    def failed(self, error: Exception) -> None:
        """Take note of a failure."""
        self._errors[_cause(error)] += 1
        self._last_error = self._now()

    def served(self, latency_ms: float, ts_event: Nanos, ts_recv: Nanos) -> None:
        """Take note of an answer that was fit to be used."""
        self._answered(latency_ms, ts_recv)
        self._lag_ms = (ts_recv - ts_event) / MILLI
        self._newest = max(self._newest, believed(ts_event, ts_recv))

    def _answered(self, latency_ms: float, ts_recv: Nanos) -> None:
        self._successes += 1
        self._latencies.append(latency_ms)
        self._total_latency += latency_ms
        self._last_success = ts_recv

    def judged(self, *, outlier: bool, deviation_bps: float) -> None:
        """Take note of what the others made of an answer; NaN where there was no consensus."""
        self._outliers += outlier
        if not math.isnan(deviation_bps):
            self._deviations.append(deviation_bps)

    @property
    def success_rate(self) -> float:
        """Which share of its answers was fit to be used, with one that is just being used, but no questions under way."""
        good = self._successes + 1
        failed = sum(self._errors.values()) - self._errors["left-alone"]
        return good / (good + failed)

    @property
    def newest(self) -> Nanos:
        """When its newest answer was true, as far as its stamp can be believed."""
        return self._newest

    def stats(self, newest_of_all: Nanos) -> ProviderStats:
        """Its record so far; *newest_of_all* is the time that the newest answer of any provider tells."""
        ordered = sorted(self._latencies)
        staleness = (newest_of_all - self._newest) / MILLI if self._newest else math.nan
        deviations = self._deviations
        return ProviderStats(
            self.name,
            request_count=self._requests,
            success_count=self._successes,
            errors=dict(self._errors),
            outlier_count=self._outliers,
            latency_p50_ms=_percentile(ordered, 0.50),
            latency_p99_ms=_percentile(ordered, 0.99),
            total_latency_ms=self._total_latency,
            lag_ms=self._lag_ms,
            staleness_ms=staleness,
            last_success=self._last_success,
            last_error=self._last_error,
            deviation_bps=sum(deviations) / len(deviations) if deviations else math.nan,
        )


def _percentile(ordered: list[float], share: float) -> float:
    """The smallest value with at least that *share* of all at or below it; NaN of nothing."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.nan


def _cause(error: Exception) -> str:
    """A short stable word for counting."""
    for kind, word in _CAUSES.items():
        if isinstance(error, kind):
            return word
    return "other" if isinstance(error, OrdinisError) else type(error).__name__


_CAUSES: dict[type[Exception], str] = {
    RateLimited: "rate-limited",
    NoAnswer: "no-answer",
    AuthError: "auth",
    SubscriptionError: "unknown-symbol",
    DecodeError: "unreadable",
    UnusableAnswer: "unusable",
}
