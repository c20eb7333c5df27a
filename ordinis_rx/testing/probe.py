"""Both ends of an operator under test: a source that keeps a book on its subscribers, and a subscriber that hears all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from reactivex import Observable, abc
from reactivex.disposable import Disposable
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.batches import item_of
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.stream import Stream
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["Branch", "Source", "Subscriber", "told"]


class Branch(NamedTuple):
    """How to reach one subscriber."""

    tell: Callable[[Any], None]
    fail: Callable[[Exception], None]
    end: Callable[[], None]


class Source:
    """A hot source that keeps a book on its subscribers; plain Rx, or *framed* as one of our own.

    `live` are those that are subscribed now, `schedulers` what each of all that ever were brought along.
    """

    def __init__(self, framed: bool = False) -> None:
        self.live: list[Branch] = []
        self.schedulers: list[abc.SchedulerBase | None] = []
        self.stream: Observable[Any] = Stream(self._flow) if framed else Observable(self._subscribe)

    def tell(self, value: Any) -> None:
        """Hand *value* to every subscriber."""
        for subscriber in tuple(self.live):
            subscriber.tell(value)

    def fail(self, error: Exception) -> None:
        """End every subscriber with *error*."""
        for subscriber in tuple(self.live):
            subscriber.fail(error)

    def end(self) -> None:
        """End every subscriber."""
        for subscriber in tuple(self.live):
            subscriber.end()

    def _subscribe(
        self, observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        branch = Branch(observer.on_next, observer.on_error, observer.on_completed)
        return self._enter(branch, scheduler)

    def _flow(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        entry, names = Entry(observer), Names()

        def tell(fact: Any) -> None:
            entry.on_item(item_of([fact], names))

        return self._enter(Branch(tell, entry.on_error, entry.on_completed), scheduler)

    def _enter(self, branch: Branch, scheduler: abc.SchedulerBase | None) -> abc.DisposableBase:
        self.live.append(branch)
        self.schedulers.append(scheduler)
        return Disposable(lambda: self.live.remove(branch))


class Subscriber:
    """Hears all that a stream tells, in virtual time; an end is the error, or None for completion."""

    def __init__(self, stream: Observable[Any], clock: VirtualTimeScheduler) -> None:
        self.values: list[Any] = []
        self.ends: list[Exception | None] = []
        self.subscription = stream.subscribe(
            self.values.append, self.ends.append, lambda: self.ends.append(None), scheduler=clock
        )


def told(operator: Operator[Any, Any], values: Sequence[Any]) -> list[Any]:
    """What *operator* tells of *values*, one a second, to one subscriber, alone; raises its error where that is all."""
    source, clock = Source(), VirtualTimeScheduler()
    subscriber = Subscriber(source.stream.pipe(operator), clock)
    for value in values:
        source.tell(value)
        clock.advance_by(1.0)
    source.end()
    clock.advance_by(1.0)
    subscriber.subscription.dispose()
    if not subscriber.values and subscriber.ends and subscriber.ends[0] is not None:
        raise subscriber.ends[0]
    return subscriber.values
