"""One column that a user brings, checked and made an array, or a list where it has no numbers."""

from __future__ import annotations

import enum
import math
from datetime import datetime
from typing import Any, NamedTuple, NoReturn, cast, get_type_hints

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.codes import Codes, Names
from ordinis_rx.columns import Field, Schema
from ordinis_rx.timebase import doubt_unit, from_datetime

__all__ = ["Where", "column_of"]

_MOST = 2**63 - 1
_EXACT = 2**53
"""Below this a float is exactly the whole number that it was made of."""


class Where(NamedTuple):
    """A column, for the message about it."""

    schema: Schema
    name: str

    def refuse(self, what: str, error: type[Exception] = ValueError) -> NoReturn:
        """Raise what begins with the kind and the column."""
        raise error(f"{self.schema.kind.__name__} column {self.name}: {what}")


def column_of(schema: Schema, name: str, values: Any, names: Names) -> Any:
    """An array for a column of numbers, a list for what has none."""
    field = schema.fields[name]
    where = Where(schema, name)
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


def _listed(values: Any, where: Where) -> list[Any]:
    if isinstance(values, np.ndarray):
        values = values.tolist()
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        where.refuse(f"wants a value a row, got {values!r}", TypeError)
    return list(values)


def _array(values: Any, where: Where) -> NDArray[Any]:
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


def _floats(array: NDArray[Any], where: Where) -> NDArray[np.float64]:
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


def _ints(array: NDArray[Any], where: Where) -> NDArray[np.int64]:
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


def _times(values: Any, where: Where) -> NDArray[np.int64]:
    """Nanoseconds since 1970, of these, of datetime64, or of datetimes with a zone."""
    dtype = getattr(values, "dtype", None)
    # Of pandas; in its own unit, which may reach further than ours.
    if getattr(dtype, "tz", None) is not None:
        values = values.to_numpy(f"M8[{getattr(dtype, 'unit', 'ns')}]")
    array = _array(values, where)
    if array.dtype.kind not in "iufOM":
        where.refuse(f"wants whole nanoseconds or datetime64, got {array.dtype}", TypeError)
    if array.dtype.kind == "M":
        return _moments(array, where)
    if array.dtype.kind == "O":
        array = np.array([_moment(each, row, where) for row, each in enumerate(array)], object)
    moments = _ints(array, where)
    if len(moments):
        column = f"{where.schema.kind.__name__} column {where.name}"
        doubt_unit(column, int(moments.min()), int(moments.max()))
    return moments


def _moment(value: Any, row: int, where: Where) -> Any:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        where.refuse(f"row {row} is {value}, and a datetime must have a zone")
    return from_datetime(value)


def _moments(array: NDArray[Any], where: Where) -> NDArray[np.int64]:
    for row in np.flatnonzero(np.isnat(array))[:1]:
        where.refuse(f"row {row} is NaT, and a time must be known")
    nanos = array.astype("M8[ns]")
    for row in np.flatnonzero(nanos.astype(array.dtype) != array)[:1]:
        where.refuse(f"row {row} is {array[row]}, which nanoseconds cannot hold")
    return nanos.view(np.int64)


def _members(field: Field, array: NDArray[Any], default: Any, where: Where) -> NDArray[np.int64]:
    members = cast(tuple[Any, ...], field.members)
    by_name = {
        member.name: code for code, member in enumerate(members) if isinstance(member, enum.Enum)
    }
    if array.dtype.kind == "b" and members == (False, True):
        return array.astype(np.int64)
    if array.dtype.kind in "OU" and not isinstance(members[0], int):
        codes: list[int] = []
        for row, value in enumerate(array.tolist()):
            given = default if _is_missing(value) else value
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


def _coded(values: Any, codes: Codes, where: Where) -> NDArray[np.int64]:
    pair: Any = values
    if isinstance(values, tuple) and len(pair) == 2 and not isinstance(pair[1], str):
        numbers = _ints(_array(pair[0], where), where)
        words = list(pair[1])
        for word in words:
            if not isinstance(word, str):
                where.refuse(f"its names hold {word!r}, which is no text", TypeError)
        for row in np.flatnonzero((numbers < 0) | (numbers >= len(words)))[:1]:
            where.refuse(f"row {row} is code {numbers[row]}, but there are {len(words)} names")
        return np.array([codes[str(word)] for word in words], np.int64)[numbers]
    rows = _listed(values, where)
    for row, word in enumerate(rows):
        if not isinstance(word, str) and not _is_missing(word):
            where.refuse(f"row {row} is {word!r}, which is no text", TypeError)
    # Plain ones: NumPy's texts are none of JSON.
    words = [str(word) if isinstance(word, str) else "" for word in rows]
    return np.array([codes[word] for word in words], np.int64)


def _is_missing(value: object) -> bool:
    """Whether it is None, or what pandas has for it, among what has no numbers."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and math.isnan(value)


def _words(row: Any, at: int, where: Where) -> tuple[str, ...]:
    if _is_missing(row):
        return ()
    if hasattr(row, "__iter__") and not isinstance(row, str | bytes):
        words = tuple(row)
        if all(isinstance(word, str) for word in words):
            return tuple(map(str, words))
    where.refuse(f"row {at} is {row!r}, and wants several texts", TypeError)


def _objects(schema: Schema, name: str, rows: list[Any], where: Where) -> list[Any]:
    hint, default = get_type_hints(schema.kind)[name], schema.defaults[name]
    if hint == tuple[str, ...]:
        return [_words(row, at, where) for at, row in enumerate(rows)]
    if hint == tuple[float, ...]:
        return [
            () if _is_missing(row) else tuple(_floats(_array(row, where), where).tolist())
            for row in rows
        ]
    given = [default if _is_missing(row) else row for row in rows]
    for at, row in enumerate(given):
        if isinstance(hint, type) and not isinstance(row, hint):
            where.refuse(f"row {at} is {row!r}, and wants {hint.__name__}", TypeError)
    return list(map(str, given)) if hint is str else given
