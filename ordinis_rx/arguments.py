"""What is refused at the call, in words that name the argument and what was given: later nobody would hear of it."""

from __future__ import annotations

__all__ = ["check_callable"]


def check_callable(what: str, value: object) -> None:
    """Raise TypeError where *value* can not be called.

    >>> check_callable("feed: wall", 5)
    Traceback (most recent call last):
    ...
    TypeError: feed: wall must be a function, got 5
    """
    if not callable(value):
        raise TypeError(f"{what} must be a function, got {value!r}")
