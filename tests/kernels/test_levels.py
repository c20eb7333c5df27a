"""Levels and breakouts against a plain model that works all out anew at each bar."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordinis_rx.kernels.levels import BROKEN_ROWS, LEVELS, broken_rows, levels
from ordinis_rx.testing import same
from tests.candles import daily_bars, random_bars
from tests.kernels.bars import told_of_bars

UNKNOWN, BULLISH, BEARISH, NEUTRAL = range(4)

Sides = list[tuple[float, float, float]]
"""High, low and close."""


def turning_points(bars: Sides, window: int) -> list[tuple[int, float]]:
    """The bars that have turned, and where, as far as the bars after them tell."""
    found: list[tuple[int, float]] = []
    for i in range(window, len(bars) - window):
        before, after = bars[i - window : i], bars[i + 1 : i + 1 + window]
        high, low, _ = bars[i]
        if all(high > h for h, _, _ in before) and all(high >= h for h, _, _ in after):
            found.append((i, high))
        if all(low < x for _, x, _ in before) and all(low <= x for _, x, _ in after):
            found.append((i, low))
    return found


def plain_levels(bars: Sides, window: int, merge: float, most: int) -> list[list[float]]:
    """Price, touches, and the bar of the last touch of each level."""
    known: list[list[float]] = []
    for bar, price in turning_points(bars, window):
        near = [x for x in known if abs(price - x[0]) <= merge * abs(x[0])]
        if near:
            level = min(near, key=lambda x: abs(price - x[0]))
            level[1] += 1
            level[0] += (price - level[0]) / level[1]
            level[2] = bar
        elif len(known) < most:
            known.append([price, 1, bar])
        else:
            known[known.index(min(known, key=lambda x: x[2]))] = [price, 1, bar]
    return known


def plain(
    bars: Sides, window: int, merge: float, beyond: float, least: int, most: int
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for i, (_, _, close) in enumerate(bars):
        known = [x for x in plain_levels(bars[:i], window, merge, most) if x[1] >= least]
        below = max((x for x in known if x[0] <= close), key=lambda x: x[0], default=[math.nan, 0])
        above = min((x for x in known if x[0] > close), key=lambda x: x[0], default=[math.nan, 0])
        row = {
            "support": below[0],
            "support_touches": below[1],
            "resistance": above[0],
            "resistance_touches": above[1],
            "known": len(known),
            "breakout": NEUTRAL if known else UNKNOWN,
            "broken": math.nan,
            "broken_touches": 0,
            "confirmed": 0,
        }
        if known:
            last = bars[i - 1][2]
            up = [x for x in known if last <= x[0] + beyond * abs(x[0]) < close]
            down = [x for x in known if last >= x[0] - beyond * abs(x[0]) > close]
            for way, through in ((BULLISH, up), (BEARISH, down)):
                if through:
                    sign = 1 if way == BULLISH else -1
                    level = max(through, key=lambda x: sign * x[0])
                    half = level[0] + sign * 0.5 * beyond * abs(level[0])
                    row |= {
                        "breakout": way,
                        "broken": level[0],
                        "broken_touches": level[1],
                        "confirmed": int(sign * last <= sign * half),
                    }
        rows.append(row)
    return rows


def worked_out(bench: Any, bars: Sides, *params: float, **more: Any) -> list[dict[str, Any]]:
    window, merge, beyond, least, most = params
    kernel = bench(levels, LEVELS, (window, 2 * window + 1, most, least, merge, beyond))  # type: ignore[operator]
    return told_of_bars(kernel, bars, **more)


def said(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: pytest.approx(value, nan_ok=True, rel=1e-12) for name, value in row.items()}
        for row in rows
    ]


@st.composite
def sides(draw: st.DrawFn) -> Sides:
    """Bars on a coarse grid, so that highs and lows are often equal."""
    move = st.tuples(st.integers(-4, 4), st.integers(0, 2), st.integers(0, 2))
    moves = draw(st.lists(move, min_size=1, max_size=40))
    level, bars = 100.0, []
    for move, up, down in moves:
        level += move
        bars.append((level + up, level - down, level))
    return bars


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sides(),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.015, 0.03]),
    st.sampled_from([0.0, 0.0125, 0.02]),
    st.integers(1, 2),
    st.integers(1, 4),
)
def test_all_levels_and_breakouts_are_those_of_the_plain_model(
    bench: Any, bars: Sides, window: int, merge: float, beyond: float, least: int, most: int
) -> None:
    got = worked_out(bench, bars, window, merge, beyond, least, most)

    assert got == said(plain(bars, window, merge, beyond, least, most))


def test_on_real_bars_levels_are_found_and_broken(bench: Any) -> None:
    bars = [(bar.high, bar.low, bar.close) for bar in daily_bars("MSFT")[:300]]

    got = worked_out(bench, bars, 3, 0.003, 0.002, 1, 50)

    assert got == said(plain(bars, 3, 0.003, 0.002, 1, 50))
    assert {row["breakout"] for row in got} == {UNKNOWN, BULLISH, BEARISH, NEUTRAL}
    assert max(row["support_touches"] for row in got) >= 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bar_told_again_leaves_no_trace_of_what_it_said_before(bench: Any, seed: int) -> None:
    bars = [(bar.high, bar.low, bar.close) for bar in random_bars(80, seed=seed)]
    told: Sides = []
    at: list[int] = []
    revision: list[int] = []
    for k, (high, low, close) in enumerate(bars):
        wrong = k % 3
        told += [(high + 9 * j, low - 7 * j, close + 5 * (-1) ** j) for j in range(wrong, 0, -1)]
        told.append((high, low, close))
        at += [k] * (wrong + 1)
        revision += range(wrong + 1)
    last = [row for row in range(len(told)) if row + 1 == len(told) or at[row + 1] > at[row]]
    params = (2, 0.003, 0.002, 1, 5)

    got = worked_out(bench, told, *params, ts_event=at, revision=revision)

    assert same([got[row] for row in last], worked_out(bench, bars, *params))


def test_symbols_do_not_mix(bench: Any) -> None:
    one = [(bar.high, bar.low, bar.close) for bar in random_bars(60, seed=4)]
    other = [(bar.high, bar.low, bar.close) for bar in random_bars(60, seed=5)]
    both = [bar for pair in zip(one, other, strict=True) for bar in pair]
    params = (2, 0.003, 0.002, 1, 5)

    got = worked_out(bench, both, *params, symbol=[0, 1] * 60, ts_event=[k // 2 for k in range(120)])  # fmt: skip

    assert same(got[::2], worked_out(bench, one, *params))
    assert same(got[1::2], worked_out(bench, other, *params))


def test_only_rows_with_a_breakout_are_kept(bench: Any) -> None:
    ways = [UNKNOWN, BULLISH, NEUTRAL, BEARISH, BULLISH]

    assert bench(broken_rows, BROKEN_ROWS, ())(breakout=ways)["row"].tolist() == [1, 3, 4]
