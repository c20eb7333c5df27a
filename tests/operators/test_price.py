"""Prices: readings that carry where they come from."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx.operators import mid, notional, spread
from ordinis_rx.testing import a_heartbeat, a_quote, a_reading, a_trade, same, through


@pytest.mark.parametrize(
    ("operator", "fact", "name", "value"),
    [
        (mid(), a_quote(99.0, 102.0, at=7, ts_recv=9, provider="x"), "mid", 100.5),
        (spread(), a_quote(99.0, 102.0, at=7, ts_recv=9, provider="x"), "spread", 3.0),
        (notional(), a_trade(2.5, size=4.0, at=7, ts_recv=9, provider="x"), "notional", 10.0),
    ],
)
def test_a_reading_has_the_times_provider_and_seq_of_its_fact(
    operator: Any, fact: Any, name: str, value: float
) -> None:
    told = through(operator, [a_heartbeat(seq=3), replace(fact, seq=4)])

    wanted = a_reading(value, name=name, at=7, ts_recv=9, provider="x", seq=4)
    assert same(told, [wanted])


prices = st.floats(1e-4, 1e6) | st.just(math.nan)


@given(st.lists(st.tuples(prices, prices), max_size=30))
def test_a_missing_side_tells_nothing_and_poisons_nothing(sides: list[tuple[float, float]]) -> None:
    quotes = [a_quote(bid, ask) for bid, ask in sides]
    whole = [quote for quote in quotes if not math.isnan(quote.mid)]

    assert [reading.value for reading in through(mid(), quotes)] == [q.mid for q in whole]
    assert [reading.value for reading in through(spread(), quotes)] == [q.spread for q in whole]
