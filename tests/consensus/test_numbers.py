"""Settings as numbers."""

from __future__ import annotations

import pytest

from ordinis_rx.consensus import (
    AggregationConfig,
    AggregationMethod,
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    OutlierRule,
    RobustOutlier,
    ZScoreOutlier,
)
from ordinis_rx.consensus.facts import ConsensusStatus
from ordinis_rx.consensus.numbers import REASONS, kernel_params, rule_numbers
from ordinis_rx.kernels import certainty
from ordinis_rx.kernels.consensus_layout import CONSENSUS
from ordinis_rx.kernels.outliers import LEAVE_ONE_OUT, MAD, NONE, ROBUST, Z_SCORE
from ordinis_rx.kernels.reports import TOO_MANY


@pytest.mark.parametrize(
    ("rule", "number", "k", "floor"),
    [
        (RobustOutlier(k=5.0, floor_bps=3.0), ROBUST, 5.0, 3e-4),
        (ZScoreOutlier(2.5, min_providers=4), Z_SCORE, 2.5, 1e-4),
        (LeaveOneOutZ(), LEAVE_ONE_OUT, 3.0, 2e-4),
        (MadOutlier(), MAD, 3.5, 2e-4),
        (NoOutliers(), NONE, 4.0, 1e-4),
    ],
)
def test_rules_become_numbers(rule: OutlierRule, number: int, k: float, floor: float) -> None:
    numbers = rule_numbers(rule, 2)

    assert (numbers.rule, numbers.k) == (number, k)
    assert numbers.floor == pytest.approx(floor)


def test_a_half_life_is_half_after_so_many_rounds() -> None:
    assert (1 - rule_numbers(RobustOutlier(half_life=10.0), 2).alpha) ** 10 == pytest.approx(0.5)


def test_every_setting_has_its_parameter() -> None:
    config = AggregationConfig(
        method=AggregationMethod.MAX, min_providers=3, emit="every", tolerance_bps=5
    )
    named = dict(
        zip([p.name for p in CONSENSUS.params], kernel_params(config, metered=True), strict=True)
    )

    assert (named["method"], named["min_providers"], named["emit"], named["metered"]) == (
        4,
        3,
        -1,
        1,
    )
    assert named["tolerance"] == pytest.approx(5e-4)
    assert named["confirm"] == 1


def test_every_flaw_has_a_word() -> None:
    assert sorted(REASONS) == list(range(1, TOO_MANY + 1))
    assert len(set(REASONS.values())) == len(REASONS)


def test_kernels_count_the_statuses_in_the_same_order() -> None:
    counted = [
        certainty.OK,
        certainty.DEGRADED,
        certainty.DISPUTE,
        certainty.NO_CONSENSUS,
        certainty.NO_QUORUM,
    ]

    assert [list(ConsensusStatus)[k].name for k in counted] == [
        "OK",
        "DEGRADED",
        "DISPUTED",
        "NO_CONSENSUS",
        "NO_QUORUM",
    ]
