"""What an argument must be, said where it is given: not everybody has a type checker, and much that is wrong would run."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterable
from decimal import Decimal
from numbers import Real
from types import UnionType
from typing import Any

import numpy as np

from ordinis_rx.timebase import check_whole

__all__ = [
    "check_callable",
    "check_choice",
    "check_count",
    "check_duration",
    "check_flag",
    "check_is",
    "check_not_negative",
    "check_number",
    "check_path",
    "check_positive",
    "check_several",
    "check_share",
    "check_stream",
    "check_text",
    "check_words",
]


def check_number(what: str, value: object) -> None:
    """Raise TypeError where *value* is no number: a text, a truth, nothing. NaN is one, and for who has bounds to refuse.

    >>> check_number("ema: span", "5")
    Traceback (most recent call last):
    ...
    TypeError: ema: span must be a number, got '5'
    """
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise TypeError(f"{what} must be a number, got {value!r}")


def check_positive(what: str, value: Any, *, endless: bool = False) -> None:
    """Raise TypeError where *value* is no number, ValueError where it is 0, negative, NaN or, if not *endless*, infinite.

    A span may be *endless* where infinity says that it is never over.

    >>> check_positive("volume_bars: volume", 0.0)
    Traceback (most recent call last):
    ...
    ValueError: volume_bars: volume must be a finite number above 0, got 0.0
    """
    check_number(what, value)
    if not (_is_told(value, endless) and value > 0):
        raise ValueError(f"{what} must be a {_kind(endless)} above 0, got {value!r}")


def check_not_negative(what: str, value: Any, *, endless: bool = False) -> None:
    """Raise TypeError where *value* is no number, ValueError where it is negative, NaN or, if not *endless*, infinite.

    >>> check_not_negative("levels: merge_bps", -1.0)
    Traceback (most recent call last):
    ...
    ValueError: levels: merge_bps must be a finite number, 0 or more, got -1.0
    """
    check_number(what, value)
    if not (_is_told(value, endless) and value >= 0):
        raise ValueError(f"{what} must be a {_kind(endless)}, 0 or more, got {value!r}")


def check_share(what: str, value: Any) -> None:
    """Raise TypeError where *value* is no number, ValueError where it is not from 0 to 1.

    >>> check_share("drop: share", 1.1)
    Traceback (most recent call last):
    ...
    ValueError: drop: share must be a share between 0 and 1, got 1.1
    """
    check_number(what, value)
    if not (_is_told(value) and 0 <= value <= 1):
        raise ValueError(f"{what} must be a share between 0 and 1, got {value!r}")


def check_flag(what: str, value: object) -> None:
    """Raise TypeError where *value* is neither True nor False: any text would count as True.

    >>> check_flag("time_bars: fill", "no")
    Traceback (most recent call last):
    ...
    TypeError: time_bars: fill must be True or False, got 'no'
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{what} must be True or False, got {value!r}")


