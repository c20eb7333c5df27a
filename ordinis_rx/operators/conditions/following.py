"""Nodes worked out over a stream of rows, symbol by symbol; a row told again takes the place of the last one."""

from __future__ import annotations

from typing import Any

from ordinis_rx.events import (
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    Reading,
    StatusChange,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.operators.conditions.nodes import Node, State

__all__ = ["Follower", "is_row"]

_NO_ROWS = (StatusChange, Gap, FeedError, Heartbeat, Halt, TradeCancel, TradeCorrection)


def is_row(fact: Any) -> bool:
    """Whether a fact has columns to look at: what tells of connections, time and corrections has none."""
    return not isinstance(fact, _NO_ROWS)


class Follower:
    """One subscriber's states of a node, by symbol.

    A row that has a `revision` above that of the symbol's last one, and its time (and name), takes its place; an older
    revision is left out, and so is one of an earlier time. Without a revision a row is one more, whatever its time.
    """

    __slots__ = ("_before", "_last", "_node", "_now")

    def __init__(self, node: Node[Any]) -> None:
        self._node = node
        self._before: dict[str, State] = {}
        self._now: dict[str, State] = {}
        self._last: dict[str, tuple[tuple[int, str], int]] = {}
        """Of each symbol's last row: time and name, and the revision."""

    def at(self, row: Any) -> tuple[Any] | None:
        """The value at *row*, alone in a tuple; None where the row is left out."""
        symbol: str = row.symbol
        mark = row.ts_event, getattr(row, "name", "") if isinstance(row, Reading) else ""
        revision: int = getattr(row, "revision", 0)
        last, told = self._last.get(symbol, (None, 0))
        again = revision > 0 and mark == last
        if (
            revision > 0
            and last is not None
            and (mark[0] < last[0] or (again and revision <= told))
        ):
            return None
        if not again:
            self._before[symbol] = self._now.get(symbol, self._node.start)
        value, self._now[symbol] = self._node.step(self._before[symbol], row)
        self._last[symbol] = mark, revision
        return (value,)
