"""Moving averages of each symbol, one reading a bar.

What is left out, replaced and told is said at `ordinis_rx.operators.ta`, and *options* are the same.
"""

from __future__ import annotations

from typing import Unpack

from ordinis_rx.events import Event, Reading
from ordinis_rx.operators.indicators.spec import indicator
from ordinis_rx.operators.indicators.wrapping import Options, of_spec
from ordinis_rx.typing import Operator

__all__ = ["bar_ema", "dema", "hma", "kama", "sma", "t3", "tema", "wma"]


def sma(
    timeperiod: int = 30, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The simple moving average: the mean of the last *timeperiod* numbers.

    The unit is that of the numbers; first told with bar *timeperiod*. Source: TA-Lib, SMA.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(sma(2), bars)[-1]
    >>> round(last.value, 4)
    11.0
    """
    return of_spec(indicator("sma", timeperiod, of=of), **options)


def bar_ema(
    timeperiod: int = 30, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The exponential moving average: each bar goes 2 / (*timeperiod* + 1) of the way towards its number.

    It begins with the mean of the first *timeperiod* numbers, and is first told with the last of them; the unit is that
    of the numbers. `ordinis_rx.operators.ema` begins with the first number, and needs no TA-Lib. Source: TA-Lib, EMA.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(bar_ema(2), bars)[-1]
    >>> round(last.value, 4)
    11.1852
    """
    return of_spec(indicator("ema", timeperiod, of=of), **options)


def wma(
    timeperiod: int = 30, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The weighted moving average: weights 1, 2, ... *timeperiod*, the last number's the greatest.

    The unit is that of the numbers; first told with bar *timeperiod*. Source: TA-Lib, WMA.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(wma(2), bars)[-1]
    >>> round(last.value, 4)
    11.3333
    """
    return of_spec(indicator("wma", timeperiod, of=of), **options)


def dema(
    timeperiod: int = 30, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The double exponential average, 2 EMA - EMA(EMA).

    The unit is that of the numbers; first told with bar 2 *timeperiod* - 1. Source: P. Mulloy, Technical Analysis of
    Stocks & Commodities, February 1994.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(dema(2), bars)[-1]
    >>> round(last.value, 4)
    11.8107
    """
    return of_spec(indicator("dema", timeperiod, of=of), **options)


def tema(
    timeperiod: int = 30, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The triple exponential average, 3 EMA - 3 EMA(EMA) + EMA(EMA(EMA)).

    The unit is that of the numbers; first told with bar 3 *timeperiod* - 2. Source: P. Mulloy, Technical Analysis of
    Stocks & Commodities, February 1994.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(tema(2), bars)[-1]
    >>> round(last.value, 4)
    11.9451
    """
    return of_spec(indicator("tema", timeperiod, of=of), **options)


def kama(
    timeperiod: int = 30, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """Kaufman's adaptive average, which goes (ER (2/3 - 2/31) + 2/31)² of the way towards each number.

    ER is how far the numbers came over *timeperiod* bars, to the sum of their steps. The unit is that of the numbers;
    first told with bar *timeperiod* + 1. Source: P. Kaufman, Smarter Trading, 1995.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(kama(2), bars)[-1]
    >>> round(last.value, 4)
    10.2782
    """
    return of_spec(indicator("kama", timeperiod, of=of), **options)


def t3(
    timeperiod: int = 5, vfactor: float = 0.7, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """Tillson's T3: the generalised double average GD = (1 + v) EMA - v EMA(EMA), taken three times.

    The unit is that of the numbers; first told with bar 6 (*timeperiod* - 1) + 1. Source: T. Tillson, Technical
    Analysis of Stocks & Commodities, January 1998.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(t3(2), bars)[-1]
    >>> round(last.value, 4)
    11.0061
    """
    return of_spec(indicator("t3", timeperiod, vfactor, of=of), **options)


def hma(
    timeperiod: int = 20, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """Hull's average, WMA(2 WMA(x, n / 2) - WMA(x, n), sqrt(n)), with whole periods, rounded down.

    The unit is that of the numbers; first told with bar n + sqrt(n) - 1. Needs no TA-Lib. Source: A. Hull, 2005,
    https://alanhull.com/hull-moving-average.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(hma(2), bars)[-1]
    >>> round(last.value, 4)
    12.6667
    """
    return of_spec(indicator("hma", timeperiod, of=of), **options)
