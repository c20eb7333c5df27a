"""Hampel's filter against sorted windows, and its parts."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.hampel import (
    HAMPEL,
    NORMAL,
    drop,
    enter,
    hampel_keep,
    middle,
    place_of,
    settle,
)

numbers = st.integers(-20, 20).map(lambda x: x / 4) | st.sampled_from([1e9, -0.0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(numbers, min_size=1, max_size=40),
    st.integers(3, 8),
    st.integers(0, 5),
    st.floats(0.5, 4.0),
)
def test_a_number_is_kept_when_it_is_near_the_median_of_those_before(
    on_one_symbol: Any, xs: list[float], window: int, fewer: int, threshold: float
) -> None:
    warm_up = max(3, window - fewer)
    told = on_one_symbol(hampel_keep, HAMPEL, (window, warm_up, threshold, 1), {"value": xs})

    wanted: list[int] = []
    for i, x in enumerate(xs):
        held = xs[max(0, i - window) : i]
        fits = len(held) < warm_up
        if not fits:
            centre = statistics.median(held)
            spread = NORMAL * statistics.median(abs(y - centre) for y in held)
            fits = spread <= 0 or abs(x - centre) <= threshold * spread
        if fits:
            wanted.append(i)
    assert told["row"].tolist() == wanted


def test_numbers_that_do_not_count_are_judged_and_never_enter(bench: Any) -> None:
    told = bench(hampel_keep, HAMPEL, (3, 3, 3.0, 1))(
        value=[1.0, 2.0, 3.0, 99.0, 2.5, math.nan, 2.0], flags=[7, 7, 7, 4, 4, 7, 7]
    )

    assert told["row"].tolist() == [0, 1, 2, 4, 6]


values = st.lists(st.integers(-9, 9).map(float), min_size=1, max_size=12)


@given(values, st.integers(0, 3))
def test_the_middle_is_the_median(xs: list[float], first: int) -> None:
    row = [math.nan] * first + sorted(xs)

    assert middle(row, first, len(xs)) == statistics.median(xs)


@given(values, st.data(), st.integers(-10, 10).map(float))
def test_a_number_in_the_place_of_another_settles_in_order(
    xs: list[float], data: st.DataObject, new: float
) -> None:
    row = sorted(xs)
    old = data.draw(st.sampled_from(xs))
    k = place_of(row, 0, len(row), old)
    assert row[k] == old

    settle(row, 0, len(row), k, new)

    rest = sorted(xs)
    rest.remove(old)
    assert row == sorted([*rest, new])


@given(st.lists(st.tuples(numbers, st.integers(0, 3)), max_size=40), st.integers(3, 6))
def test_whatever_enters_and_leaves_the_window_is_sorted(
    story: list[tuple[float, int]], window: int
) -> None:
    counts, ring, in_order = [0, 0], [0.0] * window, [0.0] * window
    held: list[float] = []
    for x, gone in story:
        enter(x, 0, window, counts, ring, in_order)
        held = [*held, x][-window:]
        gone = min(gone, len(held))
        drop(gone, 0, window, counts, ring, in_order)
        held = held[gone:]

        assert counts[0] == len(held)
        assert in_order[: len(held)] == sorted(held)


def test_a_normal_deviation_is_so_many_median_distances() -> None:
    assert pytest.approx(1 / statistics.NormalDist().inv_cdf(0.75), rel=1e-15) == NORMAL
