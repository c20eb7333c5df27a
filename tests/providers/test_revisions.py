from __future__ import annotations

import tracemalloc
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.providers.revisions import Revisions
from ordinis_rx.timebase import SECOND


def test_each_telling_of_a_bar_is_a_revision_higher() -> None:
    told = Revisions()

    assert [told.count("A", 60, 0) for _ in range(3)] == [0, 1, 2]


def test_symbols_intervals_and_starts_are_counted_apart() -> None:
    told = Revisions()
    told.count("A", 60, 0)

    assert (told.count("B", 60, 0), told.count("A", 1, 0), told.count("A", 60, 60)) == (0, 0, 0)


def test_the_first_telling_may_be_a_revision_itself() -> None:
    told = Revisions()

    assert [told.count("A", 60, 0, first=1), told.count("A", 60, 0)] == [1, 2]


@given(st.lists(st.integers(0, 1023), max_size=60), st.integers(0, 10**9))
def test_each_bar_of_the_last_17_minutes_of_seconds_is_counted_exactly(
    seconds: list[int], begin: int
) -> None:
    told, before = Revisions(), Counter[int]()
    for second in seconds:
        assert told.count("A", SECOND, (begin + second) * SECOND) == before[second]
        before[second] += 1


def test_a_bar_that_is_told_again_a_quarter_of_an_hour_later_is_known() -> None:
    told = Revisions()
    for second in range(1, 902):
        assert told.count("A", SECOND, second * SECOND) == 0

    assert [told.count("A", SECOND, SECOND) for _ in range(3)] == [1, 2, 3]
    assert told.count("A", SECOND, 0) == 0  # a second that only a late trade was in


def test_a_bar_older_than_all_that_is_remembered_is_a_revision_and_counted_on() -> None:
    told = Revisions()
    told.count("A", SECOND, 10**6 * SECOND)

    assert [told.count("A", SECOND, 0) for _ in range(3)] == [1, 2, 3]
    assert told.count("A", SECOND, SECOND, first=1) == 1
    assert told.count("A", SECOND, 0) == 4
    assert told.count("A", SECOND, 10**6 * SECOND) == 1


def test_what_was_told_again_is_counted_on_while_the_day_goes_on() -> None:
    told = Revisions()
    for second in range(5_000):
        assert told.count("A", SECOND, second * SECOND) == 0
        if second >= 900:
            late = (second - 900) * SECOND
            assert (told.count("A", SECOND, late), told.count("A", SECOND, late)) == (1, 2)


def test_bars_of_any_age_do_not_fill_the_memory() -> None:
    told = Revisions()
    tracemalloc.start()
    try:
        for start in range(20_000):
            told.count("A", SECOND, (1_000_000 - start) * SECOND)
            told.count("A", SECOND, 1_000_000 * SECOND)
        assert tracemalloc.get_traced_memory()[0] < 300_000
    finally:
        tracemalloc.stop()


def test_a_symbol_with_one_bar_takes_little() -> None:
    symbols = [f"S{number}" for number in range(10_000)]
    told = Revisions()
    tracemalloc.start()
    try:
        for symbol in symbols:
            told.count(symbol, SECOND, 1_781_622_376 * SECOND)
        assert tracemalloc.get_traced_memory()[0] / len(symbols) < 200
    finally:
        tracemalloc.stop()
