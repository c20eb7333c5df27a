"""An operator that takes trades or bars, whichever its stream tells first."""

from __future__ import annotations

from collections.abc import Callable

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ordinis_rx.batches import Item
from ordinis_rx.events import Bar, Event, Trade
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["Choosing"]

_Bars = Callable[[Observable[Event]], Observable[Bar]]


class Choosing:
    """One subscriber's choice: items go through *of_trades* or past it, as the first trade or bar decides."""

    __slots__ = ("_observer", "_of_trades", "_way")

    def __init__(self, observer: FlowObserver, of_trades: Operator[Event, Bar]) -> None:
        self._observer = observer
        self._of_trades: _Bars = of_trades
        self._way: FlowObserver | None = None

    def on_item(self, item: Item) -> None:
        """Hand *item* the way that is taken; before it is known, nothing in it matters."""
        way = self._way
        if way is None:
            facts: list[Event] = item.facts
            first = next((fact for fact in facts if isinstance(fact, Trade | Bar)), None)
            if first is None:
                return
            bars = isinstance(first, Bar)
            way = self._way = self._observer if bars else self._through_trades()
        way.on_item(item)

    # Methods, since the way is not known yet when those above ask for them.

    def on_error(self, error: Exception) -> None:
        """Pass the error the way that is taken."""
        (self._way or self._observer).on_error(error)

    def on_completed(self) -> None:
        """Pass the end the way that is taken."""
        (self._way or self._observer).on_completed()

    def exits(self, found: set[int]) -> None:
        """Ask those below where facts leave for plain Rx."""
        self._observer.exits(found)

    def _through_trades(self) -> FlowObserver:
        """The way in to the operator, which hands what it makes to our observer."""
        entries: list[FlowObserver] = []

        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            entries.append(observer)
            return Disposable()

        flow_of(Stream[Event](flow).pipe(self._of_trades), self._observer)
        return entries[0]
