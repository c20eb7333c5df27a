"""What is refused at the call, in words that name the argument and what was given: later nobody would hear of it."""

from __future__ import annotations

import os
from numbers import Real
from typing import Any

from ordinis_rx.timebase import check_whole
from ordinis_rx.typing import check_is

__all__ = [
    "check_callable",
    "check_count",
    "check_flag",
    "check_number",
    "check_path",
    "check_text",
]


def check_callable(what: str, value: object, *, optional: bool = False) -> None:
    """Raise TypeError where *value* can not be called; None says that there is nothing to call, where that is *optional*.

    >>> check_callable("feed: wall", 5)
    Traceback (most recent call last):
    ...
    TypeError: feed: wall must be a function, got 5
    """
    if not callable(value) and not (optional and value is None):
        raise TypeError(f"{what} must be a function, got {value!r}")


def check_count(what: str, value: Any, of: str) -> None:
    """Raise TypeError where *value* is no whole number, ValueError where it is below 1.

    >>> check_count("record: rows", "5", "rows")
    Traceback (most recent call last):
    ...
    TypeError: record: rows must be a whole number of rows, got '5'
    """
    check_whole(what, value, of)
    if value < 1:
        raise ValueError(f"{what} must be at least 1, got {value!r}")


def check_flag(what: str, value: object) -> None:
    """Raise TypeError where *value* is neither True nor False: "no" would count as True.

    >>> check_flag("reconnect_enabled", "no")
    Traceback (most recent call last):
    ...
    TypeError: reconnect_enabled must be True or False, got 'no'
    """
    check_is(bool, value, what, "True or False")


def check_number(what: str, value: object) -> None:
    """Raise TypeError where *value* is no number.

    >>> check_number("replay: speed", "2")
    Traceback (most recent call last):
    ...
    TypeError: replay: speed must be a number, got '2'
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{what} must be a number, got {value!r}")


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
    check_is(str, value, what, "a text")
    if not value:
        raise ValueError(f"{what} is empty")
