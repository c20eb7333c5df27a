from __future__ import annotations

import math
import struct
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.testing import a_quote, a_reading, a_trade, difference, same

NAN = math.nan
OTHER_NAN = struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0001))[0]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (NAN, NAN),
        (a_quote(bid=NAN), a_quote(bid=NAN)),
        (a_reading(1, values=(NAN, 2.0)), a_reading(1, values=(NAN, 2.0))),
        ([a_trade(1), "x"], [a_trade(1), "x"]),
        ({"A": a_trade(1)}, {"A": a_trade(1)}),
        (None, None),
    ],
)
def test_what_is_equal_to_the_last_bit_is_the_same(a: object, b: object) -> None:
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (0.0, -0.0),
        (1, 1.0),
        (True, 1),
        (NAN, OTHER_NAN),
        (0.1 + 0.2, 0.3),
        ((1.0,), [1.0]),
        ([1.0], [1.0, 2.0]),
        (a_trade(0.0), a_trade(-0.0)),
        (a_trade(1, seq=1), a_trade(1, seq=2)),
        (a_trade(1), a_quote()),
        (a_reading(1, values=(0.0,)), a_reading(1, values=(-0.0,))),
        ({"A": 1.0}, {"A": 2.0}),
        ({"A": 1.0}, MappingProxyType({"A": 1.0})),
        ({"A": 1, "B": 2}, {"B": 2, "A": 1}),
    ],
)
def test_what_differs_in_a_bit_a_type_or_its_order_is_not(a: object, b: object) -> None:
    assert not same(a, b)


@given(st.floats(), st.floats())
def test_two_trades_are_the_same_when_the_bits_of_their_prices_are(a: float, b: float) -> None:
    bits = struct.pack("<d", a) == struct.pack("<d", b)

    assert same(a_trade(a), a_trade(b)) == bits


def test_a_difference_names_the_first_item_that_differs() -> None:
    assert difference([1.0, NAN, 2.0], [1.0, NAN, 3.0]) == "item 2 is 2.0, wanted 3.0"


@pytest.mark.parametrize(
    ("got", "wanted", "told"),
    [
        ([1], [1], ""),
        ([], [], ""),
        ([1], [1, 2], "item 1 is missing, wanted 2"),
        ([1, 2], [1], "item 1 is 2, wanted nothing more"),
    ],
)
def test_a_difference_is_told_where_one_story_ends_early(
    got: list[int], wanted: list[int], told: str
) -> None:
    assert difference(got, wanted) == told
