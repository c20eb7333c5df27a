"""Which bars of a file are looked at."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.commands.choosing import bars_to_look_at, length_of
from ordinis_rx.errors import OrdinisError
from ordinis_rx.events import Bar
from ordinis_rx.testing import a_bar
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND


def bar(close: float, minute: int, **more: Any) -> Bar:
    return a_bar(close, at=minute * MINUTE, **{"interval": MINUTE, **more})


def closes(bars: list[Bar], interval: int = MINUTE, provider: str | None = None) -> list[float]:
    return [bar.close for bar in bars_to_look_at(bars, interval, provider)]


def test_bars_are_looked_at_in_the_order_of_time() -> None:
    assert closes([bar(3.0, 3), bar(1.0, 1), bar(2.0, 2)]) == [1.0, 2.0, 3.0]


def test_symbols_come_in_the_order_in_which_they_were_told() -> None:
    assert closes([bar(5.0, 9, symbol="B"), bar(1.0, 1), bar(4.0, 8, symbol="B")]) == [
        4.0,
        5.0,
        1.0,
    ]


def test_of_bars_told_again_the_highest_revision_counts() -> None:
    told = [
        bar(1.0, 1),
        bar(2.0, 2),
        bar(20.0, 2, revision=2),
        bar(10.0, 1, revision=1),
        bar(5.0, 2, revision=1),
    ]

    assert closes(told) == [10.0, 20.0]


def test_where_lengths_overlap_those_asked_for_are_meant() -> None:
    seconds = [a_bar(9.0, at=MINUTE + k * SECOND, interval=SECOND) for k in range(3)]

    assert closes([*seconds, bar(1.0, 1), bar(2.0, 2)]) == [1.0, 2.0]
    assert closes([*seconds, bar(1.0, 1), bar(2.0, 2)], SECOND) == [9.0] * 3
    with pytest.raises(OrdinisError, match="bars of A overlap, and are 1s, 1m long: say which"):
        closes([*seconds, bar(1.0, 1), bar(2.0, 2)], 5 * MINUTE)


def test_bars_of_several_lengths_that_follow_each_other_are_all_meant() -> None:
    ticks = [a_bar(k, at=k * k * SECOND, interval=(2 * k - 1) * SECOND) for k in range(1, 5)]

    assert closes(ticks) == [1, 2, 3, 4]


def test_bars_of_several_providers_are_not_mixed() -> None:
    both = [bar(1.0, 1, provider="p"), bar(5.0, 1, provider="q"), bar(2.0, 2, provider="p")]

    with pytest.raises(
        OrdinisError, match="bars of A are told by p, q: say whose, as in --provider p"
    ):
        closes(both)
    assert closes(both, provider="p") == [1.0, 2.0]
    with pytest.raises(OrdinisError, match="no bars are of 'r'; there are those of p, q"):
        closes(both, provider="r")


def test_where_no_bar_names_a_provider_it_is_said() -> None:
    with pytest.raises(OrdinisError, match=r"no bars are of 'r': none of them names a provider$"):
        closes([bar(1.0, 1, provider="")], provider="r")


def test_lengths_are_told_in_words() -> None:
    odd = [a_bar(1.0, at=10, interval=10), a_bar(1.0, at=12, interval=7)]

    with pytest.raises(OrdinisError, match=r"are 7 ns, 10 ns long$"):
        closes(odd)


@pytest.mark.parametrize(
    ("lengths", "told"),
    [
        ([DAY], "1d"),
        ([7 * DAY], "1w"),
        ([90 * SECOND], "90s"),
        ([MINUTE, DAY], "1m"),
        ([7], "1m"),
        ([0], "1m"),
        ([-HOUR], "1m"),
    ],
)
def test_bars_are_as_long_as_all_of_them_or_a_minute(lengths: list[int], told: str) -> None:
    assert length_of([a_bar(1.0, at=9 * DAY, interval=length) for length in lengths]) == told


def test_no_length_is_proposed_that_was_asked_for_already() -> None:
    twice = [bar(1.0, 1), a_bar(2.0, at=MINUTE + SECOND, interval=MINUTE)]

    with pytest.raises(OrdinisError, match=r"bars of A overlap, and are 1m long$"):
        closes(twice)
