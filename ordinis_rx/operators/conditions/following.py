"""Nodes worked out over a stream of rows, by symbol and name; a row told again takes the place of the last one."""

from __future__ import annotations

from typing import Any

import msgspec

from ordinis_rx.events import (
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    StatusChange,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.operators.conditions.nodes import Node, State

__all__ = ["Follower", "is_row"]

_NO_ROWS = (StatusChange, Gap, FeedError, Heartbeat, Halt, TradeCancel, TradeCorrection)


def is_row(fact: Any) -> bool:
    """Whether a fact has columns to look at: what tells of connections, time and corrections has none."""
    return not isinstance(fact, _NO_ROWS)


class Follower:
    """One subscriber's states of a node, by symbol and name: readings, signals and patterns have one, other rows have not.

    A row that has a `revision` above that of the last one of its symbol and name, and its time, takes its place; an older
    revision is left out, and so is one of an earlier time. Without a revision a row is one more, whatever its time.

    With a *memory* it goes on where that was saved, and can be saved as *who*, whose node is the same.
    """

    __slots__ = ("_node", "_series")

    def __init__(self, who: str, node: Node[Any], memory: OperatorMemory | None) -> None:
        self._node = node
        self._series: dict[tuple[str, str], _Series] = {}
        saved = None if memory is None else memory.attach(f"{who} {node}", self._save)
        if saved is not None:
            self._take_up(saved)

    def at(self, row: Any) -> tuple[Any] | None:
        """The value at *row*, alone in a tuple; None where the row is left out."""
        key = row.symbol, getattr(row, "name", "")
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series(self._node.start)
        at: int = row.ts_event
        revision: int = getattr(row, "revision", 0)
        again = False
        if revision > 0 and series.at is not None:
            again = at == series.at
            if at < series.at or (again and revision <= series.revision):
                return None
        if not again:
            series.before = series.now
        value, series.now = self._node.step(series.before, row)
        series.at, series.revision = at, revision
        return (value,)

    def _save(self) -> bytes:
        rows = [
            (*key, each.at, each.revision, each.before, each.now)
            for key, each in self._series.items()
        ]
        return msgspec.msgpack.encode(rows)

    def _take_up(self, saved: bytes) -> None:
        for symbol, name, *known in msgspec.msgpack.decode(saved):
            series = self._series[symbol, name] = _Series(self._node.start)
            series.at, series.revision, before, now = known
            series.before, series.now = _as_state(before), _as_state(now)


class _Series:
    """What is remembered of a symbol and name: before the last row and with it, and the time and revision of that."""

    __slots__ = ("at", "before", "now", "revision")

    def __init__(self, start: State) -> None:
        self.before = self.now = start
        self.at: int | None = None
        self.revision = 0


def _as_state(value: Any) -> State:
    """A state out of what it was written as: lists are tuples."""
    parts: Any = value
    return tuple(map(_as_state, parts)) if isinstance(value, list) else value
