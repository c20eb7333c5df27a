"""Each column of numbers of a kind of fact as an Arrow column, and back; what has no numbers is in `arrow_objects`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.arrow import pyarrow
from ordinis_rx.codes import Codes, Names
from ordinis_rx.columns import Field, Place, Schema
from ordinis_rx.errors import JournalError

__all__ = ["CodeMaps", "Column", "column_of"]


class CodeMaps:
    """From the dictionaries of a file to the codes of a stream, each made once; for one stream."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], tuple[Any, NDArray[np.int64], bool]] = {}

    def write(
        self, name: str, array: Any, code: Callable[[str], int], into: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Write the codes of the words of *array*, of the column *name*; gives those of its whole dictionary."""
        _, known, same = self._of(name, array.dictionary, code)
        indices = array.indices.to_numpy()
        # A recording that is heard alone has the codes that it was written with: to copy them takes a third of the time.
        if same and len(indices) and indices.view(f"u{indices.itemsize}").max() < len(known):
            into[:] = indices
        else:
            np.take(known, indices, out=into, mode="clip")
        return known

    def _of(
        self, name: str, dictionary: Any, code: Callable[[str], int]
    ) -> tuple[Any, NDArray[np.int64], bool]:
        """The *dictionary*, the code of each of its words, and whether that is its place in there."""
        buffers = dictionary.buffers()
        place = buffers[-1].address if buffers[-1] is not None else 0
        key = (name, place, dictionary.offset, len(dictionary))
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_MAPS:
                self._known.clear()
            made = np.array([code(word) for word in dictionary.to_pylist()], np.int64)
            same = bool((made == np.arange(len(made))).all())
            # The dictionary is kept, so that no other one can come to lie in its place.
            found = self._known[key] = dictionary, made, same
        return found


_MOST_MAPS = 256


class Column(ABC):
    """How a column of a frame, which is one of 8-byte numbers, stands in Arrow."""

    holds_texts = False
    """Whether its numbers are codes of texts that anybody may have made up."""

    def __init__(self, name: str, type: Any) -> None:
        self.name = name
        self.type = type

    def code(self, schema: Schema, names: Names) -> int | float:
        """What stands for the field's default."""
        return schema.code(self.name, schema.defaults[self.name])

    @abstractmethod
    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        """*values*, coded by *names*, as an Arrow array; it may rest on their memory."""

    @abstractmethod
    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        """Write the values of an Arrow *array*, coded by *names*, into a column of as many rows."""

    def rest_on(
        self, array: Any, room: Place, names: Names, codes: CodeMaps
    ) -> tuple[NDArray[Any], int]:
        """The values of an array of our type without nulls, and their address: where they are, or in the *room*."""
        block, j = room
        into = block.columns[j][: len(array)]
        self.from_arrow(array, into, names, codes)
        return into, block.addresses[j]


class _Numbers(Column):
    """Numbers that stand in Arrow as they are, or as timestamps."""

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        return pyarrow().array(values).view(self.type)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        into[:] = array.view("int64" if into.dtype == np.int64 else "float64").to_numpy()

    def rest_on(
        self, array: Any, room: Place, names: Names, codes: CodeMaps
    ) -> tuple[NDArray[Any], int]:
        block, j = room
        values, first = array.buffers()[1], 8 * array.offset
        kind = block.columns[j].dtype
        return np.frombuffer(values, kind, len(array), first), values.address + first


class _Small(Column):
    """Small integers and truth values, of which there are so *many*."""

    def __init__(self, name: str, type: Any, many: int) -> None:
        super().__init__(name, type)
        self._many = many

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        return pyarrow().array(values).cast(self.type)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        into[:] = array.to_numpy(zero_copy_only=False)
        if len(into) and into.view(np.uint64).max() >= self._many:
            strange = next(value for value in into.tolist() if not 0 <= value < self._many)
            raise JournalError(
                "a recording",
                f"has the {self.name} {strange}, which are not known here: update ordinis-rx",
            )


class _Words(Column):
    """Symbols or providers."""

    holds_texts = True

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
        codes.write(self.name, array, self._codes(names).__getitem__, into)

    def code(self, schema: Schema, names: Names) -> int | float:
        return self._codes(names)[schema.defaults[self.name]]

    def _codes(self, names: Names) -> Codes:
        return names.symbols if self.name == "symbol" else names.providers


class _Members(Column):
    """The members of an enumeration."""

    def __init__(self, name: str, members: Sequence[Any]) -> None:
        pa = pyarrow()
        super().__init__(name, pa.dictionary(pa.int8(), pa.string()))
        self._names = pa.array([member.name for member in members], pa.string())
        self._codes = {member.name: code for code, member in enumerate(members)}

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        return pyarrow().DictionaryArray.from_arrays(values.astype(np.int8), self._names)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        known = codes.write(self.name, array, self._code, into)
        if (known < 0).any() and (into < 0).any():
            word = array[int(np.argmin(into))].as_py()
            raise JournalError(
                "a recording",
                f"has the {self.name} {word!r}, which is not known here: update ordinis-rx",
            )

    def _code(self, word: str) -> int:
        """Whoever wrote it may know more members: their dictionary has all, whether any row has them or not."""
        return self._codes.get(word, -1)


class _Sets(Column):
    """Sets of providers, as lists of their names."""

    def __init__(self, name: str) -> None:
        pa = pyarrow()
        super().__init__(name, pa.list_(pa.string()))

    def to_arrow(self, values: NDArray[Any], names: Names) -> Any:
        named = names.providers.words.sets
        return pyarrow().array([named[bits] for bits in values.tolist()], self.type)

    def from_arrow(self, array: Any, into: NDArray[Any], names: Names, codes: CodeMaps) -> None:
        into[:] = [names.providers.bits(words) for words in array.to_pylist()]


def column_of(field: Field, hints: Mapping[str, Any]) -> Column:
    """The Arrow column of *field*; *hints* are the types of its kind's fields."""
    pa = pyarrow()
    if field.many:
        return _Sets(field.name)
    if field.name in ("symbol", "provider"):
        return _Words(field.name)
    if field.members is None:
        if field.kind == "f":
            return _Numbers(field.name, pa.float64())
        is_time = field.name.startswith("ts_")
        return _Numbers(field.name, pa.timestamp("ns", "UTC") if is_time else pa.int64())
    if hints[field.name] is bool:
        return _Small(field.name, pa.bool_(), 2)
    if isinstance(field.members[0], int):
        return _Small(field.name, pa.int16(), len(field.members))
    return _Members(field.name, field.members)
