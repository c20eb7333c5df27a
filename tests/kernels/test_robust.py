"""Robust statistics of a few numbers, against their definitions."""

from __future__ import annotations

import itertools
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.robust import (
    inside,
    mean,
    mean_distance,
    mean_square_distance,
    median,
    median_distance,
    median_variance,
    quantile_975,
    sort,
    trimmed_mean,
    weighted_mean,
    weighted_median,
)

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12)


def ranked(values: list[float]) -> list[int]:
    order = list(range(len(values)))
    sort(order, values, len(values))
    return order


@given(numbers)
def test_sorting_puts_the_numbers_of_values_into_order(values: list[float]) -> None:
    assert [values[i] for i in ranked(values)] == sorted(values)


def test_equal_values_keep_their_order() -> None:
    assert ranked([2.0, 1.0, 2.0, 1.0]) == [1, 3, 0, 2]


@given(numbers)
def test_the_median_is_the_middle_or_halfway_between_the_middle_two(values: list[float]) -> None:
    assert median(ranked(values), values, len(values)) == pytest.approx(statistics.median(values))


@given(numbers)
def test_the_median_distance_is_the_median_of_the_distances(values: list[float]) -> None:
    centre = statistics.median(values)
    expected = statistics.median(abs(value - centre) for value in values)

    got = median_distance(ranked(values), values, len(values), centre)

    assert got == pytest.approx(expected, abs=1e-6)


@given(numbers)
def test_the_mean_is_exact_where_all_are_the_same(values: list[float]) -> None:
    order = ranked(values)

    assert mean(order, values, len(values)) == pytest.approx(statistics.mean(values), abs=1e-6)
    assert mean(range(5), [0.1] * 5, 5) == 0.1


def test_the_weighted_mean_weighs_and_without_weight_is_the_plain_one() -> None:
    assert weighted_mean([0, 1], [1.0, 5.0], [3.0, 1.0], 2) == 2.0
    assert weighted_mean([0, 1], [1.0, 5.0], [0.0, 0.0], 2) == 3.0


@given(numbers)
def test_with_equal_weights_the_weighted_median_is_the_median(values: list[float]) -> None:
    order, n = ranked(values), len(values)

    assert weighted_median(order, values, [1.0] * n, n) == pytest.approx(median(order, values, n))


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([1.0, 1.0, 5.0], 3.0),
        ([5.0, 1.0, 1.0], 1.0),
        ([1.0, 1.0, 1.0], 2.0),
        ([0.0, 1.0, 1.0], 2.5),
        ([1.0, 0.0, 1.0], 2.0),
        ([0.0, 0.0, 2.0], 3.0),
        ([0.0, 0.0, 0.0], 2.0),
        ([2.0, 1.0, 1.0], 1.5),
    ],
)
def test_half_of_the_weight_lies_on_either_side(weights: list[float], expected: float) -> None:
    assert weighted_median([0, 1, 2], [1.0, 2.0, 3.0], weights, 3) == expected


def test_the_weighted_median_moves_without_jumps_as_weights_change() -> None:
    path = [weighted_median([0, 1], [0.0, 1.0], [1.0, 0.4 + 0.001 * k], 2) for k in range(1500)]

    assert path[0] == 0.0
    assert path[-1] == 1.0
    assert max(b - a for a, b in itertools.pairwise(path)) < 0.01


def test_one_liar_with_less_than_half_of_the_weight_stays_outside() -> None:
    honest = weighted_median([0, 1, 2], [1.0, 1.1, 99.0], [1.0, 1.0, 1.2], 3)

    assert 1.0 <= honest <= 1.1


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 4.0), (0.25, 2.5), (0.1, (1 * 0.6 + 2 + 3 + 10 * 0.6) / 3.2)]
)
def test_the_exact_share_is_cut_off_at_either_end(share: float, expected: float) -> None:
    got = trimmed_mean([0, 1, 2, 3], [1.0, 2.0, 3.0, 10.0], [1.0] * 4, 4, share)

    assert got == pytest.approx(expected)


def test_the_constants_join_without_a_step() -> None:
    for constant in (median_variance, mean_distance, mean_square_distance):
        steps = [abs(constant(n + 2) - constant(n)) for n in range(4, 62)]
        assert max(steps[5:]) < 0.03
    assert mean_square_distance(2) == 0.5
    assert median_variance(61) == pytest.approx(math.pi / 2, rel=0.01)
    assert mean_distance(61) == pytest.approx(math.sqrt(2 / math.pi), rel=0.02)


@pytest.mark.parametrize(
    ("freedom", "t"), [(4, 2.776445), (5, 2.570582), (10, 2.228139), (30, 2.042272), (65, 1.997138)]
)
def test_students_quantile_is_that_of_the_tables(freedom: int, t: float) -> None:
    assert quantile_975(freedom) == pytest.approx(t, rel=4e-4)


@pytest.mark.parametrize("freedom", [4, 5, 6, 7, 12, 33, 65])
def test_the_probability_inside_is_the_integral_of_the_density(freedom: int) -> None:
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    scale /= math.sqrt(freedom * math.pi)
    for t in (0.1, 0.7, 1.5, 3.0, 8.0):
        step = t / 4000
        density = [
            scale * (1 + (k * step) ** 2 / freedom) ** (-(freedom + 1) / 2) for k in range(4001)
        ]
        area = step * (sum(density) - (density[0] + density[-1]) / 2) * 2

        assert inside(t, freedom) == pytest.approx(area, abs=4e-4)


def test_the_probability_inside_nothing_is_nothing_and_of_all_is_all() -> None:
    assert inside(0.0, 5) == inside(-1.0, 5) == 0.0
    assert inside(1e9, 4) == inside(1e9, 5) == 1.0
