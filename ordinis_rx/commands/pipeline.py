"""What a replay is piped through, in the words of the command line: ``trades``, ``bars:1s``, ``quotes|mid|bars...``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ordinis_rx import operators as oo
from ordinis_rx.commands.values import BadUsage
from ordinis_rx.timebase import Nanos, duration
from ordinis_rx.typing import Operator

__all__ = ["STEPS", "pipeline_of", "span_of"]


def span_of(text: str) -> Nanos:
    """A span such as ``1s``, ``250ms``, ``5m``, ``1h`` or ``1d``, in nanoseconds.

    >>> span_of("250ms")
    250000000
    """
    try:
        span = duration(text)
    except ValueError:
        span = 0
    if not span:
        raise BadUsage(f"must be a span such as 1s, 250ms, 5m, 1h or 1d, got {text!r}")
    return span


def _count_of(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise BadUsage(f"must be a whole number above 0, got {text!r}")
    return int(text)


_PLAIN: dict[str, Callable[[], Operator[Any, Any]]] = {
    "trades": oo.trades,
    "quotes": oo.quotes,
    "bars": oo.bars,
    "mid": oo.mid,
    "spread": oo.spread,
}
_VALUED: dict[str, Callable[[str], Operator[Any, Any]]] = {
    "bars": lambda text: oo.time_bars(span_of(text)),
    "bid_bars": lambda text: oo.time_bars(span_of(text), of="bid"),
    "ask_bars": lambda text: oo.time_bars(span_of(text), of="ask"),
    "mid_bars": lambda text: oo.time_bars(span_of(text), of="mid"),
    "tick_bars": lambda text: oo.tick_bars(_count_of(text)),
}

STEPS = ", ".join([*_PLAIN, *(f"{name}:{'N' if 'tick' in name else 'SPAN'}" for name in _VALUED)])
"""What there is, in words."""


def pipeline_of(text: str) -> list[Operator[Any, Any]]:
    """The operators that *text* names, with ``|`` between them; raises `BadUsage` that says what there is.

    >>> len(pipeline_of("quotes|mid")), len(pipeline_of("bars:1s"))
    (2, 1)
    """
    return [_step_of(step.strip()) for step in text.split("|")]


def _step_of(step: str) -> Operator[Any, Any]:
    name, colon, value = step.partition(":")
    try:
        if colon and name in _VALUED:
            return _VALUED[name](value)
        if not colon and name in _PLAIN:
            return _PLAIN[name]()
    except BadUsage as error:
        raise BadUsage(f"--pipeline {step}: {error}") from None
    raise BadUsage(f"--pipeline: no step {step!r}; there are {STEPS}")
