"""Volume-weighted averages: exact sums, also of ten million trades, and periods that begin anew."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.vwap import VWAP, vwap

trades = st.lists(st.tuples(st.floats(-1e3, 1e9), st.floats(1e-6, 1e9)), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trades)
def test_an_average_is_worth_by_volume(on_one_symbol: Any, told: list[tuple[float, float]]) -> None:
    prices, sizes = zip(*told, strict=True)

    got = on_one_symbol(vwap, VWAP, (0,), {"price": prices, "size": sizes})["value"].tolist()

    worth, volume = Fraction(0), Fraction(0)
    for i, (price, size) in enumerate(told):
        worth += Fraction(price) * Fraction(size)
        volume += Fraction(size)
        scale = max(map(abs, prices))
        assert got[i] == pytest.approx(float(worth / volume), rel=1e-13, abs=1e-13 * scale)


def test_a_period_begins_anew_and_the_one_before_is_over(on_one_symbol: Any) -> None:
    told = on_one_symbol(
        vwap,
        VWAP,
        (100,),
        {
            "ts_event": [5, 99, 100, 98, 150],
            "price": [10.0, 12.0, 20.0, 999.0, 30.0],
            "size": [1.0, 1.0, 1.0, 1.0, 3.0],
            "flags": [7] * 5,
        },
    )

    assert told["row"].tolist() == [0, 1, 2, 4]
    assert told["value"].tolist() == [10.0, 11.0, 20.0, 27.5]


def test_a_time_far_ahead_of_its_receipt_begins_no_period(on_one_symbol: Any) -> None:
    ahead = 10**12
    told = on_one_symbol(
        vwap,
        VWAP,
        (100,),
        {
            "ts_event": [5, ahead, 6, ahead],
            "ts_recv": [5, 7, 8, 0],  # who tells no receipt is believed
            "price": [10.0, 12.0, 14.0, 9.0],
            "size": [1.0, 1.0, 1.0, 1.0],
        },
    )

    assert told["value"].tolist() == [10.0, 11.0, 12.0, 9.0]


def test_only_what_has_price_and_volume_counts(on_one_symbol: Any) -> None:
    told = on_one_symbol(
        vwap,
        VWAP,
        (0,),
        {
            "price": [10.0, math.nan, 11.0, 12.0, math.inf, 20.0],
            "size": [1.0, 1.0, 0.0, math.nan, 1.0, 1.0],
            "flags": [7, 7, 7, 7, 7, 3],
        },
    )

    assert told["value"].tolist() == [10.0]


@pytest.mark.parametrize(
    ("price", "size", "usual"),
    [(1e300, 1e10, 1.0), (-1e300, 1e10, 1.0), (1.7e308, 1.7, 1.0), (10.0, 1.7e308, 5e307)],
)
def test_a_trade_that_no_sum_can_hold_is_left_out_and_silences_nobody(
    on_one_symbol: Any, price: float, size: float, usual: float
) -> None:
    columns = {"price": [10.0, price, 10.5, price, 11.0], "size": [usual, size, usual, size, usual]}

    told = on_one_symbol(vwap, VWAP, (0,), columns)

    assert told["row"].tolist() == [0, 2, 4]
    assert told["value"].tolist() == pytest.approx([10.0, 10.25, 10.5])


def test_ten_million_trades_drift_nowhere(bench: Any) -> None:
    chunk, chunks = 1_000_000, 10
    random = np.random.default_rng(2)
    run = bench(vwap, VWAP, (0,))
    symbol, flags = np.zeros(chunk, np.int64), np.full(chunk, 7)
    base = 1e6  # a price far from zero, with all the movement in its last digits
    worth, volume = Fraction(0), Fraction(0)
    for _ in range(chunks):
        price = base + np.round(random.normal(0.0, 0.5, chunk), 2)
        size = np.floor(random.exponential(300.0, chunk)) + 1.0
        told = run(symbol=symbol, price=price, size=size, flags=flags)["value"]
        worth += Fraction(math.fsum(((price - base) * size).tolist()))
        volume += Fraction(math.fsum(size.tolist()))
        assert told[-1] == pytest.approx(float(Fraction(base) + worth / volume), rel=4e-16)
