"""Where a flow ends in values that are no facts: pairs, tables, windows. From there on it is plain Rx."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

from ordinis_rx.batches import Item
from ordinis_rx.doors import entry_below, subscribing_for
from ordinis_rx.stream import flow_of
from ordinis_rx.turns import FlowObserver, Turn, tell_error

__all__ = ["ItemOutlet", "Outlet", "ending_in"]


class Outlet:
    """Tells values to one observer; one that raises is let go, and told by its own `on_error`.

    Facts that plain Rx makes of a value, and that enter a flow of ours again, belong to the turn in which it was told.
    """

    def __init__(self, observer: abc.ObserverBase[Any]) -> None:
        self._observer = observer
        self._below = entry_below()
        self.upstream = SingleAssignmentDisposable()
        self.stopped = False

    def on_error(self, error: Exception) -> None:
        """Pass the error on."""
        if not self.stopped:
            self.stopped = True
            tell_error(self._observer.on_error, error)

    def on_completed(self) -> None:
        """Pass the end on."""
        if not self.stopped:
            self.stopped = True
            self._observer.on_completed()

    def exits(self, found: set[int]) -> None:
        """Here facts leave for plain Rx."""
        found.add(id(self))

    def connect(
        self, source: Observable[Any], observer: FlowObserver, scheduler: abc.SchedulerBase | None
    ) -> abc.DisposableBase:
        """Subscribe *observer*, an input of this outlet or itself, to *source*."""
        with subscribing_for(None):
            return flow_of(source, observer, scheduler)

    def tell(self, value: Any, turn: Turn, seq: int) -> None:
        """Tell one value, made in that turn of what has that `seq`."""
        if not self.stopped:
            with self.causing(turn, seq):
                try:
                    self._observer.on_next(value)
                except Exception as error:
                    turn.entry.failures += 1
                    self._fail(error)

    def tell_last(self, value: Any) -> None:
        """Tell one value at the end, when no turn is on any more."""
        if not self.stopped:
            try:
                self._observer.on_next(value)
            except Exception as error:
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.stop()
        tell_error(self._observer.on_error, error)

    def causing(self, turn: Turn, seq: int) -> AbstractContextManager[None]:
        """What is told meanwhile belongs to that turn, wherever it enters a flow again."""
        return nullcontext() if self._below is None else self._below.caused_by(turn, seq)

    def stop(self) -> None:
        """Tell nothing more, and let the source go."""
        self.stopped = True
        self.upstream.dispose()


class ItemOutlet(Outlet, ABC):
    """An outlet at the end of one flow."""

    @abstractmethod
    def on_item(self, item: Item) -> None:
        """Make values of one item."""


def ending_in(
    make: Callable[[abc.ObserverBase[Any]], ItemOutlet],
) -> Callable[[Observable[Any]], Observable[Any]]:
    """The operator whose every subscriber has an outlet of its own, made by *make*."""

    def operator(source: Observable[Any]) -> Observable[Any]:
        def subscribe(
            observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            outlet = make(observer)
            outlet.upstream.disposable = outlet.connect(source, outlet, scheduler)
            return Disposable(outlet.stop)

        return Observable(subscribe)

    return operator
