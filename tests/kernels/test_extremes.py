"""Halfway lines of sliding windows against the highest and the lowest of them, searched for."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.extremes import begin_block, count_in, halfway

Pair = tuple[float, float]


class Window:
    """One window over bars that come one by one, as a kernel drives it."""

    def __init__(self, bars: int) -> None:
        self.length = bars
        self.mask = (1 << bars.bit_length()) - 1
        self.kept = [0.0] * 2 * (self.mask + 1)
        self.so_far = [0.0] * 2
        self.ends = [0.0] * 2 * bars
        self.number = -1

    def enter(self, high: float, low: float) -> float:
        if self.number >= 0:
            last = 2 * (self.number & self.mask)
            count_in(self.kept[last], self.kept[last + 1], self.so_far, 0)
        self.number += 1
        if self.number % self.length == 0:
            begin_block(
                self.number, self.length, self.kept, 0, self.mask, self.so_far, 0, self.ends, 0
            )
        return self.enter_again(high, low)

    def enter_again(self, high: float, low: float) -> float:
        now = 2 * (self.number & self.mask)
        self.kept[now], self.kept[now + 1] = high, -low
        return halfway(high, -low, self.so_far, 0, self.ends, 2 * (self.number % self.length))


def plain(bars: list[Pair]) -> float:
    return (max(high for high, _ in bars) + min(low for _, low in bars)) * 0.5


numbers = st.integers(-9, 9).map(float)
pairs = st.tuples(numbers, numbers)


@given(st.lists(pairs, min_size=1, max_size=60), st.integers(1, 9))
def test_a_line_is_halfway_between_the_highest_and_the_lowest_of_its_window(
    bars: list[Pair], length: int
) -> None:
    window = Window(length)

    lines = [window.enter(high, low) for high, low in bars]

    assert all(math.isnan(line) for line in lines[: length - 1])
    for i in range(length - 1, len(bars)):
        assert lines[i] == plain(bars[i + 1 - length : i + 1])


@given(
    st.lists(st.lists(pairs, min_size=1, max_size=3), min_size=1, max_size=40), st.integers(1, 7)
)
def test_the_last_bar_may_be_told_again(bars: list[list[Pair]], length: int) -> None:
    window = Window(length)
    final: list[Pair] = []

    for first, *again in bars:
        line = window.enter(*first)
        final.append(first)
        for other in again:
            line = window.enter_again(*other)
            final[-1] = other
        if len(final) >= length:
            assert line == plain(final[-length:])


def test_a_window_of_one_bar_knows_that_bar_alone() -> None:
    window = Window(1)

    assert [window.enter(9.0, 1.0), window.enter(-5.0, -7.0)] == [5.0, -6.0]


def test_nothing_is_in_a_block_that_begins() -> None:
    so_far, ends = [1.0, 1.0], [0.0] * 4

    begin_block(2, 2, [3.0, -1.0, 5.0, -2.0], 0, 1, so_far, 0, ends, 0)

    assert so_far == [-math.inf, -math.inf]
    assert ends == [5.0, -2.0, -math.inf, -math.inf]
