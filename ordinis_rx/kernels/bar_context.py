"""What surrounds a bar: the trend before it and how much is usually traded; kept for each symbol, in constant time.

The trend is that of Gregory Morris ("Candlestick Charting Explained", McGraw-Hill 2006): up where the close is above an
exponential average of the closes, down where it is below. Patterns are judged by the trend before their first bar, since
they are made of the very bars that bend it. The usual volume is the mean of a number of bars before.

A bar is taken in when the next one comes, so that until then it may be told again.
"""

from __future__ import annotations

from ordinis_rx.kernels.record import Floats, Ints, helper

__all__ = [
    "AGAINST_TREND",
    "BEARISH",
    "BULLISH",
    "CONFIRMED",
    "DOWNTREND",
    "HIGH_VOLUME",
    "MARKS",
    "NEUTRAL",
    "NUMBERS",
    "UPTREND",
    "context_of",
    "is_confirmed",
    "take_in",
    "trend_before",
]

_, BULLISH, BEARISH, NEUTRAL = range(4)
"""As `ordinis_rx.kinds.Direction` has them."""

UPTREND, DOWNTREND, AGAINST_TREND, HIGH_VOLUME, CONFIRMED = 1, 2, 4, 8, 16
"""Flags, as `PatternContext` has them."""

NUMBERS = 2
"""Floats of a symbol: the average of the closes, and the sum of the volumes in the ring."""

_MEAN, _SUM = range(NUMBERS)

MARKS = 9
"""Integers of a symbol: closes, volumes, where the next volume goes, the trends after each of the last six bars."""

_CLOSES, _VOLUMES, _POSITION, _TRENDS = range(4)
_REMEMBERED = MARKS - _TRENDS


@helper
def take_in(
    close: float,
    volume: float,
    numbers: Floats,
    f: int,
    marks: Ints,
    m: int,
    volumes: Floats,
    v: int,
    trend_bars: int,
    alpha: float,
    volume_bars: int,
) -> None:
    """Let a bar be one of those before, for the symbol whose numbers, marks and volumes begin at *f*, *m* and *v*."""
    closes = marks[m + _CLOSES] + 1
    marks[m + _CLOSES] = closes
    mean = close
    if closes > 1:
        mean = numbers[f + _MEAN] + alpha * (close - numbers[f + _MEAN])
        if mean - mean != 0.0:  # the way was too long for a float
            mean = close
    numbers[f + _MEAN] = mean
    for k in range(_REMEMBERED - 1):
        at = m + MARKS - 1 - k
        marks[at] = marks[at - 1]
    trend = 0
    if closes >= trend_bars:
        if close > mean:
            trend = UPTREND
        elif close < mean:
            trend = DOWNTREND
    marks[m + _TRENDS] = trend
    if volume - volume == 0.0:
        position = marks[m + _POSITION]
        numbers[f + _SUM] += volume
        if marks[m + _VOLUMES] == volume_bars:
            numbers[f + _SUM] -= volumes[v + position]
        else:
            marks[m + _VOLUMES] += 1
        volumes[v + position] = volume
        position += 1
        if position == volume_bars:  # once a round the sum forgets its rounding
            position = 0
            total = 0.0
            for k in range(v, v + volume_bars):
                total += volumes[k]
            numbers[f + _SUM] = total
        marks[m + _POSITION] = position


@helper
def trend_before(bars: int, marks: Ints, m: int) -> int:
    """`UPTREND`, `DOWNTREND` or 0 before a pattern of so many bars, six at most, that ends with the bar that is next."""
    return marks[m + _TRENDS + bars - 1]


@helper
def context_of(
    bars: int,
    direction: int,
    volume: float,
    numbers: Floats,
    f: int,
    marks: Ints,
    m: int,
    volume_bars: int,
    ratio: float,
) -> int:
    """The flags of a pattern of so many bars, the last of which is next and traded *volume*."""
    trend = trend_before(bars, marks, m)
    flags = trend
    if (trend == UPTREND and direction == BEARISH) or (trend == DOWNTREND and direction == BULLISH):
        flags += AGAINST_TREND
    if (
        marks[m + _VOLUMES] == volume_bars
        and volume - volume == 0.0
        and volume > 0.0
        and volume * volume_bars >= ratio * numbers[f + _SUM]
    ):
        flags += HIGH_VOLUME
    return flags


@helper
def is_confirmed(direction: int, close: float, following: float) -> bool:
    """Whether the close after a pattern went on where the pattern points, from the close that it ended with."""
    if direction == BULLISH:
        return following > close
    return direction == BEARISH and following < close
