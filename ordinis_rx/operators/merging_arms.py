"""What every merge has: inputs, who of them is still there, and one way out."""

from __future__ import annotations

from abc import ABC, abstractmethod

from reactivex.disposable import CompositeDisposable

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.turns import next_order

__all__ = ["Arm", "Merging"]


class Merging(ABC):
    """One subscriber's merge: who is still there, and the way out."""

    def __init__(self, out: Entry, arms: int) -> None:
        self.out = out
        self.upstream = CompositeDisposable()
        self.open = set(range(arms))
        self.names = Names()
        self.seq = 0
        self.order = next_order()

    def subscribed(self) -> None:
        """All inputs are subscribed to: of the joins of a turn, this one is settled after those among its inputs."""
        self.order = next_order()

    @abstractmethod
    def take(self, item: Item, k: int) -> None:
        """Take what input *k* tells."""

    @abstractmethod
    def end(self, k: int, error: Exception | None) -> None:
        """Input *k* has ended, with *error* or well."""

    def finish(self, error: Exception | None) -> None:
        """End the merge, and let all inputs go."""
        if error is None:
            self.out.on_completed()
        else:
            self.out.on_error(error)
        self.upstream.dispose()


class Arm:
    """One input."""

    def __init__(self, merging: Merging, k: int) -> None:
        self._merging = merging
        self._k = k
        self.exits = merging.out.exits

    def on_item(self, item: Item) -> None:
        """Hand the item to the merge."""
        self._merging.take(item, self._k)

    def on_error(self, error: Exception) -> None:
        """Tell the merge that this input has failed."""
        self._merging.end(self._k, error)

    def on_completed(self) -> None:
        """Tell the merge that this input has ended."""
        self._merging.end(self._k, None)
