"""Ends and beginnings of flows, for tests of what lies between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Heartbeat
from ordinis_rx.frames import HeartbeatFrame

__all__ = ["Log", "Reusing", "beat"]


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


class Reusing:
    """A producer that has one frame and uses it again for every fact."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.frame = HeartbeatFrame(Names())

    def push(self, seq: int) -> None:
        self.frame.hold([beat(seq)])
        self.entry.on_item(self.frame)
