"""Reports in order, of answers side by side and of one alone."""

from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.abreast import (
    AGES,
    ASKS,
    BIDS,
    BOOKS,
    CENTRE,
    HIGH,
    HIGHEST,
    INDEX,
    LEVELS,
    LOADS,
    LOW,
    SLOTS,
    WIDE,
    WIDEST,
)
from ordinis_rx.kernels.ranking import (
    find_median,
    find_medians,
    rank_reports,
    sort_column,
    sort_columns,
)
from tests.kernels.answers import Answers, Said, prices

few_prices = st.sampled_from([1.0, 2.0, 2.5, 3.0]) | st.floats(0.1, 1e6)
reports = st.builds(
    lambda price, load, age, half: Said(price, load, age, price - half, price + half),
    few_prices,
    st.floats(0.0, 9.0),
    st.integers(0, 9).map(float),
    st.floats(0.0, 5.0) | st.just(float("nan")),
)
panels = st.lists(reports, min_size=1, max_size=9)


def ranked(*panels: list[Said]) -> Answers:
    answers = Answers(*panels)
    some, more, order = [0.0] * SLOTS, [0.0] * SLOTS, [0] * SLOTS
    rank_reports(len(panels), answers.most, answers.lane, answers.number, some, more, order)
    return answers


def told(answers: Answers, r: int) -> list[object]:
    """All that ranking says of an answer; NaN as a word, so that it equals itself."""
    lists = [answers.floats(row, r) for row in (LEVELS, AGES, LOADS, BIDS, ASKS, INDEX)]
    ones = [answers.float(row, r) for row in (CENTRE, LOW, HIGH, HIGHEST, WIDEST)]
    return [repr(each) for each in (*lists, *ones)]


@given(panels)
def test_reports_are_put_in_order_and_equal_ones_stay_as_they_are(panel: list[Said]) -> None:
    answers = ranked(panel)
    order = sorted(range(len(panel)), key=lambda g: panel[g].price)
    levels = [panel[g].price for g in order]
    half = [said.ask - said.bid for said in panel if said.bid == said.bid]

    assert answers.floats(INDEX) == order
    assert answers.floats(LEVELS) == levels
    assert answers.floats(LOADS) == [panel[g].load for g in order]
    assert answers.float(CENTRE) == statistics.median(levels)
    assert answers.float(HIGHEST) == levels[-1]
    assert (answers.float(LOW), answers.float(HIGH)) == (
        levels[(len(levels) - 1) // 2],
        levels[len(levels) // 2],
    )
    assert answers.float(WIDEST) == max([0.0, *half])


@given(st.lists(panels, min_size=2, max_size=WIDE))
def test_side_by_side_an_answer_is_what_it_is_alone(many: list[list[Said]]) -> None:
    answers = ranked(*many)

    for r, panel in enumerate(many):
        assert told(answers, r) == told(ranked(panel), 0)


@given(st.lists(st.lists(few_prices, max_size=9), min_size=1, max_size=5))
def test_columns_are_sorted_and_have_their_medians(many: list[list[float]]) -> None:
    answers = Answers(*prices(*many))
    most = answers.most
    for r, values in enumerate(many):
        answers.number[BOOKS + r] = len(values)
        for j in range(len(values), most):
            answers.lane[BIDS + j * WIDE + r] = float("inf")
        for j, value in enumerate(values):
            answers.lane[BIDS + j * WIDE + r] = value
    sort_columns(answers.n, most, answers.lane, BIDS)
    find_medians(answers.n, most, answers.lane, answers.number, BIDS, BOOKS, CENTRE)

    for r, values in enumerate(many):
        middle = answers.float(CENTRE, r)
        assert answers.floats(BIDS, r) == sorted(values)
        assert middle == statistics.median(values) if values else middle != middle
        alone = Answers(*prices(values))
        alone.number[BOOKS] = len(values)
        sort_column(len(values), alone.lane, LEVELS)
        find_median(alone.lane, alone.number, LEVELS, BOOKS, HIGHEST)
        assert alone.floats(LEVELS) == sorted(values)
        assert repr(alone.float(HIGHEST)) == repr(middle)
