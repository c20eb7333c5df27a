"""Our own indicators against plain formulas over the whole history, and against TA-Lib's where it has the same."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from reactivex import operators as ops

from ordinis_rx.operators import col, indicators, rvol, where
from ordinis_rx.operators.indicators import indicator
from ordinis_rx.operators.indicators.catalogue import NATIVE
from ordinis_rx.operators.indicators.native import Rolling, WeightedMean
from ordinis_rx.testing import a_bar, same_on_frames, through
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND
from tests.candles import daily_bars, random_bars

BARS = {"walk": random_bars(300, seed=5), "IBM": daily_bars("IBM")[:600]}
NAN = math.nan


@pytest.fixture(params=BARS.values(), ids=BARS)
def bars(request: pytest.FixtureRequest) -> Any:
    return request.param


def told(bars: Any, name: str, *params: Any) -> list[list[float]]:
    """One list an output."""
    state = indicator(name, *params).state()
    rows = [state.update(b.open, b.high, b.low, b.close, b.volume, b.ts_event) for b in bars]
    return [list(column) for column in zip(*rows, strict=True)]


def of(bars: Any, *names: str) -> list[Any]:
    return [np.array([getattr(bar, name) for bar in bars], np.float64) for name in names]


def near(got: Any, wanted: Any) -> None:
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)


# plain formulas


def weighted(x: Any, n: int) -> list[float]:
    weights = range(1, n + 1)
    return [
        NAN
        if i < n - 1
        else sum(w * v for w, v in zip(weights, x[i - n + 1 : i + 1], strict=True)) / sum(weights)
        for i in range(len(x))
    ]


def smoothed(x: Any, n: int, share: float) -> list[float]:
    """An exponential mean, begun with the mean of the first *n* that are no NaN."""
    known = [v for v in x if not math.isnan(v)]
    out = [NAN] * (len(x) - len(known) + n - 1)
    mean = sum(known[:n]) / n
    out.append(mean)
    for v in known[n:]:
        mean = share * v + (1 - share) * mean
        out.append(mean)
    return out


def true_range(bars: Any, n: int) -> list[float]:
    ranges = [NAN] + [
        max(b.high - b.low, abs(b.high - a.close), abs(b.low - a.close)) for a, b in pairwise(bars)
    ]
    return smoothed(ranges, n, 1 / n)


@pytest.mark.parametrize("n", [1, 2, 7, 16, 20])
def test_hulls_average_is_that_of_three_weighted_ones(bars: Any, n: int) -> None:
    (close,) = of(bars, "close")
    inner = [2 * a - b for a, b in zip(weighted(close, max(n // 2, 1)), weighted(close, n), strict=True)]  # fmt: skip

    near(told(bars, "hma", n)[0], weighted(inner, math.isqrt(n)))
    if n > 1:
        near(told(bars, "hma", n)[0], talib.HMA(close, n))


@pytest.mark.parametrize("n", [1, 2, 20])
def test_donchians_bands_are_the_extremes_of_the_last_bars(bars: Any, n: int) -> None:
    upper, middle, lower = told(bars, "donchian", n)

    for i in range(n - 1, len(bars)):
        window = bars[i - n + 1 : i + 1]
        top, bottom = max(b.high for b in window), min(b.low for b in window)
        assert (upper[i], middle[i], lower[i]) == (top, (top + bottom) / 2, bottom)
    assert all(map(math.isnan, upper[: n - 1]))
    if n > 1:
        np.testing.assert_array_equal([upper, middle, lower], talib.DONCHIAN(*of(bars, "high", "low"), n))  # fmt: skip


def test_keltners_bands_are_true_ranges_away_from_the_mean(bars: Any) -> None:
    typical = [(b.high + b.low + b.close) / 3 for b in bars]
    middle, width = smoothed(typical, 20, 2 / 21), [2.5 * x for x in true_range(bars, 10)]

    got = told(bars, "keltner", 20, 10, 2.5)

    near(got[1], middle)
    near(got[0][19:], [m + w for m, w in zip(middle, width, strict=True)][19:])
    near(got[2][19:], [m - w for m, w in zip(middle, width, strict=True)][19:])
    near(got[1], talib.KC(*of(bars, "high", "low", "close"), 20, 10, 2.5)[1])


def plain_supertrend(bars: Any, n: int, multiplier: float) -> list[tuple[float, float]]:
    """The textbook's final bands and trend."""
    out: list[tuple[float, float]] = []
    top = bottom = NAN
    up = True
    for i, (bar, width) in enumerate(zip(bars, true_range(bars, n), strict=True)):
        if math.isnan(width):
            out.append((NAN, NAN))
            continue
        middle = (bar.high + bar.low) / 2
        upper, lower = middle + multiplier * width, middle - multiplier * width
        if math.isnan(top):
            up = bar.close > middle
        else:
            upper = upper if upper < top or bars[i - 1].close > top else top
            lower = lower if lower > bottom or bars[i - 1].close < bottom else bottom
            up = (bar.close >= lower) if up else (bar.close > upper)
        top, bottom = upper, lower
        out.append((lower, 1.0) if up else (upper, -1.0))
    return out


