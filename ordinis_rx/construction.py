"""Columns that users bring, checked and put into a block: whatever is wrong is told with the name of its column."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.columns import Block, Codes, Field, Names, Schema
from ordinis_rx.timebase import from_datetime

__all__ = ["Built", "built"]

_MOST = 2**63 - 1
_EXACT = 2**53
"""Below this a float is exactly the whole number that it was made of."""


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
        lone = isinstance(given, str | bytes | int | float | enum.Enum | np.generic)
        values = _made(schema, name, [given] if lone else given, names)
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


class _Where(NamedTuple):
    """A column, for the message about it."""

    schema: Schema
    name: str

    def refuse(self, what: str, error: type[Exception] = ValueError) -> NoReturn:
        raise error(f"{self.schema.kind.__name__} column {self.name}: {what}")


def _check_names(schema: Schema, columns: Mapping[str, Any]) -> None:
    for name in columns:
        if name not in schema.fields:
            _Where(schema, name).refuse(f"there is none; there are {' '.join(schema.fields)}")
    for name in schema.required:
        if name not in columns:
            _Where(schema, name).refuse("is missing")


def _length(schema: Schema, made: Mapping[str, Any]) -> int:
    """The one length that all columns have."""
    first, length = "", 1
    for name, values in made.items():
        if isinstance(values, list | np.ndarray):
            n = len(cast(Sequence[Any], values))
            if first and n != length:
                _Where(schema, name).refuse(f"has {n} rows, but {first} has {length}")
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
            _Where(schema, name).refuse(f"{told}; sort the rows by it" + _or_number(name))
        return


def _or_number(name: str) -> str:
    return "" if name == "seq" else ", or number them in seq if they came in this order"


def _made(schema: Schema, name: str, values: Any, names: Names) -> Any:
    """An array for a column of numbers, a list for what has none."""
    field = schema.fields[name]
    where = _Where(schema, name)
    if field.kind is None:
        return _objects(schema, name, _listed(values, where), where)
    if name in ("symbol", "provider"):
        return _coded(values, getattr(names, f"{name}s"), where)
    if field.many:
        rows = [_words(row, at, where) for at, row in enumerate(_listed(values, where))]
        return np.array([names.providers.bits(row) for row in rows], np.int64)
    if name.startswith("ts_"):
        return _times(values, where)
    array = _array(values, where)
    if field.kind == "f":
        return _floats(array, where)
    if field.members is not None:
        return _members(field, array, schema.defaults[name], where)
    return _ints(array, where)


def _listed(values: Any, where: _Where) -> list[Any]:
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        where.refuse(f"wants a value a row, got {values!r}", TypeError)
    return list(values)


def _array(values: Any, where: _Where) -> NDArray[Any]:
    if isinstance(values, np.ma.MaskedArray):
        values = cast(Any, values).tolist()  # what is masked is None there
    try:
        array: NDArray[Any] = np.asarray(values)
    except ValueError as error:
        where.refuse(f"wants a value a row: {error}", TypeError)
    if array.ndim != 1:
        where.refuse(f"wants one dimension, got {array.ndim}", TypeError)
    return array


def _whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _floats(array: NDArray[Any], where: _Where) -> NDArray[np.float64]:
    if array.dtype.kind == "O":
        for row, value in enumerate(array.tolist()):
            if (
                value is not None
                and not isinstance(value, float | np.floating)
                and not _whole(value)
            ):
                where.refuse(f"row {row} is {value!r}, which is no number", TypeError)
        ints = [(row, value) for row, value in enumerate(array.tolist()) if _whole(value)]
        made = np.array([np.nan if value is None else float(value) for value in array], np.float64)
    elif array.dtype.kind in "iu":
        made = array.astype(np.float64)
        far = np.flatnonzero(np.abs(made) >= _EXACT)
        ints = [(int(row), int(array[row])) for row in far]
    elif array.dtype.kind == "f":
        return array.astype(np.float64)
    else:
        where.refuse(f"wants numbers, got {array.dtype}", TypeError)
    for row, value in ints:
        if int(made.item(row)) != value:
            where.refuse(f"row {row} is {value}, which no float is")
    return made


def _ints(array: NDArray[Any], where: _Where) -> NDArray[np.int64]:
    kind = array.dtype.kind
    if kind == "O":
        for row, value in enumerate(array.tolist()):
            if not _whole(value):
                where.refuse(f"row {row} is {value!r}, which is no whole number", TypeError)
            if not -_MOST - 1 <= value <= _MOST:
                where.refuse(f"row {row} is {value}, which takes more than 64 bits")
    elif kind == "u":
        for row in np.flatnonzero(array > _MOST)[:1]:
            where.refuse(f"row {row} is {array[row]}, which takes more than 64 bits")
    elif kind == "f":
        for row in np.flatnonzero(~(np.abs(array) < _EXACT) | (array != np.floor(array)))[:1]:
            where.refuse(f"row {row} is {array[row]!s}, which is not exactly a whole number")
    elif kind != "i":
        where.refuse(f"wants whole numbers, got {array.dtype}", TypeError)
    return array.astype(np.int64)


def _times(values: Any, where: _Where) -> NDArray[np.int64]:
    """Nanoseconds since 1970, of these, of datetime64, or of datetimes with a zone."""
    if getattr(getattr(values, "dtype", None), "tz", None) is not None:  # of pandas
        values = values.to_numpy("M8[ns]")
    array = _array(values, where)
    if array.dtype.kind not in "iufOM":
        where.refuse(f"wants whole nanoseconds or datetime64, got {array.dtype}", TypeError)
    if array.dtype.kind == "M":
        return _moments(array, where)
    if array.dtype.kind == "O":
        array = np.array([_moment(each, row, where) for row, each in enumerate(array)], object)
    return _ints(array, where)


def _moment(value: Any, row: int, where: _Where) -> Any:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        where.refuse(f"row {row} is {value}, and a datetime must have a zone")
    return from_datetime(value)


def _moments(array: NDArray[Any], where: _Where) -> NDArray[np.int64]:
    for row in np.flatnonzero(np.isnat(array))[:1]:
        where.refuse(f"row {row} is NaT, and a time must be known")
    nanos = array.astype("M8[ns]")
    for row in np.flatnonzero(nanos.astype(array.dtype) != array)[:1]:
        where.refuse(f"row {row} is {array[row]}, which nanoseconds cannot hold")
    return nanos.view(np.int64)


def _members(field: Field, array: NDArray[Any], default: Any, where: _Where) -> NDArray[np.int64]:
    members = cast(tuple[Any, ...], field.members)
    by_name = {
        member.name: code for code, member in enumerate(members) if isinstance(member, enum.Enum)
    }
    if array.dtype.kind == "b" and members == (False, True):
        return array.astype(np.int64)
    if array.dtype.kind in "OU" and not isinstance(members[0], int):
        codes: list[int] = []
        for row, value in enumerate(array.tolist()):
            given = default if value is None else value
            code = by_name.get(given) if isinstance(given, str) else None
            if code is None and given in members:
                code = members.index(given)
            if code is None:
                where.refuse(f"row {row} is {value!r}, not one of {' '.join(by_name)}")
            codes.append(code)
        return np.array(codes, np.int64)
    numbers = _ints(array, where)
    for row in np.flatnonzero((numbers < 0) | (numbers >= len(members)))[:1]:
        where.refuse(f"row {row} is {numbers[row]}, not one of 0 to {len(members) - 1}")
    return numbers


def _coded(values: Any, codes: Codes, where: _Where) -> NDArray[np.int64]:
    pair: Any = values
    if isinstance(values, tuple) and len(pair) == 2 and not isinstance(pair[1], str):
        numbers = _ints(_array(pair[0], where), where)
        words = list(pair[1])
        for word in words:
            if not isinstance(word, str):
                where.refuse(f"its names hold {word!r}, which is no text", TypeError)
        for row in np.flatnonzero((numbers < 0) | (numbers >= len(words)))[:1]:
            where.refuse(f"row {row} is code {numbers[row]}, but there are {len(words)} names")
        return np.array([codes[word] for word in words], np.int64)[numbers]
    rows = _listed(values, where)
    for row, word in enumerate(rows):
        if word is not None and not isinstance(word, str):
            where.refuse(f"row {row} is {word!r}, which is no text", TypeError)
    return np.array([codes[word or ""] for word in rows], np.int64)


def _words(row: Any, at: int, where: _Where) -> tuple[str, ...]:
    if row is None:
        return ()
    if hasattr(row, "__iter__") and not isinstance(row, str | bytes):
        words = tuple(row)
        if all(isinstance(word, str) for word in words):
            return words
    where.refuse(f"row {at} is {row!r}, and wants several texts", TypeError)


def _objects(schema: Schema, name: str, rows: list[Any], where: _Where) -> list[Any]:
    hint, default = get_type_hints(schema.kind)[name], schema.defaults[name]
    if hint == tuple[str, ...]:
        return [_words(row, at, where) for at, row in enumerate(rows)]
    if hint == tuple[float, ...]:
        return [
            () if row is None else tuple(_floats(_array(row, where), where).tolist())
            for row in rows
        ]
    given = [default if row is None else row for row in rows]
    for at, row in enumerate(given):
        if isinstance(hint, type) and not isinstance(row, hint):
            where.refuse(f"row {at} is {row!r}, and wants {hint.__name__}", TypeError)
    return given
