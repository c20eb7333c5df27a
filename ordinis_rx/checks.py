"""What an argument must be, said where it is given: not everybody has a type checker, and much that is wrong would run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from numbers import Real
from typing import Any

import numpy as np

__all__ = ["check_choice", "check_flag", "check_number", "check_several", "check_words"]


def check_number(what: str, value: object) -> None:
    """Raise TypeError where *value* is no number: a text, a truth, nothing. NaN is one, and for who has bounds to refuse.

    >>> check_number("ema: span", "5")
    Traceback (most recent call last):
    ...
    TypeError: ema: span must be a number, got '5'
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{what} must be a number, got {value!r}")


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
    if not any(value is each or (type(value) is type(each) and value == each) for each in choices):
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
