"""The sessions of an exchange: when it opens and closes, day by day, with its holidays and short days."""

from __future__ import annotations

import functools
import importlib
import itertools
import warnings
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from ordinis_rx.errors import MissingExtra
from ordinis_rx.timebase import DAY, Nanos

__all__ = ["Session", "Sessions", "sessions"]

_SINCE = "1990-01-01"
"""From when on sessions are asked for; a calendar that begins later is taken from its beginning."""


class Session(NamedTuple):
    """From the opening (included) to the close (not included), nanoseconds."""

    open: Nanos
    close: Nanos


class Sessions:
    """Sessions in the order of time, none of which overlap. Whatever lies outside of them is no session.

    >>> week = Sessions("two days", [Session(10, 20), Session(40, 45)])
    >>> week.at(19), week.at(20)
    (Session(open=10, close=20), None)
    """

    __slots__ = ("_days", "_opens", "_weeks", "name")

    def __init__(self, name: str, days: Sequence[Session]) -> None:
        self.name = name
        self._days = list(days)
        self._opens = [day.open for day in self._days]
        for before, after in itertools.pairwise(self._days):
            if before.close > after.open:
                raise ValueError(f"{name}: the session that opens at {after.open} overlaps another")
        weeks: dict[int, Session] = {}
        for day in self._days:
            number = _week(day.open)
            weeks[number] = Session(weeks.get(number, day).open, day.close)
        self._weeks = weeks

    def __len__(self) -> int:
        return len(self._days)

    def at(self, moment: Nanos) -> Session | None:
        """The session that *moment* lies in."""
        place = bisect_right(self._opens, moment) - 1
        if place >= 0 and moment < self._days[place].close:
            return self._days[place]
        return None

    def is_open(self, moment: Nanos) -> bool:
        """Whether *moment* lies in a session. `StreamConfig.is_open` takes it, so that a feed expects no data outside.

        >>> Sessions("a day", [Session(10, 20)]).is_open(15)
        True
        """
        return self.at(moment) is not None

    def week_at(self, moment: Nanos) -> Session | None:
        """From the first opening to the last close of the week that the session at *moment* belongs to."""
        day = self.at(moment)
        return None if day is None else self._weeks[_week(day.open)]

    def fits(self, interval: Nanos) -> bool:
        """Whether every session opens and closes at a whole multiple of *interval* since 1970.

        >>> day = Sessions("a day", [Session(10, 25)])
        >>> day.fits(5), day.fits(10)
        (True, False)
        """
        return all(day.open % interval == day.close % interval == 0 for day in self._days)


def _week(moment: Nanos) -> int:
    """The number of the week from Monday to Sunday, UTC; 1970 began with a Thursday.

    A session that opens on Sunday evening in its own country belongs to the week that follows.
    """
    return (moment + 3 * DAY + DAY // 2) // (7 * DAY)


@functools.cache
def sessions(name: str) -> Sessions:
    """The sessions of an exchange by its code (``"XNYS"``, ``"XLON"``, ``"24/7"``), from 1990 on, or as far back as known.

    They come from the package exchange_calendars (extra ``calendars``), and reach about a year ahead of today. A lunch break
    counts as part of the session. Raises `MissingExtra` without the package, ValueError for a code that it does not know,
    or fails at.
    """
    try:
        known: Any = importlib.import_module("exchange_calendars")
    except ImportError as error:
        raise MissingExtra(
            "sessions of exchanges", package="exchange_calendars", extra="calendars"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it trips over what newer versions of pandas warn of
        try:
            calendar = _calendar(known, name)
        except known.errors.InvalidCalendarName:
            raise ValueError(f"calendar: no exchange is known as {name!r}") from None
        except Exception as error:
            raise ValueError(
                f"calendar: exchange_calendars fails to make the sessions of {name!r}"
            ) from error
        opens = calendar.opens.dt.as_unit("ns").astype("int64").tolist()
        closes = calendar.closes.dt.as_unit("ns").astype("int64").tolist()
    return Sessions(name, [Session(*times) for times in zip(opens, closes, strict=True)])


def _calendar(known: Any, name: str) -> Any:
    """The package's own, as far back as it goes. Asked for no beginning, it would take one by today's date."""
    try:
        return known.get_calendar(name, start=_SINCE)
    except ValueError:  # it begins later
        return known.get_calendar(name, start=known.get_calendar(name).bound_min())
