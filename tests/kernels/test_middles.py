"""The price in the middle of what is said, by weight; and the mean age."""

from __future__ import annotations

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.abreast import MIDDLE, OLDNESS
from ordinis_rx.kernels.middles import find_middles, mean_age
from tests.kernels.answers import Answers, Said

prices = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=12)
prices_of_two = st.sampled_from([1.0, 3.0])


def found(panel: list[Said]) -> Answers:
    answers = Answers(panel)
    find_middles(1, answers.most, answers.lane, answers.number, 0)
    return answers


def middle(values: list[float], weights: list[float]) -> float:
    """The price with half of the weight on either side."""
    return found(list(map(Said, values, weights))).float(MIDDLE)


@given(prices)
def test_with_equal_weights_the_weighted_median_is_the_median(values: list[float]) -> None:
    level = sorted(values)

    assert middle(level, [1.0] * len(level)) == pytest.approx(statistics.median(values))


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
    assert middle([1.0, 2.0, 3.0], weights) == expected


def test_a_weight_too_light_to_be_seen_does_not_let_the_middle_run_past_the_half() -> None:
    assert 1.0 <= middle([1.0, 2.0, 3.0], [1.0, 1e-17, 1.0]) <= 2.0


@given(weights=st.permutations([0.2, 0.5, 1.0, 3.0]), others=st.lists(prices_of_two, max_size=6))
def test_of_equal_prices_it_does_not_matter_who_says_them(
    weights: list[float], others: list[float]
) -> None:
    level = [*([2.0] * 4), *others]
    loads = [*weights, *([0.7] * len(others))]
    told = sorted(zip(level, loads, strict=True), key=lambda each: each[0])

    assert middle([x for x, _ in told], [y for _, y in told]) == middle(
        *map(list, zip(*sorted(told), strict=True))
    )


def test_the_weighted_median_moves_without_jumps_as_weights_change() -> None:
    path = [middle([0.0, 1.0], [1.0, 0.4 + 0.001 * k]) for k in range(1500)]

    assert path[0] == 0.0
    assert path[-1] == 1.0
    assert max(b - a for a, b in itertools.pairwise(path)) < 0.01


def test_one_liar_with_less_than_half_of_the_weight_stays_outside() -> None:
    honest = middle([1.0, 1.1, 99.0], [1.0, 1.0, 1.2])

    assert 1.0 <= honest <= 1.1


def test_ages_are_averaged_over_those_that_are_used() -> None:
    answers = found([Said(1.0, age=10.0), Said(2.0, age=21.0)])

    assert mean_age(answers.lane, answers.number) == 15.5
    assert answers.float(OLDNESS) == 15.5
