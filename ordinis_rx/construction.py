"""Columns that users bring, checked and put into a block: whatever is wrong is told with the name of its column."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

import numpy as np

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Schema
from ordinis_rx.construction_columns import Where, column_of

__all__ = ["Built", "built"]


_LONE = str | bytes | int | float | enum.Enum | np.generic | datetime


_NUMBERED = ", or number them in seq if they came in this order"

_OR_ELSE = {
    "seq": ", or leave seq out",
    "ts_recv": f"{_NUMBERED}, or leave ts_recv out",
    "ts_event": _NUMBERED,
}
"""What else may be done about rows out of order: those sorted by one of these need not be by another."""


class Built(NamedTuple):
    """What a frame rests on."""

    names: Names
    block: Block
    n: int
    objects: dict[str, Sequence[Any]]


def built(schema: Schema, columns: Mapping[str, Any]) -> Built:
    """The *columns* of a kind of fact as a block of its own. A lone value stands for all rows.

    Raises TypeError or ValueError that begins with the kind and the column.
    """
    _check_names(schema, columns)
    names = Names()
    made: dict[str, Any] = {}
    for name, given in columns.items():
        lone = isinstance(given, _LONE)
        values = column_of(schema, name, [given] if lone else given, names)
        made[name] = values[0] if lone else values
    n = _length(schema, made)
    block, objects = Block(schema.kinds, max(n, 1)), dict[str, Sequence[Any]]()
    for name, j in schema.index.items():
        if name in made:
            block.columns[j][:n] = made[name]
        elif name in ("symbol", "provider"):
            block.columns[j][:n] = getattr(names, f"{name}s")[""]
        else:
            block.columns[j][:n] = schema.code(name, schema.defaults[name])
    for name in schema.objects:
        if name in made:
            objects[name] = made[name] if isinstance(made[name], list) else [made[name]] * n
    _check_order(schema, made, n)
    return Built(names, block, n, objects)


def _check_names(schema: Schema, columns: Mapping[str, Any]) -> None:
    for name in columns:
        if name not in schema.fields:
            Where(schema, name).refuse(f"there is none; there are {' '.join(schema.fields)}")
    for name in schema.required:
        if name not in columns:
            Where(schema, name).refuse("is missing")


def _length(schema: Schema, made: Mapping[str, Any]) -> int:
    """The one length that all columns have."""
    first, length = "", 1
    for name, values in made.items():
        if isinstance(values, list | np.ndarray):
            n = len(cast(Sequence[Any], values))
            if first and n != length:
                Where(schema, name).refuse(f"has {n} rows, but {first} has {length}")
            first, length = first or name, n
    return length


def _check_order(schema: Schema, made: Mapping[str, Any], n: int) -> None:
    """The rows stand in the order of `seq`, or without one of `ts_recv`, or without that too of `ts_event`."""
    for name in ("seq", "ts_recv", "ts_event"):
        column = np.broadcast_to(np.asarray(made.get(name, 0)), n)
        if not column.any():
            continue
        falls = np.flatnonzero(column[1:] < column[:-1])
        if len(falls):
            row = int(falls[0]) + 1
            told = f"falls from {column[row - 1]} to {column[row]} at row {row}"
            Where(schema, name).refuse(f"{told}; sort the rows by it{_OR_ELSE[name]}")
        return
