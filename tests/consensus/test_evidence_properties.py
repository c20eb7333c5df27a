"""Laws of a consensus, whatever the prices: told of one fold of one report a provider."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.consensus import (
    AggregatedQuote,
    AggregationConfig,
    AggregationMethod,
    Folding,
    NoOutliers,
)
from ordinis_rx.events import Quote

METHODS = st.sampled_from(AggregationMethod)

near = st.floats(99.9, 100.1)
panels = st.lists(near, min_size=1, max_size=9)
wild_panels = st.lists(st.floats(1.0, 1e4), min_size=1, max_size=9)


def quotes(prices: Sequence[float]) -> list[Quote]:
    return [
        Quote(symbol="A", ts_event=1, provider=f"p{j}", bid=price, ask=price)
        for j, price in enumerate(prices)
    ]


def answer(
    reports: Sequence[Quote], method: AggregationMethod = AggregationMethod.MEDIAN
) -> AggregatedQuote:
    return Folding(AggregationConfig(method=method))(reports)


@given(wild_panels, METHODS)
def test_a_price_lies_within_the_reports_used(
    prices: list[float], method: AggregationMethod
) -> None:
    told = answer(quotes(prices), method)

    used = [q.mid for q in quotes(prices) if q.provider in told.providers_used]
    if told.has_price:
        assert min(used) * (1 - 1e-12) <= told.price <= max(used) * (1 + 1e-12)
    assert set(told.providers_used).isdisjoint(told.outliers_excluded)


@given(
    wild_panels.flatmap(lambda prices: st.tuples(st.just(prices), st.permutations(quotes(prices)))),
    METHODS,
)
def test_the_order_of_the_reports_does_not_matter(
    case: tuple[list[float], list[Quote]], method: AggregationMethod
) -> None:
    prices, shuffled = case

    told, again = answer(quotes(prices), method), answer(shuffled, method)

    assert again.price == pytest.approx(told.price, rel=1e-12, nan_ok=True)
    assert again.half_width == pytest.approx(told.half_width, rel=1e-9, nan_ok=True)
    assert again.confidence == pytest.approx(told.confidence, rel=1e-9)
    assert set(again.outliers_excluded) == set(told.outliers_excluded)
    assert again.status is told.status


@given(st.lists(near, min_size=2, max_size=8), st.floats(1e-3, 1e6))
def test_one_liar_moves_the_median_by_no_more_than_the_honest_are_apart(
    honest: list[float], lie: float
) -> None:
    without, told = answer(quotes(honest)), answer(quotes([*honest, lie]))

    if told.has_price and without.has_price:
        assert abs(told.price - without.price) <= max(honest) - min(honest) + 1e-9


@given(wild_panels, METHODS, st.sampled_from([2.0**-7, 0.5, 2.0, 2.0**10]))
def test_prices_in_another_unit_give_the_answer_in_that_unit(
    prices: list[float], method: AggregationMethod, unit: float
) -> None:
    """A power of two, so that it is exact."""
    told, other = (answer(quotes([p * u for p in prices]), method) for u in (1.0, unit))

    assert other.price == pytest.approx(told.price * unit, rel=0, abs=0, nan_ok=True)
    assert other.half_width == pytest.approx(told.half_width * unit, rel=1e-12, nan_ok=True)
    assert other.confidence == pytest.approx(told.confidence, rel=1e-12)
    assert (other.status, other.outliers_excluded) == (told.status, told.outliers_excluded)


@given(panels, st.sampled_from([AggregationMethod.MEDIAN, AggregationMethod.MEAN]))
def test_one_more_report_of_the_consensus_itself_never_lowers_the_confidence(
    prices: list[float], method: AggregationMethod
) -> None:
    config = AggregationConfig(method=method, outliers=NoOutliers())
    told = Folding(config)(quotes(prices))

    joined = Folding(config)(quotes([*prices, told.price]))

    assert joined.price == pytest.approx(told.price, rel=1e-9)
    assert joined.confidence >= told.confidence - 1e-9
