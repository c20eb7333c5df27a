"""Status, error, interval and confidence, on plain columns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.certainty import (
    DEGRADED,
    DISPUTE,
    NO_CONSENSUS,
    NO_QUORUM,
    OK,
    apart_from,
    calibrated,
    half_width,
    known_spread,
    mean_age,
    original_score,
    reach_of,
    squared_shares,
    standard_error,
    status_of,
    wandered,
)
from ordinis_rx.kernels.folding import MEAN, MEDIAN, WEIGHTED_MEAN
from ordinis_rx.kernels.outliers import DISPUTED, SPLIT
from ordinis_rx.kernels.robust import mean_distance, median_variance


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


def test_ages_are_averaged_over_those_that_are_used() -> None:
    assert mean_age([0, 2], 2, [10, 99, 21]) == 15.5


def error(
    level: list[float],
    *,
    method: int = MEDIAN,
    load: list[float] | None = None,
    usual: float = 2e-4,
    scale2: float = 1e-8,
    volatility2: float = 0.0,
    oldness: float = 0.0,
) -> float:
    """The standard error as a share of a price of 100."""
    m = len(level)
    history, wander = known_spread(usual, scale2), wandered(volatility2, oldness)
    apart, squares = apart_from(100.0, level, m), squared_shares(load or [1.0] * m, m)
    return standard_error(method, history, wander, m, 100.0, 100.0, apart, squares) / 100.0


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 8])
def test_the_error_is_that_of_the_formula(m: int) -> None:
    level = [100.0 + 0.01 * k for k in range(m)]
    apart = sum(x - 100.0 for x in level) / m / 100.0 / mean_distance(m)
    sigma2 = (4 * 1e-8 + (m - 1) * apart**2) / (m + 3)

    assert error(level) == pytest.approx(math.sqrt(sigma2 * median_variance(m) / m))
    assert error(level, method=MEAN) == pytest.approx(math.sqrt(sigma2 / m))


def test_the_weight_of_one_leaves_the_error_of_one() -> None:
    level = [100.0, 100.0, 100.0]
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
    assert error([100.0], scale2=0.0) == pytest.approx(2e-4)
    assert error([100.0]) == pytest.approx(1e-4)


def test_the_swing_of_the_market_since_then_is_part_of_the_error() -> None:
    swung = error([100.0], volatility2=3e-8, oldness=1e9)

    assert swung == pytest.approx(math.sqrt(1e-8 + 3e-8))


def test_the_interval_is_the_quantile_of_the_error_and_in_a_dispute_reaches_to_all() -> None:
    near, far = (reach_of([low, 102.0], 2, 100.0) for low in (99.0, 97.0))

    assert half_width(OK, 0.0, 1, 0.01, 0.0) == pytest.approx(0.02776, rel=1e-3)
    assert half_width(OK, 0.0, 1, 0.01, 0.5) == pytest.approx(0.52776, rel=1e-3)
    assert half_width(DISPUTE, near, 2, 0.01, 0.0) == 2.0
    assert half_width(DISPUTE, far, 2, 0.01, 0.0) == 3.0
    assert half_width(OK, far, 2, 0.01, 0.0) < 0.03


def test_confidence_falls_as_the_error_grows() -> None:
    falling = [calibrated(3, 100.0, error, 0.0, 2e-4) for error in (0.0, 0.001, 0.01, 0.1)]

    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 1.0
    assert calibrated(3, 100.0, 0.01, 0.03, 2e-4) == 0.0
    # Student's t of 4 degrees of freedom is within its 97.5 % quantile with 95 %.
    assert calibrated(1, 100.0, 0.02 / 2.776445, 0.0, 2e-4) == pytest.approx(0.95, abs=1e-4)


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
