"""Status, error, interval and confidence, on plain columns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.abreast import (
    ERROR,
    HALF,
    HIGHEST,
    OFF,
    PRICE,
    RANKED,
    STATUS,
    TRUST,
)
from ordinis_rx.kernels.certainty import (
    DEGRADED,
    DISPUTE,
    NO_CONSENSUS,
    NO_QUORUM,
    OK,
    find_errors,
    find_intervals,
    known_spread,
    original_score,
    status_of,
    trust_answers,
)
from ordinis_rx.kernels.folding import MEAN, MEDIAN, WEIGHTED_MEAN, fold_answers
from ordinis_rx.kernels.outliers import DISPUTED, SPLIT
from ordinis_rx.kernels.robust import mean_distance, median_variance
from tests.kernels.answers import Answers, Said, prices


@pytest.mark.parametrize(
    ("m", "known", "least", "flags", "status"),
    [
        (3, 3, 1, 0, OK),
        (2, 3, 1, 0, DEGRADED),
        (1, 1, 1, 0, DEGRADED),
        (2, 2, 2, 0, OK),
        (3, 3, 1, DISPUTED, DISPUTE),
        (4, 4, 1, SPLIT, NO_CONSENSUS),
        (4, 4, 1, SPLIT | DISPUTED, NO_CONSENSUS),
        (2, 3, 3, SPLIT, NO_QUORUM),
        (0, 3, 1, 0, NO_QUORUM),
    ],
)
def test_the_status_says_how_far_to_trust(
    m: int, known: int, least: int, flags: int, status: int
) -> None:
    assert status_of(m, known, least, flags) == status


def erring(answers: Answers, method: int = MEDIAN) -> Answers:
    """The answers folded, with the error of their price."""
    lane, number, n = answers.lane, answers.number, answers.most
    fold_answers(answers.n, n, lane, number, method, 0, 0.1, [0.0] * n, [0.0] * n)
    find_errors(answers.n, lane, number, method)
    return answers


def error(
    apart: list[float],
    *,
    method: int = MEDIAN,
    load: list[float] | None = None,
    usual: float = 2e-4,
    scale2: float = 1e-8,
    volatility2: float = 0.0,
    oldness: float = 0.0,
) -> float:
    """The standard error as a share of the price, of reports around 100."""
    loads = load or [1.0] * len(apart)
    panel = [Said(100.0 + x, load, oldness) for x, load in zip(apart, loads, strict=True)]
    history = known_spread(usual, scale2)
    answers = erring(Answers(panel, usual=usual, swing2=volatility2, history=history), method)
    return answers.float(ERROR) / answers.float(PRICE)


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 8])
def test_the_error_is_that_of_the_formula(m: int) -> None:
    apart = [0.01 * (k - (m - 1) / 2) for k in range(m)]
    distance = sum(map(abs, apart)) / m / 100.0 / mean_distance(m)
    sigma2 = (4 * 1e-8 + (m - 1) * distance**2) / (m + 3)

    assert error(apart) == pytest.approx(math.sqrt(sigma2 * median_variance(m) / m))
    assert error(apart, method=MEAN) == pytest.approx(math.sqrt(sigma2 / m))


def test_the_weight_of_one_leaves_the_error_of_one() -> None:
    level = [0.0, 0.0, 0.0]
    sigma2 = 4 * 1e-8 / 6

    assert error(level, method=WEIGHTED_MEAN, load=[5.0, 0.0, 0.0]) == pytest.approx(
        math.sqrt(sigma2)
    )
    # By the plain mean nobody weighs more than another.
    assert error(level, method=MEAN, load=[5.0, 0.0, 0.0]) == pytest.approx(math.sqrt(sigma2 / 3))
    assert error(level, method=WEIGHTED_MEAN, load=[2.0, 1.0, 1.0]) == pytest.approx(
        math.sqrt(sigma2 * (4 + 1 + 1) / 16)
    )


def test_without_a_history_the_least_scale_stands_for_it() -> None:
    assert error([0.0], scale2=0.0) == pytest.approx(2e-4)
    assert error([0.0]) == pytest.approx(1e-4)


def test_of_a_lone_report_without_a_history_and_a_least_scale_nothing_is_known() -> None:
    assert math.isnan(error([0.0], usual=0.0, scale2=0.0))
    assert math.isnan(error([0.0], usual=0.0, scale2=0.0, volatility2=3e-8, oldness=1e9))
    assert error([0.0, 0.0], usual=0.0, scale2=0.0) == 0.0
    assert error([0.0, 0.1], usual=0.0, scale2=0.0) > 0.0


def test_the_swing_of_the_market_since_then_is_part_of_the_error() -> None:
    swung = error([0.0], volatility2=3e-8, oldness=1e9)

    assert swung == pytest.approx(math.sqrt(1e-8 + 3e-8))


def interval(status: int, panel: list[float], off: float = 0.0, error: float = 0.01) -> float:
    """Half of the interval around a price of 100."""
    answers = Answers(*prices(panel))
    lane = answers.lane
    lane[PRICE], lane[ERROR], lane[OFF] = 100.0, error, off
    lane[RANKED], lane[HIGHEST] = panel[0], panel[-1]
    answers.number[STATUS] = status
    find_intervals(1, lane, answers.number)
    return answers.float(HALF)


def test_the_interval_is_the_quantile_of_the_error_and_in_a_dispute_reaches_to_all() -> None:
    assert interval(OK, [100.0]) == pytest.approx(0.02776, rel=1e-3)
    assert interval(OK, [100.0], off=0.5) == pytest.approx(0.52776, rel=1e-3)
    assert interval(DISPUTE, [99.0, 102.0]) == 2.0
    assert interval(DISPUTE, [97.0, 102.0]) == 3.0
    assert interval(OK, [97.0, 102.0]) < 0.03


def trust(m: int, error: float, off: float = 0.0) -> float:
    """The confidence that a price of 100 of so many reports is within two basis points."""
    answers = Answers(*prices([100.0] * m))
    answers.lane[PRICE], answers.lane[ERROR], answers.lane[OFF] = 100.0, error, off
    trust_answers(1, m, answers.lane, answers.number, 2e-4)
    return answers.float(TRUST)


def test_confidence_falls_as_the_error_grows() -> None:
    falling = [trust(3, error) for error in (0.0, 0.001, 0.01, 0.1)]

    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 1.0
    assert trust(3, math.nan) == 0.0
    assert trust(3, 0.01, off=0.03) == 0.0
    # Student's t of 4 degrees of freedom is within its 97.5 % quantile with 95 %.
    assert trust(1, 0.02 / 2.776445) == pytest.approx(0.95, abs=1e-4)


said = st.builds(Said, st.floats(90.0, 110.0), st.floats(0.0, 5.0), st.floats(0.0, 1e11))
panels = st.lists(said, max_size=8).map(lambda panel: sorted(panel, key=lambda each: each.price))


@given(
    many=st.lists(panels, min_size=2, max_size=30),
    method=st.sampled_from([MEDIAN, MEAN, WEIGHTED_MEAN]),
    statuses=st.lists(st.integers(OK, NO_QUORUM), min_size=30, max_size=30),
)
def test_side_by_side_an_answer_is_as_certain_as_alone(
    many: list[list[Said]], method: int, statuses: list[int]
) -> None:
    def certain(*panels: list[Said], status: list[int]) -> Answers:
        answers = erring(Answers(*panels, swing2=1e-12), method)
        lane, number, n = answers.lane, answers.number, answers.n
        for r in range(n):
            number[STATUS + r] = status[r]
        find_intervals(n, lane, number)
        trust_answers(n, answers.most, lane, number, 2e-4)
        return answers

    together = certain(*many, status=statuses)
    for r, panel in enumerate(many):
        alone = certain(panel, status=statuses[r:])
        for row in (ERROR, HALF, TRUST):
            assert repr(together.float(row, r)) == repr(alone.float(row))


@given(
    level=st.lists(st.floats(1.0, 1e3), min_size=2, max_size=9).map(sorted),
    outliers=st.integers(0, 5),
)
def test_the_original_score_is_that_of_its_formula(level: list[float], outliers: int) -> None:
    m = len(level)
    middle = sum(level) / m
    farthest = max(abs(x - middle) for x in level) / middle
    success = [0.5 + k / 20 for k in range(m)]
    score = 0.3 * min(m / 5, 1) + 0.4 * max(0.0, 1 - 10 * farthest) + 0.3 * sum(success) / m
    expected = min(max(score - 0.1 * outliers, 0.0), 1.0)

    assert original_score(list(range(m)), level, m, success, outliers) == pytest.approx(
        expected, abs=1e-9
    )


def test_the_original_score_of_one_report_takes_half_for_agreement() -> None:
    assert original_score([], [], 0, [], 0) == 0.0
    assert original_score([0], [9.0], 1, [1.0], 0) == pytest.approx(0.56)
