"""Bars that fill up: by count, by size, by worth; each symbol for itself."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ordinis_rx.kernels.figures import FAR
from ordinis_rx.kernels.filling import COUNTED, FILLING, NOTIONAL, SIZED, filled_bars


@pytest.mark.parametrize(
    ("measure", "full", "rows"),
    [(COUNTED, 2.0, [1, 3]), (SIZED, 5.0, [2, 4]), (NOTIONAL, 30.0, [1, 2, 3, 4])],
)
def test_a_bar_is_full_when_there_is_enough(
    on_one_symbol: Any, measure: int, full: float, rows: list[int]
) -> None:
    columns = {
        "ts_event": [1, 2, 4, 8, 16],
        "price": [10.0, 12.0, 11.0, 13.0, 10.0],
        "size": [1.0, 2.0, 3.0, 4.0, 5.0],
        "flags": [7] * 5,
    }

    told = on_one_symbol(filled_bars, FILLING, (measure, full), columns)

    assert told["row"].tolist() == rows


def test_a_bar_is_of_one_symbol(bench: Any) -> None:
    told = bench(filled_bars, FILLING, (COUNTED, 2.0))(
        symbol=[0, 1, 1, 0],
        ts_event=[1, 2, 4, 8],
        price=[10.0, 50.0, 40.0, 12.0],
        size=[1.0, 3.0, 1.0, 1.0],
        flags=[7, 7, 7, 7],
    )

    wanted = {
        "row": [2, 3],
        "interval": [2, 7],
        "open": [50.0, 10.0],
        "high": [50.0, 12.0],
        "low": [40.0, 10.0],
        "close": [40.0, 12.0],
        "volume": [4.0, 2.0],
        "vwap": [47.5, 11.0],
        "trade_count": [2, 2],
    }
    assert {name: column.tolist() for name, column in told.items()} == wanted


def test_trades_without_a_price_fill_nothing_and_those_without_a_size_or_a_possible_time_count(
    on_one_symbol: Any,
) -> None:
    columns = {
        "ts_event": [1, 2, 3, FAR, 5],
        "price": [math.nan, 10.0, math.inf, 10.0, 10.0],
        "size": [1.0, math.nan, 1.0, 0.0, -1.0],
        "flags": [7] * 5,
    }

    counted = on_one_symbol(filled_bars, FILLING, (COUNTED, 1.0), columns)
    sized = on_one_symbol(filled_bars, FILLING, (SIZED, 1.0), columns)

    assert counted["row"].tolist() == [1, 3, 4]
    assert counted["volume"].tolist() == [0.0, 0.0, 0.0]
    assert sized["row"].tolist() == []
