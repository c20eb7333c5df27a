"""Student's t against its tables and its density."""

from __future__ import annotations

import math

import pytest

from ordinis_rx.kernels.abreast import FREEDOM, TIMES, TRUST
from ordinis_rx.kernels.student import find_inside, inside_few, quantile_975
from tests.kernels.answers import Answers


def inside(t: float, freedom: int) -> float:
    """The probability inside for a lone answer, which is the same beside another."""
    answers = Answers([], [])
    for r, degrees in enumerate((freedom, 3 * freedom)):
        answers.lane[TIMES + r], answers.number[FREEDOM + r] = t, degrees
    find_inside(1, freedom, answers.lane, answers.number)
    alone = answers.lane[TRUST]
    find_inside(2, 3 * freedom, answers.lane, answers.number)

    assert alone == answers.lane[TRUST]
    return alone


@pytest.mark.parametrize("freedom", range(2, 9))
def test_few_degrees_of_freedom_come_to_the_same_at_one_go(freedom: int) -> None:
    for t in (-1.0, 0.0, 0.3, 2.0, 40.0, 1e9):
        assert inside_few(8, 1, t, freedom) == inside(t, freedom)
        if freedom % 2 == 0:
            assert inside_few(8, 0, t, freedom) == inside(t, freedom)


@pytest.mark.parametrize(
    ("freedom", "t"),
    [
        (4, 2.776445),
        (5, 2.570582),
        (10, 2.228139),
        (30, 2.042272),
        (65, 1.997138),
        (67, 1.996008),
        (68, 1.995469),
        (200, 1.971896),
    ],
)
def test_students_quantile_is_that_of_the_tables(freedom: int, t: float) -> None:
    assert quantile_975(freedom) == pytest.approx(t, rel=4e-4)


@pytest.mark.parametrize("freedom", [4, 5, 6, 7, 12, 33, 65, 68, 69, 120])
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
