"""Exponential averages: the formula, from the first number on, and nothing of numbers that are none."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.ema import EMA, ema


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0.01, 1.0))
def test_an_average_is_the_weighted_sum_of_all_numbers(
    on_one_symbol: Any, xs: list[float], alpha: float
) -> None:
    told = on_one_symbol(ema, EMA, (alpha, 1), {"value": xs})["value"].tolist()

    for i in range(len(xs)):
        weights = [alpha * (1 - alpha) ** (i - k) for k in range(1, i + 1)]
        exact = math.fsum(
            [(1 - alpha) ** i * xs[0], *(w * x for w, x in zip(weights, xs[1:], strict=False))]
        )
        assert told[i] == pytest.approx(exact, rel=1e-9, abs=1e-6)


def test_symbols_do_not_mix_and_what_does_not_count_is_skipped(bench: Any) -> None:
    told = bench(ema, EMA, (0.5, 1))(
        symbol=[0, 1, 0, 0, 1, 0],
        value=[1.0, 100.0, math.nan, 9.0, 200.0, 3.0],
        flags=[7, 7, 7, 4, 7, 7],
    )

    assert told["row"].tolist() == [0, 1, 4, 5]
    assert told["value"].tolist() == [1.0, 100.0, 150.0, 2.0]


def test_the_whole_way_leads_to_the_number_itself(on_one_symbol: Any) -> None:
    xs = [1e16, 1.5, -1e300, 2.5]

    assert on_one_symbol(ema, EMA, (1.0, 1), {"value": xs})["value"].tolist() == xs


def test_a_way_too_long_for_a_float_begins_anew(on_one_symbol: Any) -> None:
    told = on_one_symbol(ema, EMA, (0.5, 1), {"value": [1e308, -1e308, 0.0]})

    assert told["value"].tolist() == [1e308, -1e308, -5e307]
