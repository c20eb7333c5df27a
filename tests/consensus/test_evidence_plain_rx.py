"""A consensus of nothing but plain Rx gives the same, where reports come in step."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import reactivex
from reactivex import Observable
from reactivex import operators as ops

from ordinis_rx.consensus import AggregationConfig, MadOutlier, aggregate, consensus
from ordinis_rx.events import Quote
from ordinis_rx.stream import from_events
from ordinis_rx.testing.reports import reports

ROUNDS, PROVIDERS = 200, 5
CONFIG = AggregationConfig(outliers=MadOutlier(), emit="every")


def sane_median(prices: Sequence[float]) -> float:
    """The median of those within 3.5 scaled MADs of the median of all; two basis points count as the scale at least."""
    centre = statistics.median(prices)
    scale = max(1.4826 * statistics.median(abs(p - centre) for p in prices), 2e-4 * centre)
    kept = [p for p in prices if abs(p - centre) <= 3.5 * scale]
    return statistics.median(kept)


@pytest.fixture(scope="module")
def in_step() -> list[Quote]:
    """Five providers, two of which tell wild prices now and then."""
    chance = np.random.default_rng(1)
    error = np.zeros((ROUNDS, 1, PROVIDERS))
    error[:, 0, :2] = chance.choice([0.0, 30.0, -80.0], (ROUNDS, 2), p=[0.8, 0.1, 0.1])
    return reports(ROUNDS, 1, PROVIDERS, seed=2, error_bps=error).quotes(together=True)


@pytest.fixture(scope="module")
def at_the_end_of_rounds(in_step: list[Quote]) -> list[float]:
    """What `consensus` says when all of a round have spoken."""
    answers = from_events(in_step).pipe(consensus(CONFIG), ops.to_list()).run()
    assert len(answers) == len(in_step)
    assert any(answer.outliers_excluded for answer in answers)
    return [answer.price for answer in answers[PROVIDERS - 1 :: PROVIDERS]]


def one_stream_a_provider(quotes: list[Quote]) -> list[Observable[Quote]]:
    return [
        reactivex.from_iterable([quote for quote in quotes if quote.provider == f"p{j}"])
        for j in range(PROVIDERS)
    ]


def heard(stream: Observable[float]) -> list[float]:
    told: list[float] = []
    stream.subscribe(told.append)
    return told


def test_zip_and_a_median(in_step: list[Quote], at_the_end_of_rounds: list[float]) -> None:
    prices = reactivex.zip(*one_stream_a_provider(in_step)).pipe(
        ops.map(lambda row: sane_median([quote.mid for quote in row]))
    )

    assert heard(prices) == pytest.approx(at_the_end_of_rounds, rel=1e-14)


def test_windows_of_a_round(in_step: list[Quote], at_the_end_of_rounds: list[float]) -> None:
    prices = reactivex.from_iterable(in_step).pipe(
        ops.map(lambda quote: quote.mid),
        ops.window_with_count(PROVIDERS),
        ops.flat_map(lambda round_: round_.pipe(ops.to_list())),
        ops.filter(bool),
        ops.map(sane_median),
    )

    assert heard(prices) == pytest.approx(at_the_end_of_rounds, rel=1e-14)


def test_a_panel_by_scan(in_step: list[Quote], at_the_end_of_rounds: list[float]) -> None:
    panels = reactivex.from_iterable(in_step).pipe(
        ops.scan(lambda panel, quote: panel | {quote.provider: quote.mid}, {}),
        ops.map(lambda panel: sane_median(list(panel.values()))),
    )

    assert heard(panels)[PROVIDERS - 1 :: PROVIDERS] == pytest.approx(
        at_the_end_of_rounds, rel=1e-14
    )


@pytest.mark.parametrize("join", [reactivex.zip, reactivex.combine_latest])
def test_rows_of_plain_rx_into_aggregate(
    join: Callable[..., Observable[tuple[Quote, ...]]],
    in_step: list[Quote],
    at_the_end_of_rounds: list[float],
) -> None:
    rows = join(*one_stream_a_provider(in_step)).pipe(aggregate(CONFIG))
    prices = heard(rows.pipe(ops.map(lambda answer: answer.price)))

    told = prices if join is reactivex.zip else prices[-1:]
    assert told == pytest.approx(at_the_end_of_rounds[-len(told) :], rel=1e-14)
