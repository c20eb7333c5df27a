"""Which answers are news, and what is written of them."""

from __future__ import annotations

import pytest

from ordinis_rx.consensus import AggregationConfig, NoOutliers
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.kernels.consensus_layout import LOST_PROVIDERS, LOST_SYMBOLS, TIME, TRADE
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


EVERY = AggregationConfig(emit="every")
MOVING = [quote(k % 3, k % 2, 100.0 + 0.01 * k, k) for k in range(150)]


@pytest.mark.parametrize("abreast", [MOVING, MOVING[::2], MOVING[:1]])
def test_answers_written_column_by_column_are_those_written_one_by_one(abreast: list[Row]) -> None:
    with uncompiled():
        alone = Fold(EVERY)
        assert Fold(EVERY)(abreast) == [each for row in abreast for each in alone([row])]


def test_answers_that_follow_rows_far_apart_carry_what_these_say() -> None:
    known = [quote(s, p, 100.0, 1) for s in range(3) for p in range(2)]
    rows = [
        quote(0, 0, 101.0, 2),
        {
            "kind": TRADE,
            "flags": 0,
            "symbol": 0,
            "price": 1.0,
            "ts_event": 3,
            "seq": 3,
        },  # bars it from last
        quote(1, 0, 101.0, 4),
        {"kind": LOST_SYMBOLS, "provider": 1, "ts_event": 5, "seq": 5},
        {"kind": LOST_PROVIDERS, "symbol": 2, "ts_event": 6, "seq": 6},
    ]
    with uncompiled():
        fold = Fold(EVERY)
        fold(known)
        told = fold(rows)

    assert [(each["seq"], each["ts_event"], each["symbol"]) for each in told] == [
        (2, 2, 0), (4, 4, 1), (5, 5, 0), (5, 5, 1), (5, 5, 2), (6, 6, 2),
    ]  # fmt: skip
    assert [each["lost"] for each in told] == [0, 0, 2, 2, 2, 3]


def test_a_book_that_somebody_begins_or_ends_is_news_though_the_price_is_the_same() -> None:
    trade = {"kind": TRADE, "symbol": 0, "price": 100.0, "size": 1.0}
    config = AggregationConfig(outliers=NoOutliers())
    rows = [{**trade, "seq": 1}, {**trade, "seq": 2}, quote(0, 0, 100.0, 3), quote(0, 0, 100.0, 4)]

    assert seqs(config, rows) == [1, 3]
