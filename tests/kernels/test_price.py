"""Kernels of prices, compiled and as Python, on numbers that markets send and on those that they should not."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels import price, quality
from ordinis_rx.kernels.compiled import has_numba, prepare, uncompiled
from ordinis_rx.kernels.record import FIRST, Call, Kernel, Layout

NUMBERS = st.floats(width=64) | st.sampled_from([math.nan, 0.0, -0.0, math.inf, -math.inf])
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20)


def run(kernel: Kernel, layout: Layout, pairs: list[tuple[float, ...]]) -> list[tuple[Any, ...]]:
    """The rows that *kernel* writes for columns of numbers; the same however it is run."""
    told: list[list[tuple[Any, ...]]] = []
    for running in (uncompiled, nullcontext) if has_numba() else (uncompiled,):
        with running():
            call = Call(layout)
            function, argument = prepare(kernel, call)
            columns = [np.array(column, np.float64) for column in zip(*pairs, strict=True)]
            columns += [
                np.zeros(len(pairs), np.int64 if column.kind == "i" else np.float64)
                for column in layout.writes
            ]
            for slot, column in enumerate(columns, FIRST):
                call.point(slot, column.ctypes.data, memoryview(column))
            call.room(len(pairs))
            n = function(len(pairs), argument)
            written = [column[:n].tolist() for column in columns[len(layout.reads) :]]
            told.append(list(zip(*written, strict=True)))
    assert all(rows == told[0] for rows in told)
    return told[0]


@given(PAIRS)
def test_a_mid_is_halfway_and_told_only_where_it_is_a_number(
    pairs: list[tuple[float, float]],
) -> None:
    mids = [(row, (bid + ask) / 2) for row, (bid, ask) in enumerate(pairs)]

    assert run(price.mid, price.OF_QUOTE, pairs) == [m for m in mids if not math.isnan(m[1])]


@given(PAIRS)
def test_a_spread_is_ask_less_bid(pairs: list[tuple[float, float]]) -> None:
    spreads = [(row, ask - bid) for row, (bid, ask) in enumerate(pairs)]

    assert run(price.spread, price.OF_QUOTE, pairs) == [s for s in spreads if not math.isnan(s[1])]


@given(PAIRS)
def test_a_notional_is_price_times_size(pairs: list[tuple[float, float]]) -> None:
    worth = [(row, paid * size) for row, (paid, size) in enumerate(pairs)]

    assert run(price.notional, price.OF_TRADE, pairs) == [w for w in worth if not math.isnan(w[1])]


@given(PAIRS)
def test_only_quotes_whose_bid_is_above_their_ask_are_crossed(
    pairs: list[tuple[float, float]],
) -> None:
    kept = [(row,) for row, (bid, ask) in enumerate(pairs) if not bid > ask]

    assert run(quality.not_crossed, quality.NOT_CROSSED, pairs) == kept


@pytest.mark.parametrize("kernel", [price.mid, price.spread])
def test_a_missing_side_leaves_the_rows_around_it_as_they_are(kernel: Kernel) -> None:
    rows = run(kernel, price.OF_QUOTE, [(1.0, 2.0), (math.nan, 2.0), (3.0, 4.0)])

    assert [row for row, _ in rows] == [0, 2]
