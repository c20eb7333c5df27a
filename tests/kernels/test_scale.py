"""How far reports usually are apart, and how fast the middle moves, on plain columns."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.outliers import DISPUTED, kept_of
from ordinis_rx.kernels.robust import arrange, mean_square_distance, median, median_variance
from ordinis_rx.kernels.scale import (
    ALL,
    ANCHOR,
    MOVES2,
    NOBODY,
    SCALE2,
    TRACK,
    VOLATILITY2,
    learn,
    learn_from_all,
    least_scale,
    squared_distance,
    usual_scale,
)

NAN = float("nan")
SECOND = 10**9


def scale(tick: float, halves: list[float], scale2: float = 0.0, floor: float = 1e-4) -> float:
    """The scale around 100, with books half as wide as told."""
    n = len(halves)
    book = [100.0 - half for half in halves] + [100.0 + half for half in halves]
    widest = 2.0 * max((half for half in halves if half == half), default=0.0)
    least = least_scale(floor, tick, 100.0)
    return usual_scale(scale2, least, 100.0, widest, n, book, 0, n, 1, [0.0] * n)


def test_the_floor_knows_ticks_and_spreads() -> None:
    assert scale(0.0, [NAN, NAN]) == 1e-4
    assert scale(0.05, [NAN, NAN]) == 5e-4
    assert scale(0.05, [0.1, NAN]) == pytest.approx(1e-3)
    assert scale(0.0, [NAN, NAN], scale2=4e-6) == 2e-3


@given(
    halves=st.lists(st.floats(0.001, 1.0) | st.just(NAN), min_size=1, max_size=9),
    usual=st.floats(0.0, 1e-2),
)
def test_the_scale_is_the_highest_of_the_floor_half_the_lower_median_spread_and_what_is_usual(
    halves: list[float], usual: float
) -> None:
    told = sorted(half for half in halves if half == half)
    spread = told[(len(told) - 1) // 2] / 100.0 if told else 0.0

    assert scale(0.0, halves, usual * usual) == pytest.approx(max(1e-4, spread, usual))


class Pupil:
    """Learns from rounds of one symbol."""

    def __init__(self, *, usual: float = 1e-4, alpha: float = 0.5) -> None:
        self.track = [0.0] * (TRACK + 1)
        self.since = [0, 0]
        self.usual = usual
        self.alpha = alpha

    def __call__(
        self,
        prices: list[float],
        reporter: int = ALL,
        *,
        now: int = 0,
        flags: int = 0,
        excluded: list[int] | None = None,
        far: list[float] | None = None,
    ) -> float:
        """What it makes of the scale, squared."""
        n = len(prices)
        order, level, kept = [0] * n, [0.0] * n, [0] * n
        arrange(prices, n, order, level)
        out = excluded or [0] * n
        m = kept_of(order, level, out, n, kept)
        told, limit = (self.track, 1, self.since, 1), [1.0] * n
        if reporter == ALL:
            learn_from_all(
                flags, now, self.alpha, self.usual, n, int(far is not None), far or [0.0] * n, limit, kept, level, m, *told
            )  # fmt: skip
        elif reporter != NOBODY:
            in_line = not out[reporter] and (far is None or far[reporter] <= limit[reporter])
            centre = median(level, m)
            square, expected = squared_distance(prices[reporter], centre), mean_square_distance(m)
            learn(square, int(in_line), now, self.alpha, self.usual, n, m, expected, centre, *told)
        return self.track[1 + SCALE2]

    @property
    def volatility2(self) -> float:
        return self.track[1 + VOLATILITY2]


PRICES = [99.99, 100.0, 100.01]


def test_only_rounds_in_peace_teach_anything() -> None:
    assert Pupil()(PRICES) > 0
    assert Pupil()(PRICES, 0) > 0
    assert Pupil()(PRICES, NOBODY) == 0
    assert Pupil()(PRICES, flags=DISPUTED) == 0
    assert Pupil()([100.0]) == 0


def test_the_excluded_and_those_out_of_line_teach_nothing() -> None:
    prices = [100.0, 100.0, 100.0, 150.0]
    calm = Pupil()([100.0, 100.0, 100.0, 100.0], 0)

    assert Pupil()(prices, 3, excluded=[0, 0, 0, 1]) == 0
    assert Pupil()(prices, 3, far=[0.0, 0.0, 0.0, 2.0]) == 0
    assert Pupil()(prices, ALL, excluded=[0, 0, 0, 1]) == pytest.approx(0.5e-8)
    assert Pupil()(prices, ALL, far=[0.0, 0.0, 0.0, 2.0]) == calm


def test_the_scale_is_a_weighted_mean_of_squares() -> None:
    pupil, expected = Pupil(), mean_square_distance(3) * 0.7785
    first = 1e-8 + 0.5 * (1e-8 / expected - 1e-8)

    assert pupil(PRICES, 0) == pytest.approx(first, rel=1e-3)
    assert pupil(PRICES, 1) == pytest.approx(first / 2, rel=1e-3)
    assert Pupil()(PRICES, ALL) == pytest.approx(
        1e-8 + 0.5 * (2e-8 / (3 * expected) - 1e-8), rel=1e-3
    )


def test_one_report_adds_one_and_a_half_times_the_usual_at_most() -> None:
    wild = Pupil()([100.0, 100.0, 101.0], 2)

    assert wild == pytest.approx(1e-8 + 0.5 * (1.5**2 / 0.7785 * 1e-8 - 1e-8))


def test_of_two_that_drift_apart_the_scale_learns_nothing() -> None:
    assert Pupil()([100.0, 100.1], ALL) <= 1e-8 * (1 + 1e-12)


def test_the_volatility_is_that_of_the_middle_from_second_to_second_less_its_noise() -> None:
    pupil = Pupil()
    pupil(PRICES, now=SECOND)
    pupil([x + 9.0 for x in PRICES], now=2 * SECOND - 1)
    assert pupil.volatility2 == 0.0

    scale2 = pupil([x * 1.01 for x in PRICES], now=5 * SECOND)
    moved2 = (0.01**2 - 2 * scale2 * median_variance(3) / 3) / 4
    assert pupil.volatility2 == pytest.approx(0.5 * moved2)
    assert pupil.track[1 + ANCHOR] == pytest.approx(101.0)
    assert pupil.since == [0, 5 * SECOND]


def test_where_noise_explains_more_than_there_is_nothing_moves() -> None:
    pupil = Pupil()
    pupil(PRICES, now=0)
    pupil(PRICES, now=SECOND)

    assert pupil.volatility2 == 0.0
    assert pupil.track[1 + MOVES2] < 0.0


def test_when_the_clock_is_set_back_the_next_move_is_measured_from_there() -> None:
    pupil = Pupil()
    pupil(PRICES, now=3600 * SECOND)
    pupil([x * 1.01 for x in PRICES], now=5 * SECOND)
    assert pupil.since == [0, 5 * SECOND]

    pupil([x * 1.02 for x in PRICES], now=6 * SECOND)
    assert pupil.volatility2 > 0.0


def test_the_noise_of_the_middle_alone_makes_no_volatility() -> None:
    from random import Random

    random, pupil = Random(5), Pupil(alpha=0.02)
    told: list[float] = []
    for k in range(2000):
        pupil([100.0 * (1 + random.gauss(0.0, 1e-4)) for _ in range(5)], now=k * SECOND)
        told.append(pupil.volatility2)

    # The median of five has an error of about half a basis point: a move of it is 0.8 bp.
    assert statistics.mean(told[500:]) < (0.3e-4) ** 2
