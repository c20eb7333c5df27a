"""How a bar stands to the last one of its symbol."""

from __future__ import annotations

import math

import pytest

from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, REPLACES, standing


@pytest.mark.parametrize(
    ("at", "revision", "wanted"),
    [
        (61, 0, NEW),
        (61, 3, NEW),  # the first that was heard of that bar
        (60, 0, NEW),  # another bar that ends at the same time
        (60, 1, LEFT_OUT),  # told already
        (60, 2, LEFT_OUT),
        (60, 3, REPLACES),
        (59, 0, LEFT_OUT),
        (59, 3, LEFT_OUT),
    ],
)
def test_a_bar_is_new_or_replaces_the_last_or_comes_too_late(
    at: int, revision: int, wanted: int
) -> None:
    assert standing(1.0, 1.0, 1.0, 1.0, at, revision, 5, 60, 2) == wanted


def test_the_first_bar_is_new_whatever_it_says() -> None:
    assert standing(1.0, 1.0, 1.0, 1.0, -5, 7, 0, 0, 0) == NEW


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("missing", [math.nan, math.inf, -math.inf])
def test_a_bar_that_lacks_a_price_is_left_out(at: int, missing: float) -> None:
    prices = [1.0, 1.0, 1.0, 1.0]
    prices[at] = missing

    assert standing(*prices, 61, 0, 5, 60, 0) == LEFT_OUT
