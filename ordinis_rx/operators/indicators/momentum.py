"""Momentum of each symbol, one reading a bar.

What is left out, replaced and told is said at `ordinis_rx.operators.ta`, and *options* are the same.
"""

from __future__ import annotations

from typing import Unpack

from ordinis_rx.events import Event, Reading
from ordinis_rx.operators.indicators.spec import indicator
from ordinis_rx.operators.indicators.wrapping import Options, of_spec
from ordinis_rx.typing import Operator

__all__ = ["cci", "macd", "mfi", "roc", "rsi", "stoch", "stochrsi", "ultosc", "willr"]


def rsi(
    timeperiod: int = 14, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The relative strength index, 100 - 100 / (1 + U / D), from 0 to 100.

    U and D are Wilder's averages of the rises and falls; where both are 0, since nothing has moved, TA-Lib tells 0, which is
    no sign of a market sold too far. First told with bar *timeperiod* + 1. Source: J. W. Wilder, New Concepts in Technical
    Trading Systems, 1978.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(rsi(2), bars)[-1]
    >>> round(last.value, 4)
    81.7518
    """
    return of_spec(indicator("rsi", timeperiod, of=of), **options)


def stoch(
    fastk_period: int = 5,
    slowk_period: int = 3,
    slowk_matype: int = 0,
    slowd_period: int = 3,
    slowd_matype: int = 0,
    **options: Unpack[Options],
) -> Operator[Event, Reading]:
    """The slow stochastic `k`, and `d`, its average, from 0 to 100.

    The raw one is where the close is between the lowest low and highest high of *fastk_period* bars (where these are one
    price, TA-Lib tells 0, as for a close at the low); k and d are averages of TA-Lib's kinds (0: simple). First told when
    d is known: bar 9. Source: G. Lane, Technical Analysis of Stocks & Commodities, 1984.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(stoch(2, 2, 0, 2, 0), bars)[-1]
    >>> round(last.k, 4), round(last.d, 4)
    (80.0, 68.3333)
    """
    return of_spec(
        indicator("stoch", fastk_period, slowk_period, slowk_matype, slowd_period, slowd_matype),
        **options,
    )


def stochrsi(
    timeperiod: int = 14,
    fastk_period: int = 5,
    fastd_period: int = 3,
    fastd_matype: int = 0,
    *,
    of: str = "close",
    **options: Unpack[Options],
) -> Operator[Event, Reading]:
    """The stochastic of the relative strength index, `k`, and `d`, its average, from 0 to 100.

    Where the index does not move, as in a flat market or one that only rises, TA-Lib tells 0. First told with bar 21.
    Source: T. Chande and S. Kroll, The New Technical Trader, 1994.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(stochrsi(2, 2, 2, 0), bars)[-1]
    >>> round(last.k, 4), round(last.d, 4)
    (100.0, 100.0)
    """
    return of_spec(
        indicator("stochrsi", timeperiod, fastk_period, fastd_period, fastd_matype, of=of),
        **options,
    )


def macd(
    fastperiod: int = 12,
    slowperiod: int = 26,
    signalperiod: int = 9,
    *,
    of: str = "close",
    **options: Unpack[Options],
) -> Operator[Event, Reading]:
    """Appel's `macd`, EMA(fast) - EMA(slow); its EMA, `signal`; and their difference, `histogram`.

    The unit is that of the numbers; first told with bar *slowperiod* + *signalperiod* - 1. Raises ValueError where
    *fastperiod* is above *slowperiod*, which TA-Lib would swap. Source: G. Appel, The Moving Average
    Convergence-Divergence Trading Method, 1979.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(macd(2, 3, 2), bars)[-1]
    >>> round(last.macd, 4), round(last.signal, 4)
    (0.531, 0.4409)
    """
    return of_spec(indicator("macd", fastperiod, slowperiod, signalperiod, of=of), **options)


def cci(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """The commodity channel index, ``(TP - SMA(TP)) / (0.015 mean |TP - SMA(TP)|)``.

    TP = (high + low + close) / 3. Without unit; first told with bar *timeperiod*. Source: D. Lambert, Commodities,
    October 1980.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(cci(3), bars)[-1]
    >>> round(last.value, 4)
    100.0
    """
    return of_spec(indicator("cci", timeperiod), **options)


def willr(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """Williams' %R: how far the close is below the highest high of *timeperiod* bars, in per cent of their range.

    From -100 to 0; without any range TA-Lib tells 0, as for a close at the high. First told with bar *timeperiod*. Source:
    L. Williams, How I Made One Million Dollars Last Year Trading Commodities, 1973.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(willr(2), bars)[-1]
    >>> round(last.value, 4)
    -20.0
    """
    return of_spec(indicator("willr", timeperiod), **options)


def roc(
    timeperiod: int = 10, *, of: str = "close", **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The rate of change, 100 (x / x[-*timeperiod*] - 1), in per cent.

    First told with bar *timeperiod* + 1. Source: TA-Lib, ROC.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(roc(2), bars)[-1]
    >>> round(last.value, 4)
    50.0
    """
    return of_spec(indicator("roc", timeperiod, of=of), **options)


def mfi(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """The money flow index: the relative strength index by volume times typical price, from 0 to 100.

    Where the typical price does not move, or nothing is traded, TA-Lib tells 0, as for a market that only falls. First told
    with bar *timeperiod* + 1. Source: G. Quong and A. Soudack, Technical Analysis of Stocks & Commodities, March 1989.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(mfi(2), bars)[-1]
    >>> round(last.value, 4)
    100.0
    """
    return of_spec(indicator("mfi", timeperiod), **options)


def ultosc(
    timeperiod1: int = 7, timeperiod2: int = 14, timeperiod3: int = 28, **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The ultimate oscillator: buying pressure to true range over three periods, weighted 4, 2 and 1; from 0 to 100.

    Without any true range, in a flat market, TA-Lib tells 0. First told with the bar after the longest period. Source: L.
    Williams, Technical Analysis of Stocks & Commodities, August 1985.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(ultosc(1, 2, 3), bars)[-1]
    >>> round(last.value, 4)
    64.9351
    """
    return of_spec(indicator("ultosc", timeperiod1, timeperiod2, timeperiod3), **options)
