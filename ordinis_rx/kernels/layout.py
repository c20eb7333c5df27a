"""The columns of a kernel by name: what it reads and writes, its state and its parameters."""

from __future__ import annotations

import copy
import operator as _operator
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["FIRST", "MOST_ROWS", "ROOM", "STOP", "Column", "Layout"]

STOP = 0
"""Slot of one integer: a kernel of an *expanding* layout that runs out of room writes here the row it did not take."""

ROOM = 1
"""Slot of the number of rows that the output has room for."""

FIRST = 2
"""Slot of the first column that is read."""

MOST_ROWS = 1 << 27
"""As many rows may a state column have, of a symbol or in all: one gibibyte; more is a length in the wrong unit."""


class Column(NamedTuple):
    """A column of a `Layout`: a name, a kind (``i`` int64, ``f`` float64) and, for state, how many rows.

    `rows` is a product of numbers and names of parameters (``"2*window"``), of each symbol or, unless `per_symbol`, in all.
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


def _spec(columns: Sequence[Column]) -> str:
    """The words that declare *columns*."""
    words: list[str] = []
    for name, kind, rows, per_symbol, default in columns:
        scope = f"@{rows}" if not per_symbol else f"*{rows}" if rows != "1" else ""
        words.append(f"{name}:{kind}{scope}" + ("" if default is None else f"={default:.0f}"))
    return " ".join(words)


class Layout:
    """The columns of a kernel, in words like ``price:f`` (float64) and ``row:i`` (int64), with spaces between.

    `slots` are their places, in the order *reads*, *writes*, *state*, *params*. *reads* are columns of the facts that come
    in, *writes* those of the rows that go out. State is zero at first and private to a subscriber: ``mean:f`` has one row a
    symbol, ``ring:f*window`` as many rows a symbol as the parameter `window` says (symbol-major: row
    ``symbol * window + k``; ``*2*window`` twice as many), ``clock:i@1`` one row in all. A column that is read as
    ``flags:i=7`` is 7 in every row where the facts have no such field. *expands* tells that a row may write more than one
    row, so that the kernel watches `ROOM` and `STOP`. Raises TypeError for what is no text, ValueError for a word that
    cannot be read and a name that is there twice.

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

    def __repr__(self) -> str:
        parts = {
            "reads": self.reads,
            "writes": self.writes,
            "state": self.state,
            "params": self.params,
        }
        words = [f"{part}={_spec(columns)!r}" for part, columns in parts.items() if columns]
        return f"Layout({', '.join(words + ['expands=True'] * self.expands)})"

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
        """*params* as the kinds that the layout declares.

        Raises TypeError where there are more or fewer, or one is of another kind, ValueError where one does not fit 64 bits.
        """
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
