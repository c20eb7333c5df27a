"""Trend of each symbol, one reading a bar.

What is left out, replaced and told is said at `ordinis_rx.operators.ta`, and *options* are the same.
"""

from __future__ import annotations

from typing import Unpack

from ordinis_rx.events import Event, Reading
from ordinis_rx.operators.indicators.spec import indicator
from ordinis_rx.operators.indicators.wrapping import Options, of_spec, of_specs
from ordinis_rx.typing import Operator

__all__ = ["adx", "aroon", "dmi", "sar", "supertrend"]


def adx(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """The average directional index: Wilder's average of ``100 |+DI - -DI| / (+DI + -DI)``, from 0 to 100.

    First told with bar 2 *timeperiod*. Source: J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(adx(2), bars)[-1]
    >>> round(last.value, 4)
    50.194
    """
    return of_spec(indicator("adx", timeperiod), **options)


def sar(
    acceleration: float = 0.02, maximum: float = 0.2, **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """Wilder's parabolic stop and reverse, in the unit of prices.

    The stop goes *acceleration* of the way to the extreme of the trend, faster with each new one, up to *maximum*.
    First told with bar 2. Source: J. W. Wilder, New Concepts in Technical Trading Systems, 1978.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(sar(), bars)[-1]
    >>> round(last.value, 4)
    4.9152
    """
    return of_spec(indicator("sar", acceleration, maximum), **options)


def supertrend(
    timeperiod: int = 10, multiplier: float = 3.0, **options: Unpack[Options]
) -> Operator[Event, Reading]:
    """The `supertrend`, a stop in the unit of prices, and the `trend` that it follows, 1 or -1.

    The stop is *multiplier* average true ranges from (high + low) / 2, moves with the trend alone, and changes sides
    when a close is beyond it. First told with bar *timeperiod* + 1. Needs no TA-Lib. Source: O. Seban, Tout le monde
    mérite d'être riche.

    pandas-ta-classic changes sides with the same bars; with such a bar its stop is the band as it stands, where this one
    (talipp's as well) has already carried that band along, until the two meet again.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(supertrend(2), bars)[-1]
    >>> round(last.supertrend, 4), round(last.trend, 4)
    (1.6562, 1.0)
    """
    return of_spec(indicator("supertrend", timeperiod, multiplier), **options)


def aroon(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """Aroon `down` and `up`: 100 (n - bars since the lowest low, or highest high, of n + 1 bars) / n.

    From 0 to 100; first told with bar *timeperiod* + 1. Source: T. Chande, Technical Analysis of Stocks & Commodities,
    September 1995.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(aroon(2), bars)[-1]
    >>> round(last.down, 4), round(last.up, 4)
    (0.0, 100.0)
    """
    return of_spec(indicator("aroon", timeperiod), **options)


def dmi(timeperiod: int = 14, **options: Unpack[Options]) -> Operator[Event, Reading]:
    """The directional movement: `plus_di` and `minus_di`, from 0 to 100, and their `adx`.

    +DI and -DI are Wilder's averages of how far highs rise and lows fall, in per cent of that of the true range. First
    told when all are known: with bar 2 *timeperiod*. Source: J. W. Wilder, New Concepts in Technical Trading Systems,
    1978.

    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = (5, 7, 6, 9, 11, 8, 10, 12)
    >>> bars = [a_bar(c, at=t, high=c + 1, low=c - 2, volume=10 * t) for t, c in enumerate(closes, 1)]
    >>> last = through(dmi(2), bars)[-1]
    >>> last.plus_di > last.minus_di, last.adx == through(adx(2), bars)[-1].value
    (True, True)
    """
    options.setdefault("warm_up", "skip")
    parts = {name: indicator(name, timeperiod) for name in ("plus_di", "minus_di", "adx")}
    return of_specs(parts, **options)
