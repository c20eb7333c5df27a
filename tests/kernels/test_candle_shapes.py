"""The fifteen patterns by hand-made candles: what is one, what just is none, and how strong it is."""

from __future__ import annotations

import pytest

from ordinis_rx.kernels.bar_context import DOWNTREND, UPTREND
from ordinis_rx.kernels.candle_shapes import (
    BARS,
    DIRECTIONS,
    PATTERNS,
    SIDES,
    one_bar,
    three_bars,
    two_bars,
)

NAMES = [
    "doji", "hammer", "inverted_hammer", "hanging_man", "shooting_star", "bullish_engulfing", "bearish_engulfing",
    "bullish_harami", "bearish_harami", "piercing_line", "dark_cloud_cover", "morning_star", "evening_star",
    "tweezer_bottom", "tweezer_top",
]  # fmt: skip

Candle = tuple[float, float, float, float]
"""Open, high, low, close."""


def found(
    *candles: Candle, trend: int = 0, gaps: bool = True, body: float = 4.0, height: float = 10.0
) -> dict[str, float]:
    """The patterns that end with the last of the candles, where a body is usually *body* and a range *height* long."""
    bars: list[float] = []
    for candle in reversed(candles):
        bars += [*candle, body, height]
    strengths = [-1.0] + [0.0] * PATTERNS + [-1.0]
    one_bar(strengths, 1, bars, 0, min(SIDES, len(bars) - SIDES), trend, gaps)
    if len(candles) > 1:
        two_bars(strengths, 1, bars, 0, SIDES, trend, gaps)
    if len(candles) > 2:
        three_bars(strengths, 1, bars, 0, SIDES, 2 * SIDES, gaps)
    assert (strengths[0], strengths[-1]) == (-1.0, -1.0)
    return {
        name: strength
        for name, strength in zip(NAMES, strengths[1:-1], strict=True)
        if strength > 0.0
    }


def upside_down(candle: Candle) -> Candle:
    first, high, low, close = candle
    return 100 - first, 100 - low, 100 - high, 100 - close


OPPOSITE = {
    "bullish_engulfing": "bearish_engulfing",
    "bullish_harami": "bearish_harami",
    "piercing_line": "dark_cloud_cover",
    "morning_star": "evening_star",
    "tweezer_bottom": "tweezer_top",
}

BLACK = (50.0, 51.0, 39.0, 40.0)
"""Long, its middle at 45."""


@pytest.mark.parametrize(
    ("name", "candle", "strength"),
    [
        # a body of a tenth of the range, of none, of a little more
        ("doji", (50, 55, 45, 51), 0.5),
        ("doji", (50, 55, 45, 49), 0.5),
        ("doji", (50, 55, 45, 50), 1.0),
        ("doji", (50, 55, 45, 51.1), 0.0),
        ("doji", (50, 50, 50, 50), 0.0),  # no range, no shape
        # a lower shadow of two bodies and of more, too short a one, too much of an upper one
        ("hammer", (50, 52, 46, 52), 0.5),
        ("hammer", (50, 53, 44, 52), 0.625),
        ("hammer", (52, 53, 38, 50), 1.0),
        ("hammer", (50, 52, 46.1, 52), 0.0),
        ("hammer", (50, 53.1, 44, 52), 0.0),
        ("hammer", (50, 54.5, 40, 54.5), 0.0),  # the body is not short
        ("hammer", (50, 50, 44, 50), 0.0),  # no body
        ("inverted_hammer", (46, 52, 46, 48), 0.5),
        ("inverted_hammer", (46, 57, 45, 48), 0.5 + 0.5 * (4.5 / 4 - 0.5)),
        ("inverted_hammer", (46, 52, 44.9, 48), 0.0),
        ("inverted_hammer", (46, 51.9, 46, 48), 0.0),
    ],
)
def test_a_lone_candle_is_what_its_definition_says(
    name: str, candle: Candle, strength: float
) -> None:
    """After a fall below a body, after a rise above one."""
    below, above = (60.0, 62.0, 57.0, 59.0), (40.0, 41.0, 30.0, 31.0)
    after_a_rise = {"hammer": "hanging_man", "inverted_hammer": "shooting_star"}.get(name, name)

    assert found(below, candle, trend=DOWNTREND).get(name, 0.0) == pytest.approx(strength)
    assert found(above, candle, trend=UPTREND).get(after_a_rise, 0.0) == pytest.approx(strength)


