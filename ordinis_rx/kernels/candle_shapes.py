"""Candlestick patterns by their definitions: of one bar, of two, and of three.

Shapes are those of Steve Nison ("Japanese Candlestick Charting Techniques", 2nd ed., 2001). What is long, short or equal is
measured by the bars themselves, as TA-Lib does it (ta_CandleSettings): a body is long where it is longer than the mean body
of the ten bars before it, a shadow as good as none below a tenth of the mean range of these, and two prices are equal
within a twentieth of it. Each pattern has a grade from 0 to 1: how far it goes beyond what its definition asks for; its
strength is (1 + grade) / 2, so that a bare match is worth a half.
"""

from __future__ import annotations

from ordinis_rx.kernels.bar_context import DOWNTREND, UPTREND
from ordinis_rx.kernels.record import Floats, helper

__all__ = [
    "BARS",
    "DIRECTIONS",
    "PATTERNS",
    "SIDES",
    "one_bar",
    "three_bars",
    "two_bars",
]

PATTERNS = 15
(
    _DOJI,
    _HAMMER,
    _INVERTED_HAMMER,
    _HANGING_MAN,
    _SHOOTING_STAR,
    _BULLISH_ENGULFING,
    _BEARISH_ENGULFING,
    _BULLISH_HARAMI,
    _BEARISH_HARAMI,
    _PIERCING_LINE,
    _DARK_CLOUD_COVER,
    _MORNING_STAR,
    _EVENING_STAR,
    _TWEEZER_BOTTOM,
    _TWEEZER_TOP,
) = range(PATTERNS)

DIRECTIONS = (3, 1, 1, 2, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2)
"""Of each pattern, as `ordinis_rx.kinds.Direction` has them."""

BARS = (1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 2, 2)
"""How many bars each pattern is made of."""

SIDES = 6
"""Floats of a bar: open, high, low, close, and the mean body and range of the ten bars before it."""

_OPEN, _HIGH, _LOW, _CLOSE, _BODY_BEFORE, _RANGE_BEFORE = range(SIDES)

_NO_SHADOW = 0.1
"""Of the mean range: a shadow shorter than this is none."""

_EQUAL = 0.05
"""Of the mean range: prices as near as this are equal."""


@helper
def _graded(grade: float) -> float:
    if grade < 0.0:
        grade = 0.0
    if grade > 1.0:
        grade = 1.0
    return 0.5 + 0.5 * grade


@helper
def _body(bars: Floats, j: int) -> float:
    """The length of a body, with a sign: above 0 where the close is above the open."""
    return bars[j + _CLOSE] - bars[j + _OPEN]


@helper
def _is_long(bars: Floats, j: int) -> bool:
    return abs(_body(bars, j)) > bars[j + _BODY_BEFORE]


@helper
def _is_short(bars: Floats, j: int) -> bool:
    return abs(_body(bars, j)) <= bars[j + _BODY_BEFORE]


@helper
def _top(bars: Floats, j: int) -> float:
    """The upper end of a body."""
    return max(bars[j + _OPEN], bars[j + _CLOSE])


@helper
def _bottom(bars: Floats, j: int) -> float:
    """The lower end of a body."""
    return min(bars[j + _OPEN], bars[j + _CLOSE])


@helper
def one_bar(
    found: Floats, f: int, bars: Floats, j: int, before: int, trend: int, gaps: bool
) -> None:
    """The strengths of the patterns of the bar at *j*, after the one at *before* and a trend.

    A doji has a body of at most a tenth of its range. A hammer has a lower shadow of at least two bodies, no upper shadow
    and a short body; after a fall it is a hammer, after a rise a hanging man. Upside down, it is an inverted hammer after a
    fall and a shooting star after a rise; with *gaps* their bodies lie beyond the body before.
    """
    body = abs(_body(bars, j))
    height = bars[j + _HIGH] - bars[j + _LOW]
    if not height > 0.0:  # a bar without a range has no shape
        return
    if body <= 0.1 * height:
        found[f + _DOJI] = _graded(1.0 - 10.0 * body / height)
    if not (body > 0.0 and _is_short(bars, j)):
        return
    upper, lower = bars[j + _HIGH] - _top(bars, j), _bottom(bars, j) - bars[j + _LOW]
    none = _NO_SHADOW * bars[j + _RANGE_BEFORE]
    if lower >= 2.0 * body and upper <= none:
        strength = _graded(lower / body * 0.25 - 0.5)
        if trend == DOWNTREND:
            found[f + _HAMMER] = strength
        elif trend == UPTREND:
            found[f + _HANGING_MAN] = strength
    if upper >= 2.0 * body and lower <= none:
        strength = _graded(upper / body * 0.25 - 0.5)
        if trend == DOWNTREND and (not gaps or _top(bars, j) < _bottom(bars, before)):
            found[f + _INVERTED_HAMMER] = strength
        elif trend == UPTREND and (not gaps or _bottom(bars, j) > _top(bars, before)):
            found[f + _SHOOTING_STAR] = strength


