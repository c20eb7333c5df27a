"""Rules on plain columns: scales, rounds and minorities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.outliers import (
    ALL,
    DISPUTED,
    LEAVE_ONE_OUT,
    MAD,
    MARK,
    NOBODY,
    NONE,
    ROBUST,
    SCALE2,
    SPLIT,
    TRACK,
    Z_SCORE,
    judge_panel,
    learn,
    usual_scale,
)
from ordinis_rx.kernels.robust import sort

NAN = float("nan")


def judged(
    rule: int,
    prices: list[float],
    k: float = 4.0,
    ages: list[int] | None = None,
    volatility2: float = 0.0,
) -> tuple[int, list[int]]:
    """The flags and who is excluded, in a first round that needs no confirmation."""
    n = len(prices)
    order = list(range(n))
    sort(order, prices, n)
    excluded = [0] * n
    flags = judge_panel(
        rule, k, 1e-4, 1, 3, 1e-4, volatility2, n, order, prices, ages or [0] * n, list(range(n)), True,
        [0] * (n * MARK), 0, [0], 0, [0.0] * n, excluded,
    )  # fmt: skip
    return flags, excluded


@given(
    rule=st.sampled_from([ROBUST, LEAVE_ONE_OUT, MAD]),
    prices=st.lists(
        st.sampled_from([1.0, 2.0, 2.1, 3.0]) | st.floats(0.5, 500.0), min_size=1, max_size=12
    ),
    k=st.floats(0.1, 10.0),
)
def test_never_more_than_a_minority_is_excluded(rule: int, prices: list[float], k: float) -> None:
    _, excluded = judged(rule, prices, k)

    assert sum(excluded) <= (len(prices) - 1) // 2


@given(st.lists(st.floats(0.5, 500.0), min_size=1, max_size=12))
def test_of_equal_prices_all_are_excluded_or_none(prices: list[float]) -> None:
    twice = [*prices, *prices]

    for rule in (ROBUST, Z_SCORE, LEAVE_ONE_OUT, MAD):
        _, excluded = judged(rule, twice, 2.0)
        assert excluded[: len(prices)] == excluded[len(prices) :]


def test_a_rule_of_nobody_excludes_nobody() -> None:
    assert judged(NONE, [1.0, 100.0, 1e6]) == (0, [0, 0, 0])


def test_those_that_the_minority_keeps_in_are_a_dispute() -> None:
    flags, excluded = judged(MAD, [90.0, 99.99, 100.0, 110.0, 120.0, 80.0], 0.5)

    assert flags & DISPUTED
    assert sum(excluded) <= 2


def test_the_swing_of_the_market_excuses_an_old_report() -> None:
    prices = [100.0, 100.0, 100.5]
    old = [0, 0, 4_000_000_000]

    assert judged(ROBUST, prices)[1] == [0, 0, 1]
    assert judged(ROBUST, prices, ages=old, volatility2=1e-6)[1] == [0, 0, 0]
    assert judged(ROBUST, prices, ages=[0, 0, 0], volatility2=1e-6)[1] == [0, 0, 1]


@pytest.mark.parametrize(
    ("prices", "flags"),
    [
        ([100.0, 100.0, 101.0, 101.0], SPLIT),
        ([100.0, 100.6, 101.0, 101.0], 0),
        ([100.0, 100.0, 100.02, 100.02], 0),
        ([100.0, 101.0], DISPUTED),
        ([100.0, 100.03], 0),
        ([100.0, 100.0, 100.0, 101.0, 101.0], 0),
    ],
)
def test_two_camps_of_equal_weight_are_seen(prices: list[float], flags: int) -> None:
    assert judged(ROBUST, prices)[0] & (SPLIT | DISPUTED) == flags


def test_the_floor_knows_ticks_and_spreads() -> None:
    def scale(tick: float, half: float, scale2: float = 0.0) -> float:
        track = [0.0] * TRACK
        track[SCALE2] = scale2
        prices = [100.0, 100.0]
        bid, ask = [100.0 - half, NAN], [100.0 + half, NAN]
        return usual_scale(track, 0, 1e-4, tick, 2, [0, 1], prices, bid, ask, [0, 0], [0.0, 0.0])

    assert scale(0.0, NAN) == 1e-4
    assert scale(0.05, NAN) == 5e-4
    assert scale(0.05, 0.1) == pytest.approx(1e-3)
    assert scale(0.0, NAN, scale2=4e-6) == 2e-3


def learned(
    prices: list[float], reporter: int, flags: int = 0, excluded: list[int] | None = None
) -> float:
    n = len(prices)
    order = list(range(n))
    sort(order, prices, n)
    track = [0.0] * TRACK
    learn(
        flags, reporter, 0, 0.5, 1e-4, n, order, prices, [0.0] * n, excluded or [0] * n, [0] * n, track, 0, [0], 0
    )  # fmt: skip
    return track[SCALE2]


def test_only_rounds_in_peace_teach_anything() -> None:
    prices = [99.99, 100.0, 100.01]

    assert learned(prices, ALL) > 0
    assert learned(prices, 0) > 0
    assert learned(prices, NOBODY) == 0
    assert learned(prices, ALL, DISPUTED) == 0
    assert learned([100.0], ALL) == 0


def test_the_excluded_teach_nothing() -> None:
    assert learned([100.0, 100.0, 100.0, 150.0], 3, excluded=[0, 0, 0, 1]) < 2e-8
