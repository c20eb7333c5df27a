"""Where a flow ends in values that are no facts: pairs, tables, windows. From there on it is plain Rx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

from ordinis_rx.batches import Item
from ordinis_rx.stream import flow_of
from ordinis_rx.turns import Turn

__all__ = ["Outlet", "ending_in"]


class Outlet:
    """Tells values to one observer; one that raises is let go, and told by its own `on_error`."""

    def __init__(self, observer: abc.ObserverBase[Any]) -> None:
        self._observer = observer
        self.upstream = SingleAssignmentDisposable()
        self.stopped = False

    def on_item(self, item: Item) -> None:
        """Make values of one item."""
        raise NotImplementedError

    def on_error(self, error: Exception) -> None:
        """Pass the error on."""
        if not self.stopped:
            self._observer.on_error(error)

    def on_completed(self) -> None:
        """Pass the end on."""
        if not self.stopped:
            self._observer.on_completed()

    def exits(self, found: set[int]) -> None:
        """Here the flow meets plain Rx."""
        found.add(id(self))

    def tell(self, value: Any, turn: Turn) -> None:
        """Tell one value, made in that turn."""
        if self.stopped:
            return
        try:
            self._observer.on_next(value)
        except Exception as error:
            turn.entry.failures += 1
            self.stop()
            self._observer.on_error(error)

    def stop(self) -> None:
        """Tell nothing more, and let the source go."""
        self.stopped = True
        self.upstream.dispose()


def ending_in(
    make: Callable[[abc.ObserverBase[Any]], Outlet],
) -> Callable[[Observable[Any]], Observable[Any]]:
    """The operator whose every subscriber has an outlet of its own, made by *make*."""

    def operator(source: Observable[Any]) -> Observable[Any]:
        def subscribe(
            observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            outlet = make(observer)
            outlet.upstream.disposable = flow_of(source, outlet, scheduler)
            return Disposable(outlet.stop)

        return Observable(subscribe)

    return operator
