"""What a check is given: refused at once where it is something else, since some of that would never end."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ordinis_rx.checks import check_callable, check_several

__all__ = ["check_given"]


def check_given(who: str, make: Callable[[], object] | None, facts: object) -> None:
    """Raise TypeError where *facts* are not several (a stream, say), or *make* is no function that makes an operator.

    >>> check_given("check_operator", lambda source: source, [1])
    Traceback (most recent call last):
    ...
    TypeError: check_operator wants a function that makes the operator, lambda: rolling_mean(2), and was given the operator
    """
    check_several(f"{who}: what goes in", facts, "[fact]")
    if make is None:
        return
    check_callable(f"{who}: make", make)
    needed: list[Any] = [
        each
        for each in inspect.signature(make).parameters.values()
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    if needed:
        raise TypeError(
            f"{who} wants a function that makes the operator, lambda: rolling_mean(2), and was given the operator"
        )
