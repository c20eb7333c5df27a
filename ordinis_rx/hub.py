"""The place where the branches of a stream part: each item to every branch, and nobody's fault is another's loss."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.doors import Exit
from ordinis_rx.entries import Entry, reshaped
from ordinis_rx.lanes import Lane
from ordinis_rx.paving import Paving, Way, way_into
from ordinis_rx.turns import RAISED, FlowObserver, is_told

__all__ = ["Hub"]

FEW = 2
"""So many branches are told of a lone fact in one function."""

_IF_THERE = "if hub.branches is branches or branch in hub.branches:"
_DROP = "except RAISED as error:\n    drop(branch, error)"

_log = logging.getLogger(__name__)


class Hub:
    """Hands each item to every branch, in the order in which they came; itself an observer of items.

    A branch that raises is dropped and told, or else logged, and the others miss nothing. Branches may come and go at any
    time, even from inside a call: who comes while an item is on its way sees the next one.
    """

    __slots__ = ("_only", "_ways", "branches", "subscribers")

    def __init__(self) -> None:
        self.branches: tuple[FlowObserver, ...] = ()
        self._ways: dict[tuple[type[Any], Names, Entry], dict[int, tuple[FlowObserver, Way]]] = {}
        """What was found of each branch when there were many, by the branch's id."""
        self._only: Callable[[Item], None] | None = None
        """Where the items go while there is one branch alone."""
        self.subscribers: tuple[Exit, ...] | None = ()
        """The branches, where all of them end here in plain Rx."""

    def add(self, branch: FlowObserver) -> Callable[[], bool]:
        """Take a branch; what is returned lets it go, and tells whether it was still there."""
        self._set((*self.branches, branch))
        return lambda: self._remove(branch)

    def on_item(self, item: Item) -> None:
        """Hand *item* to every branch that is still there."""
        if self._only is not None:
            branches = self.branches
            try:
                self._only(item)
            except RAISED as error:
                self._drop(branches[0], error)
            return
        subscribers = self.subscribers
        if subscribers is not None:
            try:
                facts = item.held or item.facts
            except Exception:  # each of them fails with it, below
                pass
            else:
                self.tell(facts, subscribers, item.turn.entry)
                return
        branches = self.branches
        for branch in branches:
            if self.branches is branches or branch in self.branches:
                try:
                    branch.on_item(item)
                except RAISED as error:
                    self._drop(branch, error)

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone: to every branch that is still there."""
        branches = paving.parts(self)
        if len(branches) > FEW:
            paving.write("each(fact)", each=self._each(paving, kind, branches))
            return
        for branch in branches:
            known: dict[str, Any] = {"branches": branches, "branch": branch, "hub": self}
            known |= {"drop": self._drop, "RAISED": RAISED}
            with paving.inside(_IF_THERE, **known), paving.inside("try:", _DROP, **known):
                if branch is branches[-1]:
                    paving.into(branch, kind)
                else:  # who leaves the way of this one goes on to the next
                    with paving.once():
                        paving.into(branch, kind)

    def _each(self, paving: Paving, kind: type[Any], branches: tuple[FlowObserver, ...]) -> Lane:
        """The same of many branches, most of which are the same after one has come or gone."""
        subscribers, entry = self.subscribers, paving.entry
        if subscribers is not None:
            return lambda fact: self.tell([fact], subscribers, entry.turn.entry)
        before = self._ways.get((kind, paving.names, paving.entry), {})
        ways: dict[int, tuple[FlowObserver, Way]] = {}
        for branch in branches:
            known = before.get(id(branch))
            if known is None or not known[1].stands():
                known = branch, way_into(branch, kind, paving.names, paving.entry)
            ways[id(branch)] = known
        self._ways[kind, paving.names, paving.entry] = ways
        lanes = [(branch, paving.take(ways[id(branch)][1])) for branch in branches]

        def each(fact: Any) -> None:
            for branch, lane in lanes:
                if self.branches is branches or branch in self.branches:
                    try:
                        lane(fact)
                    except RAISED as error:
                        self._drop(branch, error)

        return each

    def tell(self, facts: list[Any], subscribers: tuple[Exit, ...], entry: Entry) -> None:
        """Hand the facts that came in at *entry* to *subscribers*, and to those that come meanwhile, one by one."""
        rest = iter(facts)
        # Most streams have one subscriber, which takes half the time.
        if len(subscribers) == 1 and not subscribers[0].stopped:
            on_next = subscribers[0].on_next
            try:
                for fact in rest:
                    on_next(fact)
                    if self.subscribers is not subscribers:
                        break
            except RAISED as error:
                self._fail(subscribers[0], error, entry)
            subscribers = self.subscribers or subscribers
        for fact in rest:
            for subscriber in subscribers:
                try:
                    subscriber.on_next(fact)  # nothing happens, where it has left
                except RAISED as error:
                    self._fail(subscriber, error, entry)
            subscribers = self.subscribers or subscribers

    def _fail(self, subscriber: Exit, error: BaseException, entry: Entry) -> None:
        try:
            subscriber.fail(error, entry)
        except RAISED as untaken:
            self._drop(subscriber, untaken)

    def on_error(self, error: Exception) -> None:
        """End every branch with *error*."""
        self._end(lambda branch: branch.on_error(error))

    def on_completed(self) -> None:
        """End every branch."""
        self._end(lambda branch: branch.on_completed())

    def exits(self, found: set[int]) -> None:
        """Ask every branch; subscribers that end here are told row by row anyhow, so that they count as one place."""
        if self.subscribers:
            found.add(id(self))
            return
        for branch in self.branches:
            branch.exits(found)

    def _end(self, tell: Callable[[FlowObserver], None]) -> None:
        branches = self.branches
        self._set(())
        for branch in branches:
            try:
                tell(branch)
            except RAISED as error:
                self._drop(branch, error)

    def _remove(self, branch: FlowObserver) -> bool:
        there = branch in self.branches
        self._set(tuple(other for other in self.branches if other is not branch))
        for ways in self._ways.values():
            ways.pop(id(branch), None)
        return there

    def _set(self, branches: tuple[FlowObserver, ...]) -> None:
        self.branches = branches
        if len(branches) <= FEW:
            self._ways.clear()
        ends = tuple(b for b in branches if isinstance(b, Exit) and b.below is None)
        self.subscribers = ends if len(ends) == len(branches) else None
        self._only = branches[0].on_item if len(branches) == 1 and not ends else None
        reshaped()

    def _drop(self, branch: FlowObserver, error: BaseException) -> None:
        """Let go of a branch that raised *error*: a step of its own tells it to those below, as `on_error` does in Rx."""
        self._remove(branch)
        try:
            if is_told(branch.on_error, error):
                return
        except RAISED as untaken:
            error = untaken
        what = "a subscriber raised and had no on_error; it is dropped, the others go on"
        _log.error(what, exc_info=error)
