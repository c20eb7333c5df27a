"""The cloud against the plain formulas, worked out anew from all bars at each of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.ichimoku import ICHIMOKU, ichimoku, ichimoku_params
from ordinis_rx.testing import same
from tests.kernels.bars import told_of_bars

UNKNOWN, BULLISH, BEARISH, NEUTRAL = range(4)
NOWHERE, ABOVE, INSIDE, BELOW = range(4)

Bars = list[tuple[float, float, float]]
"""High, low and close."""


def halfway(bars: Bars, n: int) -> float:
    if len(bars) < n:
        return math.nan
    part = bars[-n:]
    return (max(high for high, _, _ in part) + min(low for _, low, _ in part)) * 0.5


def spans(bars: Bars, windows: tuple[int, int, int]) -> tuple[float, float]:
    tenkan, kijun, senkou = (halfway(bars, n) for n in windows)
    return (tenkan + kijun) * 0.5, senkou


def cross(pairs: list[tuple[float, float]]) -> int:
    """Of all pairs of a number and its line so far: did the last one change sides?"""
    sides = [(x > line) - (x < line) for x, line in pairs if x == x and line == line]
    before = [side for side in sides[:-1] if side]
    if not sides or math.isnan(sum(pairs[-1])) or not before:
        return UNKNOWN
    if sides[-1] == -before[-1]:
        return BULLISH if sides[-1] > 0 else BEARISH
    return NEUTRAL


def plain(bars: Bars, windows: tuple[int, int, int], displacement: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for i in range(len(bars)):
        past, close = bars[: i + 1], bars[i][2]
        fast, slow = halfway(past, windows[0]), halfway(past, windows[1])
        a, b = spans(past, windows)
        over, then = (math.nan, math.nan), math.nan
        if i >= displacement:
            over = spans(bars[: i + 1 - displacement], windows)
            then = bars[i - displacement][2]
        position, trend, lagging = NOWHERE, UNKNOWN, UNKNOWN
        if not math.isnan(sum(over)):
            position = ABOVE if close > max(over) else BELOW if close < min(over) else INSIDE
            if not math.isnan(fast + slow):
                trend = NEUTRAL
                if position == ABOVE and over[0] >= over[1] and fast > slow:
                    trend = BULLISH
                if position == BELOW and over[0] < over[1] and fast < slow:
                    trend = BEARISH
        if then == then:
            lagging = BULLISH if close > then else BEARISH if close < then else NEUTRAL
        rows.append(
            {
                "tenkan": fast,
                "kijun": slow,
                "senkou_a": a,
                "senkou_b": b,
                "cloud_a": over[0],
                "cloud_b": over[1],
                "lagged_close": then,
                "trend": trend,
                "position": position,
                "lagging": lagging,
            }
        )
        rows[-1]["tk_cross"] = cross([(row["tenkan"], row["kijun"]) for row in rows])
        rows[-1]["kijun_cross"] = cross(
            [(bar[2], row["kijun"]) for bar, row in zip(past, rows, strict=True)]
        )
        rows[-1]["twist"] = cross([(row["senkou_a"], row["senkou_b"]) for row in rows])
    return rows


def worked_out(
    bench: Any, bars: Bars, windows: tuple[int, int, int], displacement: int, **more: Any
) -> list[dict[str, Any]]:
    kernel = bench(ichimoku, ICHIMOKU, ichimoku_params(*windows, displacement))
    return told_of_bars(kernel, bars, **more)


@st.composite
def bars_of(draw: st.DrawFn) -> Bars:
    """Bars on a coarse grid, so that lines meet and touch."""
    numbers = st.lists(st.integers(-3, 3), min_size=3, max_size=3)
    moves = draw(st.lists(numbers, min_size=1, max_size=40))
    bars: Bars = []
    level = 50.0
    for move, up, down in moves:
        level += move
        bars.append((level + abs(up), level - abs(down), level))
    return bars


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    bars_of(), st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 9)), st.integers(1, 6)
)
def test_every_line_and_signal_is_that_of_the_plain_formula(
    bench: Any, bars: Bars, windows: tuple[int, int, int], displacement: int
) -> None:
    got = worked_out(bench, bars, windows, displacement)
    wanted = plain(bars, windows, displacement)

    assert [{name: row[name] for name in wanted[0]} for row in got] == [
        {name: pytest.approx(value, nan_ok=True, rel=0, abs=0) for name, value in row.items()}
        for row in wanted
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_usual_windows_agree_on_a_long_walk(bench: Any, seed: int) -> None:
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, 400)))
    high = close * (1 + chance.exponential(0.005, 400))
    low = close * (1 - chance.exponential(0.005, 400))
    bars = list(zip(high.tolist(), low.tolist(), close.tolist(), strict=True))

    got = worked_out(bench, bars, (9, 26, 52), 26)

    assert same(got, [{name: row[name] for name in got[0]} for row in plain(bars, (9, 26, 52), 26)])
    assert {row["trend"] for row in got} == {UNKNOWN, BULLISH, BEARISH, NEUTRAL}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bars_of(), st.lists(st.integers(0, 2), min_size=40, max_size=40))
def test_a_bar_told_again_leaves_no_trace_of_what_it_said_before(
    bench: Any, bars: Bars, before: list[int]
) -> None:
    """Each bar may be told wrongly once or twice before it is told as it is."""
    told: Bars = []
    at: list[int] = []
    revision: list[int] = []
    final: list[int] = []
    for i, (high, low, close) in enumerate(bars):
        wrong = before[i]
        for k in range(wrong):
            told.append((high + 7 * (k + 1), low - 5 * (k + 1), close + 3 - 6 * k))
        told.append((high, low, close))
        at += [i] * (wrong + 1)
        revision += range(wrong + 1)
        final.append(len(told) - 1)

    got = worked_out(bench, told, (2, 3, 5), 2, ts_event=at, revision=revision)

    assert same([got[row] for row in final], worked_out(bench, bars, (2, 3, 5), 2))


def test_symbols_do_not_mix(bench: Any) -> None:
    one: Bars = [(float(k), k - 1.0, k - 0.5) for k in (5, 6, 8, 7, 3, 4)]
    other: Bars = [(high * 10, low * 10, close * 10) for high, low, close in one]
    both = [bar for pair in zip(one, other, strict=True) for bar in pair]

    got = worked_out(bench, both, (2, 3, 4), 1, symbol=[0, 1] * 6, ts_event=[k // 2 for k in range(12)])  # fmt: skip

    assert same(got[::2], worked_out(bench, one, (2, 3, 4), 1))
    assert same(got[1::2], worked_out(bench, other, (2, 3, 4), 1))


def test_bars_without_a_price_and_late_ones_move_nothing(bench: Any) -> None:
    bars: Bars = [(5, 3, 4), (6, 4, 5), (9, 9, 9), (math.nan, 1, 1), (7, 5, 6), (8, 6, 7)]

    got = worked_out(bench, bars, (1, 2, 3), 1, ts_event=[1, 2, 0, 3, 3, 4])

    good = [bars[0], bars[1], bars[4], bars[5]]
    assert same(got, worked_out(bench, good, (1, 2, 3), 1))


def test_a_cross_counts_after_a_touch(bench: Any) -> None:
    # close against the middle of the last two bars: below, on it, then above
    bars: Bars = [(10, 10, 10), (10, 4, 5), (7, 7, 5.5), (9, 5, 8)]

    crosses = [row["kijun_cross"] for row in worked_out(bench, bars, (1, 2, 2), 1)]

    assert crosses == [UNKNOWN, UNKNOWN, NEUTRAL, BULLISH]
