"""What is agreed on, as the two sides of a quote."""

from __future__ import annotations

import math

from ordinis_rx.kernels.agreed import OF_BOOK, OF_PRICE, of_book, of_price
from tests.kernels.test_price import run

NAN = math.nan


def test_a_price_stands_on_both_sides_and_none_on_neither() -> None:
    assert run(of_price, OF_PRICE, [(100.0,), (NAN,), (2.5,)]) == [(0, 100.0, 100.0), (2, 2.5, 2.5)]


def test_a_book_has_both_sides_or_is_none() -> None:
    assert run(of_book, OF_BOOK, [(1.0, 2.0), (NAN, 2.0), (1.0, NAN), (3.0, 3.0)]) == [
        (0, 1.0, 2.0),
        (3, 3.0, 3.0),
    ]
