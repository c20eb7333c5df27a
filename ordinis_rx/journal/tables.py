"""Facts as Arrow tables and back, bit for bit: one schema for each kind of fact.

The tables are plain ones that any tool can read: times are timestamps, symbols and the members of enumerations are
dictionary strings, sets of providers are lists of names. One column is not the fact's: ``arrival``, its number in the
recording, over all kinds. A column of nulls stands for fields that all have their defaults.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, get_origin, get_type_hints, overload

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.arrow import object_type, pyarrow
from ordinis_rx.codes import Codes, Names
from ordinis_rx.columns import Block, Field, Schema
from ordinis_rx.consensus.frames import AggregatedQuoteFrame  # their kinds can be recorded too
from ordinis_rx.errors import JournalError
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.misfits import misfit

__all__ = ["ARRIVAL", "KINDS", "Batches", "CodeMaps", "Table", "table_of"]

ARRIVAL = "arrival"

Batches: TypeAlias = Sequence[Any]
"""Arrow record batches."""

assert AggregatedQuoteFrame.kind in FRAMES

KINDS: Mapping[str, type[Any]] = {kind.type.value.lower(): kind for kind in FRAMES}
"""The kinds of facts by the names that files have for them."""


def table_of(kind: type[Any]) -> Table:
    """The one table of a kind of fact."""
    table = _TABLES.get(kind)
    if table is None:
        table = _TABLES[kind] = Table(FRAMES[kind])
    return table


_TABLES: dict[type[Any], Table] = {}


class Table:
    """How the facts of one kind stand in Arrow."""

    def __init__(self, frame: type[Frame]) -> None:
        pa = pyarrow()
        self.frame = frame
        self.name = frame.kind.type.value.lower()
        hints = get_type_hints(frame.kind)
        self._columns = [_column_of(field, frame.kind, hints) for field in frame.schema.columns]
        self._objects = [
            _objects_of(name, frame.kind, hints[name]) for name in frame.schema.objects
        ]
        fields = [(ARRIVAL, pa.int64())]
        fields += [(column.name, column.type) for column in self._columns]
        fields += [(several.name, several.type) for several in self._objects]
        self.schema = pa.schema(
            [pa.field(name, kind) for name, kind in fields],
            metadata={"ordinis.kind": self.name, "ordinis.version": "1"},
        )

    def batch(self, frame: Frame, arrival: NDArray[np.int64]) -> Any:
        """The rows of *frame* as a record batch; it may rest on the frame's memory."""
        pa = pyarrow()
        arrays = [pa.array(arrival)]
        for column in self._columns:
            block, k = frame.lookup(column.name)
            arrays.append(column.to_arrow(block.columns[k][: frame.n], frame.names))
        for several in self._objects:
            if frame.has_objects(several.name):
                arrays.append(pa.array(frame.object_column(several.name), several.type))
            else:
                arrays.append(pa.nulls(frame.n, several.type))
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def misfit(self, fact: Any, error: Exception) -> Exception:
        """What *error* came of: which field of *fact* this table cannot hold; itself, where that cannot be told."""
        pa = pyarrow()
        texts = [(column.name, pa.string()) for column in self._columns if type(column) is _Words]
        for name, kind in (*texts, *((several.name, several.type) for several in self._objects)):
            value = getattr(fact, name)
            try:
                pa.array([value], kind)
            except (pa.ArrowException, TypeError, ValueError, OverflowError):
                return TypeError(f"{name} cannot be {value!r} in {fact!r}")
        return misfit([fact], [column.name for column in self._columns], error)

    def fill(self, block: Block, batches: Batches, names: Names, codes: CodeMaps) -> Frame:
        """A frame of all rows of *batches*, in their order, that rests on *block*, which has the room.

        Columns that the batches do not have keep their defaults.
        """
        frame = self.frame(names)
        n = 0
        for batch in batches:
            end = n + batch.num_rows
            for j, column in enumerate(self._columns):
                at = batch.schema.get_field_index(column.name)
                into = block.columns[j][n:end]
                if at < 0:
                    into.fill(column.code(frame.schema, names))
                else:
                    column.from_arrow(batch.column(at), into, names, codes)
            n = end
        objects: dict[str, Sequence[Any]] = {}
        for several in self._objects:
            parts = [_part(batch, several.name) for batch in batches]
            if any(part is not None for part, _ in parts):
                default = frame.schema.defaults[several.name]
                objects[several.name] = _Later(parts, several, default)
        frame.hold_columns(block, n, objects)
        return frame


class CodeMaps:
    """From the dictionaries of a file to the codes of a stream, each made once; for one stream."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], tuple[Any, NDArray[np.int64]]] = {}

    def of(self, name: str, dictionary: Any, code: Callable[[str], int]) -> NDArray[np.int64]:
        """The code of each word of *dictionary*, which belongs to the column *name*."""
        buffers = dictionary.buffers()
        place = buffers[-1].address if buffers[-1] is not None else 0
        key = (name, place, dictionary.offset, len(dictionary))
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_MAPS:
                self._known.clear()
            made = np.array([code(word) for word in dictionary.to_pylist()], np.int64)
            # The dictionary is kept, so that no other one can come to lie in its place.
            found = self._known[key] = dictionary, made
        return found[1]


_MOST_MAPS = 256


class _Column:
    """A column of 8-byte numbers that stands in Arrow as it is, or as a timestamp."""

    def __init__(self, name: str, type: Any) -> None:
        self.name = name
        self.type = type

    def code(self, schema: Schema, names: Names) -> int | float:
        """What stands for the field's default."""
        return schema.code(self.name, schema.defaults[self.name])

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        return pyarrow().array(values).view(self.type)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        into[:] = array.view("int64" if into.dtype == np.int64 else "float64").to_numpy()


