from __future__ import annotations

import math

import pytest

from ordinis_rx.kernels.figures import average_price, is_number


@pytest.mark.parametrize(("x", "known"), [(1.0, True), (-0.0, True), (math.nan, False), (math.inf, False)])  # fmt: skip
def test_a_number_is_neither_missing_nor_beyond_all_bounds(x: float, known: bool) -> None:
    assert is_number(x) == known


def test_an_average_stays_among_its_prices_where_all_of_them_are_known_to_lie_there() -> None:
    beyond = {"base": 1.0, "worth": 6.0, "weight": 2.0}

    assert average_price(**beyond, plain=1, low=1.0, high=3.5) == 3.5
    assert average_price(**beyond, plain=1, low=4.5, high=5.0) == 4.5
    assert average_price(**beyond, plain=0, low=1.0, high=3.5) == 4.0


def test_nothing_weighed_is_no_average() -> None:
    assert math.isnan(average_price(1.0, 6.0, 0.0, 1, 1.0, 3.0))
