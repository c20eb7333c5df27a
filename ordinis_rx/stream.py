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

import logging
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

import msgspec
from reactivex import Observable, abc
from reactivex.disposable import (
    CompositeDisposable,
    Disposable,
    SerialDisposable,
    SingleAssignmentDisposable,
)
from reactivex.scheduler import CurrentThreadScheduler, EventLoopScheduler, NewThreadScheduler

from ordinis_rx.batches import item_of
from ordinis_rx.checks import check_count, check_several
from ordinis_rx.codes import Names
from ordinis_rx.doors import Exit, FactEntry, Flow
from ordinis_rx.endings import on_trampoline
from ordinis_rx.entries import Entry
from ordinis_rx.events import Timed
from ordinis_rx.gates import gate_of_subscriber
from ordinis_rx.hearing import kinds_told
from ordinis_rx.timebase import check_whole, doubt_unit
from ordinis_rx.turns import FlowObserver

__all__ = [
    "Blocking",
    "Stream",
    "flow_of",
    "from_events",
    "from_items",
    "numbered",
    "one_thread",
]

_log = logging.getLogger(__name__)

A = TypeVar("A", covariant=True)


class Stream(Observable[A]):
    """An Rx observable of facts.

    `subscribe` gives them one by one, to plain Rx and to any function. Our own operators use `flow`, which hands over
    frames. A frame is valid only during the call: who wants to keep rows copies them, as `ordinis_rx.frames` does.
    """

    __iter__: ClassVar[None] = None
    """Python would iterate by ``stream[0]``, ``stream[1]``..., of which each is a stream, for ever."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self._flow = flow

    def __repr__(self) -> str:
        kinds = ", ".join(kind.__name__ for kind in kinds_told(self) or ())
        return f"<{type(self).__name__} of {kinds or 'facts'}>"

    def flow(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        """Subscribe an observer of items: frames, and batches of frames; each is valid only during the call."""
        upstream = SingleAssignmentDisposable()

        def connect() -> None:
            upstream.disposable = self._flow(observer, scheduler)

        on_trampoline(connect)
        return upstream

    def subscribe(
        self,
        on_next: abc.ObserverBase[A] | abc.OnNext[A] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        """Subscribe an observer, or up to three functions, to the facts; they are called one by one and in order.

        A subscriber that raises hears nothing after that fact, and its own `on_error` is told the error. Where it has none,
        the error goes up to whoever pushes a cold stream, and is logged by a hot one.
        """
        # Our own, since each function call between a source and its subscribers costs as much as theirs.
        end = Exit.of(on_next, on_error, on_completed)
        with one_thread(scheduler) as one:
            on_trampoline(lambda: end.connect(self._flow, one))
        return Disposable(end.leave)


class Blocking(EventLoopScheduler):
    """The one thread of a stream that somebody waits for, as ``run()`` does; what lives on their loop cannot live then."""


@contextmanager
def one_thread(
    scheduler: abc.SchedulerBase | None,
) -> Generator[abc.SchedulerBase | None]:
    """In place of a scheduler that takes a thread for each task, as ``run()`` does, one that takes one thread for all.

    Otherwise the sources of a merge would run side by side, and into each other. That thread begins when the block ends, so
    that no source has told all it has before everything is connected.
    """
    if not isinstance(scheduler, NewThreadScheduler):
        yield scheduler
        return
    connected = threading.Event()
    one = Blocking(scheduler.thread_factory, exit_if_empty=True)

    def wait(*_: object) -> None:
        connected.wait()

    one.schedule(wait)
    try:
        yield one
    finally:
        connected.set()


def flow_of(
    source: Observable[Any], observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
) -> abc.DisposableBase:
    """Subscribe *observer* to the items of any observable; the facts of a plain one come as frames of one row."""
    with one_thread(scheduler) as one:
        if isinstance(source, Stream):
            return source.flow(observer, one)
        entry = FactEntry(observer)
        entry.connect(source, one)
        return entry.upstream


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

    It stops between two items when disposed, and closes a generator then, so that no file of it stays open; it waits between
    two when the subscriber has a `Gate` and that is closed.
    """

    def flow(
        observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        entry = Entry(observer)
        gate = gate_of_subscriber(scheduler)
        clock = scheduler or CurrentThreadScheduler.singleton()
        running = SerialDisposable()
        items: Iterator[Any] | None = None
        stopped = False
        runs = 0  # a second one may begin in another thread while the first is about to leave
        lock = threading.Lock()

        def schedule() -> None:
            running.disposable = clock.schedule(run)

        def run(_: abc.SchedulerBase, __: Any = None) -> None:
            nonlocal runs
            with lock:
                runs += 1
            try:
                tell()
            finally:
                with lock:
                    runs -= 1
                close()

        def tell() -> None:
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
                entry.take(item)

        def stop() -> None:
            nonlocal stopped
            stopped = True
            entry.leave()
            close()

        def close() -> None:
            """Once it is stopped and nobody is in it: the items that are on their way are lent by it."""
            nonlocal items
            with lock:
                if not stopped or runs:
                    return
                left, items = items, None
            if isinstance(left, Generator):
                try:
                    left.close()
                except Exception:  # nobody is there any more to be told
                    _log.exception("a cold source failed when it was closed")

        # Later, by the scheduler, so that whoever subscribes holds the disposable before the first item comes.
        schedule()
        return CompositeDisposable(Disposable(stop), running)

    return Stream(flow)


def from_events(events: Iterable[A], *, rows: int = 1024) -> Stream[A]:
    """A cold stream of *events*, in the order given; in frames of at most *rows* for operators that take frames.

    Where `seq` does not rise from fact to fact, all are numbered anew, from 1. An iterator is read once and remembered, so
    that every subscriber sees the same story. Raises TypeError for a lone fact, for what is no fact, and for a time or
    *rows* that is not a whole number, ValueError for *rows* below 1; times that look like seconds are named in the log.

    >>> from ordinis_rx.testing import a_trade
    >>> from_events([a_trade(9.0), a_trade(8.0)]).subscribe(lambda trade: print(trade.seq, trade.price)).dispose()
    1 9.0
    2 8.0
    """
    check_count("from_events: rows", rows, "rows")
    if isinstance(events, Timed):
        raise TypeError(
            f"from_events wants several facts, [fact] where there is one, got {events!r}"
        )
    check_several("from_events: events", events, "[fact]")
    remembered: list[Any] = list(events)
    for fact in remembered:
        if not isinstance(fact, Timed):
            raise TypeError(f"from_events wants facts, got {fact!r}")
        if type(fact.ts_event) is not int:
            check_whole(f"from_events: ts_event of {fact!r}", fact.ts_event)
    if remembered:
        doubt_unit("from_events", remembered[0].ts_event, remembered[-1].ts_event)
    facts = numbered(remembered)

    def make(names: Names) -> Iterable[Any]:
        for start in range(0, len(facts), rows):
            yield item_of(facts[start : start + rows], names)

    return from_items(make)
