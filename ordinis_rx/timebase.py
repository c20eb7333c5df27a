"""Time as integer nanoseconds since 1970, UTC, and the units to build durations from.

>>> 250 * MILLI
250000000
>>> floor(1_700_000_000_123_456_789, SECOND)
1700000000000000000
"""

from __future__ import annotations

import logging
import math
import re
from datetime import UTC, datetime, timedelta
from numbers import Integral
from typing import TypeAlias

__all__ = [
    "DAY",
    "HOUR",
    "MICRO",
    "MILLI",
    "MINUTE",
    "NANO",
    "SECOND",
    "Nanos",
    "check_whole",
    "doubt_count",
    "doubt_long",
    "doubt_short",
    "doubt_unit",
    "duration",
    "floor",
    "from_any_unit",
    "from_datetime",
    "seconds",
    "to_datetime",
]

Nanos: TypeAlias = int
"""A duration, or a moment since 1970 UTC, in integer nanoseconds."""

NANO: Nanos = 1
MICRO: Nanos = 1_000
MILLI: Nanos = 1_000_000
SECOND: Nanos = 1_000_000_000
MINUTE: Nanos = 60 * SECOND
HOUR: Nanos = 60 * MINUTE
DAY: Nanos = 24 * HOUR

_UNITS = {"ns": NANO, "us": MICRO, "ms": MILLI, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}

_log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK_SECONDS = 7 * DAY // SECOND
_SINCE_2008, _UNTIL_2040 = 1_200_000_000 * SECOND, 2_200_000_000 * SECOND


def check_whole(what: str, value: object, of: str = "nanoseconds") -> None:
    """Raise TypeError where *value* is not a whole number: durations and counts are exact.

    >>> check_whole("reorder: lateness", 1.5)
    Traceback (most recent call last):
    ...
    TypeError: reorder: lateness must be a whole number of nanoseconds, got 1.5
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{what} must be a whole number of {of}, got {value!r}")


def duration(text: str) -> Nanos:
    """A number with its unit (ns, us, ms, s, m, h or d), as nanoseconds. Raises ValueError that shows *text*.

    >>> duration("1.5ms")
    1500000
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)", text)
    if match is None:
        raise ValueError(f"a duration is a number with one of {' '.join(_UNITS)}, not {text!r}")
    return round(float(match[1]) * _UNITS[match[2]])


def doubt_short(what: str, duration: Nanos) -> None:
    """Say in the log that *duration* is below a microsecond, where only a number without its unit is likely to be."""
    if 0 < duration < MICRO:
        _log.warning(
            "%s is %d nanoseconds; durations have a unit, as in 5 * SECOND", what, duration
        )


def doubt_long(what: str, duration: float) -> None:
    """Say in the log that *duration*, in seconds, is longer than a week, where only nanoseconds are likely to be."""
    if _WEEK_SECONDS < duration < math.inf:
        _log.warning("%s is %g seconds; are these nanoseconds?", what, duration)


def doubt_count(what: str, count: float) -> None:
    """Say in the log that *count*, of facts, is a billion or more, where only nanoseconds are likely to be."""
    if SECOND <= count < math.inf:
        _log.warning("%s is %g, and counts facts; are these nanoseconds?", what, count)


def doubt_unit(what: str, earliest: Nanos, latest: Nanos) -> None:
    """Say in the log where times look like those of this century in a coarser unit: as nanoseconds they are of 1970."""
    for unit, size in (("seconds", SECOND), ("milliseconds", MILLI), ("microseconds", MICRO)):
        if earliest * size >= _SINCE_2008 and latest * size <= _UNTIL_2040:
            _log.warning(
                "%s begins with %d: times are nanoseconds; are these %s?", what, earliest, unit
            )


def floor(moment: Nanos, interval: Nanos) -> Nanos:
    """The start of the *interval* that *moment* lies in, both in nanoseconds; intervals are counted from 1970.

    >>> floor(17, 10), floor(20, 10), floor(-1, 10)
    (10, 20, -10)
    """
    return moment // interval * interval


def seconds(duration: Nanos) -> float:
    """A duration in nanoseconds as seconds, for schedulers and event loops, which count in floats.

    >>> seconds(1_500 * MILLI)
    1.5
    """
    return duration / SECOND


def from_any_unit(stamp: int) -> Nanos:
    """Nanoseconds from a stamp whose unit the vendor does not keep to: seconds, ms, us or ns.

    The unit is told by magnitude; any moment from 1973 to 5138 is read right in each of them.

    >>> [from_any_unit(t) for t in (1536036818, 1536036818784, 1601316752683746)]
    [1536036818000000000, 1536036818784000000, 1601316752683746000]
    """
    size = abs(stamp)
    if size < 100_000_000_000:
        return stamp * SECOND
    if size < 100_000_000_000_000:
        return stamp * MILLI
    if size < 100_000_000_000_000_000:
        return stamp * MICRO
    return stamp


def to_datetime(moment: Nanos) -> datetime:
    """The aware UTC datetime of *moment*, nanoseconds since 1970; what is finer than a microsecond is cut off.

    >>> print(to_datetime(1_704_067_200_000_000_999))
    2024-01-01 00:00:00+00:00
    """
    return _EPOCH + timedelta(microseconds=moment // MICRO)


def from_datetime(moment: datetime) -> Nanos:
    """Nanoseconds since 1970 of an aware datetime; those that a Timestamp of pandas has beyond its microseconds, too.

    Raises ValueError for one without a zone.

    >>> from_datetime(datetime(2024, 1, 1, tzinfo=UTC))
    1704067200000000000
    """
    if moment.tzinfo is None:
        raise ValueError(f"datetime must be aware (say which zone), got {moment!r}")
    beyond: int = getattr(moment, "nanosecond", 0)
    return (moment - _EPOCH) // timedelta(microseconds=1) * MICRO + beyond