@pytest.mark.parametrize(("n", "multiplier"), [(10, 3.0), (3, 1.0)])
def test_the_supertrend_is_that_of_the_textbook(bars: Any, n: int, multiplier: float) -> None:
    got = told(bars, "supertrend", n, multiplier)

    near(got, list(zip(*plain_supertrend(bars, n, multiplier), strict=True)))
    assert {1.0, -1.0} <= set(got[1])


def test_volatility_is_the_deviation_of_log_returns(bars: Any) -> None:
    close = [bar.close for bar in bars]
    returns = [math.log(b / a) for a, b in pairwise(close)]
    wanted = [NAN] * 20 + [
        statistics.stdev(returns[i - 20 : i]) * math.sqrt(252) for i in range(20, len(bars))
    ]

    near(told(bars, "volatility", 20)[0], wanted)


@pytest.mark.parametrize("far", [5e-324, 1e308])
def test_prices_as_far_apart_as_numbers_go_have_a_volatility(far: float) -> None:
    closes = [1e10, 5e-324 if far > 1 else 1e308, far]

    (got,) = told([a_bar(c, at=t) for t, c in enumerate(closes)], "volatility", 2, 1.0)

    moves = [math.log(b) - math.log(a) for a, b in pairwise(closes)]
    assert got[2] == pytest.approx(statistics.stdev(moves))


def test_a_price_of_zero_begins_volatility_anew() -> None:
    closes = (1, 2, 1, 0, 5, 6, 5)

    (got,) = told([a_bar(c, at=t) for t, c in enumerate(closes)], "volatility", 2, 1.0)

    assert [math.isnan(x) for x in got] == [True, True, False, True, True, True, False]


def test_money_flow_force_and_relative_volume_are_talibs(bars: Any) -> None:
    high, low, close, volume = of(bars, "high", "low", "close", "volume")

    near(told(bars, "cmf", 20)[0], talib.CMF(high, low, close, volume, 20))
    near(told(bars, "force", 13)[0], talib.EFI(close, volume, 13))
    near(told(bars, "rvol", 20)[0], talib.RVOL(volume, 20))


def test_what_has_no_volume_has_no_flow() -> None:
    quiet = [a_bar(5, at=t, high=6, low=5, volume=0) for t in range(4)]

    assert told(quiet, "cmf", 2)[0][1:] == [0.0, 0.0, 0.0]
    assert all(map(math.isnan, told(quiet, "vwap")[0]))


