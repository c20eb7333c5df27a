"""A ring of numbers and its moments: what enters, what leaves, and what is worked out anew."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.moments import moments_anew, push, remove, restart
from tests.kernels.exact import exact

prices = st.floats(1.0, 1e6)


def test_pushing_keeps_the_ring_and_its_moments() -> None:
    counts, moments, ring = [0] * 8, [0.0] * 6, [0.0] * 6
    for x in (1.0, 2.0, 3.0, 4.0):
        push(x, 1, 3, counts, moments, ring)

    assert ring == [0.0, 0.0, 0.0, 4.0, 2.0, 3.0]
    assert counts[4:6] == [3, 1]
    assert moments[3:5] == pytest.approx([3.0, 2.0])


def test_moments_anew_are_those_of_the_ring() -> None:
    moments = [math.nan] * 3
    moments_anew(0, 3, 0, 3, moments, [1e9, 1e9 + 1.0, 1e9 + 2.0])

    assert moments[:2] == [1e9 + 1.0, 2.0]
    assert moments[2] == pytest.approx(2.0, rel=1e-4)


def test_moments_anew_are_those_of_the_numbers_from_the_oldest_on() -> None:
    moments = [math.nan] * 6
    moments_anew(1, 4, 3, 2, moments, [9.0, 9.0, 9.0, 9.0, 3.0, 9.0, 9.0, 1.0])

    assert moments[3:] == pytest.approx([2.0, 2.0, 2.0], rel=1e-15)


def test_what_is_removed_is_the_oldest_of_the_ring() -> None:
    counts, moments, ring, removed = [0] * 4, [0.0] * 3, [0.0] * 4, [0]
    for x in (9.0, 1.0, 2.0, 3.0, 4.0, 6.0):
        push(x, 0, 4, counts, moments, ring)

    remove(1, 0, 4, removed, counts, moments, ring)
    assert (counts[0], removed) == (3, [1])
    assert moments[:2] == pytest.approx([13 / 3, 14 / 3])

    remove(2, 0, 4, removed, counts, moments, ring)
    assert (counts[0], removed) == (1, [0])
    assert moments == [6.0, 0.0, 0.0]

    remove(1, 0, 4, removed, counts, moments, ring)
    assert moments == [0.0, 0.0, 0.0]


@given(st.lists(st.tuples(prices, st.integers(0, 3)), max_size=60), st.integers(1, 6))
def test_whatever_enters_and_leaves_the_moments_are_those_of_what_is_there(
    story: list[tuple[float, int]], window: int
) -> None:
    counts, moments, ring, removed = [0] * 4, [0.0] * 3, [0.0] * window, [0]
    held: list[float] = []
    for x, gone in story:
        if push(x, 0, window, counts, moments, ring):
            moments_anew(0, window, 0, window, moments, ring)
        held = [*held, x][-window:]
        gone = min(gone, len(held))
        if gone:
            remove(gone, 0, window, removed, counts, moments, ring)
        held = held[gone:]

        mean, deviation = exact(held or [0.0])
        size = max(y for y, _ in story)
        assert counts[0] == len(held)
        assert moments[0] == pytest.approx(mean, rel=1e-9, abs=1e-13 * size)
        assert math.sqrt(moments[1] / max(len(held) - 1, 1)) == pytest.approx(
            deviation, rel=1e-5, abs=1e-7 * size
        )


def test_numbers_removed_sixteen_times_over_leave_moments_worked_out_anew() -> None:
    counts, moments, ring, removed = [0] * 4, [0.0] * 3, [0.0] * 5, [0]
    for x in (1.0, 2.0, 3.0):
        push(x, 0, 5, counts, moments, ring)
    seen: list[int] = []
    for k in range(60):
        push(4.0 + k, 0, 5, counts, moments, ring)
        remove(1, 0, 5, removed, counts, moments, ring)
        seen.append(removed[0])

    assert max(seen) == 16 * 3 - 1
    assert seen.count(0) == 1
    assert moments[:2] == pytest.approx([62.0, 2.0])


def test_a_window_that_is_restarted_is_empty() -> None:
    counts, moments = [3, 2, 5, 7], [1.0, math.inf, math.nan]
    restart(0, counts, moments)

    assert counts == [0, 2, 0, 0]
    assert moments == [0.0, 0.0, 0.0]
