"""One price, book and volume, on plain columns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.folding import (
    ANSWER,
    ASK_OUT,
    BID_OUT,
    MAX,
    MEAN,
    MEDIAN,
    MIDDLE_OUT,
    MIN,
    OFF_OUT,
    PRICE_OUT,
    TRIMMED_MEAN,
    WEIGHTED_MEAN,
    crossed_share,
    fold_book,
    fold_price,
    fold_volume,
)

SECOND = 10**9

prices = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=12)


def priced(
    method: int,
    values: list[float],
    weights: list[float] | None = None,
    ages: list[int] | None = None,
    *,
    original: int = 0,
    volatility2: float = 1e-9,
) -> tuple[list[float], list[float]]:
    """The answer, and what each report weighs, from the lowest."""
    n = len(values)
    kept = sorted(range(n), key=values.__getitem__)
    answer, load = [0.0] * ANSWER, [0.0] * n
    ages = [SECOND * k for k in range(n)] if ages is None else ages
    fold_price(
        method, original, 0.1, 1e-4, volatility2, kept, sorted(values), n, ages, weights or [1.0] * n, load, answer
    )  # fmt: skip
    return answer, load


@given(values=prices, method=st.integers(MEDIAN, TRIMMED_MEAN), data=st.data())
def test_a_price_lies_between_the_lowest_and_the_highest(
    values: list[float], method: int, data: st.DataObject
) -> None:
    weights = data.draw(st.lists(st.floats(0.0, 10.0), min_size=len(values), max_size=len(values)))

    answer, _ = priced(method, values, weights)

    assert min(values) <= answer[PRICE_OUT] <= max(values)


@given(values=prices, method=st.integers(MEDIAN, TRIMMED_MEAN))
def test_a_power_of_two_times_the_prices_is_that_times_the_answer(
    values: list[float], method: int
) -> None:
    small, large = priced(method, values)[0], priced(method, [8.0 * value for value in values])[0]

    assert large[PRICE_OUT] == 8.0 * small[PRICE_OUT]
    assert large[MIDDLE_OUT] == 8.0 * small[MIDDLE_OUT]


def test_a_report_weighs_less_the_further_the_price_may_have_gone_since() -> None:
    values, ages = [1.0, 2.0, 3.0], [0, 10 * SECOND, 30 * SECOND]

    # v^2 * age / s^2 is 1 after ten seconds, and 3 after thirty.
    assert priced(MEDIAN, values, ages=ages)[1] == pytest.approx([1.0, 0.5, 0.25])
    assert priced(MEDIAN, values, [2.0, 2.0, 0.0], ages)[1] == pytest.approx([2.0, 1.0, 0.0])
    assert priced(MEDIAN, values, ages=ages, volatility2=0.0)[1] == [1.0, 1.0, 1.0]


def test_by_the_original_rules_nothing_ages_and_only_the_weighted_mean_weighs() -> None:
    values, ages, weights = [1.0, 2.0, 6.0], [0, 0, 90 * SECOND], [1.0, 1.0, 2.0]

    assert priced(WEIGHTED_MEAN, values, weights, ages, original=1)[0][PRICE_OUT] == 3.75
    assert priced(MEDIAN, values, weights, ages, original=1)[0][PRICE_OUT] == 2.0
    # Of three it would cut all but one: it does not.
    assert priced(TRIMMED_MEAN, values, weights, ages, original=1)[0][PRICE_OUT] == 3.0
    assert priced(TRIMMED_MEAN, [1.0, 2.0, 6.0, 9.0], original=1)[0][PRICE_OUT] == 4.0
    assert priced(MEAN, values, weights, ages, original=1)[0][PRICE_OUT] == 3.0


@pytest.mark.parametrize("nothing", [0.0, 5e-324, 1e-280])
def test_weights_of_nothing_count_as_equal(nothing: float) -> None:
    answer, load = priced(WEIGHTED_MEAN, [1.0, 2.0, 6.0], [nothing] * 3)

    assert load == [1.0, 1.0, 1.0]
    assert answer[PRICE_OUT] == 3.0
    assert priced(MEDIAN, [1.0, 2.0, 6.0], [nothing] * 3)[0][PRICE_OUT] == 2.0


def test_extremes_tell_how_far_they_are_from_the_middle() -> None:
    ages = [0, 0, 0]
    lowest, _ = priced(MIN, [1.0, 2.0, 4.0], ages=ages)
    highest, _ = priced(MAX, [1.0, 2.0, 4.0], ages=ages)

    assert (lowest[PRICE_OUT], lowest[OFF_OUT]) == (1.0, 1.0)
    assert (highest[PRICE_OUT], highest[OFF_OUT]) == (4.0, 2.0)
    assert priced(MEDIAN, [1.0, 2.0, 4.0])[0][OFF_OUT] == 0.0


def booked(books: list[tuple[float, float]]) -> tuple[float, float, float]:
    n = len(books)
    answer, bids, asks = [0.0] * ANSWER, [0.0] * n, [0.0] * n
    bid, ask = [each[0] for each in books], [each[1] for each in books]
    told = fold_book(list(range(n)), n, bid, ask, bids, asks, answer)
    return answer[BID_OUT], answer[ASK_OUT], crossed_share(bids, asks, told)


@given(st.lists(st.tuples(st.floats(1, 100), st.floats(0, 5)), max_size=9))
def test_the_bid_is_never_above_the_ask(pairs: list[tuple[float, float]]) -> None:
    books = [(bid, bid + spread) for bid, spread in pairs]
    bid, ask, crossed = booked(books)
    crossing = [a[0] > b[1] or b[0] > a[1] for k, a in enumerate(books) for b in books[:k]]

    assert bid <= ask or not books
    assert crossed == (pytest.approx(sum(crossing) / len(crossing)) if crossing else 0.0)


def test_books_that_touch_do_not_cross() -> None:
    assert booked([(1.0, 2.0), (2.0, 3.0)])[2] == 0.0
    assert booked([(1.0, 2.0), (2.5, 3.0)])[2] == 1.0


def test_a_provider_with_one_side_has_no_book() -> None:
    bid, ask, _ = booked([(math.nan, 5.0), (4.0, math.nan)])

    assert math.isnan(bid)
    assert math.isnan(ask)


@pytest.mark.parametrize(("choice", "expected"), [(0, 5.0), (1, 3.0), (2, 9.0)])
def test_volumes_of_those_who_told_any(choice: int, expected: float) -> None:
    assert fold_volume(choice, [0, 1, 2, 3], 4, [5.0, 0.0, 1.0, 3.0], [0.0] * 4) == expected


def test_nobodys_volume_is_not_zero() -> None:
    assert math.isnan(fold_volume(0, [0], 1, [0.0], [0.0]))