@pytest.mark.parametrize(
    "volumes", [[10, 20, 0, 0, 0, 5000], [0, 0, 0, 0, 0, 7, 0, 0], [5e-324, 0, 0, 7, 0, 0]]
)
def test_a_volume_after_none_is_infinitely_much_and_none_after_none_is_unknown(
    volumes: list[float],
) -> None:
    bars = [a_bar(5, at=t, volume=volume) for t, volume in enumerate(volumes)]

    got = told(bars, "rvol", 3)[0]

    np.testing.assert_array_equal(got, talib.RVOL(np.array(volumes, np.float64), 3))
    assert math.inf in got
    above = through(ops.compose(rvol(3), where(col("value") > 2)), bars)
    assert [reading.value for reading in above][:1] == [math.inf]


def test_what_has_left_the_window_leaves_no_rounding_behind() -> None:
    volumes = [0.84, 0.04, 0.49, 0, 0, 0, 5.0]
    bars = [a_bar(5, at=t, high=6, low=5, volume=volume) for t, volume in enumerate(volumes)]
    assert told(bars, "rvol", 3)[0][-1] == math.inf
    flows = [(9.7, 0.11), (10.9, 0.13), (10.9, 0.6), (9.7, 0.18), (9.7, 0), (9.7, 0), (10.9, 0)]
    bars = [a_bar(c, at=t, high=11, low=9, volume=v) for t, (c, v) in enumerate(flows)]
    assert told(bars, "cmf", 3)[0][-1] == 0.0


@given(
    st.integers(1, 7),
    st.lists(
        st.one_of(st.floats(0, 1e12), st.sampled_from([0.0, 0.1, 1e-9])), min_size=1, max_size=40
    ),
)
def test_sums_of_a_window_are_those_of_its_numbers_alone(period: int, numbers: list[float]) -> None:
    rolling, weighted = Rolling(period), WeightedMean(period)
    for at, x in enumerate(numbers):
        window = numbers[max(0, at - period + 1) : at + 1]
        total, mean = rolling.update(x), weighted.update(x)
        if len(window) < period:
            assert math.isnan(total)
            assert math.isnan(mean)
            continue
        wanted = math.fsum(n * y for n, y in enumerate(window, 1)) / (period * (period + 1) / 2)
        assert total == pytest.approx(math.fsum(window), rel=1e-13, abs=0)
        assert mean == pytest.approx(wanted, rel=1e-13, abs=0)


def test_the_volume_price_is_begun_anew_with_each_period() -> None:
    bars = [
        a_bar(c, at=at, high=c + 1, low=c - 3, volume=v)
        for at, c, v in ((5, 9, 2), (10, 12, 4), (11, 6, 1), (19, 8, 3), (20, 30, 5), (25, 7, 7))
    ]

    def mean(*chosen: Any) -> float:
        money = sum((b.high + b.low + b.close) / 3 * b.volume for b in chosen)
        return float(money / sum(b.volume for b in chosen))

    near(told(bars, "vwap")[0], [mean(*bars[: i + 1]) for i in range(6)])
    near(
        told(bars, "vwap", 10)[0],
        [mean(*bars[:1]), mean(*bars[:2]), mean(*bars[2:3]), mean(*bars[2:4]), mean(*bars[2:5]), mean(*bars[5:])],
    )  # fmt: skip
    near(told(bars, "vwap", 0, 10)[0], [NAN, NAN, *(mean(*bars[2 : i + 1]) for i in range(2, 6))])
    later = [mean(bars[2]), mean(*bars[2:4]), mean(bars[4]), mean(*bars[4:6])]
    near(told(bars, "vwap", 9, 10)[0][2:], later)


