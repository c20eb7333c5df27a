"""Reports in order, few and many, of answers side by side and of one alone."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.abreast import (
    BIDS,
    CENTRE,
    HIGH,
    HIGHEST,
    LEVELS,
    LOADS,
    LOW,
    RANKED,
    RANKED_LOADS,
    SLOTS,
    WIDE,
    WIDEST,
)
from ordinis_rx.kernels.ranking import (
    FEW,
    few_middles,
    many_middles,
    median_of,
    rank_loads,
    rank_many_loads,
    rank_reports,
    sort_few,
    sort_many,
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
panels = st.lists(reports, min_size=1, max_size=20)


def ranked(*panels: list[Said]) -> Answers:
    answers = Answers(*panels)
    rank_reports(len(panels), answers.most, answers.lane, answers.number)
    return answers


def ranked_loads(*panels: list[Said]) -> Answers:
    answers = Answers(*panels)
    if answers.most <= FEW:
        for r, panel in enumerate(panels):
            rank_loads(FEW, len(panel), answers.lane, r)
    else:
        rank_many_loads(len(panels), answers.most, answers.lane, answers.number)
    return answers


def told(answers: Answers, r: int) -> list[object]:
    """All that ranking says of an answer; NaN as a word, so that it equals itself."""
    ones = [answers.float(row, r) for row in (CENTRE, LOW, HIGH, HIGHEST, WIDEST)]
    return [repr(each) for each in (answers.floats(RANKED, r), *ones)]


@given(panels)
def test_prices_are_put_in_order(panel: list[Said]) -> None:
    answers = ranked(panel)
    levels = sorted(said.price for said in panel)
    half = [said.ask - said.bid for said in panel if said.bid == said.bid]

    assert answers.floats(LEVELS) == [said.price for said in panel]
    assert answers.floats(RANKED) == levels
    assert answers.float(CENTRE) == statistics.median(levels)
    assert answers.float(HIGHEST) == levels[-1]
    assert (answers.float(LOW), answers.float(HIGH)) == (
        levels[(len(levels) - 1) // 2],
        levels[len(levels) // 2],
    )
    assert answers.float(WIDEST) == max([0.0, *half])


@given(panels)
def test_loads_follow_their_prices_and_of_equal_ones_the_lighter_goes_first(
    panel: list[Said],
) -> None:
    answers = ranked_loads(panel)
    ranked = sorted((said.price, said.load) for said in panel)

    assert answers.floats(RANKED) == [price for price, _ in ranked]
    assert answers.floats(RANKED_LOADS) == [load for _, load in ranked]
    assert answers.floats(LOADS) == [said.load for said in panel]


@given(st.lists(panels, min_size=2, max_size=WIDE))
def test_side_by_side_an_answer_is_what_it_is_alone(many: list[list[Said]]) -> None:
    answers, loads = ranked(*many), ranked_loads(*many)

    for r, panel in enumerate(many):
        assert told(answers, r) == told(ranked(panel), 0)
        assert loads.floats(RANKED_LOADS, r) == ranked_loads(panel).floats(RANKED_LOADS)


@given(st.lists(st.lists(few_prices, max_size=20), min_size=1, max_size=5))
def test_columns_are_sorted_and_have_their_medians(many: list[list[float]]) -> None:
    answers = Answers(*prices(*many))
    most = answers.most
    size = FEW if most <= FEW else most
    for r, values in enumerate(many):
        for j in range(len(values), size):
            answers.lane[BIDS + j * WIDE + r] = float("inf")
        for j, value in enumerate(values):
            answers.lane[BIDS + j * WIDE + r] = value
        if most <= FEW:
            sort_few(FEW, answers.lane, BIDS + r)
    if most > FEW:
        sort_many(answers.n, most, answers.lane, BIDS)

    for r, values in enumerate(many):
        n, lane = len(values), answers.lane
        middles = many_middles(n, lane, BIDS + r)
        if most <= FEW:
            assert middles == few_middles(FEW, n, lane, BIDS + r) or not values
        middle = median_of(n, middles)
        assert answers.floats(BIDS, r) == sorted(values)
        assert middle == statistics.median(values) if values else middle != middle


@pytest.mark.parametrize("n", range(1, SLOTS + 1))
def test_many_numbers_are_sorted_whatever_their_count(n: int) -> None:
    # A sorting network that sorts every column of noughts and ones sorts all (Knuth 5.3.4, theorem Z): here those with one
    # border anywhere and one stray; of many numbers every seventh stray, another one at each border.
    step = 1 if n < 16 else 7
    columns = [
        [float((k >= border) ^ (k == stray)) for k in range(n)]
        for border in range(n + 1)
        for stray in range(border % step, n, step)
    ]
    for at in range(0, len(columns), WIDE):
        answers = Answers(*prices(*columns[at : at + WIDE]))
        sort_many(answers.n, n, answers.lane, LEVELS)
        for r in range(answers.n):
            assert answers.floats(LEVELS, r) == sorted(columns[at + r])
