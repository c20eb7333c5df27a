"""From the condition codes of a trade to what it may move.

Each vendor has its own table; the rule is the same for all: several codes restrict each other (AND), and what a code says
about the trade itself adds up (OR). One code has a clock: an extended-hours trade (Form T) may not move the prices of the
regular session, but outside it, where there is nothing else, it may.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache

from ordinis_rx.events import MOVES_ALL, TradeFlags
from ordinis_rx.timebase import DAY, MINUTE, Nanos, from_datetime

__all__ = ["Conditions", "in_regular_hours", "memorable"]

_REGULAR_HOURS: Nanos = 390 * MINUTE
_MARKS = TradeFlags.LATE | TradeFlags.ODD_LOT
_REMEMBERED = 4096
_MOST_CODES, _LONGEST_CODE = 16, 8


def in_regular_hours(moment: Nanos) -> bool:
    """True from 09:30 to before 16:00 in New York, by the clock alone: weekends and holidays are not known here.

    >>> in_regular_hours(from_datetime(datetime(2024, 7, 1, 13, 30, tzinfo=UTC)))
    True
    >>> in_regular_hours(from_datetime(datetime(2024, 1, 2, 13, 30, tzinfo=UTC)))
    False
    """
    return 0 <= moment - _opening(moment // DAY) < _REGULAR_HOURS


def memorable(codes: tuple[str, ...]) -> bool:
    """Whether *codes* are such as a trade has, and not some that only a hostile peer makes up, as long as a frame.

    >>> memorable(("@", "I")), memorable(("@",) * 100), memorable(("@" * 100,))
    (True, False, False)
    """
    return len(codes) <= _MOST_CODES and max(map(len, codes), default=0) <= _LONGEST_CODE


class Conditions:
    """A vendor's table of condition codes; codes that are not in it restrict nothing.

    *rules* says what a trade with that code may move, and what it is (LATE, ODD_LOT); *extended* is the code of a trade
    outside regular hours.

    >>> table = Conditions({"I": TradeFlags.VOLUME | TradeFlags.ODD_LOT}, extended="T")
    >>> table.flags(("@", "I"), 0) == TradeFlags.VOLUME | TradeFlags.ODD_LOT
    True
    """

    __slots__ = ("_extended", "_known", "_rules")

    def __init__(self, rules: Mapping[str, TradeFlags], *, extended: str) -> None:
        self._rules = dict(rules)
        self._extended = extended
        self._known: dict[tuple[str, ...], tuple[TradeFlags, TradeFlags]] = {}

    def flags(self, codes: tuple[str, ...], ts_event: Nanos) -> TradeFlags:
        """What a trade with these codes at this moment may move, and what it is."""
        if not codes:
            return MOVES_ALL
        found = self._known.get(codes)
        if found is None:
            found = self._learn(codes)
        inside, outside = found
        # Only codes that tell inside from outside are worth the look at the clock.
        return inside if inside is outside or in_regular_hours(ts_event) else outside

    def _learn(self, codes: tuple[str, ...]) -> tuple[TradeFlags, TradeFlags]:
        outside = self._combined(code for code in codes if code != self._extended)
        inside = outside
        if self._extended in codes:
            inside = outside & ~(TradeFlags.LAST | TradeFlags.HIGH_LOW)
        if memorable(codes):
            if len(self._known) >= _REMEMBERED:
                self._known.clear()  # dirty data may make up codes without end
            self._known[codes] = inside, outside
        return inside, outside

    def _combined(self, codes: Iterable[str]) -> TradeFlags:
        moves, marks = MOVES_ALL, TradeFlags(0)
        for code in codes:
            rule = self._rules.get(code, MOVES_ALL)
            moves &= rule
            marks |= rule & _MARKS
        return moves | marks


@cache
def _new_york() -> tzinfo:
    from zoneinfo import ZoneInfo  # dear to import, and needed for extended hours alone

    return ZoneInfo("America/New_York")


@lru_cache(maxsize=1024)
def _opening(day: int) -> Nanos:
    """09:30 in New York on the *day*-th day of UTC; the regular session never crosses midnight UTC."""
    date = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()
    return from_datetime(datetime.combine(date, time(9, 30), _new_york()))
