"""What the default consensus is worth, measured on simulated providers with a known truth.

Noise is one basis point. Reports come one by one, a round each; all at one moment; and side by side in rows, a round each.
Seeds are fixed: these are the figures of the table in the docs, on smaller samples.
"""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter

import numpy as np
import pytest
import reactivex
from reactivex import Observable
from reactivex import operators as ops

from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    AggregationMethod,
    Folding,
    consensus,
)
from ordinis_rx.events import Event, Quote
from ordinis_rx.stream import from_events
from ordinis_rx.testing.consensus_scores import Scores, score_consensus
from ordinis_rx.testing.reports import reports
from ordinis_rx.timebase import SECOND
from ordinis_rx.typing import Operator

pytestmark = pytest.mark.deep

EVERY = AggregationConfig(emit="every")


def in_rows(providers: int) -> Operator[Event, AggregatedQuote]:
    """The reports of a round side by side, as ``zip`` would give them, folded as one round."""

    def operator(source: Observable[Event]) -> Observable[AggregatedQuote]:
        def begin(_: object) -> Observable[AggregatedQuote]:
            fold = Folding(AggregationConfig())
            rows: defaultdict[str, list[Quote]] = defaultdict(list)

            def folded(quote: Quote) -> list[AggregatedQuote]:
                rows[quote.symbol].append(quote)
                whole = len(rows[quote.symbol]) == providers
                return [fold(rows.pop(quote.symbol))] if whole else []

            return source.pipe(ops.map(folded), ops.filter(bool), ops.map(itemgetter(0)))

        return reactivex.defer(begin)

    return operator


@pytest.fixture(
    scope="module",
    params=[(n, how) for n in (3, 4, 5, 8) for how in ("one by one", "at one moment", "in rows")],
    ids=lambda param: f"{param[0]} {param[1]}",
)
def scores(request: pytest.FixtureRequest) -> Scores:
    providers, how = request.param
    return score_consensus(
        lambda: in_rows(providers) if how == "in rows" else consensus(EVERY),
        providers,
        together=how != "one by one",
        symbols=10 if how == "in rows" else 25,
        seed=3,
    )


def test_one_provider_off_by_50_100_or_500_points_is_detected_by_the_second_round(
    scores: Scores,
) -> None:
    assert min(scores.detected.values()) >= 0.99


def test_clean_rounds_exclude_hardly_anybody_and_always_have_a_price(scores: Scores) -> None:
    assert scores.false_positives <= 0.01
    assert scores.published >= 0.999


def test_an_offender_takes_nobody_else_along(scores: Scores) -> None:
    assert scores.collateral <= 0.01


def test_a_true_jump_of_all_providers_gets_hardly_anybody_excluded(scores: Scores) -> None:
    assert scores.after_jump <= 0.06


def test_a_drift_of_half_a_point_a_round_is_found_within_25_rounds(scores: Scores) -> None:
    assert scores.drift_found >= 0.99


def test_two_offenders_are_found_among_five_and_are_no_consensus_among_four(
    scores: Scores,
) -> None:
    if scores.providers >= 5:
        assert scores.both_found >= 0.99
    elif scores.providers == 4:
        assert scores.no_consensus >= 0.99


def test_the_95_percent_interval_holds_the_true_price_about_that_often(scores: Scores) -> None:
    assert 0.93 <= scores.coverage <= 0.995
    assert 0.93 <= scores.coverage_with_offender <= 0.995


def test_the_interval_is_no_wider_than_it_need_be(scores: Scores) -> None:
    widest = {3: 1.9, 4: 1.6, 5: 1.5, 8: 1.2}

    assert scores.half_width_bps <= widest[scores.providers]


def test_one_offender_of_50_points_moves_the_price_by_less_than_one(scores: Scores) -> None:
    assert scores.rmse_with_offender_bps < 1.0
    assert scores.rmse_bps < 1.0


def test_the_mean_without_outliers_is_as_good_and_with_them_far_off() -> None:
    """A01: a z-score of 2 cannot fire among three."""

    def rmse(config: AggregationConfig) -> float:
        return score_consensus(
            lambda: consensus(config), 3, symbols=5, seed=5
        ).rmse_with_offender_bps

    mean = AggregationMethod.MEAN
    assert rmse(AggregationConfig(method=mean, emit="every")) < 1.0
    assert rmse(AggregationConfig.original(method=mean, emit="every")) == pytest.approx(
        16.7, rel=0.03
    )


def test_one_wild_report_does_not_outvote_two_that_are_older_in_a_moving_market() -> None:
    """The older a report, the less it weighs; but not so little that a fresh one could say anything."""
    error = np.zeros((60, 30, 3))
    error[-1, :, 0] = 200.0
    story = reports(60, 30, 3, seed=6, volatility_bps=4.0, error_bps=error)
    seldom = [q for q in story.quotes() if q.provider == "p0" or q.ts_event // SECOND % 4 == 1]

    last: dict[str, AggregatedQuote] = {}
    from_events(seldom).pipe(consensus(EVERY)).subscribe(lambda a: last.update({a.symbol: a}))

    age_bps = 4.0 * 3**0.5
    off_bps = [
        abs(last[name].price / true - 1) * 1e4
        for name, true in zip(story.symbols, story.truth[-1].tolist(), strict=True)
    ]
    assert {answer.provider for answer in last.values()} == {"p0"}
    assert max(off_bps) < 5 * age_bps
