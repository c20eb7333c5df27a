"""The fifteen patterns in runs of bars, against plain definitions that look at all bars so far."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx.kernels.bar_context import CONFIRMED, DOWNTREND, HIGH_VOLUME, UPTREND
from ordinis_rx.kernels.candles import CANDLES, candles
from ordinis_rx.testing import same
from tests.candles import daily_bars, random_bars

BEARISH = {
    "hanging_man", "shooting_star", "bearish_engulfing", "bearish_harami", "dark_cloud_cover", "evening_star",
    "tweezer_top",
}  # fmt: skip
NAMES = [
    "doji", "hammer", "inverted_hammer", "hanging_man", "shooting_star", "bullish_engulfing", "bearish_engulfing",
    "bullish_harami", "bearish_harami", "piercing_line", "dark_cloud_cover", "morning_star", "evening_star",
    "tweezer_bottom", "tweezer_top",
]  # fmt: skip


class Candle(NamedTuple):
    """A bar with what is usual before it."""

    o: float
    h: float
    l: float  # noqa: E741
    c: float
    volume: float
    usual_body: float
    usual_range: float
    trend: str
    """After it: up, down, or nothing."""

    @property
    def body(self) -> float:
        return abs(self.c - self.o)

    @property
    def white(self) -> bool:
        return self.c > self.o

    @property
    def black(self) -> bool:
        return self.c < self.o

    @property
    def long(self) -> bool:
        return self.body > self.usual_body

    @property
    def short(self) -> bool:
        return self.body <= self.usual_body

    @property
    def top(self) -> float:
        return max(self.o, self.c)

    @property
    def bottom(self) -> float:
        return min(self.o, self.c)

    @property
    def middle(self) -> float:
        return (self.o + self.c) / 2


def measured(bars: Sequence[Any], trend_bars: int) -> list[Candle]:
    out: list[Candle] = []
    mean = math.nan
    for i, bar in enumerate(bars):
        before = bars[i - 10 : i] if i >= 10 else []
        usual_body = sum(abs(b.close - b.open) for b in before) / 10 if before else math.nan
        usual_range = sum(b.high - b.low for b in before) / 10 if before else math.nan
        mean = bar.close if i == 0 else mean + 2 / (trend_bars + 1) * (bar.close - mean)
        trend = ""
        if i + 1 >= trend_bars:
            trend = "up" if bar.close > mean else "down" if bar.close < mean else ""
        out.append(Candle(bar.open, bar.high, bar.low, bar.close, bar.volume, usual_body, usual_range, trend))  # fmt: skip
    return out


def named(all_of: list[Candle], i: int, gaps: bool) -> set[str]:
    """The patterns of bar *i*, by the book."""
    x = all_of[i]
    found: set[str] = set()
    before = all_of[i - 1] if i >= 1 else None
    height, upper, lower = x.h - x.l, x.h - x.top, x.bottom - x.l
    if height > 0 and 10 * x.body <= height:
        found.add("doji")
    if before and before.trend and x.body > 0 and x.short:
        if lower >= 2 * x.body and upper <= 0.1 * x.usual_range:
            found.add("hammer" if before.trend == "down" else "hanging_man")
        if upper >= 2 * x.body and lower <= 0.1 * x.usual_range:
            if before.trend == "down" and (not gaps or x.top < before.bottom):
                found.add("inverted_hammer")
            if before.trend == "up" and (not gaps or x.bottom > before.top):
                found.add("shooting_star")
    if not before:
        return found
    earlier = all_of[i - 2].trend if i >= 2 else ""
    if before.black and x.white:
        if x.o <= before.c and x.c >= before.o and x.body > before.body:
            found.add("bullish_engulfing")
        opens_low = x.o < before.l if gaps else x.o <= before.c
        if before.long and opens_low and before.middle < x.c < before.o:
            found.add("piercing_line")
        if earlier == "down" and abs(x.l - before.l) <= 0.05 * before.usual_range:
            found.add("tweezer_bottom")
    if before.white and x.black:
        if x.o >= before.c and x.c <= before.o and x.body > before.body:
            found.add("bearish_engulfing")
        opens_high = x.o > before.h if gaps else x.o >= before.c
        if before.long and opens_high and before.o < x.c < before.middle:
            found.add("dark_cloud_cover")
        if earlier == "up" and abs(x.h - before.h) <= 0.05 * before.usual_range:
            found.add("tweezer_top")
    inside = x.top <= before.top and x.bottom >= before.bottom and x.body < before.body
    if before.long and x.short and inside:
        found.add("bullish_harami" if before.black else "bearish_harami")
    if i >= 2:
        first = all_of[i - 2]
        if first.long and before.short:
            edge = first.c if gaps else first.middle
            if first.black and x.white and x.c > first.middle and before.top < edge:
                found.add("morning_star")
            if first.white and x.black and x.c < first.middle and before.bottom > edge:
                found.add("evening_star")
    return found


def rows_of(bench: Any, bars: Sequence[Any], **options: Any) -> list[dict[str, Any]]:
    trend = options.get("trend", 10)
    params = (
        options.get("wanted", (1 << 15) - 1),
        0,
        int(options.get("gaps", True)),
        trend,
        2 / (trend + 1),
        options.get("volume", 20),
        options.get("ratio", 1.5),
        options.get("requires", 0),
    )
    kernel = bench(candles, CANDLES, params)
    told: list[dict[str, Any]] = []
    for at, bar in enumerate(bars):  # the bench has as much room as rows: enough of them for all
        columns = {
            name: [getattr(bar, name)] + [math.nan] * 14
            for name in ("open", "high", "low", "close", "volume")
        }
        out = kernel(
            symbol=[0] * 15, ts_event=[bar.ts_event] * 15, revision=[bar.revision] * 15, **columns
        )
        rows = zip(*(column.tolist() for column in out.values()), strict=True)
        told += [dict(zip(out, row, strict=True)) | {"row": at} for row in rows]
    return told


def names_by_row(told: list[dict[str, Any]], n: int) -> list[set[str]]:
    found: list[set[str]] = [set() for _ in range(n)]
    for row in told:
        found[row["row"]].add(NAMES[row["name"]])
    return found


@pytest.mark.parametrize("gaps", [True, False])
@pytest.mark.parametrize(
    "bars",
    [
        lambda: random_bars(1500, seed=1),
        lambda: random_bars(1500, seed=2, gaps=False),
        lambda: daily_bars("IBM")[:1500],
    ],
    ids=["with gaps", "without", "IBM"],
)
def test_all_patterns_are_those_of_the_plain_definitions(bench: Any, bars: Any, gaps: bool) -> None:
    story = bars()
    all_of = measured(story, 10)

    told = rows_of(bench, story, gaps=gaps)

    assert names_by_row(told, len(story)) == [named(all_of, i, gaps) for i in range(len(story))]
    assert len({row["name"] for row in told}) >= 9


def test_every_pattern_comes_about_with_gaps_and_without(bench: Any) -> None:
    wild = random_bars(4000, seed=3)

    for gaps in (True, False):
        assert {row["name"] for row in rows_of(bench, wild, gaps=gaps)} == set(range(15))


def test_direction_and_number_say_the_same_and_strength_is_a_share(bench: Any) -> None:
    for row in rows_of(bench, random_bars(800, seed=4)):
        name = NAMES[row["name"]]
        assert row["direction"] == (3 if name == "doji" else 2 if name in BEARISH else 1)
        assert 0.5 <= row["strength"] <= 1.0
        sign = -1 if name in BEARISH else 1
        assert row["raw"] == sign * math.floor(100 * row["strength"] + 0.5)


def test_the_context_is_that_of_the_bars_before_the_pattern(bench: Any) -> None:
    story = random_bars(600, seed=5)
    all_of = measured(story, 10)
    length = [1] * 5 + [2] * 6 + [3] * 2 + [2] * 2

    for row in rows_of(bench, story, volume=5, ratio=1.25):
        first = row["row"] - length[row["name"]]
        trend = all_of[first].trend if first >= 0 else ""
        flags = {"up": UPTREND, "down": DOWNTREND, "": 0}[trend]
        assert row["context"] & (UPTREND | DOWNTREND) == flags
        usual = [bar.volume for bar in story[max(row["row"] - 5, 0) : row["row"]]]
        high = len(usual) == 5 and all_of[row["row"]].volume >= 1.25 * sum(usual) / 5
        assert bool(row["context"] & HIGH_VOLUME) == high


def test_a_confirmed_pattern_is_told_with_the_bar_that_confirms_it(bench: Any) -> None:
    story = random_bars(800, seed=6)
    plain = rows_of(bench, story)

    told = rows_of(bench, story, requires=CONFIRMED)

    wanted = [
        row | {"row": row["row"] + 1, "context": row["context"] | CONFIRMED}
        for row in plain
        if row["row"] + 1 < len(story)
        and (
            (row["direction"] == 1 and story[row["row"] + 1].close > story[row["row"]].close)
            or (row["direction"] == 2 and story[row["row"] + 1].close < story[row["row"]].close)
        )
    ]
    assert told == wanted
    assert 0 < len(told) < len(plain)


def test_only_what_has_all_that_is_required_is_told(bench: Any) -> None:
    story = random_bars(600, seed=7)

    told = rows_of(bench, story, requires=DOWNTREND | HIGH_VOLUME)

    both = [row for row in rows_of(bench, story) if row["context"] & 10 == 10]
    assert told == both != []


def test_only_the_patterns_asked_for_are_told(bench: Any) -> None:
    story = random_bars(300, seed=8)

    told = rows_of(bench, story, wanted=0b100001)

    assert {row["name"] for row in told} == {0, 5}
    assert told == [row for row in rows_of(bench, story) if row["name"] in (0, 5)]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 100), st.sampled_from([0, CONFIRMED]))
def test_a_bar_told_again_leaves_no_trace_of_what_it_said_before(
    bench: Any, seed: int, requires: int
) -> None:
    story, other = random_bars(60, seed=seed), random_bars(60, seed=seed + 1000)
    chance = random.Random(seed)
    told: list[Any] = []
    last: list[int] = []
    for bar, wrong in zip(story, other, strict=True):
        times = chance.choice((0, 0, 1, 2))
        told += [replaced(wrong, bar, revision) for revision in range(times)]
        told.append(replaced(bar, bar, 7))
        last.append(len(told) - 1)

    rows = rows_of(bench, told, requires=requires)

    final = [row | {"row": last.index(row["row"])} for row in rows if row["row"] in last]
    assert same(final, rows_of(bench, story, requires=requires))


def replaced(sides: Any, bar: Any, revision: int) -> Any:
    return replace(sides, ts_event=bar.ts_event, revision=revision)


def test_flat_bars_have_no_shape(bench: Any) -> None:
    flat = [replace(bar, open=9.0, high=9.0, low=9.0, close=9.0) for bar in random_bars(40, seed=1)]

    assert rows_of(bench, flat) == []
