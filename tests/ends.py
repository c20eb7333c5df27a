"""Ends and beginnings of flows, for tests of what lies between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Heartbeat
from ordinis_rx.frames import HeartbeatFrame

__all__ = ["Log", "Reusing", "Seqs", "Told", "beat"]


def beat(seq: int) -> Heartbeat:
    return Heartbeat(ts_event=seq, seq=seq)


class Log:
    """An end of a flow that writes down what it is told, and may do something about each item."""

    def __init__(self, react: Callable[[Item], object] = lambda item: None) -> None:
        self.told: list[Any] = []
        self.react = react
        self.ends = 1

    def on_item(self, item: Item) -> None:
        self.told.append([fact.seq for fact in item.facts])
        self.react(item)

    def on_error(self, error: Exception) -> None:
        self.told.append(error)

    def on_completed(self) -> None:
        self.told.append("completed")

    def exits(self, found: set[int]) -> None:
        found.update(range(self.ends))


class Seqs:
    """The `seq` of the first fact of each item, the class of an error, or "completed"."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def on_item(self, item: Item) -> None:
        self.told.append(item.facts[0].seq)

    def on_error(self, error: Exception) -> None:
        self.told.append(type(error))

    def on_completed(self) -> None:
        self.told.append("completed")

    def exits(self, found: set[int]) -> None:
        """It hands nothing to plain Rx."""


class Told:
    """What an Rx subscriber was told; it raises at the fact with number *raises_at*."""

    def __init__(self, raises_at: int = -1) -> None:
        self.seqs: list[int] = []
        self.error: Exception | None = None
        self.completed = False
        self.raises_at = raises_at

    def on_next(self, fact: Any) -> None:
        self.seqs.append(fact.seq)
        if fact.seq == self.raises_at:
            raise ValueError(f"cannot take {fact.seq}")

    def on_error(self, error: Exception) -> None:
        self.error = error

    def on_completed(self) -> None:
        self.completed = True


class Reusing:
    """A producer that has one frame and uses it again for every fact."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.frame = HeartbeatFrame(Names())

    def push(self, seq: int) -> None:
        self.frame.hold([beat(seq)])
        self.entry.on_item(self.frame)
