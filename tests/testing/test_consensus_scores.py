"""The scores tell a good consensus from a bad one, and from none."""

from __future__ import annotations

import dataclasses
import statistics

import msgspec
import pytest
import reactivex
from reactivex import Observable
from reactivex import operators as ops

import ordinis_rx as ox
from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.testing.consensus_scores import Scores, score_consensus
from ordinis_rx.typing import Operator


def mean_of_the_newest(**told: object) -> Operator[ox.Event, AggregatedQuote]:
    """The plain mean of what everybody said last, with whatever else an answer is to tell."""

    def operator(source: Observable[ox.Event]) -> Observable[AggregatedQuote]:
        def subscribe(*_: object) -> Observable[AggregatedQuote]:
            newest: dict[str, dict[str, float]] = {}

            def answer(quote: ox.Quote) -> AggregatedQuote:
                prices = newest.setdefault(quote.symbol, {})
                prices[quote.provider] = quote.mid
                blank = AggregatedQuote(symbol=quote.symbol, ts_event=quote.ts_event)
                price = statistics.fmean(prices.values())
                return msgspec.structs.replace(blank, price=price, half_width=0.02, **told)

            return source.pipe(ops.map(answer))

        return reactivex.defer(subscribe)

    return operator


@pytest.fixture(scope="module")
def of_the_mean() -> Scores:
    return score_consensus(mean_of_the_newest, 4, symbols=10)


def test_the_mean_detects_nobody_and_blames_nobody(of_the_mean: Scores) -> None:
    assert of_the_mean.detected == {50: 0.0, 100: 0.0, 500: 0.0}
    assert of_the_mean.false_positives == of_the_mean.after_jump == of_the_mean.collateral == 0.0
    assert of_the_mean.drift_rounds > 40
    assert of_the_mean.drift_found == 0.0


def test_one_offender_of_four_moves_the_mean_by_a_quarter(of_the_mean: Scores) -> None:
    assert of_the_mean.rmse_with_offender_bps == pytest.approx(12.5, rel=0.05)
    assert of_the_mean.rmse_bps == pytest.approx(0.5, rel=0.15)


def test_an_interval_of_two_points_covers_a_clean_mean_and_no_other(of_the_mean: Scores) -> None:
    assert of_the_mean.half_width_bps == pytest.approx(2.0, rel=0.01)
    assert of_the_mean.coverage > 0.99
    assert of_the_mean.coverage_with_offender == 0.0
    assert of_the_mean.published == 1.0


def test_blaming_a_provider_always_detects_it_and_is_false_when_it_is_clean() -> None:
    scores = score_consensus(
        lambda: mean_of_the_newest(outliers_excluded=("p0",)), 3, symbols=2, together=True
    )

    assert scores.detected == {50: 1.0, 100: 1.0, 500: 1.0}
    assert scores.false_positives == scores.after_jump == 1.0
    assert scores.collateral == 0.0
    assert scores.both_found == 0.0
    assert (scores.drift_rounds, scores.drift_found) == (1.0, 1.0)


def test_every_report_must_be_answered() -> None:
    def every_other() -> Operator[ox.Event, AggregatedQuote]:
        mean = mean_of_the_newest()
        return lambda source: mean(source).pipe(
            ops.filter(lambda answer: answer.symbol != "S0"),
        )

    with pytest.raises(ValueError, match="every report must be answered, 240 were not"):
        score_consensus(every_other, 3, symbols=1)


def test_scores_are_the_same_each_time() -> None:
    once, again = (score_consensus(mean_of_the_newest, 3, symbols=2) for _ in range(2))

    assert dataclasses.asdict(once) == dataclasses.asdict(again)