@pytest.mark.parametrize("turned", [False, True], ids=["as it is", "upside down"])
@pytest.mark.parametrize(
    ("name", "candles", "strength"),
    [
        # a white body over a black one
        ("bullish_engulfing", [(50, 51, 45, 46), (46, 51, 45.5, 50.5)], 1 - 0.5 * 4 / 4.5),
        ("bullish_engulfing", [(50, 51, 45, 46), (45, 53, 44.5, 53)], 0.75),
        ("bullish_engulfing", [(50, 51, 45, 46), (46, 51, 45.5, 50)], 0.0),  # not beyond it
        ("bullish_engulfing", [(50, 51, 45, 46), (46.5, 51, 45.5, 50.5)], 0.0),
        ("bullish_engulfing", [(46, 51, 45, 50), (46, 51.5, 45.5, 51)], 0.0),  # after a white one
        # a short body within a long black one, of either colour
        ("bullish_harami", [BLACK, (42, 47, 41, 45)], 0.5 + 0.5 * 0.7),
        ("bullish_harami", [BLACK, (45, 47, 41, 42)], 0.5 + 0.5 * 0.7),
        ("bullish_harami", [BLACK, (40, 47, 39.5, 44)], 0.5 + 0.5 * 0.6),
        ("bullish_harami", [BLACK, (41, 47, 39.5, 46)], 0.0),  # longer than usual
        ("bullish_harami", [BLACK, (39.5, 47, 39.5, 42)], 0.0),  # out of it
        ("bullish_harami", [(44, 47, 38, 40), (41, 44, 40.5, 43)], 0.0),  # in one that is not long
        # from below the low into the upper half of a long black body
        ("piercing_line", [BLACK, (38, 47, 38, 46)], 0.5 + 0.5 * 0.2),
        ("piercing_line", [BLACK, (38, 50, 38, 49.5)], 0.5 + 0.5 * 0.9),
        ("piercing_line", [BLACK, (38, 50, 38, 45)], 0.0),  # only to the middle
        ("piercing_line", [BLACK, (38, 50, 38, 50)], 0.0),  # out of it
        ("piercing_line", [BLACK, (39, 50, 39, 46)], 0.0),  # not from below the low
        # a short body below the long black one, then a white one above its middle
        ("morning_star", [BLACK, (37, 39, 35, 38), (38.5, 48, 38, 46)], 0.5 + 0.5 * 0.2),
        ("morning_star", [BLACK, (38, 39, 35, 37), (38.5, 52, 38, 51)], 1.0),
        ("morning_star", [BLACK, (39.5, 41, 34, 35), (38.5, 48, 38, 46)], 0.0),  # no short star
        ("morning_star", [BLACK, (39, 41, 38, 40), (41, 48, 40, 46)], 0.0),  # no gap
        ("morning_star", [BLACK, (37, 39, 35, 38), (38.5, 45, 38, 45)], 0.0),  # to the middle only
        ("morning_star", [BLACK, (37, 39, 35, 38), (47, 48, 45, 46)], 0.0),  # black again
        # equal lows of two colours
        ("tweezer_bottom", [(45, 46, 40, 42), (42.5, 45, 40, 44)], 1.0),
        ("tweezer_bottom", [(45, 46, 40, 42), (42.5, 45, 40.25, 44)], 0.75),
        ("tweezer_bottom", [(45, 46, 40, 42), (42.5, 45, 40.6, 44)], 0.0),
        ("tweezer_bottom", [(45, 46, 40, 42), (44, 45, 40, 42.5)], 0.0),
    ],
)  # fmt: skip
def test_candles_are_what_their_definition_says(
    turned: bool, name: str, candles: list[Candle], strength: float
) -> None:
    """All after a fall; upside down, after a rise."""
    told = found(*candles, trend=DOWNTREND)
    if turned:
        name, told = OPPOSITE[name], found(*map(upside_down, candles), trend=UPTREND)

    assert told.get(name, 0.0) == pytest.approx(strength)


def test_hammer_and_hanging_man_differ_by_the_trend_alone() -> None:
    candle = (50, 52, 46, 52)

    assert found(candle, trend=DOWNTREND) == {"hammer": 0.5}
    assert found(candle, trend=UPTREND) == {"hanging_man": 0.5}
    assert found(candle) == {}


def test_inverted_hammer_and_shooting_star_differ_by_the_trend_alone() -> None:
    candle = (46, 52, 46, 48)

    assert found(candle, trend=DOWNTREND) == found(candle, trend=UPTREND) == {}  # no gap
    assert found(candle, trend=DOWNTREND, gaps=False) == {"inverted_hammer": 0.5}
    assert found(candle, trend=UPTREND, gaps=False) == {"shooting_star": 0.5}
    assert found(candle, gaps=False) == {}


@pytest.mark.parametrize(
    ("candles", "name"),
    [
        ([BLACK, (40, 47, 39.5, 46)], "piercing_line"),
        ([BLACK, (40, 43, 37, 41), (41, 48, 40, 46)], "morning_star"),
    ],
)
def test_without_gaps_a_bar_may_open_where_the_last_one_closed(
    candles: list[Candle], name: str
) -> None:
    turned = [upside_down(candle) for candle in candles]

    assert name in found(*candles, trend=DOWNTREND, gaps=False)
    assert OPPOSITE[name] in found(*turned, trend=UPTREND, gaps=False)
    assert name not in found(*candles, trend=DOWNTREND)


def test_tweezers_turn_a_trend() -> None:
    candles = [(45.0, 46.0, 40.0, 42.0), (42.5, 45.0, 40.0, 44.0)]

    assert "tweezer_bottom" not in found(*candles, trend=UPTREND)
    assert "tweezer_bottom" not in found(*candles)


def test_nothing_is_measured_before_there_are_bars_to_measure_by() -> None:
    nan = float("nan")

    assert found((50, 52, 46, 52), trend=DOWNTREND, body=nan, height=nan) == {}
    assert found(BLACK, (42, 47, 41, 45), body=nan, height=nan) == {}


def test_each_pattern_has_a_direction_and_a_number_of_bars() -> None:
    assert len(DIRECTIONS) == len(BARS) == PATTERNS == len(NAMES)
    assert {name: DIRECTIONS[k] for k, name in enumerate(NAMES) if "bullish" in name} == {
        "bullish_engulfing": 1,
        "bullish_harami": 1,
    }
