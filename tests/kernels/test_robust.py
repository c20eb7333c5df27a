"""Robust statistics of a few numbers, against their definitions."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.robust import (
    arrange,
    mean,
    mean_distance,
    mean_square_distance,
    median,
    median_distance,
    median_variance,
    nth,
    put_in_order,
    trimmed_mean,
    weighted_mean,
)

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12)


def arranged(values: list[float]) -> tuple[list[int], list[float]]:
    n = len(values)
    order, level = [-1] * (n + 1), [-1.0] * (n + 1)
    arrange(values, n, order, level)
    assert (order[n], level[n]) == (-1, -1.0)
    return order[:n], level[:n]


@given(numbers)
def test_arranging_tells_the_numbers_of_the_values_in_order_and_the_values(
    values: list[float],
) -> None:
    order, level = arranged(values)

    assert level == sorted(values)
    assert [values[i] for i in order] == level
    assert sorted(order) == list(range(len(values)))


def test_equal_values_keep_their_order() -> None:
    assert arranged([2.0, 1.0, 2.0, 1.0])[0] == [1, 3, 0, 2]


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=1, max_size=9))
def test_the_nth_is_that_of_the_sorted_ones(values: list[float]) -> None:
    n = len(values)

    assert [nth(values, n, at) for at in range(n)] == sorted(values)


@given(numbers, st.integers(0, 12))
def test_only_as_many_as_told_are_put_in_order(values: list[float], n: int) -> None:
    n = min(n, len(values))
    expected = [*sorted(values[:n]), *values[n:]]
    put_in_order(values, n)

    assert values == expected


@given(numbers)
def test_the_median_is_the_middle_or_halfway_between_the_middle_two(values: list[float]) -> None:
    assert median(sorted(values), len(values)) == pytest.approx(statistics.median(values))


@given(numbers, st.floats(-10.0, 10.0))
def test_the_median_distance_is_the_median_of_the_distances(
    values: list[float], off: float
) -> None:
    centre = statistics.median(values) + off
    expected = statistics.median(abs(value - centre) for value in values)

    assert median_distance([math.nan, *sorted(values)], 1, len(values), centre) == expected


@given(numbers)
def test_the_mean_is_exact_where_all_are_the_same(values: list[float]) -> None:
    assert mean(values, len(values)) == pytest.approx(statistics.mean(values), abs=1e-6)
    assert mean([0.1] * 5, 5) == 0.1


def test_the_weighted_mean_weighs_and_without_weight_is_the_plain_one() -> None:
    assert weighted_mean([1.0, 5.0], [3.0, 1.0], 2) == 2.0
    assert weighted_mean([1.0, 5.0], [0.0, 0.0], 2) == 3.0


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 4.0), (0.25, 2.5), (0.1, (1 * 0.6 + 2 + 3 + 10 * 0.6) / 3.2)]
)
def test_the_exact_share_is_cut_off_at_either_end(share: float, expected: float) -> None:
    got = trimmed_mean([1.0, 2.0, 3.0, 10.0], [1.0] * 4, 4, share)

    assert got == pytest.approx(expected)


def test_the_constants_join_without_a_step() -> None:
    for constant in (median_variance, mean_distance, mean_square_distance):
        steps = [abs(constant(n + 2) - constant(n)) for n in range(4, 62)]
        assert max(steps[5:]) < 0.03
    assert mean_square_distance(2) == 0.5
    assert median_variance(61) == pytest.approx(math.pi / 2, rel=0.01)
    assert mean_distance(61) == pytest.approx(math.sqrt(2 / math.pi), rel=0.02)
