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

import copy
import operator as _operator
import re
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FIRST",
    "HELPERS",
    "INLINED",
    "MOST_ROWS",
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

STOP = 0
"""Slot of one integer: a kernel of an *expanding* layout that runs out of room writes here the row it did not take."""

ROOM = 1
"""Slot of the number of rows that the output has room for."""

FIRST = 2
"""Slot of the first column that is read."""

MOST_ROWS = 1 << 27
"""As many rows may a state column have, of a symbol or in all: one gibibyte; more is a length in the wrong unit."""

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


def helper(function: F) -> F:
    """Mark a function of numbers and columns that kernels call; by the same rules of arithmetic, and compiled with them."""
    HELPERS.append(function)
    return function


def unrolled(function: F) -> F:
    """Mark a helper that becomes machine code of its own for each number that a caller writes out, with loops unrolled."""
    UNROLLED.add(function)
    return helper(function)


def inlined(function: F) -> F:
    """Mark a helper whose machine code becomes part of those who call it: for little work on many numbers."""
    INLINED.add(function)
    return helper(function)


def ints(call: Any, slot: int) -> Any:
    """The int64 column at *slot*."""
    return call.cells[slot]


def floats(call: Any, slot: int) -> Any:
    """The float64 column at *slot*."""
    return call.cells[slot]


def octets(call: Any, slot: int) -> Any:
    """The int64 column at *slot* as its bytes, in the order of memory."""
    return call.cells[slot].cast("B")


def integer(call: Any, slot: int) -> Any:
    """The integer parameter at *slot*."""
    return call.cells[slot]


def real(call: Any, slot: int) -> Any:
    """The float parameter at *slot*."""
    return call.cells[slot]


class Column(NamedTuple):
    """A name, a kind (``i`` int64, ``f`` float64) and, for state, how many rows: for each symbol or in all.

    `default` is what stands in every row of a column that is read, for kinds of facts that have none of that name.
    """

    name: str
    kind: str
    rows: str = "1"
    per_symbol: bool = True
    default: float | None = None


_SPEC = re.compile(
    r"(?P<name>[a-z_][a-z0-9_]*):(?P<kind>[if])"
    r"(?:(?P<scope>[*@])(?P<rows>\w+(?:\*\w+)*)|=(?P<default>\w+))?"
)


def _columns(part: str, spec: str) -> tuple[Column, ...]:
    if not isinstance(spec, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"{part} must be a text, as in 'symbol:i price:f', got {spec!r}")
    columns: dict[str, Column] = {}
    for word in spec.split():
        column = _column(part, word)
        if column.name in columns:
            raise ValueError(f"{part} names {column.name} twice, in {spec!r}")
        columns[column.name] = column
    return tuple(columns.values())


def _column(part: str, word: str) -> Column:
    match = _SPEC.fullmatch(word)
    if match is None:
        raise ValueError(
            f"a column is name:i or name:f, with *N or @N for state, =N for a default; got {word!r}"
        )
    name, kind, default = match["name"], match["kind"], match["default"]
    if match["scope"] and part != "state":
        raise ValueError(f"only state has rows of its own, not {part}: {word!r}")
    if default and part != "reads":
        raise ValueError(f"only what is read has a default, not {part}: {word!r}")
    if part == "writes" and name == "row" and kind == "f":
        raise ValueError("a row is a number that counts: writes has row:i, not row:f")
    try:
        value = None if default is None else int(default) if kind == "i" else float(default)
    except ValueError:
        raise ValueError(f"the default of {name}:{kind} is a number, got {word!r}") from None
    return Column(name, kind, match["rows"] or "1", match["scope"] != "@", value)


