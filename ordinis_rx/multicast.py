"""One source, many subscribers: hot streams that isolate their subscribers from each other.

`Hub` is the place where the branches part; `share` puts one below any stream. Both are for one thread at a time, as all of
Rx is: who pushes from several threads puts a `buffer` in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

from ordinis_rx.batches import Batch, Item, item_of
from ordinis_rx.columns import Names
from ordinis_rx.doors import Exit
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import Entry, FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["Hot", "Hub", "share"]

A = TypeVar("A")

_log = logging.getLogger(__name__)


class Hub:
    """Hands each item to every branch, in the order in which they came; itself an observer of items.

    A branch that raises is dropped and logged, and the others miss nothing. Branches may come and go at any time, even from
    inside a call: who comes while an item is on its way sees the next one.
    """

    __slots__ = ("branches", "subscribers")

    def __init__(self) -> None:
        self.branches: tuple[FlowObserver, ...] = ()
        self.subscribers: tuple[Exit, ...] | None = ()
        """The branches, where all of them end here in plain Rx."""

    def add(self, branch: FlowObserver) -> Callable[[], bool]:
        """Take a branch; what is returned lets it go, and tells whether it was still there."""
        self._set((*self.branches, branch))
        return lambda: self._remove(branch)

    def on_item(self, item: Item) -> None:
        """Hand *item* to every branch that is still there."""
        subscribers = self.subscribers
        if subscribers is None:
            self._hand_down(item)
            return
        try:
            facts = item.facts
        except Exception:  # each of them fails with it
            self._hand_down(item)
            return
        self.tell(facts, subscribers, item.turn.entry)

    def tell(self, facts: list[Any], subscribers: tuple[Exit, ...], entry: Entry) -> None:
        """Hand the facts that came in at *entry* to *subscribers*, and to those that come meanwhile, one by one."""
        for fact in facts:
            for subscriber in subscribers:
                if not subscriber.stopped:
                    try:
                        subscriber.on_next(fact)
                    except Exception as error:
                        self._fail(subscriber, error, entry)
            subscribers = self.subscribers or subscribers

    def _fail(self, subscriber: Exit, error: Exception, entry: Entry) -> None:
        try:
            subscriber.fail(error, entry)
        except Exception:
            self._drop(subscriber)

    def _hand_down(self, item: Item) -> None:
        branches = self.branches
        for branch in branches:
            if self.branches is branches or branch in self.branches:
                try:
                    branch.on_item(item)
                except Exception:
                    self._drop(branch)

    def on_error(self, error: Exception) -> None:
        """End every branch with *error*."""
        self._end(lambda branch: branch.on_error(error))

    def on_completed(self) -> None:
        """End every branch."""
        self._end(lambda branch: branch.on_completed())

    def exits(self, found: set[int]) -> None:
        """Ask every branch; subscribers that end here are told row by row, so that they count as one."""
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
            except Exception:
                self._drop(branch)

    def _remove(self, branch: FlowObserver) -> bool:
        there = branch in self.branches
        self._set(tuple(other for other in self.branches if other is not branch))
        return there

    def _set(self, branches: tuple[FlowObserver, ...]) -> None:
        self.branches = branches
        ends = tuple(b for b in branches if isinstance(b, Exit) and b.below is None)
        self.subscribers = ends if len(ends) == len(branches) else None

    def _drop(self, branch: FlowObserver) -> None:
        self._remove(branch)
        _log.exception("a subscriber raised and had no on_error; it is dropped, the others go on")


class Hot:
    """A root that facts are pushed into, as they arrive, for all who have subscribed by then.

    >>> from ordinis_rx.events import Heartbeat
    >>> hot = Hot()
    >>> hang_up = hot.stream.subscribe(lambda beat: print(beat.ts_event))
    >>> hot.push([Heartbeat(ts_event=1, seq=1), Heartbeat(ts_event=2, seq=2)])
    1
    2
    """

    __slots__ = ("_batch", "_entry", "_failures", "_names", "_peak", "_rows", "hub", "stream")

    def __init__(self) -> None:
        self.hub = Hub()
        self.stream: Stream[Any] = Stream(self._join)
        self._names = Names()
        self._failures = self._peak = 0
        self._batch = Batch(self._names)
        self._rows: dict[type[Any], Frame] = {}
        self._entry = Entry(self.hub)

    def _join(
        self, observer: FlowObserver, _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        remove = self.hub.add(observer)

        def leave() -> None:
            remove()

        return Disposable(leave)

    @property
    def failures(self) -> int:
        """How many subscribers raised and were dropped for it."""
        return self._failures + self._entry.failures

    @property
    def peak(self) -> int:
        """The most items that waited at once, for having been pushed while one was on its way."""
        return max(self._peak, self._entry.peak)

    def push(self, facts: list[Any]) -> None:
        """Hand *facts*, numbered and in the order of `seq`, to every subscriber."""
        entry, subscribers = self._entry, self.hub.subscribers
        if subscribers is not None and not entry.busy:  # no need of an item
            entry.busy = True
            try:
                self.hub.tell(facts, subscribers, entry)
            finally:
                entry.go_on()
            return
        if len(facts) == 1:
            fact: object = facts[0]
            kind = type(fact)
            item: Item | None = self._rows.get(kind)
            if item is None:
                item = self._rows[kind] = FRAMES[kind](self._names)
        else:
            item = self._batch
        if entry.busy:  # the one on its way rests on the item that would be used again
            item = item_of(facts, self._names)
        else:
            item.hold(facts)
        entry.on_item(item)

    def error(self, error: Exception) -> None:
        """End the stream for all subscribers; those that come later start afresh."""
        self._restart().on_error(error)

    def complete(self) -> None:
        """End the stream for all subscribers; those that come later start afresh."""
        self._restart().on_completed()

    def _restart(self) -> Entry:
        ended, self._entry = self._entry, Entry(self.hub)
        self._failures += ended.failures
        self._peak = max(self._peak, ended.peak)
        return ended


def share() -> Operator[A, A]:
    """Subscribe to the source once, for all subscribers: on the first, until the last has gone.

    Unlike ``reactivex.operators.share`` it starts afresh after an error or completion, so that ``share() | retry`` works,
    and isolates its subscribers: one that raises is told by its own `on_error`, and the others miss nothing.

    >>> from ordinis_rx.events import Heartbeat
    >>> from ordinis_rx.stream import from_events
    >>> shared = from_events([Heartbeat(ts_event=1)]).pipe(share())
    >>> for _ in range(2):
    ...     shared.subscribe(lambda beat: print(beat.ts_event)).dispose()
    1
    1
    """

    def operator(source: Observable[A]) -> Stream[A]:
        hub: Hub | None = None
        upstream = SingleAssignmentDisposable()

        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            nonlocal hub, upstream
            first = hub is None or not hub.branches
            if first:
                hub, upstream = Hub(), SingleAssignmentDisposable()
            assert hub is not None
            mine, source_of_mine = hub, upstream
            remove = mine.add(observer)
            if first:
                source_of_mine.disposable = flow_of(source, mine, scheduler)

            def leave() -> None:
                remove()
                if not mine.branches:  # also when they were dropped or told the end
                    source_of_mine.dispose()

            return Disposable(leave)

        return Stream(flow)

    return operator
