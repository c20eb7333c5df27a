"""Entries: the ways into a flow. What a root pushes is one item, and one item is finished before the next begins.

Every way in is an `Entry`: a hot root, a plain observable's facts, a merge, a join. While an item is on its way down,
whatever is pushed into the same entry (by a subscriber, say) is copied and waits.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.lanes import Lane
from ordinis_rx.paving import Paving, Way, way_into
from ordinis_rx.turns import FlowObserver, Turn

__all__ = ["Entry", "reshaped"]

_shape = [object()]
"""Holds another object whenever a branch comes or goes anywhere; no number, since threads may tell it at once."""


def reshaped() -> None:
    """A branch has come or gone, so that what an `Entry` knows of the ends below may be out of date."""
    _shape[0] = object()


_ENTER = """
if entry.busy or fact.__class__ is not kind or shape[0] is not entry._laned:
    find_way(fact)
    return
entry.busy = True
try:
"""
_DONE = """
except BaseException:
    give_up()
    raise
finally:
    if joins or waiting:
        follow_up()
    entry.busy = False
"""


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
        "_lanes_of",
        "_left",
        "_observer",
        "_on_item",
        "_shape",
        "_waiting",
        "_ways",
        "busy",
        "failures",
        "names",
        "on_fact",
        "outer",
        "own",
        "peak",
    )

    def __init__(self, observer: FlowObserver, names: Names | None = None) -> None:
        self._observer = observer
        self._on_item = observer.on_item
        self.names = names or Names()
        """What codes the facts that come in alone."""
        self.on_fact: Lane = self._find_way
        """Hands down one fact alone: as `on_item` does with a frame of one row, in fewer calls."""
        self.outer: Turn | None = None
        """The turn of an entry further up, where what comes in now belongs to it."""
        self.busy = False
        self._ended = self._left = False
        self._waiting: deque[Item | Exception | None] = deque()
        self.own = Turn(self)
        """The turn of what comes in while no outer one is on."""
        self._ways: dict[type[Any], Way] = {}
        """What `on_fact` may be, by the kind of the fact; and the lanes of what else comes in, by that, and its names."""
        self._lanes: dict[type[Any], Way] = {}
        self._lanes_of: Names | None = None
        self._laned: object = None
        """The shape that they were made for."""
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
            if item.n == 1 and self._shape is _shape[0] and not self._apart:
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
            self._give_up()
            raise
        self.busy = False

    def on_few(self, facts: list[Any]) -> bool:
        """Hand down a few facts that came together, one by one; what is pushed meanwhile comes after all of them.

        False, and nothing is handed down, where somebody takes frames, and while another item is on its way.
        """
        if self.busy or self._ended or self._part_way(facts[0], self.names).to_frames:
            return False
        self.busy = True
        try:
            self._tell_each(facts, self.names)
            if self._waiting:
                self._work_off()
        except BaseException:
            self._give_up()
            raise
        self.busy = False
        return True

    def _follow_up(self) -> None:
        """What follows when a lone fact has arrived: its joins are settled, and what came meanwhile is handed down."""
        try:
            self.own.settle()
            self._work_off()
        except BaseException:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """What is on its way has ended with an exception that nobody took."""
        self.busy = False
        self._waiting.clear()
        self.own.joins.clear()

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
        """Ask those below where facts leave for plain Rx.

        A place that is reached both through here and past here counts twice, since here facts are told anew.
        """
        below: set[int] = set()
        self._observer.exits(below)
        found.update(hash((id(self), end)) for end in below)

    def leave(self) -> None:
        """Nobody listens any more: of facts that are told apart, those that are not on their way yet stay untold."""
        self._left = True
        if self.busy:  # amid them: whoever tells them looks up when a branch has gone
            reshaped()

    def end(self, error: Exception | None) -> None:
        """End the stream with *error*, or well (None), after what is on its way."""
        if self.busy:
            self._waiting.append(error)
        elif not self._ended:
            self._ended = True
            self.on_fact = self._find_way
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
            self._tell_each(item.facts, item.names)
        else:
            self._turn_with(item)

    def _find_way(self, fact: Any) -> None:
        """What `on_fact` does while it is not free, and where it does not know the way of such a fact, or no more."""
        if self.busy or self._ended:
            self.on_item(item_of([fact], self.names))
            return
        self.forget_old_ways()
        kind = fact.__class__
        way = self._ways.get(kind)
        if way is None:
            way = self._ways[kind] = self._way(kind)
        self.on_fact = way.lane
        way.lane(fact)

    def _way(self, kind: type[Any]) -> Way:
        """The lane of facts of *kind* that come in alone, from the entry on."""
        known: dict[str, Any] = {
            "entry": self,
            "find_way": self._find_way,
            "follow_up": self._follow_up,
            "give_up": self._give_up,
            "joins": self.own.joins,
            "kind": kind,
            "shape": _shape,
            "waiting": self._waiting,
        }
        paving = Paving(self.names, self)
        with paving.inside(_ENTER, _DONE, **known):
            paving.into(self._observer, kind)
        return paving.way()

    def _tell_each(self, facts: list[Any], names: Names) -> None:
        """Hand down the facts of one item, coded by *names*, one by one."""
        turn, kind, lane = self.own, None, self.on_fact
        joins = turn.joins
        for fact in facts:
            if fact.__class__ is not kind or self._laned is not _shape[0]:
                if self._left:
                    return
                kind, lane = fact.__class__, self._part_way(fact, names).lane
            lane(fact)
            if joins:
                turn.settle()

    def _part_way(self, fact: Any, names: Names) -> Way:
        """The way of one fact of an item coded by *names*."""
        if self._laned is not _shape[0]:
            self.forget_old_ways()
        if self._lanes_of is not names:
            self._lanes, self._lanes_of = {}, names
        kind = fact.__class__
        way = self._lanes.get(kind)
        if way is None:
            way = self._lanes[kind] = way_into(self._observer, kind, names, self)
        return way

    def forget_old_ways(self) -> None:
        """Forget the ways below which the branches are others."""
        shape = _shape[0]
        if self._laned is not shape:
            self._ways = {kind: way for kind, way in self._ways.items() if way.stands()}
            self._lanes = {kind: way for kind, way in self._lanes.items() if way.stands()}
            self._laned = shape
            self.on_fact = self._find_way

    def _turn_with(self, item: Item) -> None:
        turn = self.own
        item.turn = self.outer or turn
        self._on_item(item)
        if turn.joins:
            turn.settle()

    def _told_apart(self) -> bool:
        """Whether plain Rx could see in which order two branches get the rows of one item."""
        shape = _shape[0]
        if shape is not self._shape:
            found: set[int] = set()
            self._observer.exits(found)
            self._apart = len(found) > 1
            self._shape = shape
        return self._apart
