"""A single file of a recording, or of ``ordinis-rx replay --out``: the facts of one kind, as they were."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ordinis_rx.batches import Item
from ordinis_rx.columns import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.files import parquet_batches
from ordinis_rx.journal.loss import Loss
from ordinis_rx.journal.tables import KINDS, pyarrow
from ordinis_rx.journal.weaving import Weaver

__all__ = ["SingleFile"]


class SingleFile:
    """A table with the facts of one kind that this library has written as Parquet. It is whole, or an error."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.loss = Loss()
        try:
            with pyarrow(".parquet").ParquetFile(self.path) as file:
                metadata: dict[bytes, bytes] = file.schema_arrow.metadata or {}
                self.rows: int = file.metadata.num_rows
        except pyarrow().ArrowException as error:
            raise JournalError(path, f"cannot be read: {error}") from error
        kind = KINDS.get(metadata.get(b"ordinis.kind", b"").decode())
        if kind is None:
            raise JournalError(
                path,
                "is a table of somebody else's: from_parquet reads it, with a map of its columns",
            )
        self.kind: type[Any] = kind

    def items(self, names: Names, rows: int) -> Iterator[Item]:
        """Its facts in items of about *rows* rows, each lent until the next is asked for."""
        weaver = Weaver(names, rows)
        try:
            for batch in parquet_batches(self.path):
                yield from weaver.add([(self.kind, [batch])])
        except (OSError, pyarrow().ArrowException) as error:
            yield from weaver.rest()
            raise JournalError(self.path, f"cannot be read: {error}") from error
        yield from weaver.rest()
