"""Volatility and bands of each symbol, one reading a bar.

What is left out, replaced and told is said at `ordinis_rx.operators.ta`, and *options* are the same.
"""

from __future__ import annotations

from typing import Unpack

from ordinis_rx.events import Event, Reading
from ordinis_rx.operators.indicators.spec import indicator
from ordinis_rx.operators.indicators.wrapping import Options, of_spec
from ordinis_rx.typing import Operator

__all__ = ["atr", "bbands", "donchian", "keltner", "natr", "volatility"]


def atr(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """The average true range, by Wilder's average; in the unit of prices.

    The true range is max(high, last close) - min(low, last close). First told with bar *timeperiod* + 1. Source: J. W.
    Wilder, New Concepts in Technical Trading Systems, 1978.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(atr(2), bars)[-1]
    >>> round(last.value, 4)
    3.2812
    """
    return of_spec(indicator("atr", timeperiod), **options)


def natr(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """The average true range in per cent of the close.

    First told with bar *timeperiod* + 1. Source: J. Forman, Technical Analysis of Stocks & Commodities, May 2006.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(natr(2), bars)[-1]
    >>> round(last.value, 4)
    27.3438
    """
    return of_spec(indicator("natr", timeperiod), **options)


def bbands(
    timeperiod: int = 20,
    nbdevup: float = 2.0,
    nbdevdn: float = 2.0,
    matype: int = 0,
    *,
    of: str = "close",
    **options: Unpack[Options],
) -> Operator[Event, Reading]:
    """Bollinger's bands: `upper`, `middle` and `lower`.

    The middle is an average (TA-Lib's kind 0: simple), the others so many standard deviations (of a population) away;
    the unit is that of the numbers. First told with bar *timeperiod*. Source: J. Bollinger, Bollinger on Bollinger
    Bands, 2001.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(bbands(2), bars)[-1]
    >>> round(last.upper, 4), round(last.lower, 4)
    (13.0, 9.0)
    """
    return of_spec(indicator("bbands", timeperiod, nbdevup, nbdevdn, matype, of=of), **options)


def keltner(
    timeperiod: int = 20, atrperiod: int = 10, nbdev: float = 2.0, **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """Keltner's bands: `upper`, `middle` and `lower`, in the unit of prices.

    The middle is the exponential average of (high + low + close) / 3, the others *nbdev* average true ranges away.
    First told with the later of bars *timeperiod* and *atrperiod* + 1. Needs no TA-Lib. Source: C. Keltner, How to Make
    Money in Commodities, 1960, with L. Raschke's true ranges.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(keltner(2, 2), bars)[-1]
    >>> round(last.upper, 4), round(last.lower, 4)
    (17.4144, 4.2894)
    """
    return of_spec(indicator("keltner", timeperiod, atrperiod, nbdev), **options)


def donchian(timeperiod: int = 20, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """Donchian's bands: the highest high, `upper`, the lowest low, `lower`, and halfway between, `middle`.

    In the unit of prices; this bar is one of the *timeperiod*. First told with bar *timeperiod*. Needs no TA-Lib.
    Source: R. Donchian, Commodity Yearbook, 1957.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(donchian(2), bars)[-1]
    >>> round(last.upper, 4), round(last.lower, 4)
    (13.0, 8.0)
    """
    return of_spec(indicator("donchian", timeperiod), **options)


def volatility(
    timeperiod: int = 20, per_year: float = 252.0, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """Historical volatility: the sample deviation of the last *timeperiod* log returns, times sqrt(*per_year*).

    A share of the price a year (0.2 is 20 %), where *per_year* bars are a year: ValueError where these are not above 0.
    First told with bar *timeperiod* + 1; a price that is not above 0 begins it anew. Needs no TA-Lib. Source: J. Hull,
    Options, Futures, and Other Derivatives.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(volatility(2), bars)[-1]
    >>> round(last.value, 4)
    0.4582
    """
    return of_spec(indicator("volatility", timeperiod, per_year, of=of), **options)
