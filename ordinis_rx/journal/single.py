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
                names = set(file.schema_arrow.names)
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
        known = set(table_of(kind).schema.names)
        if names - known and known - names:  # either alone may be of another version
            strange, missing = min(names - known), min(known - names)
            raise JournalError(path, f"cannot be read: it has {strange!r}, but no {missing!r}")
        self.kind: type[Any] = kind

    def items(self, names: Names, rows: int) -> Iterator[Item]:
        """Its facts in items of about *rows* rows, each lent until the next is asked for."""
        weaver = Weaver(names, rows)
        told = 0
        try:
            try:
                for batch in parquet_batches(self.path, checked=True):
                    told += batch.num_rows
                    yield from weaver.add([(self.kind, [batch])])
            except Exception:
                yield from weaver.rest()
                raise
            yield from weaver.rest()
        except Exception as error:
            raise _damage(self.path, error) from error
        if told != self.rows:
            raise JournalError(self.path, f"cannot be read: it has {told} of {self.rows} rows")


def _damage(path: Path, error: Exception) -> JournalError:
    """What reading a damaged file comes to: Arrow checks little, so that *error* may be anything."""
    return JournalError(path, f"cannot be read: {error}")
