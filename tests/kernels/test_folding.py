"""One price, its error, book, volume, status and confidence, on plain columns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.folding import (
    ANSWER,
    ASK_OUT,
    BID_OUT,
    CROSSED_OUT,
    DEGRADED,
    DISPUTE,
    ERROR_OUT,
    MAX,
    MEDIAN,
    NO_CONSENSUS,
    NO_QUORUM,
    OFF_OUT,
    OK,
    PRICE_OUT,
    TRIMMED_MEAN,
    VOLUME_OUT,
    calibrated,
    fold_book,
    fold_price,
    fold_volume,
    half_width,
    kept_of,
    mean_age,
    original_score,
    status_of,
)
from ordinis_rx.kernels.outliers import DISPUTED, SPLIT
from ordinis_rx.kernels.robust import sort

prices = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=12)


def priced(method: int, values: list[float], weights: list[float] | None = None) -> list[float]:
    n = len(values)
    order = list(range(n))
    sort(order, values, n)
    answer = [0.0] * ANSWER
    fold_price(
        method, 0, 0.1, 1e-4, 1e-8, 1e-9, order, n, values, [10**9 * k for k in range(n)], weights or [1.0] * n, [0.0] * n,
        answer,
    )  # fmt: skip
    return answer


@given(values=prices, method=st.integers(MEDIAN, TRIMMED_MEAN), data=st.data())
def test_a_price_lies_between_the_lowest_and_the_highest(
    values: list[float], method: int, data: st.DataObject
) -> None:
    weights = data.draw(st.lists(st.floats(0.0, 10.0), min_size=len(values), max_size=len(values)))

    answer = priced(method, values, weights)

    assert min(values) <= answer[PRICE_OUT] <= max(values)
    assert answer[ERROR_OUT] > 0


@given(values=prices, method=st.integers(MEDIAN, TRIMMED_MEAN))
def test_a_power_of_two_times_the_prices_is_that_times_the_answer(
    values: list[float], method: int
) -> None:
    small, large = priced(method, values), priced(method, [8.0 * value for value in values])

    assert large[PRICE_OUT] == 8.0 * small[PRICE_OUT]
    assert large[ERROR_OUT] == pytest.approx(8.0 * small[ERROR_OUT])


def test_extremes_tell_how_far_they_are_from_the_middle() -> None:
    assert priced(MAX, [1.0, 2.0, 4.0])[OFF_OUT] == pytest.approx(2.0, abs=0.5)
    assert priced(MEDIAN, [1.0, 2.0, 4.0])[OFF_OUT] == 0.0


def booked(books: list[tuple[float, float]]) -> tuple[float, float, float]:
    n = len(books)
    answer = [0.0] * ANSWER
    bid, ask = [each[0] for each in books], [each[1] for each in books]
    fold_book(list(range(n)), n, bid, ask, [0] * n, [0] * n, answer)
    return answer[BID_OUT], answer[ASK_OUT], answer[CROSSED_OUT]


@given(st.lists(st.tuples(st.floats(1, 100), st.floats(0, 5)), max_size=9))
def test_the_bid_is_never_above_the_ask(pairs: list[tuple[float, float]]) -> None:
    books = [(bid, bid + spread) for bid, spread in pairs]
    bid, ask, crossed = booked(books)
    crossing = [a[0] > b[1] or b[0] > a[1] for k, a in enumerate(books) for b in books[:k]]

    assert bid <= ask or not books
    assert crossed == (pytest.approx(sum(crossing) / len(crossing)) if crossing else 0.0)


def test_a_provider_with_one_side_has_no_book() -> None:
    bid, ask, _ = booked([(math.nan, 5.0), (4.0, math.nan)])

    assert math.isnan(bid)
    assert math.isnan(ask)


@pytest.mark.parametrize(("choice", "expected"), [(0, 5.0), (1, 3.0), (2, 9.0)])
def test_volumes_of_those_who_told_any(choice: int, expected: float) -> None:
    answer = [0.0] * ANSWER
    fold_volume(choice, [0, 1, 2, 3], 4, [5.0, 0.0, 1.0, 3.0], [0] * 4, answer)

    assert answer[VOLUME_OUT] == expected


def test_nobodys_volume_is_not_zero() -> None:
    answer = [0.0] * ANSWER
    fold_volume(0, [0], 1, [0.0], [0], answer)

    assert math.isnan(answer[VOLUME_OUT])


@pytest.mark.parametrize(
    ("m", "known", "least", "flags", "status"),
    [
        (3, 3, 1, 0, OK),
        (2, 3, 1, 0, DEGRADED),
        (1, 1, 1, 0, DEGRADED),
        (3, 3, 1, DISPUTED, DISPUTE),
        (4, 4, 1, SPLIT, NO_CONSENSUS),
        (2, 3, 3, SPLIT, NO_QUORUM),
        (0, 3, 1, 0, NO_QUORUM),
    ],
)
def test_the_status_says_how_far_to_trust(
    m: int, known: int, least: int, flags: int, status: int
) -> None:
    assert status_of(m, known, least, flags) == status


def test_ages_are_averaged_in_whole_nanoseconds() -> None:
    assert mean_age([0, 2], 2, [10, 99, 20]) == 15


def test_who_is_excluded_is_not_kept() -> None:
    kept = [0] * 3

    assert kept_of([2, 0, 1], [0, 0, 1], 3, kept) == 2
    assert kept[:2] == [0, 1]


def test_intervals_and_confidence_follow_the_error() -> None:
    assert half_width(OK, [0], 1, [100.0], 100.0, 0.01, 0.0) == pytest.approx(0.02776, rel=1e-3)
    assert half_width(DISPUTE, [0, 1], 2, [99.0, 102.0], 100.0, 0.01, 0.0) == 2.0
    falling = [calibrated(3, 100.0, error, 0.0, 2e-4) for error in (0.0, 0.001, 0.01, 0.1)]
    assert falling == sorted(falling, reverse=True)
    assert original_score([], 0, [], [], 0) == 0.0
    assert original_score([0], 1, [9.0], [1.0], 0) == pytest.approx(0.56)
