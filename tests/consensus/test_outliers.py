"""Who is too far from the others."""

from __future__ import annotations

import pytest

from ordinis_rx.consensus import (
    LeaveOneOutZ,
    MadOutlier,
    NoOutliers,
    OutlierRule,
    Panel,
    RobustOutlier,
    ZScoreOutlier,
    reject_outliers,
)
from ordinis_rx.consensus.facts import Entry
from ordinis_rx.testing import through
from ordinis_rx.timebase import SECOND


def a_panel(prices: list[float], at: int = 0, half: float = float("nan")) -> Panel:
    entries = [
        Entry(provider=name, price=price, bid=price - half, ask=price + half)
        for name, price in zip("abcdefghijkl", prices, strict=False)
    ]
    return Panel(symbol="A", ts_event=at, clock=at, seq=at + 1, entries=tuple(entries))


def excluded(rule: OutlierRule, *panels: Panel) -> list[str]:
    told = through(reject_outliers(rule), list(panels))
    return ["".join(entry.provider for entry in each.entries if entry.excluded) for each in told]


BAD = a_panel([100.0, 100.01, 100.5])


def test_it_takes_as_many_rounds_as_it_says() -> None:
    assert excluded(RobustOutlier(), BAD, BAD, BAD) == ["", "c", "c"]
    assert excluded(RobustOutlier(confirm=1), BAD) == ["c"]
    assert excluded(RobustOutlier(confirm=3), BAD, BAD, BAD) == ["", "", "c"]


def test_a_round_in_line_starts_the_count_anew() -> None:
    good = a_panel([100.0, 100.01, 100.0])

    assert excluded(RobustOutlier(), BAD, good, BAD) == ["", "", ""]


def test_who_is_excluded_comes_back_below_half_of_the_limit() -> None:
    near = a_panel([100.0, 100.0, 100.03])
    nearer = a_panel([100.0, 100.0, 100.015])

    assert excluded(RobustOutlier(), BAD, BAD, near, nearer) == ["", "c", "c", ""]
    assert excluded(RobustOutlier(), near, near) == ["", ""]


def test_the_floor_is_the_highest_of_floor_tick_and_half_the_spread() -> None:
    off = [100.0, 100.0, 100.3]

    assert excluded(RobustOutlier(confirm=1), a_panel(off)) == ["c"]
    assert excluded(RobustOutlier(confirm=1, floor_bps=10.0), a_panel(off)) == [""]
    assert excluded(RobustOutlier(confirm=1, tick_size=0.1), a_panel(off)) == [""]
    assert excluded(RobustOutlier(confirm=1), a_panel(off, half=0.1)) == [""]


def test_rules_differ_in_what_they_see() -> None:
    two_bad = a_panel([100.0, 100.01, 99.99, 101.0, 101.0])

    assert excluded(MadOutlier(), two_bad) == ["de"]
    assert excluded(LeaveOneOutZ(), two_bad) == [""]
    assert excluded(ZScoreOutlier(1.5), two_bad) == [""]
    assert excluded(NoOutliers(), two_bad) == [""]
    assert excluded(LeaveOneOutZ(), BAD) == ["c"]


def test_where_the_z_score_would_exclude_all_it_excludes_nobody() -> None:
    assert excluded(ZScoreOutlier(0.1), a_panel([100.0, 101.0, 102.5])) == [""]


def test_the_scale_is_learned_and_the_volatility_is_too() -> None:
    panels = [
        a_panel([100.0 + 0.05 * k + off for off in (0.0, 0.005, -0.005)], at=k * SECOND)
        for k in range(60)
    ]

    last = through(reject_outliers(), panels)[-1]

    assert last.scale == 1e-4
    assert 0 < last.scale2 < 1e-8
    assert 1e-4 < last.volatility2**0.5 < 6e-4


def test_a_panel_of_nobody_passes() -> None:
    assert excluded(RobustOutlier(), a_panel([])) == [""]


def test_fewer_rounds_than_one_are_refused() -> None:
    with pytest.raises(ValueError, match="confirm must be 1 or more rounds, got 0"):
        reject_outliers(confirm=0)
