"""Rules as values."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from ordinis_rx.consensus import LeaveOneOutZ, MadOutlier, OutlierRule, RobustOutlier, ZScoreOutlier


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: RobustOutlier(k=0), "RobustOutlier: k must be a finite number above 0, got 0"),
        (
            lambda: RobustOutlier(k=math.nan),
            "RobustOutlier: k must be a finite number above 0, got nan",
        ),
        (
            lambda: RobustOutlier(floor_bps=-1),
            "floor_bps must be a finite number, 0 or more, got -1",
        ),
        (
            lambda: RobustOutlier(tick_size=math.inf),
            "tick_size must be a finite number, 0 or more, got inf",
        ),
        (lambda: RobustOutlier(half_life=0), "half_life must be a finite number above 0, got 0"),
        (lambda: RobustOutlier(confirm=0), "confirm must be 1 or more rounds, got 0"),
        (
            lambda: ZScoreOutlier(0),
            "ZScoreOutlier: threshold must be a finite number above 0, got 0",
        ),
        (
            lambda: ZScoreOutlier(2.0, min_providers=1),
            "min_providers must be 2 or more providers, got 1",
        ),
        (
            lambda: LeaveOneOutZ(-3),
            "LeaveOneOutZ: threshold must be a finite number above 0, got -3",
        ),
        (
            lambda: LeaveOneOutZ(floor_bps=-1),
            "LeaveOneOutZ: floor_bps must be a finite number, 0 or more, got -1",
        ),
        (lambda: MadOutlier(0), "MadOutlier: threshold must be a finite number above 0, got 0"),
        (
            lambda: MadOutlier(3.5, floor_bps=-2),
            "MadOutlier: floor_bps must be a finite number, 0 or more, got -2",
        ),
    ],
)
def test_a_rule_refuses_what_makes_no_sense(make: Callable[[], OutlierRule], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make()


def test_rules_are_values() -> None:
    assert RobustOutlier() == RobustOutlier(k=4.0, floor_bps=1.0)
    assert len({MadOutlier(), MadOutlier(3.5, 2.0)}) == 1


def test_a_z_score_may_ask_for_two_providers_and_a_floor_may_be_nothing() -> None:
    assert ZScoreOutlier(0.5, min_providers=2).can_fire(2)
    assert LeaveOneOutZ(floor_bps=0).floor_bps == MadOutlier(floor_bps=0).floor_bps == 0


def test_a_z_score_of_two_takes_six_providers() -> None:
    assert not any(ZScoreOutlier(2.0).can_fire(n) for n in range(6))
    assert all(ZScoreOutlier(2.0).can_fire(n) for n in range(6, 20))
