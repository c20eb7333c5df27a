"""One source, many subscribers: hot streams that isolate their subscribers from each other.

`Hub` is the place where the branches part; `share` puts one below any stream. Both are for one thread at a time, as all of
Rx is: who pushes from several threads puts a `buffer` in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

from ordinis_rx.batches import Item
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["Hub", "share"]

A = TypeVar("A")

_log = logging.getLogger(__name__)


class Hub:
    """Hands each item to every branch, in the order in which they came; itself an observer of items.

    A branch that raises is dropped and logged, and the others miss nothing. Branches may come and go at any time, even from
    inside a call: who comes while an item is on its way sees the next one.
    """

    __slots__ = ("branches",)

    def __init__(self) -> None:
        self.branches: tuple[FlowObserver, ...] = ()

    def add(self, branch: FlowObserver) -> Callable[[], bool]:
        """Take a branch; what is returned lets it go, and tells whether it was still there."""
        self.branches = (*self.branches, branch)

        def remove() -> bool:
            there = any(other is branch for other in self.branches)
            self.branches = tuple(other for other in self.branches if other is not branch)
            return there

        return remove

    def on_item(self, item: Item) -> None:
        """Hand *item* to every branch that is still there."""
        for branch in self.branches:
            if branch in self.branches:
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
        """Ask every branch."""
        for branch in self.branches:
            branch.exits(found)

    def _end(self, tell: Callable[[FlowObserver], None]) -> None:
        branches, self.branches = self.branches, ()
        for branch in branches:
            try:
                tell(branch)
            except Exception:
                self._drop(branch)

    def _drop(self, branch: FlowObserver) -> None:
        self.branches = tuple(other for other in self.branches if other is not branch)
        _log.exception("a subscriber raised and had no on_error; it is dropped, the others go on")


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
                if remove() and not mine.branches:
                    source_of_mine.dispose()

            return Disposable(leave)

        return Stream(flow)

    return operator
