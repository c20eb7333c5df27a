"""Which answers are told, and what they say."""

from __future__ import annotations

from ordinis_rx.consensus import AggregationConfig
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.consensus_layout import TIME
from ordinis_rx.timebase import SECOND
from tests.kernels.fold import Fold, Row, quote


def seqs(config: AggregationConfig, rows: list[Row]) -> list[object]:
    """Which rows led to answers that were told."""
    with uncompiled():
        return [each["seq"] for each in Fold(config)(rows)]


SAME = [quote(0, 0, 100.0, 1), quote(0, 0, 100.0, 2), quote(0, 0, 101.0, 3), quote(0, 0, 101.0, 4)]


def test_every_answer_is_told_or_only_what_is_news() -> None:
    assert seqs(AggregationConfig(emit="every"), SAME) == [1, 2, 3, 4]
    assert seqs(AggregationConfig(emit="change"), SAME) == [1, 3]


def test_of_several_symbols_each_is_compared_with_its_own_last_answer() -> None:
    rows = [quote(s, 0, 100.0, 2 * k + s) for k in range(40) for s in range(2)]

    assert seqs(AggregationConfig(), rows) == [0, 1]


def test_one_in_so_many_nanoseconds_is_told_and_the_time_tells_what_is_due() -> None:
    rows = [
        quote(0, 0, 100.0, SECOND),
        quote(0, 0, 101.0, SECOND + 5),
        quote(0, 0, 102.0, SECOND + 9),
        {"kind": TIME, "ts_event": 2 * SECOND, "seq": 2 * SECOND},
        quote(0, 0, 102.0, 2 * SECOND + 1),
    ]

    assert seqs(AggregationConfig(emit=SECOND), rows) == [SECOND, 2 * SECOND]


def test_an_answer_says_who_is_in_it_and_whose_row_it_follows() -> None:
    with uncompiled():
        told = Fold()([quote(0, 0, 100.0, 1), quote(0, 3, 100.0, 2)])

    assert [each["provider"] for each in told] == [0, 3]
    assert [each["providers_used"] for each in told] == [1, 9]
    assert [each["provider_count"] for each in told] == [1, 2]
    assert [(each["bid"], each["ask"]) for each in told] == [(99.99, 100.01)] * 2
