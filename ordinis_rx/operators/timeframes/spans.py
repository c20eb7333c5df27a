"""Timeframes: what ``"5m"`` means, and from when to when the bar reaches that a moment lies in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from ordinis_rx.calendars import Session, Sessions
from ordinis_rx.checks import check_is
from ordinis_rx.timebase import DAY, HOUR, MINUTE, SECOND, Nanos, floor

__all__ = ["Borders", "Timeframe", "borders_of", "parse", "parse_all", "unit_of"]

_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_MONDAY = 4 * DAY
"""The first Monday after 1970 began: weeks are counted from it."""

Borders: TypeAlias = Callable[[Nanos], Session | None]
"""From when to when a bar reaches that begins at a moment; None where no bar may be."""


class Timeframe(NamedTuple):
    """A name as it was given, and the nanoseconds that it stands for."""

    name: str
    interval: Nanos


def parse(text: str) -> Timeframe:
    """A whole number and a unit: s, m, h, d or w (a week, from Monday).

    >>> parse("5m").interval == 5 * MINUTE
    True
    """
    check_is("a timeframe", text, str, "a text, as in '5m'")
    found = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    if found is None or int(found[1]) == 0:
        raise ValueError(f"a timeframe is a number and one of s m h d w, as in 5m; got {text!r}")
    return Timeframe(text, int(found[1]) * _UNITS[found[2]])


def parse_all(
    who: str, names: tuple[str, ...], sessions: Sessions | None = None
) -> tuple[Timeframe, ...]:
    """Timeframes that fit into one another: each longer than the last, made of whole ones of the first."""
    if not names:
        raise ValueError(f"{who} wants at least one timeframe, as in '5m'")
    spans = tuple(map(parse, names))
    name, base = spans[0]
    for before, after in itertools.pairwise(spans):
        if after.interval <= before.interval:
            raise ValueError(f"{who}: {after.name} must be longer than {before.name} before it")
        if after.interval % base:
            raise ValueError(f"{who}: {after.name} is no whole number of {name}")
        if sessions is None and (_origin(after.interval) - _origin(base)) % base:
            raise ValueError(
                f"{who}: {after.name} counts from Monday, and {name} from 1970, so that they do not end together"
            )
    return spans


def _origin(interval: Nanos) -> Nanos:
    """From where bars count: from Monday, where they are whole weeks; otherwise from 1970, as all bars do."""
    return 0 if interval % (7 * DAY) else _MONDAY


def borders_of(who: str, span: Timeframe, sessions: Sessions | None) -> Borders:
    """The borders of a timeframe: counted from 1970 (weeks from Monday), or within the sessions of an exchange.

    In a session bars are counted from its opening, and the last one ends with its close; a day is a whole session, a week
    from the first opening to the last close in it.
    """
    interval = span.interval
    if sessions is None:
        start = _origin(interval)

        def of_clock(moment: Nanos) -> Session:
            begin = floor(moment - start, interval) + start
            return Session(begin, begin + interval)

        return of_clock
    if interval == DAY:
        return sessions.at
    if interval == 7 * DAY:
        return sessions.week_at
    if interval > DAY:
        raise ValueError(
            f"{who}: with a calendar a timeframe is 1d, 1w, or less than a day, got {span.name}"
        )

    def of_session(moment: Nanos) -> Session | None:
        day = sessions.at(moment)
        if day is None:
            return None
        begin = day.open + floor(moment - day.open, interval)
        return Session(begin, min(begin + interval, day.close))

    return of_session


def unit_of(who: str, base: Timeframe, sessions: Sessions | None) -> Nanos:
    """How long the bars must be that are made of trades, so that the shortest timeframe is a whole number of them."""
    interval = base.interval
    if sessions is None:
        return DAY if interval % (7 * DAY) == 0 else interval
    if interval < DAY and sessions.fits(interval):
        return interval
    if not sessions.fits(MINUTE) or interval % MINUTE:
        raise ValueError(
            f"{who}: sessions of {sessions.name} do not begin and end at whole {base.name}"
        )
    return MINUTE
