"""How a kernel sees its columns, its state and its parameters.

A kernel is one plain function ``kernel(n, call) -> rows written``: a loop over *n* rows that reaches its data through the
accessors below. Uncompiled, `call` is a `Call` and the accessors hand out memoryviews and numbers; compiled
(`ordinis_rx.kernels.compiled`), `call` is the address of the same record and they are pointer arithmetic. One source, one
arithmetic, live, in replay and in batch.

A `Layout` names the columns once, so that no bare number indexes anything::

    ABOVE = Layout(reads="price:f", writes="row:i", params="floor:f")
    PRICE, ROW, FLOOR = ABOVE.slots

    def above(n, call):
        price, row, floor = floats(call, PRICE), ints(call, ROW), real(call, FLOOR)
        kept = 0
        for i in range(n):
            if price[i] > floor:
                row[kept] = i
                kept += 1
        return kept
"""

from __future__ import annotations

from collections.abc import Callable, MutableSequence, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.kernels.layout import FIRST, ROOM, STOP, Column, Layout

__all__ = [
    "FIRST",
    "HELPERS",
    "INLINED",
    "ROOM",
    "STOP",
    "UNROLLED",
    "VERSION",
    "Call",
    "Column",
    "Floats",
    "Ints",
    "Kernel",
    "Layout",
    "floats",
    "helper",
    "inlined",
    "integer",
    "ints",
    "octets",
    "real",
    "unrolled",
]

VERSION = 1
"""Of the record's layout; part of the name under which compiled kernels are cached."""

Kernel = Any
"""A function ``(n, call) -> rows written``; untyped, since `call` is a `Call` or an address."""


Ints: TypeAlias = MutableSequence[int]
"""A column of integers, as a helper sees it; any place in it may be where its part begins."""

Floats: TypeAlias = MutableSequence[float]
"""A column of floats."""

_LINE = 64
"""Bytes that a processor moves at once."""

HELPERS: list[Callable[..., Any]] = []
"""The functions that kernels may call."""

UNROLLED: set[Callable[..., Any]] = set()
"""Those of which machine code is made for each number that a caller writes out."""

INLINED: set[Callable[..., Any]] = set()
"""Those whose machine code becomes part of those who call them."""

F = TypeVar("F", bound=Callable[..., Any])
N = TypeVar("N", int, float)


def helper(function: F) -> F:
    """Mark a function that kernels call, of numbers and columns: compiled with them, and by the same rules.

    >>> @helper
    ... def halfway(a: float, b: float) -> float:
    ...     return (a + b) * 0.5
    """
    HELPERS.append(function)
    return function


def unrolled(function: F) -> F:
    """Mark a helper that becomes machine code of its own for each number that a caller writes out, with loops unrolled."""
    UNROLLED.add(function)
    return helper(function)


def inlined(function: F) -> F:
    """Mark a helper whose machine code becomes part of those who call it: for little work on many numbers.

    As with one that is `unrolled`, that is made anew for each number that a caller writes out.
    """
    INLINED.add(function)
    return helper(function)


def ints(call: Any, slot: int) -> Any:
    """The int64 column at *slot* of the call record: ``ints(call, ROW)[0]`` is its first row. For use in a kernel."""
    return call.cells[slot]


def floats(call: Any, slot: int) -> Any:
    """The float64 column at *slot* of the call record: ``floats(call, PRICE)[0]`` is its first row. For use in a kernel."""
    return call.cells[slot]


def octets(call: Any, slot: int) -> Any:
    """The int64 column at *slot* as its bytes, eight a row, in the order of memory. For use in a kernel."""
    return call.cells[slot].cast("B")


def integer(call: Any, slot: int) -> Any:
    """The integer parameter at *slot* of the call record (a number, not a column). For use in a kernel."""
    return call.cells[slot]


def real(call: Any, slot: int) -> Any:
    """The float parameter at *slot* of the call record (a number, not a column). For use in a kernel."""
    return call.cells[slot]


