"""Turns: one item of a root on its way down, and what waits until all that it causes has arrived.

Operators with several inputs, joins, settle when the turn ends. What comes in at an entry (`ordinis_rx.entries`) is in a
turn of that entry, or of one further up.
"""

from __future__ import annotations

import heapq
import itertools
import logging
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
    "is_unheard",
    "logged",
    "next_order",
    "tell_error",
    "unheard",
]

RAISED = (Exception, CancelledError)
"""What a subscriber may raise at the cost of nobody else. A `CancelledError` too: facts are told in plain calls, amid
which no task is cancelled, so it comes from a task that the subscriber asked for its result."""

_UNHEARD = "_ordinis_rx_unheard"

_log = logging.getLogger(__name__)


def unheard(error: BaseException) -> BaseException:
    """*error*, marked as one that nobody is left to be told: it is for whoever pushes, or for the log."""
    error.__dict__[_UNHEARD] = True
    return error


def tell_error(on_error: Callable[[Exception], None], error: Exception) -> None:
    """Tell *error* to a subscriber; what its `on_error` raises, as where there is none, is marked as unheard."""
    try:
        on_error(error)
    except BaseException as untaken:
        unheard(untaken)
        raise


def is_unheard(error: BaseException) -> bool:
    """Whether *error* was marked so; else somebody further down has yet to be told."""
    return _UNHEARD in error.__dict__


def logged(error: BaseException) -> BaseException:
    """*error*, for the log, where its way ends: whoever raises it again is to be heard again."""
    error.__dict__.pop(_UNHEARD, None)
    return error


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
        """Add the id of every end of the flow below that hands facts to plain Rx."""


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
            except RAISED as error:
                what = "a subscriber raised and had no on_error; the others go on"
                _log.error(what, exc_info=logged(error))


_orders = itertools.count()


def next_order() -> int:
    """A number for a join, taken after its inputs are subscribed to, so that it settles after the joins above it."""
    return next(_orders)
