"""A single file of a recording, or of ``ordinis-rx replay --out``: the facts of one kind, as they were."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ordinis_rx.arrow import pyarrow
from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.files import parquet_batches
from ordinis_rx.journal.loss import Loss
from ordinis_rx.journal.tables import KINDS, table_of
from ordinis_rx.journal.weaving import Weaver

__all__ = ["SingleFile"]


class SingleFile:
    """A table with the facts of one kind that this library has written as Parquet. It is whole, or an error."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.loss = Loss()
        parquet = pyarrow(".parquet")
        try:
            with parquet.ParquetFile(self.path) as file:
                metadata: dict[bytes, bytes] = file.schema_arrow.metadata or {}
                schema = file.schema_arrow
                self.rows: int = file.metadata.num_rows
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the system's; what Arrow raises has no number
            raise _damage(self.path, error) from error
        kind = KINDS.get(metadata.get(b"ordinis.kind", b"").decode(errors="replace"))
        if kind is None:
            raise JournalError(
                path,
                "is a table of somebody else's: from_parquet reads it, with a map of its columns",
            )
        self.kind: type[Any] = kind
        self._check(schema)

    def _check(self, schema: Any) -> None:
        """Raise `JournalError` for columns that no version of this library has written."""
        ours = table_of(self.kind).schema
        names, known = set(schema.names), set(ours.names)
        if names - known and known - names:  # either alone may be of another version
            strange, missing = min(names - known), min(known - names)
            raise JournalError(self.path, f"cannot be read: it has {strange!r}, but no {missing!r}")
        for name in sorted(names & known):
            theirs, wanted = schema.field(name).type, ours.field(name).type
            if _plain(theirs) != _plain(wanted):
                raise JournalError(
                    self.path,
                    f"cannot be read: its {name!r} is {theirs}, not {wanted}; from_parquet reads what others have written",
                )

    def items(self, names: Names, rows: int) -> Iterator[Item]:
        """Its facts in items of about *rows* rows, each lent until the next is asked for."""
        weaver = Weaver(names, rows)
        told = 0
        try:
            try:
                for batch in parquet_batches(self.path, checked=True):
                    told += batch.num_rows
                    _check_numbers(batch, table_of(self.kind).schema)
                    yield from weaver.add([(self.kind, [batch])])
            except Exception:
                yield from weaver.rest()
                raise
            yield from weaver.rest()
        except Exception as error:
            raise _damage(self.path, error) from error
        if told != self.rows:
            raise JournalError(self.path, f"cannot be read: it has {told} of {self.rows} rows")


def _plain(kind: Any) -> Any:
    """A type, the same for all widths that tools have for the places of texts, lists and codes."""
    pa = pyarrow()
    if pa.types.is_dictionary(kind):
        return "code", _plain(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return "list", _plain(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    return pa.binary() if pa.types.is_large_binary(kind) else kind


def _check_numbers(batch: Any, ours: Any) -> None:
    """Raise ValueError for a number that is missing: in none that we have written is."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.null_count and name in ours.names and not ours.field(name).nullable:
            raise ValueError(f"its {name!r} has nulls")


def _damage(path: Path, error: Exception) -> JournalError:
    """What reading a damaged file comes to: Arrow checks little, so that *error* may be anything."""
    return JournalError(path, f"cannot be read: {error}")