def test_the_volume_price_of_all_bars_is_talibs(bars: Any) -> None:
    near(told(bars, "vwap")[0], talib.VWAP(*of(bars, "high", "low", "close", "volume")))


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_a_day_of_a_time_zone_is_that_of_its_clocks(zone: str) -> None:
    # Over the two nights on which New York's clocks change.
    moments = [datetime(2025, month, day, tzinfo=UTC) for month, day in ((3, 8), (11, 1))]
    for first in moments:
        start = int(first.timestamp()) * SECOND
        ends = range(start + 30 * MINUTE, start + 3 * DAY, 30 * MINUTE)
        bars = [a_bar(1 + k % 7, at=at, volume=1 + k % 5) for k, at in enumerate(ends)]
        days: dict[Any, list[Any]] = {}
        wanted: list[float] = []
        for bar in bars:
            opened = datetime.fromtimestamp((bar.ts_event - 30 * MINUTE) / SECOND, UTC)
            mine = days.setdefault(opened.astimezone(ZoneInfo(zone)).date(), [])
            mine.append(bar)
            wanted.append(sum(b.close * b.volume for b in mine) / sum(b.volume for b in mine))

        near(told(bars, "vwap", 0, 0, zone)[0], wanted)


def test_a_session_of_an_exchange_is_that_of_its_calendar() -> None:
    """Over Thanksgiving 2023 and the half day after it, half-hours around the clock."""
    start, york = int(datetime(2023, 11, 22, tzinfo=UTC).timestamp()) * SECOND, ZoneInfo("America/New_York")  # fmt: skip
    ends = range(start + 30 * MINUTE, start + 3 * DAY, 30 * MINUTE)
    bars = [a_bar(1 + k % 7, at=at, volume=1 + k % 5) for k, at in enumerate(ends)]
    closes = {22: "16:00", 24: "13:00"}
    days: dict[int, list[Any]] = {}
    wanted: list[float] = []
    for bar in bars:
        ended = datetime.fromtimestamp(bar.ts_event / SECOND, york)
        if "09:30" < f"{ended:%H:%M}" <= closes.get(ended.day, ""):
            mine = days.setdefault(ended.day, [])
            mine.append(bar)
            wanted.append(sum(b.close * b.volume for b in mine) / sum(b.volume for b in mine))
        else:
            wanted.append(NAN)

    near(told(bars, "vwap", 0, 0, "", "XNYS")[0], wanted)
    assert [len(mine) for mine in days.values()] == [13, 7]


@pytest.mark.parametrize("name", NATIVE)
def test_the_warm_up_is_when_the_first_number_is_known(name: str) -> None:
    spec = indicator(name)
    state = spec.state()

    known = [
        not any(map(math.isnan, state.update(b.open, b.high, b.low, b.close, b.volume, b.ts_event)))
        for b in BARS["walk"]
    ]

    assert known == [False] * (spec.warm_up - 1) + [True] * (len(known) - spec.warm_up + 1)


@pytest.mark.parametrize("name", NATIVE)
def test_a_copy_and_a_peek_leave_no_trace(name: str) -> None:
    rows = [(b.open, b.high, b.low, b.close, b.volume, b.ts_event) for b in BARS["walk"]]
    straight, state = indicator(name).state(), indicator(name).state()
    wanted = [straight.update(*row) for row in rows]
    got = []
    for i, row in enumerate(rows):
        state.peek(*rows[-1 - i][:5], row[5] + HOUR)
        peeked = state.peek(*row)
        if i % 40 == 0:
            state.copy().update(*rows[0])
        got.append(state.update(*row))
        np.testing.assert_array_equal(peeked, got[-1])

    np.testing.assert_array_equal(got, wanted)


def test_the_numbers_of_a_bar_stand_beside_what_is_made_of_them() -> None:
    bars = [a_bar(close, at=at, volume=10 * at) for at, close in enumerate((9, 12, 6), 1)]
    operator = indicators(close="close", mean="hma:1", v="volume", top="high")

    rows = through(operator, [*bars, replace(bars[-1], close=7.0, revision=1)])

    assert [(row.close, row.mean, row.v) for row in rows] == [
        (9, 9, 10),
        (12, 12, 20),
        (6, 6, 30),
        (7, 7, 30),
    ]
    assert [row.top for row in rows[:3]] == [bar.high for bar in bars]
    assert indicator("open").whole(np.array([1.0, 2.0]))[0].tolist() == [1.0, 2.0]
    same_on_frames(lambda: indicators(close="close", v="volume", fast="donchian:2"), bars)
