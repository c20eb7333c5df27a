"""Moments of a window against exact recomputation: for any numbers, after any jump, and over ten million points."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.rolling import (
    DEVIATION,
    KEEP,
    MEAN,
    ROLLING,
    SCORE,
    rolling,
    zscore_keep,
)
from tests.kernels.exact import exact

LAST = 1
same_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

# Prices as markets have them, and jumps over fourteen orders of magnitude.
prices = st.floats(1.0, 1e6) | st.sampled_from([1e-4, 1.0, 1e10, 7.25])
series = st.lists(prices, min_size=1, max_size=40)


def value(run: Callable[..., Any], measure: int, window: int, warm_up: int, xs: Any) -> list[float]:
    told = run(rolling, ROLLING, (window, warm_up, measure, LAST), {"value": xs})
    values: list[float] = told["value"].tolist()
    return values


@same_fixture
@given(series, st.integers(2, 7))
def test_means_and_deviations_are_those_of_the_last_numbers(
    on_one_symbol: Any, xs: list[float], window: int
) -> None:
    means = value(on_one_symbol, MEAN, window, 1, xs)
    deviations = value(on_one_symbol, DEVIATION, window, 1, xs)

    for i in range(len(xs)):
        held = xs[max(0, i + 1 - window) : i + 1]
        mean, deviation = exact(held)
        size = max(map(abs, xs[max(0, i - 16 * window) : i + 1]))
        assert means[i] == pytest.approx(mean, rel=1e-9, abs=1e-13 * size)
        assert deviations[i] == pytest.approx(deviation, rel=1e-5, abs=1e-13 * size)


@same_fixture
@given(series, st.integers(2, 7))
def test_a_score_judges_by_the_numbers_before(
    on_one_symbol: Any, xs: list[float], window: int
) -> None:
    told = on_one_symbol(rolling, ROLLING, (window, window, SCORE, LAST), {"value": xs})

    scores = dict(zip(told["row"].tolist(), told["value"].tolist(), strict=True))
    for i, x in enumerate(xs):
        held = xs[max(0, i - window) : i]
        if len(held) == window and exact(held)[1] > 1e-6 * max(map(abs, xs[: i + 1])):
            mean, deviation = exact(held)
            assert scores[i] == pytest.approx((x - mean) / deviation, rel=1e-6, abs=1e-6)
        elif len(held) < window:
            assert i not in scores


@pytest.mark.parametrize("warm_up", [2, 5, 8])
def test_nothing_is_told_before_there_are_enough_numbers(on_one_symbol: Any, warm_up: int) -> None:
    xs = [float(i % 3) for i in range(20)]

    told = on_one_symbol(rolling, ROLLING, (8, warm_up, MEAN, LAST), {"value": xs})
    scores = on_one_symbol(rolling, ROLLING, (8, warm_up, SCORE, LAST), {"value": xs})

    assert told["row"].tolist() == list(range(warm_up - 1, 20))
    assert scores["row"].tolist() == list(range(warm_up, 20))


def test_a_window_of_equal_numbers_has_no_deviation_whatever_was_before(on_one_symbol: Any) -> None:
    xs = [1e9, 3.7, 1e-3, 5.5, 0.1, *[0.3] * 5]

    assert value(on_one_symbol, DEVIATION, 5, 5, xs)[-1] == 0.0
    assert value(on_one_symbol, MEAN, 5, 5, xs)[-1] == 0.3


@pytest.mark.parametrize("finest", range(30, 50))
def test_equal_numbers_have_no_deviation_after_a_window_that_hardly_varied(
    on_one_symbol: Any, finest: int
) -> None:
    random = np.random.default_rng(finest)
    xs = [*(185.25 + random.integers(0, 2, 50) * 2.0**-finest), *[185.25] * 100]

    assert value(on_one_symbol, DEVIATION, 50, 50, xs)[-51:] == [0.0] * 51
    assert kept(on_one_symbol, [*xs, 185.26], 50, 50, 5.0, 0, 10)[-1] == 150


@pytest.mark.parametrize("first", [0.1 + 0.2, 0.3 - 2**-50])
def test_equal_numbers_have_no_deviation_after_one_that_was_a_rounding_away(
    on_one_symbol: Any, first: float
) -> None:
    xs = [first, *[0.3] * 9]

    assert value(on_one_symbol, DEVIATION, 3, 3, xs)[-7:] == [0.0] * 7
    assert kept(on_one_symbol, [*xs, 0.31], 3, 2, 5.0, 1, 10)[-1] == 10


def test_after_a_jump_of_fourteen_digits_the_moments_are_right_again(on_one_symbol: Any) -> None:
    small = [1.0 + 0.001 * (i % 7) for i in range(50)]
    xs = [1e12 + 1e6 * i for i in range(50)] + small

    deviation = value(on_one_symbol, DEVIATION, 20, 20, xs)[-1]

    assert deviation == pytest.approx(exact(small[-20:])[1], rel=1e-9)


def test_one_number_is_its_own_mean_and_has_no_deviation(on_one_symbol: Any) -> None:
    xs = [1e16, 1.5, 2.5, -1e300, 0.1, 1e308, -1e308, 3.5]

    assert value(on_one_symbol, MEAN, 1, 1, xs) == xs
    assert value(on_one_symbol, DEVIATION, 1, 1, xs) == [0.0] * len(xs)


def test_numbers_beyond_all_bounds_leave_no_trace(on_one_symbol: Any) -> None:
    xs = [1.0, math.inf, 2.0, math.nan, -math.inf, 3.0]

    assert value(on_one_symbol, MEAN, 3, 1, xs) == [1.0, 1.5, 2.0]


def test_sums_that_overflow_are_forgotten_with_the_numbers(on_one_symbol: Any) -> None:
    xs = [1e308, -1e308, 1e308, 1.0, 2.0, 3.0]

    assert value(on_one_symbol, MEAN, 3, 3, xs)[-1] == 2.0
    assert value(on_one_symbol, DEVIATION, 3, 3, xs)[-1] == 1.0


@pytest.mark.parametrize("scale", [1.0, 1e8])
def test_ten_million_points_drift_nowhere(bench: Any, scale: float) -> None:
    window, chunk, chunks = 50, 1_000_000, 10
    random = np.random.default_rng(1)
    level = 100.0 * scale
    runs = {
        measure: bench(rolling, ROLLING, (window, window, measure, LAST))
        for measure in (MEAN, DEVIATION)
    }
    symbol = np.zeros(chunk, np.int64)
    flags = np.full(chunk, 7)
    worst = {MEAN: 0.0, DEVIATION: 0.0}
    for _ in range(chunks):
        walk = level + np.cumsum(random.normal(0.0, 0.01, chunk))
        level = float(walk[-1])
        told = {
            measure: run(symbol=symbol, value=walk, flags=flags)["value"]
            for measure, run in runs.items()
        }
        for end in range(window * 20, chunk, chunk // 20):
            held = walk[end - window : end].tolist()
            for measure, wanted in zip((MEAN, DEVIATION), exact(held), strict=True):
                values = told[measure]
                got = values[len(values) - chunk + end - 1]
                worst[measure] = max(worst[measure], abs(got - wanted) / wanted)

    assert worst[MEAN] < 1e-14
    assert (
        worst[DEVIATION] < 1e-9 * scale
    )  # a deviation of 0.05 around a price of ten billion has six digits left


# the filter


def kept(run: Callable[..., Any], xs: list[float], *params: float, **columns: Any) -> list[int]:
    rows: list[int] = run(zscore_keep, KEEP, (*params, LAST), {"value": xs, **columns})["row"].tolist()  # fmt: skip
    return rows


@same_fixture
@given(series, st.integers(2, 7), st.floats(0.5, 4.0))
def test_without_feedback_each_number_is_judged_by_those_before(
    on_one_symbol: Any, xs: list[float], window: int, threshold: float
) -> None:
    rows = kept(on_one_symbol, xs, window, 2, threshold, 0, 1)

    for i, x in enumerate(xs):
        held = xs[max(0, i - window) : i]
        if len(held) < 2:
            assert i in rows
            continue
        mean, deviation = exact(held)
        doubt = 1e-5 * max(map(abs, xs[: i + 1]))
        if deviation > doubt and abs(abs(x - mean) - threshold * deviation) > doubt:
            assert (i in rows) == (abs(x - mean) < threshold * deviation)


def test_with_feedback_what_is_refused_does_not_enter_the_window(on_one_symbol: Any) -> None:
    xs = [10.0, 11.0, 10.0, 11.0, *[500.0] * 4, 10.5, 500.0, 11.0]

    assert kept(on_one_symbol, xs, 4, 4, 5.0, 1, 10) == [0, 1, 2, 3, 8, 10]
    assert kept(on_one_symbol, xs, 4, 4, 5.0, 0, 10) == [0, 1, 2, 3, 5, 6, 7, 8, 9, 10]


def test_a_new_level_is_believed_after_so_many_refusals_in_a_row(on_one_symbol: Any) -> None:
    xs = [10.0, 11.0, 10.0, 11.0, 20.0, 21.0, 10.0, 20.0, 21.0, 20.0, 21.0, 10.0]

    assert kept(on_one_symbol, xs, 4, 4, 5.0, 1, 3) == [0, 1, 2, 3, 6, 9, 10, 11]


def test_numbers_that_do_not_count_are_judged_and_change_nothing(on_one_symbol: Any) -> None:
    xs = [10.0, 11.0, 10.0, 11.0, 500.0, 10.6, 10.4, 11.0]
    flags = [7, 7, 7, 7, 4, 4, 7, 7]

    assert kept(on_one_symbol, xs, 4, 4, 5.0, 1, 1, flags=flags) == [0, 1, 2, 3, 5, 6, 7]
    assert value(on_one_symbol, MEAN, 2, 2, xs[:2]) == [10.5]
