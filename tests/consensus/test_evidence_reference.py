"""A consensus written a second time, plainly and from its description alone: it meets the table, and `consensus()` agrees.

It shares no code with the library: lists and floats, one function a sentence of the description.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pytest
import reactivex
from reactivex import Observable
from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    ConsensusStatus,
    consensus,
)
from ordinis_rx.stream import from_events
from ordinis_rx.testing.consensus_scores import Scores, score_consensus
from ordinis_rx.testing.reports import reports
from ordinis_rx.timebase import SECOND

K, FLOOR_BPS, CONFIRM = 4.0, 1.0, 2
HALF_LIFE_RESIDUALS, HALF_LIFE_STEPS = 15.0, 20.0
MAX_AGE, MAX_AGE_OF_SCALE = 5.0, 30.0
PRIOR = 4

Answer: TypeAlias = tuple[float, float, ConsensusStatus, set[str]]
"""Price, half-width, status, who is excluded."""


def t_cdf(t: float, nu: int) -> float:
    """Student's t for whole degrees of freedom, by its finite series."""
    angle = math.atan2(t, math.sqrt(nu))
    cosine = math.cos(angle)
    odd = nu % 2
    term = total = (cosine if nu > 1 else 0.0) if odd else 1.0
    for j in range(3 if odd else 2, nu - 1, 2):
        term *= cosine * cosine * (j - 1) / j
        total += term
    if odd:
        return 0.5 + (angle + math.sin(angle) * total) / math.pi
    return 0.5 + 0.5 * math.sin(angle) * total


@functools.cache
def t_975(nu: int) -> float:
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, nu) < 0.975 else (low, middle)
    return low


@functools.cache
def about_the_median(n: int) -> tuple[float, float, float]:
    """Of *n* standard normal numbers: sd of their median x sqrt(n); mean |distance| from it; mean squared distance."""
    numbers = np.random.default_rng(n).standard_normal((100_000, n))
    middle = np.median(numbers, axis=1)
    away = np.abs(numbers - middle[:, None])
    return float(middle.std() * math.sqrt(n)), float(away.mean()), float((away * away).mean())


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    half, below = sum(weights) / 2, 0.0
    rows = sorted(zip(values, weights, strict=True))
    for j, (value, weight) in enumerate(rows):
        below += weight
        if math.isclose(below, half, rel_tol=1e-12) and j + 1 < len(rows):
            return (value + rows[j + 1][0]) / 2
        if below > half:
            return value
    return rows[-1][0]


