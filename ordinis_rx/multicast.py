"""One source, many subscribers: hot streams that isolate their subscribers from each other.

Facts are pushed into a `Hot`; `share` makes any stream one. Both are for one thread at a time, as all of Rx is: who pushes
from several threads puts a `buffer` in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

from ordinis_rx.batches import Batch, Item, item_of
from ordinis_rx.checks import check_count
from ordinis_rx.codes import Names
from ordinis_rx.endings import leaving
from ordinis_rx.entries import Entry
from ordinis_rx.hearing import hears
from ordinis_rx.hub import Hub
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["Hot", "Shared", "share"]

A = TypeVar("A")

FEW = 20
"""So many facts of a message cost less one by one than as a frame, in most kernels."""


class Hot:
    """A root that facts are pushed into, as they arrive, for all who have subscribed by then.

    `hub` is where those who listen now are joined. After the end all begins afresh: whoever subscribes then, even while the
    last facts of before are still on their way, belongs to what is pushed from then on.

    >>> from ordinis_rx.events import Heartbeat
    >>> hot = Hot()
    >>> hang_up = hot.stream.subscribe(lambda beat: print(beat.ts_event))
    >>> hot.push([Heartbeat(ts_event=1, seq=1), Heartbeat(ts_event=2, seq=2)])
    1
    2
    """

    __slots__ = (
        "_batch",
        "_ended",
        "_entry",
        "_failures",
        "_names",
        "_peak",
        "hub",
        "stream",
    )

    def __init__(self) -> None:
        self.stream: Stream[Any] = Stream(self._join)
        self._names = Names()
        self._failures = self._peak = 0
        self._ended: list[Entry] = []
        self._begin()

    def _begin(self) -> None:
        self.hub = Hub()
        self._entry = Entry(self.hub, self._names)
        self._batch = Batch(self._names)

    def _join(
        self, observer: FlowObserver, _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        remove, entry = self.hub.add(observer), self._entry

        def leave() -> None:
            remove()
            entry.forget_old_ways()

        return Disposable(leave)

    @property
    def failures(self) -> int:
        """How many subscribers raised and were dropped for it."""
        return self._failures + sum(entry.failures for entry in (*self._ended, self._entry))

    @property
    def peak(self) -> int:
        """The most items that waited at once, for having been pushed while one was on its way."""
        return max(self._peak, *(entry.peak for entry in (*self._ended, self._entry)))

    def push(self, facts: list[Any]) -> None:
        """Hand *facts*, numbered and in the order of `seq`, to every subscriber."""
        if len(facts) == 1:
            self._entry.on_fact(facts[0])
            return
        subscribers, entry = self.hub.subscribers, self._entry
        if subscribers is not None and not entry.busy:  # no need of an item
            entry.busy = True
            try:
                self.hub.tell(facts, subscribers, entry)
            finally:
                entry.go_on()
            return
        if len(facts) <= FEW and facts and entry.on_few(facts):
            return
        item: Item = self._batch
        if entry.busy:  # the one on its way rests on the item that would be used again
            item = item_of(facts, self._names)
        else:
            item.hold(facts)
        entry.on_item(item)

    def error(self, error: Exception) -> None:
        """End the stream for all subscribers; those that come later start afresh."""
        self._end(lambda entry: entry.on_error(error))

    def complete(self) -> None:
        """End the stream for all subscribers; those that come later start afresh."""
        self._end(lambda entry: entry.on_completed())

    def _end(self, tell: Callable[[Entry], None]) -> None:
        """Begin afresh, all of it anew: what has ended may still be on its way."""
        self._ended.append(self._entry)
        self._begin()
        tell(self._ended[-1])
        for entry in [entry for entry in self._ended if not entry.busy]:
            self._ended.remove(entry)
            self._failures += entry.failures
            self._peak = max(self._peak, entry.peak)


class Shared(Stream[A]):
    """What `share` gives."""

    def __repr__(self) -> str:
        return "share()"


def share(subscribers: int = 1) -> Operator[A, A]:
    """Subscribe to the source once, for all: when so many *subscribers* are there, until the last has gone.

    Who subscribes later hears what comes from then on. A cold source that tells all at once is over by then, and begins
    again for the next subscriber: where several are to hear one story, say how many they are, or join or merge them, since a
    join and a `merge` connect all their inputs before the first fact. Raises ValueError for fewer than one.

    Unlike ``reactivex.operators.share`` it starts afresh after an error or completion, so that ``share() | retry`` works,
    and isolates its subscribers: one that raises has its own `on_error` told, and the others miss nothing.

    >>> from ordinis_rx.events import Heartbeat
    >>> from ordinis_rx.stream import from_events
    >>> shared = from_events([Heartbeat(ts_event=1)]).pipe(share())
    >>> for _ in range(2):
    ...     shared.subscribe(lambda beat: print(beat.ts_event)).dispose()
    1
    1

    >>> both = from_events([Heartbeat(ts_event=1), Heartbeat(ts_event=2)]).pipe(share(2))
    >>> _ = both.subscribe(lambda beat: print("one", beat.ts_event))
    >>> _ = both.subscribe(lambda beat: print("other", beat.ts_event))
    one 1
    other 1
    one 2
    other 2
    """
    check_count("share: subscribers", subscribers, "subscribers")

    def operator(source: Observable[A]) -> Shared[A]:
        hub: Hub | None = None
        upstream = SingleAssignmentDisposable()
        connected = False

        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            nonlocal hub, upstream, connected
            if hub is None or not hub.branches:
                hub, upstream, connected = Hub(), SingleAssignmentDisposable(), False
            mine, source_of_mine = hub, upstream
            remove = mine.add(observer)

            def leave() -> None:
                remove()
                if not mine.branches:  # also when they were dropped or told the end
                    source_of_mine.dispose()

            leaver = Disposable(leave)
            if not connected and len(mine.branches) >= subscribers:
                connected = True
                try:
                    with leaving(leaver):
                        source_of_mine.disposable = flow_of(source, mine, scheduler)
                except Exception as error:  # those that were there before are told, too
                    mine.on_error(error)
                    raise
            return leaver

        return Shared(flow)

    return hears(operator)