class Layout:
    """The columns of a kernel, in the order of the call record.

    *reads* are columns of the facts that come in, *writes* those of the rows that go out. State is zero at first and private
    to a subscriber: ``mean:f`` has one row a symbol, ``ring:f*window`` as many rows a symbol as the parameter `window` says
    (symbol-major: row ``symbol * window + k``; ``*2*window`` twice as many), ``clock:i@1`` one row in all. A column
    that is read as ``flags:i=7`` is 7 in every row where the facts have no such field. *expands* tells that a row may write
    more than one row, so that the kernel watches `ROOM` and `STOP`.

    >>> layout = Layout(reads="symbol:i price:f", writes="row:i", state="mean:f ring:f*window", params="window:i")
    >>> [column.name for column in layout.state], len(layout.slots)
    (['mean', 'ring'], 6)
    """

    def __init__(
        self,
        reads: str,
        writes: str,
        state: str = "",
        params: str = "",
        *,
        expands: bool = False,
    ) -> None:
        self.reads = _columns("reads", reads)
        self.writes = _columns("writes", writes)
        self.state = _columns("state", state)
        self.params = _columns("params", params)
        self.expands = expands
        parts = (self.reads, self.writes, self.state, self.params)
        starts = [FIRST]
        for part in parts:
            starts.append(starts[-1] + len(part))
        self.first_write, self.first_state, self.first_param, self.size = starts[1:]
        self.slots = range(FIRST, self.size)

    def renamed(self, **names: str) -> Layout:
        """The same layout that reads other columns: ``renamed(value="close")`` hands the closes in as `value`.

        >>> Layout(reads="symbol:i value:f", writes="row:i").renamed(value="close").reads[1].name
        'close'
        """
        other = copy.copy(self)
        other.reads = tuple(
            column._replace(name=names.get(column.name, column.name)) for column in self.reads
        )
        return other

    @property
    def written_at(self) -> dict[str, int]:
        """In which slot each column stands that is written."""
        return {column.name: slot for slot, column in enumerate(self.writes, self.first_write)}

    def coerce(self, params: Sequence[float]) -> tuple[float, ...]:
        """*params* as the kinds that the layout declares; raises what names the parameter and the value."""
        if len(params) != len(self.params):
            names = " ".join(column.name for column in self.params)
            raise TypeError(
                f"the layout has {len(self.params)} parameters ({names}), got {len(params)}"
            )
        coerced: list[float] = []
        for column, value in zip(self.params, params, strict=True):
            try:
                # Times 1.0, because float() alone would take a string.
                number = float(value * 1.0) if column.kind == "f" else _operator.index(value)  # type: ignore[arg-type]
            except TypeError:
                raise TypeError(
                    f"parameter {column.name} must be {'a number' if column.kind == 'f' else 'an integer'}, got {value!r}"
                ) from None
            if column.kind == "i" and abs(number) >= 1 << 63:
                raise ValueError(f"parameter {column.name} must fit 64 bits, got {value!r}")
            coerced.append(number)
        return tuple(coerced)

    def rows(self, params: Sequence[float]) -> list[int]:
        """How many rows each state column has, of a symbol or in all, with these *params*.

        Raises ValueError that names the column and the parameter where that is none, or more than `MOST_ROWS`.

        >>> Layout(reads="price:f", writes="row:i", state="ring:f*2*window", params="window:i").rows([5])
        [10]
        """
        by_name = {
            column.name: number
            for column, number in zip(self.params, params, strict=True)
            if column.kind == "i"
        }
        return [_rows(column, by_name) for column in self.state]


class Call:
    """One subscriber's call record: where input, output and state lie, and the parameters.

    The record holds an address (or a number) a slot, for compiled kernels; `cells` the same as memoryviews and numbers.
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


def _rows(column: Column, params: Mapping[str, float]) -> int:
    rows = 1
    for factor in column.rows.split("*"):
        number = int(factor) if factor.isdigit() else params.get(factor)
        if number is None:
            raise ValueError(
                f"state {column.name} wants {factor!r} rows, but no integer parameter is so named"
            )
        rows *= int(number)
        if number < 1 or rows > MOST_ROWS:
            named = "" if factor.isdigit() else f" with parameter {factor}={number}"
            raise ValueError(
                f"state {column.name} must have from 1 to {MOST_ROWS} rows, got {rows}{named}"
            )
    return rows
