"""Volume of each symbol, one reading a bar.

What is left out, replaced and told is said at `ordinis_rx.operators.ta`, and *options* are the same.
"""

from __future__ import annotations

from typing import Unpack

from ordinis_rx.events import Event, Reading
from ordinis_rx.operators.indicators.spec import indicator
from ordinis_rx.operators.indicators.wrapping import Options, of_spec
from ordinis_rx.typing import Operator

__all__ = ["ad", "adosc", "bar_vwap", "cmf", "force", "obv", "rvol"]


def bar_vwap(
    every: int = 0,
    since: int = 0,
    zone: str = "",
    calendar: str = "",
    **options: Unpack[Options],
) -> Operator[Event, Reading]:
    """The mean of (high + low + close) / 3 by volume, since an anchor, in the unit of prices.

    Without any argument it never begins anew. With *every*, in nanoseconds, it does with each such period, counted from
    *since* (1970); with *zone*, a time zone, with each day there; with *calendar*, an exchange's code (``"XNYS"``; extra
    ``calendars``), with each session of that exchange, half days and holidays included. A bar belongs to the period in which
    it ends. Bars up to *since* do not count, nor do bars that end outside of the sessions: for these NaN is told. It is NaN
    as well while there is no volume. Times are exact to 256 ns. Needs no TA-Lib. Of trades: `ordinis_rx.operators.vwap`.
    Source: S. Berkowitz, D. Logue and E. Noser, Journal of Finance 43, 1988.

    Raises ValueError for an exchange or a zone that nobody knows, or where two of *every*, *zone* and *calendar* are given;
    `MissingExtra` where the sessions are needed and not installed.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(bar_vwap(every=3), bars)[-1]
    >>> round(last.value, 4)
    10.7333
    """
    return of_spec(indicator("vwap", every, since, zone, calendar), **options)


def obv(**options: Unpack[Options]) -> Operator[Event, Reading]:
    """On-balance volume: the volumes of bars that closed higher, less those of bars that closed lower.

    In the unit of volumes, told from the first bar on, which is where it starts. Source: J. Granville, New Key to Stock
    Market Profits, 1963.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(obv(), bars)[-1]
    >>> round(last.value, 4)
    180.0
    """
    return of_spec(indicator("obv"), **options)


def ad(**options: Unpack[Options]) -> Operator[Event, Reading]:
    """Chaikin's accumulation/distribution: the sum of volume times ((C - L) - (H - C)) / (H - L).

    In the unit of volumes, told from the first bar on. Source: TA-Lib, AD.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(ad(), bars)[-1]
    >>> round(last.value, 4)
    120.0
    """
    return of_spec(indicator("ad"), **options)


def adosc(
    fastperiod: int = 3, slowperiod: int = 10, **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """Chaikin's oscillator: a fast less a slow exponential average of accumulation/distribution.

    In the unit of volumes; first told with bar *slowperiod*. Source: TA-Lib, ADOSC.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(adosc(2, 3), bars)[-1]
    >>> round(last.value, 4)
    10.8337
    """
    return of_spec(indicator("adosc", fastperiod, slowperiod), **options)


def cmf(timeperiod: int = 20, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """Chaikin's money flow: the sum of volume times ((C - L) - (H - C)) / (H - L), to the sum of volumes.

    From -1 to 1, 0 without volume; first told with bar *timeperiod*. Needs no TA-Lib. Source: M. Chaikin, as in S.
    Achelis, Technical Analysis from A to Z, 2000.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(cmf(2), bars)[-1]
    >>> round(last.value, 4)
    0.3333
    """
    return of_spec(indicator("cmf", timeperiod), **options)


def force(timeperiod: int = 13, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """Elder's force index: the exponential average of (close - last close) times volume.

    In price times volume; first told with bar *timeperiod* + 1. Needs no TA-Lib. Source: A. Elder, Trading for a
    Living, 1993.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(force(2), bars)[-1]
    >>> round(last.value, 4)
    127.9218
    """
    return of_spec(indicator("force", timeperiod), **options)


def rvol(timeperiod: int = 20, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """Relative volume: the volume to the mean of the *timeperiod* volumes before.

    1 is as usual. Where nothing was traded before, it is inf with a bar that has a volume (which is above every number that
    a condition asks for), and NaN, which is unknown, with one that has none. An indicator of these readings leaves both out.
    First told with bar *timeperiod* + 1. Needs no TA-Lib. Source: TA-Lib, RVOL.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(rvol(2), bars)[-1]
    >>> round(last.value, 4)
    1.2308
    """
    return of_spec(indicator("rvol", timeperiod), **options)