class _Small(_Column):
    """Small integers and truth values."""

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        return pyarrow().array(values).cast(self.type)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        into[:] = array.to_numpy(zero_copy_only=False)


class _Words(_Column):
    """Symbols or providers."""

    def __init__(self, name: str) -> None:
        pa = pyarrow()
        super().__init__(name, pa.dictionary(pa.int32(), pa.string()))
        self._last: tuple[list[str], Any] = [], pa.array([], pa.string())
        """The words of the last stream, and their dictionary: in one, since recorders of several threads share the table."""

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        pa = pyarrow()
        words = self._codes(names).words
        last, dictionary = self._last
        if words is not last or len(words) != len(dictionary):
            dictionary = pa.array(words, pa.string())
            self._last = words, dictionary
        return pa.DictionaryArray.from_arrays(values.astype(np.int32), dictionary)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        known = codes.of(self.name, array.dictionary, self._codes(names).__getitem__)
        np.take(known, array.indices.to_numpy(), out=into, mode="clip")

    def code(self, schema: Schema, names: Names) -> int | float:
        return self._codes(names)[schema.defaults[self.name]]

    def _codes(self, names: Names) -> Codes:
        return names.symbols if self.name == "symbol" else names.providers


class _Members(_Column):
    """The members of an enumeration."""

    def __init__(self, name: str, members: Sequence[Any]) -> None:
        pa = pyarrow()
        super().__init__(name, pa.dictionary(pa.int8(), pa.string()))
        self._names = pa.array([member.name for member in members], pa.string())
        self._codes = {member.name: code for code, member in enumerate(members)}

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        return pyarrow().DictionaryArray.from_arrays(values.astype(np.int8), self._names)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        known = codes.of(self.name, array.dictionary, self._codes.__getitem__)
        np.take(known, array.indices.to_numpy(), out=into, mode="clip")


class _Sets(_Column):
    """Sets of providers, as lists of their names."""

    def __init__(self, name: str) -> None:
        pa = pyarrow()
        super().__init__(name, pa.list_(pa.string()))

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        named = names.providers.words.sets
        return pyarrow().array([named[bits] for bits in values.tolist()], self.type)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        into[:] = [names.providers.bits(words) for words in array.to_pylist()]


def _column_of(field: Field, kind: type[Any], hints: Mapping[str, Any]) -> _Column:
    pa = pyarrow()
    if field.many:
        return _Sets(field.name)
    if field.name in ("symbol", "provider"):
        return _Words(field.name)
    if field.members is None:
        if field.kind == "f":
            return _Column(field.name, pa.float64())
        is_time = field.name.startswith("ts_")
        return _Column(field.name, pa.timestamp("ns", "UTC") if is_time else pa.int64())
    if hints[field.name] is bool:
        return _Small(field.name, pa.bool_())
    if isinstance(field.members[0], int):
        return _Small(field.name, pa.int16())
    return _Members(field.name, field.members)


class _Objects:
    """A column of what has no fixed width; *several* where a value is a tuple."""

    def __init__(self, name: str, type: Any, *, several: bool = False) -> None:
        self.name = name
        self.type = type
        self._several = several

    def values(self, part: Any) -> list[Any]:
        """The values of a part of the column that has no nulls. Not `to_pylist`, which takes ten times as long."""
        if not self._several:
            values: list[Any] = part.to_numpy(zero_copy_only=False).tolist()
            return values
        offsets = part.offsets.to_numpy().tolist()
        words = part.values.to_numpy(zero_copy_only=False).tolist()
        return [tuple(words[a:b]) for a, b in itertools.pairwise(offsets)]


def _objects_of(name: str, kind: type[Any], hint: Any) -> _Objects:
    held = object_type(pyarrow(), hint)
    if held is None:
        raise JournalError(
            "a recording", f"cannot hold {kind.__name__} facts: {name} has no column"
        )
    return _Objects(name, held, several=get_origin(hint) is tuple)


_Part: TypeAlias = tuple[Any | None, int]
"""A part of a column and its length; None where all its values are defaults."""


def _part(batch: Any, name: str) -> _Part:
    at: int = batch.schema.get_field_index(name)
    column = None if at < 0 else batch.column(at)
    given = column is not None and column.null_count < len(column)
    return column if given else None, batch.num_rows


class _Later(Sequence[Any]):
    """Values out of Arrow, made when somebody asks."""

    def __init__(self, parts: Sequence[_Part], column: _Objects, default: Any) -> None:
        self._parts = parts
        self._column = column
        self._default = default

    @functools.cached_property
    def _values(self) -> list[Any]:
        made: list[Any] = []
        for part, length in self._parts:
            made += [self._default] * length if part is None else self._column.values(part)
        return made

    def __len__(self) -> int:
        return sum(length for _, length in self._parts)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._values[index]
