"""Nodes worked out over a stream of rows, by symbol and name; a row told again takes the place of the last one."""

from __future__ import annotations

from typing import Any, TypeAlias

from ordinis_rx.events import (
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    StatusChange,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.operators.conditions.nodes import Node, State

__all__ = ["Follower", "is_row"]

_Series: TypeAlias = tuple[str, str]
"""A symbol and a name."""

_NO_ROWS = (StatusChange, Gap, FeedError, Heartbeat, Halt, TradeCancel, TradeCorrection)


def is_row(fact: Any) -> bool:
    """Whether a fact has columns to look at: what tells of connections, time and corrections has none."""
    return not isinstance(fact, _NO_ROWS)


class Follower:
    """One subscriber's states of a node, by symbol and name: readings, signals and patterns have one, other rows have not.

    A row that has a `revision` above that of the last one of its symbol and name, and its time, takes its place; an older
    revision is left out, and so is one of an earlier time. Without a revision a row is one more, whatever its time.
    """

    __slots__ = ("_before", "_last", "_node", "_now")

    def __init__(self, node: Node[Any]) -> None:
        self._node = node
        self._before: dict[_Series, State] = {}
        self._now: dict[_Series, State] = {}
        self._last: dict[_Series, tuple[int, int]] = {}
        """The time and revision of each last row."""

    def at(self, row: Any) -> tuple[Any] | None:
        """The value at *row*, alone in a tuple; None where the row is left out."""
        series: _Series = row.symbol, getattr(row, "name", "")
        at: int = row.ts_event
        revision: int = getattr(row, "revision", 0)
        last, told = self._last.get(series, (None, 0))
        again = revision > 0 and at == last
        if revision > 0 and last is not None and (at < last or (again and revision <= told)):
            return None
        if not again:
            self._before[series] = self._now.get(series, self._node.start)
        value, self._now[series] = self._node.step(self._before[series], row)
        self._last[series] = at, revision
        return (value,)
