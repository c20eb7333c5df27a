from __future__ import annotations

from ordinis_rx.providers.revisions import Revisions


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


def test_only_the_newest_bars_are_remembered() -> None:
    told = Revisions(keep=2)
    for start in (0, 60, 120):
        told.count("A", 60, start)

    assert told.count("A", 60, 120) == 1
    assert told.count("A", 60, 0) == 0  # forgotten, and older than those remembered
    assert told.count("A", 60, 60) == 1
