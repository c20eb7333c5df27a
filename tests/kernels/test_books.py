"""One book out of many, and how far they cross, of few providers and of many."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.abreast import ASK_SIDE, BID_SIDE, CROSSED_PART, WIDE
from ordinis_rx.kernels.books import fold_books
from tests.kernels.answers import Answers, Said

Book = tuple[float, float]


def booked(*panels: list[Book]) -> list[tuple[float, float, float]]:
    """The bid, the ask and the share of crossed pairs of each panel."""
    answers = Answers(*([Said(1.0, bid=bid, ask=ask) for bid, ask in panel] for panel in panels))
    fold_books(answers.n, answers.most, answers.lane, answers.number)
    rows = (BID_SIDE, ASK_SIDE, CROSSED_PART)
    return [tuple(answers.float(row, r) for row in rows) for r in range(answers.n)]  # type: ignore[misc]


books = st.tuples(st.floats(1, 100), st.floats(0, 5)).map(lambda told: (told[0], sum(told)))
one_sided = st.sampled_from([(math.nan, 5.0), (4.0, math.nan), (math.nan, math.nan)])
panels = st.lists(books | one_sided, max_size=5) | st.lists(books | one_sided, max_size=20)


@given(panels)
def test_a_book_is_the_median_of_the_whole_ones_and_its_bid_never_above_its_ask(
    panel: list[Book],
) -> None:
    ((bid, ask, crossed),) = booked(panel)
    whole = [book for book in panel if not math.isnan(sum(book))]
    crossing = [a[0] > b[1] or b[0] > a[1] for k, a in enumerate(whole) for b in whole[:k]]

    assert crossed == (pytest.approx(sum(crossing) / len(crossing)) if crossing else 0.0)
    if whole:
        assert bid == statistics.median(each for each, _ in whole)
        assert ask == statistics.median(each for _, each in whole)
        assert bid <= ask
    else:
        assert math.isnan(bid)
        assert math.isnan(ask)


@given(st.lists(panels, min_size=2, max_size=WIDE))
def test_side_by_side_a_book_is_what_it_is_alone(many: list[list[Book]]) -> None:
    assert repr(booked(*many)) == repr([booked(panel)[0] for panel in many])


def test_books_that_touch_do_not_cross() -> None:
    assert booked([(1.0, 2.0), (2.0, 3.0)])[0][2] == 0.0
    assert booked([(1.0, 2.0), (2.5, 3.0)])[0][2] == 1.0


def test_a_provider_with_one_side_has_no_book() -> None:
    ((bid, ask, _),) = booked([(math.nan, 5.0), (4.0, math.nan)])

    assert math.isnan(bid)
    assert math.isnan(ask)