def either(condition: object, this: N, that: N) -> N:
    """*this* where the *condition* holds, else *that*: two numbers of a kind, both of which are there. For use in a kernel.

    A conditional expression may become a branch, and one whose value is stored may become a store of its own on either
    branch; this never does, so that a processor takes it for several rows at once.
    """
    return this if condition else that


class Call:
    """What a kernel is called with: where one subscriber's input, output and state lie, and the parameters.

    Each column and parameter has a slot, by the order of the *layout*. The record holds its address (or number), for
    compiled kernels; `cells` holds the same as memoryviews and numbers, for kernels as plain Python. Raises TypeError or
    ValueError for *params* that the layout cannot take.
    """

    __slots__ = (
        "_record_array",
        "_rows",
        "_seen",
        "_state",
        "address",
        "capacity",
        "cells",
        "layout",
        "record",
        "stop",
        "symbols",
    )

    def __init__(self, layout: Layout, params: Sequence[float] = ()) -> None:
        self.layout = layout
        self.cells: list[Any] = [None] * layout.size
        self._record_array = np.zeros(layout.size + 1, np.int64)
        self.record: memoryview[int] = memoryview(self._record_array)  # type: ignore[arg-type]
        self.address: int = self._record_array.ctypes.data
        self.capacity = self.address + 8 * layout.size
        """Where the number of symbols stands that there is state for, behind what kernels see."""
        coerced = layout.coerce(params)
        for slot, (column, value) in enumerate(
            zip(layout.params, coerced, strict=True), layout.first_param
        ):
            numbers = self._record_array if column.kind == "i" else self._record_array.view("f8")
            numbers[slot] = value
            self.cells[slot] = value
        self._rows = layout.rows(coerced)
        self._state: list[NDArray[Any]] = [
            _zeros(0 if column.per_symbol else rows, column)
            for column, rows in zip(layout.state, self._rows, strict=True)
        ]
        self.symbols = 0
        self._seen: Callable[[Column, Any], Any] | None = None
        for j in range(len(layout.state)):
            self._point_at_state(j)
        stop = np.zeros(1, np.int64)
        self.stop: memoryview[int] = memoryview(stop)  # type: ignore[arg-type]
        self.point(STOP, stop.ctypes.data, self.stop)

    def point(self, slot: int, address: int, view: Any) -> None:
        """Let a column's slot point at memory that the caller keeps alive."""
        self.record[slot] = address
        self.cells[slot] = view

    def room(self, rows: int) -> None:
        """Tell the kernel how many rows its output holds."""
        self.record[ROOM] = self.cells[ROOM] = rows

    def state(self, name: str) -> NDArray[Any]:
        """The state column *name*, as it is now; growing puts another in its place."""
        names = [column.name for column in self.layout.state]
        return self._state[names.index(name)]

    def grow(self, symbols: int) -> None:
        """Have state for at least *symbols* symbols; what is new is zero."""
        self.symbols = symbols if self._seen else max(symbols, 2 * self.symbols, 16)
        self.record[self.layout.size] = self.symbols
        for j, column in enumerate(self.layout.state):
            if column.per_symbol:
                old = self._state[j]
                self._state[j] = _zeros(self.symbols * self._rows[j], column)
                self._state[j][: len(old)] = old
                self._point_at_state(j)

    def watch(self, seen: Callable[[Column, Any], Any]) -> None:
        """Hand out state as *seen* makes it of a column and its view, from now on for the symbols there are and no more."""
        self._seen = seen
        for j in range(len(self._state)):
            self._point_at_state(j)

    def _point_at_state(self, j: int) -> None:
        array = self._state[j]
        view: Any = memoryview(array)  # type: ignore[arg-type]
        if self._seen is not None:
            view = self._seen(self.layout.state[j], view)
        self.point(self.layout.first_state + j, array.ctypes.data, view)


def _zeros(rows: int, column: Column) -> NDArray[Any]:
    """Numbers that begin with a line of the cache: of those side by side, eight would else lie across two of them."""
    memory = np.zeros(rows * 8 + _LINE, np.uint8)
    start = -memory.ctypes.data % _LINE
    kind = np.int64 if column.kind == "i" else np.float64
    return memory[start : start + rows * 8].view(kind)