@dataclass
class Panel:
    """What one symbol's providers said last, and what was learnt from it. Distances are in basis points."""

    newest: dict[str, tuple[float, float]] = field(default_factory=dict)
    residual2: dict[str, float] = field(default_factory=dict)
    out: set[str] = field(default_factory=set)
    suspicions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    step2: float = 0.0
    step_seconds: float = 0.0
    before: tuple[float, float, float] | None = None

    def hear(self, provider: str, price: float, now: float) -> Answer:
        self.newest[provider] = (price, now)
        prices = {p: x for p, (x, at) in self.newest.items() if now - at <= MAX_AGE}
        ages = {p: min(now - self.newest[p][1], MAX_AGE_OF_SCALE) for p in prices}
        n = len(prices)
        point = statistics.median(prices.values()) * 1e-4
        away = {p: x / point - 1e4 for p, x in prices.items()}
        history2 = statistics.median(self.residual2.get(p, FLOOR_BPS**2) for p in prices)
        calm = max(FLOOR_BPS, math.sqrt(history2))
        speed2 = max(self.step2 / self.step_seconds, 0.0) if self.step_seconds else 0.0
        status, suspects = ConsensusStatus.OK, set[str]()
        if n < 3:
            self.out.clear()
            self.suspicions.clear()
        if n == 2:
            first, second = away.values()
            if abs(first - second) > K * math.sqrt(calm**2 + speed2 * max(ages.values())):
                status = ConsensusStatus.DISPUTED
        elif n > 2:
            if two_camps(away, K * calm):
                self.out.clear()
                self.suspicions.clear()
                return math.nan, math.nan, ConsensusStatus.NO_CONSENSUS, set()
            wide = max(calm, 1.4826 * statistics.median(abs(x) for x in away.values()))
            scale = {p: math.sqrt(wide**2 + speed2 * ages[p]) for p in prices}
            suspects = self._judge(away, scale)
        kept = [p for p in prices if p not in self.out]
        price = weighted_median(
            [prices[p] for p in kept], [1 / (calm**2 + speed2 * ages[p]) for p in kept]
        )
        spread, error = self._error(
            [away[p] for p in kept], history2, speed2, [ages[p] for p in kept]
        )
        half_width = t_975(PRIOR + len(kept) - 1) * error
        if status is ConsensusStatus.DISPUTED:
            half_width += spread / 2
        elif n > 1 and provider in kept and provider not in suspects:
            was = self.residual2.get(provider, FLOOR_BPS**2)
            now2 = away[provider] ** 2 / about_the_median(n)[2]
            self.residual2[provider] = was + decay(HALF_LIFE_RESIDUALS) * (now2 - was)
        self._learn_speed(now, price, point, error)
        return price, half_width * point, status, self.out

    def _judge(self, away: dict[str, float], scale: dict[str, float]) -> set[str]:
        """Exclude who is too far away for long enough, re-admit who is back, and tell who is too far away now."""
        suspects = {p for p in away if abs(away[p]) > K * scale[p]}
        for p in away:
            self.suspicions[p] = self.suspicions[p] + 1 if p in suspects else 0
        wanted = [
            p
            for p in away
            if self.suspicions[p] >= CONFIRM or (p in self.out and abs(away[p]) >= K / 2 * scale[p])
        ]
        wanted.sort(key=lambda p: -abs(away[p]))
        self.out = set(wanted[: (len(away) - 1) // 2])
        return suspects

    def _error(
        self, away: list[float], history2: float, speed2: float, ages: list[float]
    ) -> tuple[float, float]:
        """How far the kept are apart, and the standard error of their median."""
        m = len(away)
        of_median, mean_distance, _ = about_the_median(m)
        middle = statistics.median(away)
        across = sum(abs(x - middle) for x in away) / m / mean_distance if m > 1 else 0.0
        sigma2 = (PRIOR * history2 + (m - 1) * across**2) / (PRIOR + m - 1)
        return max(away) - min(away), of_median * math.sqrt((sigma2 + speed2 * sum(ages) / m) / m)

    def _learn_speed(self, now: float, price: float, point: float, error: float) -> None:
        """How fast the true price walks, from steps of a second at least: shorter ones are noise."""
        if self.before is not None:
            seconds = now - self.before[0]
            if seconds < 1.0 - 1e-9:
                return
            step2 = ((price - self.before[1]) / point) ** 2 - self.before[2] ** 2 - error**2
            share = decay(HALF_LIFE_STEPS)
            self.step2 += share * (step2 - self.step2)
            self.step_seconds += share * (seconds - (self.step_seconds or seconds))
            self.step_seconds = self.step_seconds or seconds
        self.before = (now, price, error)


def decay(half_life: float) -> float:
    return 1 - 0.5 ** (1 / half_life)


def two_camps(away: dict[str, float], limit: float) -> bool:
    """Whether there are two camps of equal size, too far apart for both to be right."""
    rows = sorted(away.values())
    half = len(rows) // 2
    if len(rows) % 2:
        return False
    between = rows[half] - rows[half - 1]
    width = max(rows[half - 1] - rows[0], rows[-1] - rows[half])
    return between > limit and width < max(limit, between / 2)


def reference(source: Observable[ox.Quote]) -> Observable[AggregatedQuote]:
    """The description as an Rx operator: an answer to every quote."""

    def subscribe(*_: object) -> Observable[AggregatedQuote]:
        panels: dict[str, Panel] = defaultdict(Panel)

        def judge(quote: ox.Quote) -> AggregatedQuote:
            now = quote.ts_event / SECOND
            price, half_width, status, out = panels[quote.symbol].hear(
                quote.provider, quote.mid, now
            )
            return AggregatedQuote(
                symbol=quote.symbol,
                ts_event=quote.ts_event,
                price=price,
                half_width=half_width,
                status=status,
                outliers_excluded=tuple(sorted(out)),
            )

        return source.pipe(ops.map(judge))

    return reactivex.defer(subscribe)


@pytest.fixture(scope="module", params=[3, 4, 5, 8])
def scores(request: pytest.FixtureRequest) -> Scores:
    return score_consensus(lambda: reference, request.param, symbols=4, seed=11)


def test_one_provider_off_is_detected_by_the_second_round(scores: Scores) -> None:
    assert scores.detected == {50: 1.0, 100: 1.0, 500: 1.0}


def test_clean_rounds_exclude_nobody(scores: Scores) -> None:
    assert scores.false_positives <= 0.01
    assert scores.published == 1.0


def test_a_true_jump_is_nobodys_fault(scores: Scores) -> None:
    assert scores.after_jump <= 0.06


def test_a_drifting_provider_is_found_within_25_rounds(scores: Scores) -> None:
    assert scores.drift_found >= 0.99


def test_two_offenders_of_five_are_found_and_of_four_are_no_consensus(scores: Scores) -> None:
    if scores.providers >= 5:
        assert scores.both_found >= 0.99
    elif scores.providers == 4:
        assert scores.no_consensus >= 0.99


def test_the_interval_holds_the_truth_as_often_as_it_says(scores: Scores) -> None:
    assert 0.93 <= scores.coverage <= 0.995
    assert 0.93 <= scores.coverage_with_offender <= 0.995


def test_one_offender_hardly_moves_the_price(scores: Scores) -> None:
    assert scores.rmse_with_offender_bps < 1.0


@pytest.mark.parametrize("providers", [3, 4, 5, 8])
def test_the_library_agrees_with_the_reference(providers: int) -> None:
    """Not to the last digit: both estimate what is usual, each in its own way."""
    error = np.zeros((80, 10, providers))
    error[40:60, :, 0] = 50.0
    told = reports(80, 10, providers, seed=7, error_bps=error).quotes()
    config = AggregationConfig(emit="every")

    ours, theirs = (
        from_events(told).pipe(operator, ops.to_list()).run()
        for operator in (consensus(config), reference)
    )

    pairs = list(zip(ours, theirs, strict=True))
    off_bps = [(a.price / b.price - 1) * 1e4 for a, b in pairs]
    wider = [a.half_width / b.half_width for a, b in pairs]
    same = [a.outliers_excluded == b.outliers_excluded for a, b in pairs]
    assert statistics.pstdev(off_bps) < 0.2
    assert statistics.mean(wider) == pytest.approx(1.0, abs=0.1)
    assert statistics.mean(same) > 0.99
