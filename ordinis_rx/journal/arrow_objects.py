"""What has no fixed width (ids, conditions, messages) out of Arrow: columns of texts, and of several values a row."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any, TypeAlias, get_origin, overload

import numpy as np

from ordinis_rx.arrow import object_type, pyarrow
from ordinis_rx.errors import JournalError

__all__ = ["Objects", "objects_of"]


class Objects:
    """A column of what has no fixed width; *several* where a value is a tuple."""

    def __init__(self, name: str, type: Any, *, several: bool = False) -> None:
        self.name = name
        self.type = type
        self._several = several

    def values(self, part: Any, default: Any) -> list[Any]:
        """The values of a part of the column, a null being the *default*: rows of several flushes may be in one part.

        Not by `to_pylist`, which takes ten times as long.
        """
        if not self._several:
            values: list[Any] = part.to_numpy(zero_copy_only=False).tolist()
        else:
            offsets = part.offsets.to_numpy()
            first, end = offsets[0], offsets[-1]  # of some rows: Arrow has the words of all
            words = part.values.slice(first, end - first).to_numpy(zero_copy_only=False).tolist()
            values = [tuple(words[a:b]) for a, b in itertools.pairwise((offsets - first).tolist())]
        if part.null_count:
            for row in np.flatnonzero(part.is_null().to_numpy(zero_copy_only=False)).tolist():
                values[row] = default
        return values

    def of(self, batches: Sequence[Any], default: Any) -> Sequence[Any] | None:
        """The values in all rows of *batches*, made when somebody asks; None where all are the *default*."""
        parts = [_part(batch, self.name) for batch in batches]
        if all(part is None for part, _ in parts):
            return None
        return _Later(parts, self, default)


def objects_of(name: str, kind: type[Any], hint: Any) -> Objects:
    """The Arrow column of the field *name* of *kind*, whose type is *hint*; raises `JournalError` where it has none."""
    held = object_type(pyarrow(), hint)
    if held is None:
        raise JournalError(
            "a recording", f"cannot hold {kind.__name__} facts: {name} has no column"
        )
    return Objects(name, held, several=get_origin(hint) is tuple)


_Part: TypeAlias = tuple[Any | None, int]
"""A part of a column and its length; None where all its values are defaults."""


def _part(batch: Any, name: str) -> _Part:
    at: int = batch.schema.get_field_index(name)
    column = None if at < 0 else batch.column(at)
    given = column is not None and column.null_count < len(column)
    return column if given else None, batch.num_rows


class _Later(Sequence[Any]):
    """Values out of Arrow, made when somebody asks."""

    def __init__(self, parts: Sequence[_Part], column: Objects, default: Any) -> None:
        self._parts = parts
        self._column = column
        self._default = default

    @functools.cached_property
    def _values(self) -> list[Any]:
        made: list[Any] = []
        for part, length in self._parts:
            if part is None:
                made += [self._default] * length
            else:
                made += self._column.values(part, self._default)
        return made

    def __len__(self) -> int:
        return sum(length for _, length in self._parts)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self._values[index]
