"""One price by any method, and one volume, on plain columns; side by side as alone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.abreast import APART as APART_OF
from ordinis_rx.kernels.abreast import (
    ASK_SIDE,
    BID_SIDE,
    CROSSED_PART,
    LOADS,
    MIDDLE,
    OFF,
    OLDNESS,
    PRICE,
    SQUARES,
    WIDE,
)
from ordinis_rx.kernels.folding import (
    MAX,
    MEAN,
    MEDIAN,
    MIN,
    TRIMMED_MEAN,
    WEIGHTED_MEAN,
    fold_answers,
    fold_volume,
)
from tests.kernels.answers import Answers, Said

SECOND = 10**9

prices = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=12)


def folded(answers: Answers, method: int = MEDIAN, *, original: int = 0) -> Answers:
    n = answers.most
    fold_answers(
        answers.n, n, answers.lane, answers.number, method, original, 0.1, [0.0] * n, [0.0] * n
    )  # fmt: skip
    return answers


def priced(
    method: int,
    values: list[float],
    weights: list[float] | None = None,
    ages: list[int] | None = None,
    *,
    original: int = 0,
    volatility2: float = 1e-9,
) -> tuple[Answers, list[float]]:
    """The answer, and what each report weighs, from the lowest."""
    n = len(values)
    ages = [SECOND * k for k in range(n)] if ages is None else ages
    panel = sorted(
        map(Said, values, weights or [1.0] * n, map(float, ages)), key=lambda said: said.price
    )
    answers = folded(Answers(panel, swing2=volatility2), method, original=original)
    return answers, answers.floats(LOADS)


@given(values=prices, method=st.integers(MEDIAN, TRIMMED_MEAN), data=st.data())
def test_a_price_lies_between_the_lowest_and_the_highest(
    values: list[float], method: int, data: st.DataObject
) -> None:
    weights = data.draw(st.lists(st.floats(0.0, 10.0), min_size=len(values), max_size=len(values)))

    answer, _ = priced(method, values, weights)

    assert min(values) <= answer.float(PRICE) <= max(values)


@given(values=prices, method=st.integers(MEDIAN, TRIMMED_MEAN))
def test_a_power_of_two_times_the_prices_is_that_times_the_answer(
    values: list[float], method: int
) -> None:
    small, large = priced(method, values)[0], priced(method, [8.0 * value for value in values])[0]

    assert large.float(PRICE) == 8.0 * small.float(PRICE)
    assert large.float(MIDDLE) == 8.0 * small.float(MIDDLE)


def test_a_report_weighs_less_the_further_the_price_may_have_gone_since() -> None:
    values, ages = [1.0, 2.0, 3.0], [0, 10 * SECOND, 30 * SECOND]

    # v^2 * age / s^2 is 1 after ten seconds, and 3 after thirty.
    assert priced(MEDIAN, values, ages=ages)[1] == pytest.approx([1.0, 0.5, 0.25])
    assert priced(MEDIAN, values, [2.0, 2.0, 0.0], ages)[1] == pytest.approx([2.0, 1.0, 0.0])
    assert priced(MEDIAN, values, ages=ages, volatility2=0.0)[1] == [1.0, 1.0, 1.0]


def test_by_the_original_rules_nothing_ages_and_only_the_weighted_mean_weighs() -> None:
    values, ages, weights = [1.0, 2.0, 6.0], [0, 0, 90 * SECOND], [1.0, 1.0, 2.0]

    assert priced(WEIGHTED_MEAN, values, weights, ages, original=1)[0].float(PRICE) == 3.75
    assert priced(MEDIAN, values, weights, ages, original=1)[0].float(PRICE) == 2.0
    # Of three it would cut all but one: it does not.
    assert priced(TRIMMED_MEAN, values, weights, ages, original=1)[0].float(PRICE) == 3.0
    assert priced(TRIMMED_MEAN, [1.0, 2.0, 6.0, 9.0], original=1)[0].float(PRICE) == 4.0
    assert priced(MEAN, values, weights, ages, original=1)[0].float(PRICE) == 3.0


@pytest.mark.parametrize("nothing", [0.0, 5e-324, 1e-280])
def test_weights_of_nothing_count_as_equal(nothing: float) -> None:
    answer, load = priced(WEIGHTED_MEAN, [1.0, 2.0, 6.0], [nothing] * 3)

    assert load == [1.0, 1.0, 1.0]
    assert answer.float(PRICE) == 3.0
    assert priced(MEDIAN, [1.0, 2.0, 6.0], [nothing] * 3)[0].float(PRICE) == 2.0


def test_extremes_tell_how_far_they_are_from_the_middle() -> None:
    ages = [0, 0, 0]
    lowest, _ = priced(MIN, [1.0, 2.0, 4.0], ages=ages)
    highest, _ = priced(MAX, [1.0, 2.0, 4.0], ages=ages)

    assert (lowest.float(PRICE), lowest.float(OFF)) == (1.0, 1.0)
    assert (highest.float(PRICE), highest.float(OFF)) == (4.0, 2.0)
    assert priced(MEDIAN, [1.0, 2.0, 4.0])[0].float(OFF) == 0.0


said = st.builds(
    lambda price, load, age, half: Said(price, load, float(age), price - half, price + half),
    st.floats(90.0, 110.0),
    st.floats(0.0, 5.0) | st.just(1.0),
    st.integers(0, 90 * SECOND),
    st.sampled_from([0.0, 0.01, 8.0, math.nan]),
)
panels = st.lists(said, max_size=7) | st.lists(said, max_size=20)


@given(
    many=st.lists(panels, min_size=2, max_size=WIDE),
    method=st.integers(MEDIAN, TRIMMED_MEAN),
    original=st.integers(0, 1),
    swing2=st.sampled_from([0.0, 1e-12, 1e-9]),
)
def test_side_by_side_an_answer_is_what_it_is_alone(
    many: list[list[Said]], method: int, original: int, swing2: float
) -> None:
    rows = (
        *(PRICE, MIDDLE, OFF, OLDNESS, APART_OF, SQUARES),
        *(BID_SIDE, ASK_SIDE, CROSSED_PART),
    )
    together = folded(Answers(*many, swing2=swing2), method, original=original)

    for r, panel in enumerate(many):
        alone = folded(Answers(panel, swing2=swing2), method, original=original)
        for row in rows:
            assert repr(together.float(row, r)) == repr(alone.float(row))
        assert together.floats(LOADS, r) == alone.floats(LOADS)


@pytest.mark.parametrize(("choice", "expected"), [(0, 5.0), (1, 3.0), (2, 9.0)])
def test_volumes_of_those_who_told_any(choice: int, expected: float) -> None:
    assert fold_volume(choice, [0, 1, 2, 3], 4, [5.0, 0.0, 1.0, 3.0], [0.0] * 4) == expected


def test_nobodys_volume_is_not_zero() -> None:
    assert math.isnan(fold_volume(0, [0], 1, [0.0], [0.0]))
