"""Streams: facts outside, frames inside.

A `Stream` is an ordinary Rx observable of facts: ``subscribe()``, every operator of ``reactivex.operators`` and every lambda
see facts one by one. Between themselves our own operators use ``flow()``, which hands over frames (one row live, some ten
thousand in replay), so that the same arithmetic runs live, in replay and in batch.

>>> from ordinis_rx.events import Trade
>>> trades = from_events([Trade(symbol="AAPL", ts_event=t, price=100.0 + t, size=1.0) for t in range(3)])
>>> trades.subscribe(lambda trade: print(trade.seq, trade.price)).dispose()
1 100.0
2 101.0
3 102.0
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec
from reactivex import Observable, abc
from reactivex.disposable import (
    CompositeDisposable,
    Disposable,
    SerialDisposable,
    SingleAssignmentDisposable,
)
from reactivex.scheduler import CurrentThreadScheduler

from ordinis_rx.batches import Item, item_of
from ordinis_rx.columns import Names
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.gates import gate_of_subscriber
from ordinis_rx.turns import Entry, FlowObserver

__all__ = ["Exit", "Flow", "Stream", "flow_of", "from_events", "from_items", "numbered"]

A = TypeVar("A", covariant=True)

Flow = Callable[[FlowObserver, abc.SchedulerBase | None], abc.DisposableBase]
"""Subscribes an observer of items."""


class Stream(Observable[A]):
    """An observable of facts that also flows in frames."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self._flow = flow

    def flow(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        """Subscribe an observer of items: frames and batches, each lent for the call."""
        return self._flow(observer, scheduler)

    def subscribe(
        self,
        on_next: abc.ObserverBase[A] | abc.OnNext[A] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        """Subscribe an observer, or up to three functions, to the facts; they are called one by one and in order.

        One that raises is let go at that fact and told by its own `on_error`; without one, the error goes up to whoever
        pushes a cold stream, and is logged by a hot one.
        """
        # Our own, since each function call between a source and its subscribers costs as much as theirs.
        observer: Any = on_next
        if hasattr(observer, "on_next"):
            end = Exit(observer.on_next, observer.on_error, observer.on_completed)
        else:
            end = Exit(observer or _ignore, on_error or _throw, on_completed)

        def connect(*_: Any) -> None:
            end.connect(self, scheduler)

        trampoline = CurrentThreadScheduler.singleton()
        if trampoline.schedule_required():
            trampoline.schedule(connect)
        else:
            connect()
        return Disposable(end.leave)


def _ignore(_: Any) -> None:
    """What a subscriber does with facts that it has no function for."""


def _throw(error: Exception) -> None:
    raise error


class Exit:
    """Where a flow ends in plain Rx: hands the facts of each item to one subscriber, one by one.

    `below` is the entry of the next flow of ours, where plain Rx leads into one.
    """

    __slots__ = ("_on_completed", "_on_error", "_upstream", "below", "on_next", "stopped")

    def __init__(
        self,
        on_next: Callable[[Any], None],
        on_error: Callable[[Exception], None],
        on_completed: Callable[[], None] | None,
    ) -> None:
        self.on_next = on_next
        self._on_error = on_error
        self._on_completed = on_completed
        self.below = _subscribing.entry
        self.stopped = False
        self._upstream = SingleAssignmentDisposable()

    def connect(self, stream: Stream[Any], scheduler: abc.SchedulerBase | None) -> None:
        """Subscribe to *stream*; what goes wrong with that is told by `on_error`."""
        _subscribing.entry = None
        try:
            self._upstream.disposable = stream.flow(self, scheduler)
        except Exception as error:
            if self.stopped:
                raise
            self.on_error(error)
        finally:
            _subscribing.entry = self.below

    def leave(self) -> None:
        """Hear nothing more."""
        self.stopped = True
        self._upstream.dispose()

    def fail(self, error: Exception, entry: Entry) -> None:
        """Let go of the subscriber, which raised *error* at what came in at *entry*, and tell it.

        Raises *error* where the subscriber had left already, so that nobody is there to be told.
        """
        entry.failures += 1
        if self.stopped:
            raise error
        self.leave()
        self._on_error(error)

    def on_item(self, item: Item) -> None:
        """Hand on the facts, as long as they are wanted."""
        below, on_next = self.below, self.on_next
        try:
            for fact in item.facts:
                if self.stopped:
                    return
                if below is not None:
                    below.outer, below.outer_seq = item.turn, fact.seq
                on_next(fact)
        except Exception as error:
            self.fail(error, item.turn.entry)
        finally:
            if below is not None:
                below.outer = None

    def on_error(self, error: Exception) -> None:
        """Hand on the error, once."""
        if not self.stopped:
            self.stopped = True
            try:
                self._on_error(error)
            finally:
                self._upstream.dispose()

    def on_completed(self) -> None:
        """Hand on the end, once."""
        if not self.stopped:
            self.stopped = True
            try:
                if self._on_completed is not None:
                    self._on_completed()
            finally:
                self._upstream.dispose()

    def exits(self, found: set[int]) -> None:
        """This is one."""
        found.add(id(self))


def flow_of(
    source: Observable[Any], observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
) -> abc.DisposableBase:
    """Subscribe *observer* to the items of any observable; the facts of a plain one come as frames of one row."""
    if isinstance(source, Stream):
        return source.flow(observer, scheduler)
    entry = _FactEntry(observer)
    outside, _subscribing.entry = _subscribing.entry, entry
    try:
        entry.upstream.disposable = source.subscribe(
            entry.on_next, entry.on_error, entry.on_completed, scheduler=scheduler
        )
    finally:
        _subscribing.entry = outside
    return entry.upstream


class _FactEntry(Entry):
    """The way from plain Rx into a flow. What comes from an exit further up belongs to that one's turn."""

    __slots__ = ("_frames", "_names", "_seq", "outer_seq", "upstream")

    def __init__(self, observer: FlowObserver) -> None:
        super().__init__(observer)
        self._names = Names()
        self._frames: dict[type[Any], Frame] = {}
        self._seq = 0
        self.outer_seq = 0
        self.upstream = SingleAssignmentDisposable()

    def on_next(self, fact: Any) -> None:
        thing: object = fact
        kind = type(thing)
        frame = self._frames.get(kind)
        if frame is None or self.busy:
            if kind not in FRAMES:
                self.upstream.dispose()
                self.on_error(TypeError(f"operators of ordinis_rx take facts, got {fact!r}"))
                return
            frame = self._frames[kind] = FRAMES[kind](self._names)
        if fact.seq == 0:
            fact = msgspec.structs.replace(fact, seq=self._number())
        frame.hold([fact])
        self.on_item(frame)

    def _number(self) -> int:
        if self.outer is not None:
            return self.outer_seq
        self._seq += 1
        return self._seq


class _Subscribing(threading.local):
    entry: _FactEntry | None = None


_subscribing = _Subscribing()
"""Which fact entry this thread is subscribing, so that an exit above it knows whom it feeds."""


def numbered(facts: Iterable[Any], first: int = 1) -> list[Any]:
    """The facts with `seq` from *first* on, where any of them has none; as they are where all rise already."""
    facts = list(facts)
    last = 0
    for fact in facts:
        if fact.seq <= last:
            return [msgspec.structs.replace(fact, seq=seq) for seq, fact in enumerate(facts, first)]
        last = fact.seq
    return facts


def from_items(make: Callable[[Names], Iterable[Any]]) -> Stream[Any]:
    """A cold stream of the items of ``make(names)``, one run a subscription.

    It stops between two items when disposed, and waits between two when the subscriber has a `Gate` and that is closed.
    """

    def flow(
        observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        entry = Entry(observer)
        gate = gate_of_subscriber()
        clock = scheduler or CurrentThreadScheduler.singleton()
        running = SerialDisposable()
        items: Iterator[Any] | None = None
        stopped = False

        def schedule() -> None:
            running.disposable = clock.schedule(run)

        def run(_: abc.SchedulerBase, __: Any = None) -> None:
            nonlocal items
            while not stopped:
                if gate is not None and not gate.is_open():
                    gate.when_open(schedule)
                    return
                try:  # around the source alone: what a subscriber raises is not the source's error
                    if items is None:
                        items = iter(make(Names()))
                    item = next(items, None)
                except Exception as error:
                    entry.on_error(error)
                    return
                if item is None:
                    entry.on_completed()
                    return
                entry.on_item(item)

        def stop() -> None:
            nonlocal stopped
            stopped = True

        # Later, by the scheduler, so that whoever subscribes holds the disposable before the first item comes.
        schedule()
        return CompositeDisposable(Disposable(stop), running)

    return Stream(flow)


def from_events(events: Iterable[A], *, rows: int = 1024) -> Stream[A]:
    """A cold stream of *events*, in the order given; in frames of at most *rows* for those who take frames.

    Facts that have no rising `seq` are numbered from 1. An iterator is read once and remembered, so that every subscriber
    sees the same story.
    """
    if rows < 1:
        raise ValueError(f"rows must be at least 1, got {rows}")
    facts = numbered(events)

    def make(names: Names) -> Iterable[Any]:
        for start in range(0, len(facts), rows):
            yield item_of(facts[start : start + rows], names)

    return from_items(make)