def check_choice(what: str, value: object, choices: Collection[Any]) -> None:
    """Raise ValueError where *value* is none of *choices*.

    >>> check_choice("price", "micro", ("mid", "microprice"))
    Traceback (most recent call last):
    ...
    ValueError: price must be one of 'mid', 'microprice', got 'micro'
    """
    word = isinstance(value, str)
    if not any(
        value is each or (word and isinstance(each, str) and value == each) for each in choices
    ):
        raise ValueError(f"{what} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def check_several(what: str, value: object, example: str) -> None:
    """Raise TypeError where *value* is not several things, as in *example*: a text would be taken for its letters.

    >>> check_several("validate: ignore", "alpaca", "['alpaca']")
    Traceback (most recent call last):
    ...
    TypeError: validate: ignore must be several, as in ['alpaca'], got 'alpaca'
    """
    if isinstance(value, str | bytes | bytearray) or not isinstance(value, Iterable):
        raise TypeError(f"{what} must be several, as in {example}, got {value!r}")


def check_words(what: str, words: Iterable[object], example: str) -> None:
    """Raise where *words* are not several, TypeError, or one of them is no word, ValueError.

    >>> check_words("align: symbols", ["AAPL", ""], "['AAPL', 'MSFT']")
    Traceback (most recent call last):
    ...
    ValueError: align: symbols must be words, as in ['AAPL', 'MSFT'], got ''
    """
    check_several(what, words, example)
    for word in words:
        if not isinstance(word, str) or not word:
            raise ValueError(f"{what} must be words, as in {example}, got {word!r}")


def check_callable(what: str, value: object, *, optional: bool = False) -> None:
    """Raise TypeError where *value* can not be called; None says that there is nothing to call, where that is *optional*.

    >>> check_callable("feed: wall", 5)
    Traceback (most recent call last):
    ...
    TypeError: feed: wall must be a function, got 5
    """
    if not callable(value) and not (optional and value is None):
        raise TypeError(f"{what} must be a function, got {value!r}")


def check_count(what: str, value: Any, of: str, least: int = 1, most: int | None = None) -> None:
    """Raise TypeError where *value* is no whole number, ValueError where it is below *least* or above *most*.

    >>> check_count("record: rows", "5", "rows")
    Traceback (most recent call last):
    ...
    TypeError: record: rows must be a whole number of rows, got '5'
    >>> check_count("tick_bars: n", 0, "trades")
    Traceback (most recent call last):
    ...
    ValueError: tick_bars: n must be 1 or more trades, got 0
    >>> check_count("levels: window", 0, "bars", most=1000)
    Traceback (most recent call last):
    ...
    ValueError: levels: window must be from 1 to 1000 bars, got 0
    """
    check_whole(what, value, of)
    if value < least or (most is not None and value > most):
        limits = f"{least} or more" if most is None else f"from {least} to {most}"
        raise ValueError(f"{what} must be {limits} {of}, got {value!r}")


def check_duration(what: str, value: Any, least: int = 1) -> None:
    """Raise TypeError where *value* is no whole number of nanoseconds, ValueError where they are fewer than *least*.

    >>> check_duration("time_bars: interval", 0.5)
    Traceback (most recent call last):
    ...
    TypeError: time_bars: interval must be a whole number of nanoseconds, such as 5 * SECOND, got 0.5
    >>> check_duration("time_bars: lateness", -1, least=0)
    Traceback (most recent call last):
    ...
    ValueError: time_bars: lateness must be 0 or more nanoseconds, such as 5 * SECOND, got -1
    """
    check_count(what, value, "nanoseconds, such as 5 * SECOND", least)


def check_path(what: str, value: object) -> None:
    """Raise TypeError where *value* is no path, ValueError for "", which would mean the folder that we happen to be in.

    >>> check_path("record: path", "")
    Traceback (most recent call last):
    ...
    ValueError: record: path is empty
    """
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{what} must be a path, got {value!r}")
    if value == "":
        raise ValueError(f"{what} is empty")


def check_text(what: str, value: object) -> None:
    """Raise TypeError where *value* is no text, ValueError where nothing is in it.

    >>> check_text("polygon: name", "")
    Traceback (most recent call last):
    ...
    ValueError: polygon: name is empty
    """
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a text, got {value!r}")
    if not value:
        raise ValueError(f"{what} is empty")


def check_is(what: str, value: object, kind: type | UnionType, wanted: str) -> None:
    """Raise a TypeError that says what is *wanted* where *value* is no *kind*: not everybody has a type checker.

    >>> check_is("rows", "2", int, "a number")
    Traceback (most recent call last):
    ...
    TypeError: rows must be a number, got '2'
    """
    if not isinstance(value, kind):
        raise TypeError(f"{what} must be {wanted}, got {value!r}")


def check_stream(who: str, value: object, how: str = "") -> None:
    """Raise a TypeError that names *who* wants one, and *how*, where *value* is no stream: nothing to be subscribed to.

    >>> check_stream("frames", [1, 2])
    Traceback (most recent call last):
    ...
    TypeError: frames wants a stream, got [1, 2]
    """
    if not hasattr(value, "subscribe"):
        raise TypeError(f"{who} wants a stream{how}, got {value!r}")


def _is_told(value: Any, endless: bool = False) -> bool:
    # NaN first: a Decimal that is one cannot be compared. An integer may be larger than any float.
    return value == value and (endless or value < math.inf)


def _kind(endless: bool) -> str:
    return "number" if endless else "finite number"
