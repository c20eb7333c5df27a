"""Rules on plain columns: rounds, marks and minorities."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.outliers import (
    DISPUTED,
    EXCLUDED,
    LEAVE_ONE_OUT,
    MAD,
    MARK,
    NONE,
    ROBUST,
    SPLIT,
    STREAK,
    Z_SCORE,
    judge_panel,
    kept_of,
    measure,
)
from ordinis_rx.kernels.robust import arrange

SECOND = 10**9


class Judge:
    """A rule at work on panels of the same providers."""

    def __init__(
        self,
        rule: int = ROBUST,
        k: float = 4.0,
        *,
        floor: float = 1e-4,
        usual: float = 1e-4,
        confirm: int = 1,
        volatility2: float = 0.0,
        slots: int = 12,
    ) -> None:
        self.reach = (rule, k, floor, usual, volatility2)
        self.rule = (rule, k, confirm, 3, usual, volatility2)
        self.marks = [0] * ((slots + 1) * MARK)
        self.rounds = [0, 0]
        self.weights: list[float] = []

    def __call__(
        self,
        prices: list[float],
        *,
        ages: list[int] | None = None,
        slots: list[int] | None = None,
        news: bool = True,
        whole: bool = True,
    ) -> tuple[int, list[int]]:
        """The flags and who is excluded."""
        n = len(prices)
        order, level, excluded = [0] * n, [0.0] * n, [9] * n
        arrange(prices, n, order, level)
        self.weights = [1.0] * n
        far, limit, ages = [0.0] * n, [0.0] * n, ages or [0] * n
        older = max(ages[order[n >> 1]], ages[order[(n - 1) >> 1]])
        beyond = measure(*self.reach, n, older, level, prices, ages, self.rounds[1], far, limit)
        flags = judge_panel(
            *self.rule, n, level, ages, slots or list(range(n)), news, self.marks, MARK, whole, self.rounds, 0, self.weights,
            beyond, far, limit, excluded,
        )  # fmt: skip
        return flags, excluded

    def marked(self, slot: int) -> tuple[int, int]:
        """Whether the slot is marked as excluded, and its streak."""
        at = (slot + 1) * MARK
        return self.marks[at + EXCLUDED], self.marks[at + STREAK]


def judged(
    rule: int,
    prices: list[float],
    k: float = 4.0,
    ages: list[int] | None = None,
    volatility2: float = 0.0,
) -> tuple[int, list[int]]:
    """The flags and who is excluded, in a first round that needs no confirmation."""
    return Judge(rule, k, volatility2=volatility2, slots=2 * len(prices))(prices, ages=ages)


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


@given(
    rule=st.sampled_from([ROBUST, MAD]),
    prices=st.lists(st.floats(99.9, 100.1) | st.floats(50.0, 500.0), min_size=1, max_size=12),
    k=st.floats(0.1, 10.0),
    usual=st.sampled_from([0.0, 1e-4, 1e-3, 0.5]),
    age=st.integers(0, 60 * SECOND),
)
def test_where_all_are_near_no_more_need_be_measured(
    rule: int, prices: list[float], k: float, usual: float, age: int
) -> None:
    n = len(prices)
    order, level = [0] * n, [0.0] * n
    arrange(prices, n, order, level)
    ages = [age * (i + 1) // n for i in range(n)]

    def beyond(marked: int) -> int:
        older = max(ages[order[n >> 1]], ages[order[(n - 1) >> 1]])
        return measure(
            rule, k, usual, usual, 1e-8, n, older, level, prices, ages, marked, [0.0] * n, [0.0] * n
        )

    assert beyond(marked=0) == beyond(marked=1)


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


GOOD, BAD = [100.0, 100.0, 100.0], [100.0, 100.0, 101.0]
# With a scale of 1 bp and k = 4, out is beyond 4 bp, and in again below 2 bp.
BETWEEN = [100.0, 100.0, 100.03]


def test_who_is_out_of_line_is_excluded_only_after_so_many_rounds() -> None:
    judge = Judge(confirm=3)

    assert [judge(BAD)[1][2] for _ in range(4)] == [0, 0, 1, 1]


def test_what_is_no_round_confirms_nothing() -> None:
    judge = Judge(confirm=2)
    judge(BAD)

    assert judge(BAD, news=False)[1] == [0, 0, 0]
    assert judge(BAD)[1] == [0, 0, 1]


def test_what_is_no_round_neither_forgets_a_streak_nor_an_exclusion_nor_two_camps() -> None:
    judge, calm = Judge(confirm=2, volatility2=1e-6), [60 * SECOND] * 3
    judge(BAD)
    # A minute later the market may have gone so far, and a moment later it has not.
    assert judge(BAD, ages=calm, news=False)[1] == [0, 0, 0]
    assert judge(BAD)[1] == [0, 0, 1]
    assert judge(BAD, ages=calm, news=False)[1] == [0, 0, 0]
    assert judge(BAD)[1] == [0, 0, 1]

    judge, camps = Judge(confirm=2), [100.0, 100.0, 101.0, 101.0]
    judge(camps)
    assert judge(camps[:3], news=False)[0] == 0
    assert judge(camps)[0] == SPLIT


def test_who_is_lost_frees_nobody_until_there_is_a_round_without_him() -> None:
    judge = Judge()
    judge(BAD)

    assert judge([100.0, 101.0], slots=[0, 2], news=False, whole=False) == (DISPUTED, [0, 0])
    assert judge.marked(2) == (0, 1)
    assert judge(BETWEEN)[1] == [0, 0, 1]
    judge([100.0, 101.0], slots=[0, 2], whole=False)
    assert judge(BETWEEN)[1] == [0, 0, 0]


def test_a_round_in_line_begins_the_count_anew() -> None:
    judge = Judge(confirm=2)
    for prices in (BAD, BETWEEN, BAD):
        assert judge(prices)[1] == [0, 0, 0]
    assert judge(BAD)[1] == [0, 0, 1]


def test_who_is_excluded_is_used_again_only_from_half_as_far() -> None:
    judge = Judge()

    assert judge(BAD)[1] == [0, 0, 1]
    assert judge(BETWEEN)[1] == [0, 0, 1]
    assert judge([100.0, 100.0, 100.019])[1] == [0, 0, 0]
    assert judge(BETWEEN)[1] == [0, 0, 0]


def test_who_was_used_again_is_excluded_only_after_so_many_rounds_again() -> None:
    judge = Judge(confirm=2)
    rounds = [judge(prices)[1][2] for prices in (BAD, BAD, GOOD, BAD, BAD)]

    assert rounds == [0, 1, 0, 0, 1]


def test_two_reports_free_who_was_excluded() -> None:
    judge = Judge(confirm=2)
    judge(BAD)
    judge(BAD)

    assert judge([100.0, 101.0], slots=[0, 2]) == (DISPUTED, [0, 0])
    assert judge(BAD)[1] == [0, 0, 0]


def test_a_mark_outlasts_the_rounds_in_which_nobody_else_is_out_of_line() -> None:
    judge = Judge()
    judge(BAD)
    assert judge.marked(2) == (1, 1)

    # It is not here, and the others are calm.
    assert judge(GOOD, slots=[0, 1, 3], whole=False)[1] == [0, 0, 0]
    assert judge.marked(2) == (1, 1)
    assert judge(BETWEEN)[1] == [0, 0, 1]


def test_who_is_out_of_line_but_not_excluded_has_no_weight() -> None:
    judge = Judge(confirm=2)
    judge(BAD)
    assert judge.weights == [1.0, 1.0, 0.0]

    judge = Judge(MAD, confirm=2)
    judge(BAD)
    assert judge.weights == [1.0, 1.0, 1.0]


def test_two_camps_are_a_dispute_until_that_is_confirmed() -> None:
    judge, camps = Judge(confirm=2), [100.0, 100.0, 101.0, 101.0]

    assert judge(camps)[0] == DISPUTED
    assert judge(camps, news=False)[0] == DISPUTED
    assert judge(camps)[0] == SPLIT
    assert judge([100.0] * 4)[0] == 0
    assert judge(camps)[0] == DISPUTED


def test_camps_as_wide_as_half_of_what_is_between_them_are_none() -> None:
    assert judged(ROBUST, [99.4, 100.0, 101.0, 101.6])[0] & SPLIT == 0
    assert judged(ROBUST, [99.6, 100.0, 101.0, 101.4])[0] & SPLIT


def test_two_reports_are_disputed_beyond_k_times_the_scale() -> None:
    # The middle of the two is 100, the scale 1 bp, k 4.
    assert judged(ROBUST, [99.9805, 100.0195])[0] == 0
    assert judged(ROBUST, [99.9795, 100.0205])[0] == DISPUTED
    assert judged(MAD, [99.9795, 100.0205])[0] == DISPUTED
    assert judged(Z_SCORE, [99.0, 101.0])[0] == 0
    assert judged(NONE, [99.0, 101.0])[0] == 0


def test_the_swing_since_the_older_of_two_excuses_them_for_half_a_minute_at_most() -> None:
    prices = [99.95, 100.05]
    judge = Judge(volatility2=1e-8)  # 1 bp a second; 10 bp apart need 2.3 s

    assert judge(prices, ages=[2 * SECOND, 0])[0] == DISPUTED
    assert judge(prices, ages=[6 * SECOND, 0])[0] == 0
    far = [99.85, 100.15]  # 30 bp: more than 4 * sqrt(1 + 30) = 22 bp
    assert judge(far, ages=[0, 900 * SECOND])[0] == DISPUTED


def test_the_rule_of_leave_one_out_is_that_of_its_formula() -> None:
    prices = [100.0, 100.02, 99.97, 100.01, 100.3]
    expected: list[int] = []
    for i, x in enumerate(prices):
        others = prices[:i] + prices[i + 1 :]
        deviation = max(statistics.stdev(others), 1e-4 * statistics.median(prices))
        expected.append(int(abs(x - statistics.mean(others)) > 3.0 * deviation))

    assert judged(LEAVE_ONE_OUT, prices, 3.0)[1] == expected == [0, 0, 0, 0, 1]


@given(
    prices=st.lists(st.floats(99.0, 101.0), min_size=3, max_size=9),
    k=st.floats(0.5, 4.0),
)
def test_the_rule_of_the_median_deviation_is_that_of_its_formula(
    prices: list[float], k: float
) -> None:
    centre = statistics.median(prices)
    mad = statistics.median(abs(x - centre) for x in prices)
    limit = k * max(1.4826 * mad, 1e-4 * centre)
    away = [abs(x - centre) for x in prices]
    if any(math.isclose(each, limit, rel_tol=1e-9) for each in away):
        return
    out = [int(each > limit) for each in away]
    flags, excluded = judged(MAD, prices, k)

    if sum(out) <= (len(prices) - 1) // 2 and not flags:
        assert excluded == out


def test_the_kept_move_up_in_their_order() -> None:
    kept, level = [0] * 3, [1.0, 2.0, 3.0]

    assert kept_of([2, 0, 1], level, [1, 0, 0], 3, kept) == 2
    assert (kept[:2], level[:2]) == ([2, 1], [1.0, 3.0])
