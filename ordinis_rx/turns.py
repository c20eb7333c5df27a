"""Turns: what a root pushes is one item, and one item is finished before the next begins.

Every way into a flow is an `Entry`: a hot root, a plain observable's facts, a merge, a join. While an item is on its way
down, whatever is pushed into the same entry (by a subscriber, say) is copied and waits. Operators with several inputs
settle when the turn ends, when all that the item causes has arrived.
"""

from __future__ import annotations

import heapq
import itertools
import logging
from asyncio import CancelledError
from collections import deque
from typing import Any, Protocol

from ordinis_rx.batches import Item, item_of
from ordinis_rx.columns import Names
from ordinis_rx.lanes import Lane, by_frame, lane_into

__all__ = ["RAISED", "Entry", "FlowObserver", "Join", "Turn", "next_order", "reshaped"]

RAISED = (Exception, CancelledError)
"""What a subscriber may raise at the cost of nobody else. A `CancelledError` too: facts are told in plain calls, amid
which no task is cancelled, so it comes from a task that the subscriber asked for its result."""

_log = logging.getLogger(__name__)


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
            except RAISED:
                _log.exception("a subscriber raised and had no on_error; the others go on")


_orders = itertools.count()


def next_order() -> int:
    """A number for a join, taken after its inputs are subscribed to, so that it settles after the joins above it."""
    return next(_orders)


_shape = object()
"""Another object whenever a branch comes or goes anywhere; an object and no number, since threads may tell it at once."""


def reshaped() -> None:
    """A branch has come or gone, so that what an `Entry` knows of the ends below may be out of date."""
    global _shape
    _shape = object()


class Entry:
    """One way into a flow: hands items on one at a time, in the order in which they came.

    `busy` tells that an item is on its way, `peak` how many waited at most, `failures` how many subscribers raised and were
    dropped for it.
    """

    __slots__ = (
        "_apart",
        "_ended",
        "_laned",
        "_lanes",
        "_names",
        "_observer",
        "_on_item",
        "_shape",
        "_waiting",
        "busy",
        "failures",
        "outer",
        "own",
        "peak",
    )

    def __init__(self, observer: FlowObserver) -> None:
        self._observer = observer
        self._on_item = observer.on_item
        self.outer: Turn | None = None
        """The turn of an entry further up, where what comes in now belongs to it."""
        self.busy = False
        self._ended = False
        self._waiting: deque[Item | Exception | None] = deque()
        self.own = Turn(self)
        """The turn of what comes in while no outer one is on."""
        self._lanes: dict[type[Any], Lane] = {}
        self._laned: object = None
        """The shape that the lanes were made for, and below, the names."""
        self._names: Names | None = None
        self._shape: object = None
        self._apart = False
        self.failures = 0
        self.peak = 0

    @property
    def turn(self) -> Turn:
        """The turn that what comes in now is in."""
        return self.outer or self.own

    def on_item(self, item: Item) -> None:
        """Hand *item* down now, or a copy of it after the one that is on its way."""
        if self.busy:
            self._waiting.append(item.copy())
            self.peak = max(self.peak, len(self._waiting))
            return
        if self._ended:
            return
        self.busy = True
        try:
            if item.n == 1 and self._shape is _shape and not self._apart:
                # As `_turn_with` does, without a call: live, most items are one fact.
                turn = self.own
                item.turn = self.outer or turn
                self._on_item(item)
                if turn.joins:
                    turn.settle()
            else:
                self._deliver(item)
            if self._waiting:
                self._work_off()
        except BaseException:  # one that nobody took
            self.busy = False
            self._waiting.clear()
            self.own.joins.clear()
            raise
        self.busy = False

    def on_fact(self, fact: Any, names: Names) -> None:
        """Hand down one fact alone, coded by *names*: as `on_item` does with a frame of one row, in fewer calls."""
        if self.busy or self._ended:
            self.on_item(item_of([fact], names))
            return
        if self._laned is _shape and self._names is names:
            lane = self._lanes.get(fact.__class__) or self._lane(fact, names)
        else:
            lane = self._lane(fact, names)
        self.busy = True
        turn = self.own
        try:
            lane(fact)
            if turn.joins:
                turn.settle()
            if self._waiting:
                self._work_off()
        except BaseException:  # one that nobody took
            self.busy = False
            self._waiting.clear()
            turn.joins.clear()
            raise
        self.busy = False

    def take(self, item: Item) -> None:
        """As `on_item`, for a source that stops where that raises: who still listens is told, so as not to wait for ever."""
        try:
            self.on_item(item)
        except Exception as error:
            self.on_error(error)
            raise

    def go_on(self) -> None:
        """Whoever set `busy` has finished: hand down what came meanwhile."""
        self.busy = False
        if self._waiting:
            first = self._next()
            if first is not None:
                self.on_item(first)

    def on_error(self, error: Exception) -> None:
        """End the stream with *error*, after what is on its way."""
        self.end(error)

    def on_completed(self) -> None:
        """End the stream, after what is on its way."""
        self.end(None)

    def exits(self, found: set[int]) -> None:
        """Pass the question on; an end that is reached through here and past it is two, since here facts are told anew."""
        below: set[int] = set()
        self._observer.exits(below)
        found.update(hash((id(self), end)) for end in below)

    def end(self, error: Exception | None) -> None:
        """End the stream with *error*, or well (None), after what is on its way."""
        if self.busy:
            self._waiting.append(error)
        elif not self._ended:
            self._ended = True
            if error is None:
                self._observer.on_completed()
            else:
                self._observer.on_error(error)

    def _work_off(self) -> None:
        """Hand down what waits."""
        while self._waiting:
            following = self._next()
            if following is not None:
                self._deliver(following)

    def _next(self) -> Item | None:
        """The item that has waited longest, if it is one and not the end."""
        waiting = self._waiting.popleft()
        if waiting is None or isinstance(waiting, Exception):
            self._waiting.clear()  # that was the last word
            self.busy = False
            self.end(waiting)
            return None
        return waiting

    def _deliver(self, item: Item) -> None:
        if self._told_apart():
            turn = self.own
            for fact in item.facts:
                self._lane(fact, item.names)(fact)
                if turn.joins:
                    turn.settle()
        else:
            self._turn_with(item)

    def _lane(self, fact: object, names: Names) -> Lane:
        """The way of one fact alone, coded by *names*; found again when the branches below are others."""
        if self._laned is not _shape or self._names is not names:
            self._lanes.clear()
            self._laned, self._names = _shape, names
        kind = type(fact)
        lane = self._lanes.get(kind)
        if lane is None:
            lane = lane_into(self._observer, kind, names, self)
            if lane is None:
                lane = by_frame(self._observer, kind, names, self)
            self._lanes[kind] = lane
        return lane

    def _turn_with(self, item: Item) -> None:
        turn = self.own
        item.turn = self.outer or turn
        self._on_item(item)
        if turn.joins:
            turn.settle()

    def _told_apart(self) -> bool:
        """Whether plain Rx could see in which order two branches get the rows of one item."""
        shape = _shape
        if shape is not self._shape:
            found: set[int] = set()
            self._observer.exits(found)
            self._apart = len(found) > 1
            self._shape = shape
        return self._apart