@helper
def two_bars(
    found: Floats, f: int, bars: Floats, j: int, first: int, trend: int, gaps: bool
) -> None:
    """The strengths of the patterns of the bars at *first* and *j*, after a trend.

    An engulfing body covers the one before, of the other colour, and goes beyond it on at least one end. A harami is a short
    body within a long one. A piercing line opens below the low of a long black bar (without *gaps*: not above its close) and
    closes above the middle of its body, but not above its open; a dark cloud cover is that upside down. Tweezers are two
    bars of opposite colours with equal lows after a fall, or equal highs after a rise.
    """
    one, two = _body(bars, first), _body(bars, j)
    opened, closed = bars[first + _OPEN], bars[first + _CLOSE]
    o, c = bars[j + _OPEN], bars[j + _CLOSE]
    middle = opened + (closed - opened) * 0.5
    if one < 0.0 and two > 0.0:
        if o <= closed and c >= opened and two > -one:
            found[f + _BULLISH_ENGULFING] = _graded(1.0 + one / two)
        if (
            _is_long(bars, first)
            and (o < bars[first + _LOW] if gaps else o <= closed)
            and middle < c < opened
        ):
            found[f + _PIERCING_LINE] = _graded(2.0 * (middle - c) / one)
        away = abs(bars[j + _LOW] - bars[first + _LOW])
        near = _EQUAL * bars[first + _RANGE_BEFORE]
        if trend == DOWNTREND and away <= near and near > 0.0:
            found[f + _TWEEZER_BOTTOM] = _graded(1.0 - away / near)
    if one > 0.0 and two < 0.0:
        if o >= closed and c <= opened and -two > one:
            found[f + _BEARISH_ENGULFING] = _graded(1.0 + one / two)
        if (
            _is_long(bars, first)
            and (o > bars[first + _HIGH] if gaps else o >= closed)
            and opened < c < middle
        ):
            found[f + _DARK_CLOUD_COVER] = _graded(2.0 * (middle - c) / one)
        away = abs(bars[j + _HIGH] - bars[first + _HIGH])
        near = _EQUAL * bars[first + _RANGE_BEFORE]
        if trend == UPTREND and away <= near and near > 0.0:
            found[f + _TWEEZER_TOP] = _graded(1.0 - away / near)
    if (
        _is_long(bars, first)
        and _is_short(bars, j)
        and _top(bars, j) <= _top(bars, first)
        and _bottom(bars, j) >= _bottom(bars, first)
        and abs(two) < abs(one)
    ):
        if one < 0.0:
            found[f + _BULLISH_HARAMI] = _graded(1.0 + abs(two) / one)
        elif one > 0.0:
            found[f + _BEARISH_HARAMI] = _graded(1.0 - abs(two) / one)


@helper
def three_bars(
    found: Floats, f: int, bars: Floats, j: int, star: int, first: int, gaps: bool
) -> None:
    """The strengths of the patterns of the bars at *first*, *star* and *j*.

    A morning star is a long black bar, a short body below its body (without *gaps*: below the middle of it), and a white bar
    that closes above that middle; an evening star is that upside down.
    """
    one, three = _body(bars, first), _body(bars, j)
    if not (_is_long(bars, first) and _is_short(bars, star)):
        return
    middle = bars[first + _OPEN] + one * 0.5
    c = bars[j + _CLOSE]
    if one < 0.0 and three > 0.0 and c > middle:
        edge = bars[first + _CLOSE] if gaps else middle
        if _top(bars, star) < edge:
            found[f + _MORNING_STAR] = _graded(2.0 * (middle - c) / one)
    if one > 0.0 and three < 0.0 and c < middle:
        edge = bars[first + _CLOSE] if gaps else middle
        if _bottom(bars, star) > edge:
            found[f + _EVENING_STAR] = _graded(2.0 * (middle - c) / one)
