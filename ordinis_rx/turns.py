"""Turns: one item of a root on its way down, and what waits until all that it causes has arrived.

Operators with several inputs, joins, settle when the turn ends. What comes in at an entry (`ordinis_rx.entries`) is in a
turn of that entry, or of one further up.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
from asyncio import CancelledError
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ordinis_rx.batches import Item

if TYPE_CHECKING:
    from ordinis_rx.entries import Entry

__all__ = [
    "RAISED",
    "FlowObserver",
    "Join",
    "Turn",
    "as_exception",
    "is_told",
    "next_order",
    "tell_error",
]

RAISED = (Exception, CancelledError)
"""What a subscriber may raise at the cost of nobody else. A `CancelledError` too: facts are told in plain calls, amid
which no task is cancelled, so it comes from a task that the subscriber asked for its result."""

_log = logging.getLogger(__name__)


class _Telling(threading.local):
    errors = 0


_telling = _Telling()
"""How many errors this thread has told."""


def tell_error(on_error: Callable[[Exception], None], error: Exception) -> None:
    """Tell *error* to a subscriber, who has one end: it must not have been told another before."""
    _telling.errors += 1
    on_error(error)


def is_told(on_error: Callable[[Exception], None], error: BaseException) -> bool:
    """Hand *error* to those below, and say whether anybody was told: who has ended or left already is not."""
    before = _telling.errors
    on_error(as_exception(error))
    return _telling.errors > before


def as_exception(error: BaseException) -> Exception:
    """*error*, or one that it is the cause of, where it is none that a stream ends with."""
    if isinstance(error, Exception):
        return error
    wrapped = RuntimeError(f"a subscriber raised {type(error).__name__}")
    wrapped.__cause__ = error
    return wrapped


class FlowObserver(Protocol):
    """Who takes items: the next operator, or the end of the flow."""

    def on_item(self, item: Item, /) -> None:
        """Take one item; it is only lent for the call."""

    def on_error(self, error: Exception, /) -> None:
        """Take the error that ends the stream."""

    def on_completed(self) -> None:
        """Take note that the stream has ended."""

    def exits(self, found: set[int], /) -> None:
        """Add to *found* the id of each place below where facts leave for plain Rx.

        With more than one, plain Rx could see in which order they are told: the root then delivers row by row.
        """


class Join(Protocol):
    """An operator with several inputs."""

    order: int

    def settle(self) -> None:
        """The turn is over: tell what its items amount to."""


class Turn:
    """One item of a root on its way down: where it came in, and the joins to settle when all of it has arrived."""

    __slots__ = ("entry", "joins")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.joins: list[tuple[int, Join]] = []

    def settle_later(self, join: Join) -> None:
        """Settle *join* when the turn ends: once, and after every join that feeds it."""
        mark = (join.order, join)
        if mark not in self.joins:
            heapq.heappush(self.joins, mark)

    def settle(self) -> None:
        """Let the joins tell what they have. What a subscriber of one raises is logged, and the others go on."""
        joins = self.joins
        while joins:
            try:
                heapq.heappop(joins)[1].settle()
            except RAISED:
                _log.exception("a subscriber raised and had no on_error; the others go on")


_orders = itertools.count()


def next_order() -> int:
    """A number for a join, taken after its inputs are subscribed to, so that it settles after the joins above it."""
    return next(_orders)
