"""The shapes that the whole library is written in: an operator takes a stream and gives one."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import TypeAlias, TypeVar

from reactivex import Observable

__all__ = ["A", "B", "Operator", "check_is", "check_stream"]

A = TypeVar("A")
"""What enters an operator."""

B = TypeVar("B")
"""What leaves it."""

Operator: TypeAlias = Callable[[Observable[A]], Observable[B]]
"""``Operator[Trade, Bar]`` reads: trades in, bars out. Goes into ``stream.pipe(...)``."""


def check_is(kind: type | UnionType, value: object, what: str, wanted: str) -> None:
    """Raise a TypeError that says what is *wanted* where *value* is no *kind*: not everybody has a type checker.

    >>> check_is(int, "2", "rows", "a number")
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
