"""What surrounds a bar, against plain means of what came before."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.kernels.bar_context import (
    AGAINST_TREND,
    BEARISH,
    BULLISH,
    DOWNTREND,
    HIGH_VOLUME,
    MARKS,
    NEUTRAL,
    NUMBERS,
    UPTREND,
    context_of,
    is_confirmed,
    take_in,
    trend_before,
)


class Symbol:
    """One symbol's surroundings, at an odd place of the columns."""

    def __init__(self, trend_bars: int = 3, volume_bars: int = 2) -> None:
        self.numbers = [9.0] * 5 + [0.0] * NUMBERS
        self.marks = [9] * 7 + [0] * MARKS
        self.volumes = [9.0] * 3 + [0.0] * volume_bars
        self.trend_bars, self.volume_bars = trend_bars, volume_bars

    def take(self, close: float, volume: float = 1.0) -> None:
        places = (self.numbers, 5, self.marks, 7, self.volumes, 3)
        take_in(
            close, volume, *places, self.trend_bars, 2.0 / (self.trend_bars + 1), self.volume_bars
        )

    def context(self, bars: int, direction: int, volume: float = 0.0, ratio: float = 2.0) -> int:
        return context_of(bars, direction, volume, self.numbers, 5, self.marks, 7, self.volume_bars, ratio)  # fmt: skip


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(1, 6))
def test_the_trend_is_that_of_the_exponential_average(closes: list[int], trend_bars: int) -> None:
    symbol = Symbol(trend_bars)
    trends, mean = [0] * 6, math.nan
    for count, close in enumerate(closes, 1):
        symbol.take(float(close))
        mean = float(close) if count == 1 else mean + 2 / (trend_bars + 1) * (close - mean)
        known = count >= trend_bars
        trends.append(UPTREND if known and close > mean else DOWNTREND if known and close < mean else 0)  # fmt: skip

    told = [trend_before(bars, symbol.marks, 7) for bars in range(1, 7)]

    assert told == trends[:-7:-1]
    assert symbol.marks[:7] == [9] * 7


@pytest.mark.parametrize(
    ("closes", "direction", "flags"),
    [
        ((1, 2, 3), BEARISH, UPTREND | AGAINST_TREND),
        ((1, 2, 3), BULLISH, UPTREND),
        ((1, 2, 3), NEUTRAL, UPTREND),
        ((3, 2, 1), BULLISH, DOWNTREND | AGAINST_TREND),
        ((3, 2, 1), BEARISH, DOWNTREND),
        ((2, 2, 2), BULLISH, 0),
        ((3, 2), BULLISH, 0),  # not known yet
    ],
)
def test_a_pattern_against_the_trend_before_it_is_told_as_one(
    closes: tuple[float, ...], direction: int, flags: int
) -> None:
    symbol = Symbol()
    for close in closes:
        symbol.take(close)

    assert symbol.context(1, direction) == flags


@pytest.mark.parametrize(
    ("volume", "flags"), [(8.0, HIGH_VOLUME), (7.9, 0), (math.nan, 0), (math.inf, 0)]
)
def test_a_volume_is_high_from_so_many_usual_ones_on(volume: float, flags: int) -> None:
    symbol = Symbol(trend_bars=9)
    for usual in (100.0, 5.0, math.nan, 3.0):  # two bars count, and what has no volume does not
        symbol.take(1.0, usual)

    assert symbol.context(1, BULLISH, volume) == flags


def test_no_volume_is_high_before_the_usual_is_known_or_where_nothing_is_traded() -> None:
    symbol = Symbol()
    symbol.take(1.0, 1.0)
    assert symbol.context(1, BULLISH, 100.0) & HIGH_VOLUME == 0

    symbol = Symbol()
    symbol.take(1.0, 0.0)
    symbol.take(1.0, 0.0)
    assert symbol.context(1, BULLISH, 0.0) & HIGH_VOLUME == 0


@given(st.lists(st.floats(0, 1e12), min_size=5, max_size=40))
def test_the_usual_volume_forgets_what_has_left(volumes: list[float]) -> None:
    symbol = Symbol(volume_bars=5)
    for volume in volumes:
        symbol.take(1.0, volume)
    usual = math.fsum(volumes[-5:])

    assert symbol.numbers[6] == pytest.approx(usual, abs=1e-3, rel=1e-9)


def test_a_close_too_far_away_for_a_float_begins_the_average_anew() -> None:
    symbol = Symbol(trend_bars=1)
    for close in (1e308, -1e308, -1e308):
        symbol.take(close)

    assert symbol.numbers[5] == -1e308


@pytest.mark.parametrize(
    ("direction", "following", "wanted"),
    [
        (BULLISH, 11.0, True),
        (BULLISH, 10.0, False),
        (BULLISH, 9.0, False),
        (BEARISH, 9.0, True),
        (BEARISH, 10.0, False),
        (NEUTRAL, 11.0, False),
        (NEUTRAL, 9.0, False),
    ],
)
def test_the_next_close_confirms_where_it_goes_on(
    direction: int, following: float, wanted: bool
) -> None:
    assert is_confirmed(direction, 10.0, following) is wanted
