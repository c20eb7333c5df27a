"""Joins of two inputs of one root: what comes by one is kept, what comes by the other looks at what is there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable

from ordinis_rx.batches import Item
from ordinis_rx.endings import leaving
from ordinis_rx.entries import Entry
from ordinis_rx.operators.outlet import Outlet
from ordinis_rx.stream import one_thread
from ordinis_rx.turns import Turn, next_order

__all__ = ["Pairing", "paired"]


class _Arrived(NamedTuple):
    """A fact of a turn; at one `seq` those to keep (0) come before those that look (1)."""

    seq: int
    side: int
    fact: Any


class Pairing(Outlet, ABC):
    """One subscriber's join, settled when a turn ends: by then all has arrived that its item causes."""

    def __init__(self, observer: abc.ObserverBase[Any], who: str) -> None:
        super().__init__(observer)
        self.order = next_order()
        self._who = who
        self._root: Entry | None = None
        self._turn: Turn | None = None
        self._arrived: list[_Arrived] = []
        self._ending: Exception | None = None
        self._over = False

    @abstractmethod
    def keep(self, fact: Any) -> None:
        """Take note of a fact that others will look at."""

    @abstractmethod
    def look(self, fact: Any, turn: Turn) -> None:
        """Tell what there is for *fact*."""

    def take(self, item: Item, side: int) -> None:
        """Take what has arrived by one side; it waits for what else the turn brings."""
        turn: Turn = item.turn
        if self._root is not turn.entry:
            if self._root is not None:
                self._refuse()
                return
            self._root = turn.entry
        self._arrived += [_Arrived(fact.seq, side, fact) for fact in item.facts]
        self._turn = turn
        turn.settle_later(self)

    def settle(self) -> None:
        """The turn is over: go through what has arrived, in order."""
        arrived, self._arrived = self._arrived, []
        arrived.sort(key=itemgetter(0, 1))
        assert self._turn is not None
        for _, side, fact in arrived:
            if side == 0:
                self.keep(fact)
            else:
                self.look(fact, self._turn)
        if self._over:
            self._finish()

    def end(self, error: Exception | None) -> None:
        """The stream ends, after what has arrived in this turn."""
        if self._over:
            return
        self._over, self._ending = True, error
        if not self._arrived:
            self._finish()

    def _finish(self) -> None:
        if self._ending is None:
            self.on_completed()
        else:
            self.on_error(self._ending)
        self.stop()

    def _refuse(self) -> None:
        self.end(
            ValueError(
                f"{self._who}: its two inputs come from different roots, which have no common order;"
                " share() their source, or merge() them and select from that"
            )
        )


def paired(
    make: Callable[[abc.ObserverBase[Any], str], Pairing],
    who: str,
    *,
    looked_up: Observable[Any],
    looking: Observable[Any],
) -> Observable[Any]:
    """The join of two inputs that is named *who*; it ends with those that look, or with the first error of either."""

    def subscribe(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        pairing = make(observer, who)
        upstream = CompositeDisposable()
        pairing.upstream.disposable = upstream
        with leaving(upstream), one_thread(scheduler) as one:
            # What is looked at first: were both cold, its first fact would otherwise come after the last that looks.
            upstream.add(pairing.connect(looked_up, _LookedUp(pairing), one))
            upstream.add(pairing.connect(looking, _Looking(pairing), one))
        pairing.order = next_order()
        return Disposable(pairing.stop)

    return Observable(subscribe)


class _Looking:
    """The input whose facts look at what is there."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self.exits = pairing.exits
        self.on_error = pairing.end

    def on_item(self, item: Item) -> None:
        self._pairing.take(item, 1)

    def on_completed(self) -> None:
        self._pairing.end(None)


class _LookedUp:
    """The input whose facts are looked at, and outlive its end."""

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self.exits = pairing.exits
        self.on_error = pairing.end

    def on_item(self, item: Item) -> None:
        self._pairing.take(item, 0)

    def on_completed(self) -> None:
        """What was latest stays so."""
