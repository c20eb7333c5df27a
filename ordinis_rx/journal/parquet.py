"""Parquet files that have their names only when they are whole."""

from __future__ import annotations

import contextlib
import io
import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ordinis_rx.arrow import pyarrow
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.log import sync_folder

__all__ = ["ParquetFile"]

_ROWS_A_GROUP = 250_000
_PAGE = 1 << 16
"""Bytes of a column that are unpacked at once: so few stay in the cache of a core, and a file grows by some 3 %."""
_NUMBERS = ("int64", "timestamp[ns, tz=UTC]")


class ParquetFile:
    """Writes batches to *target* (zstd), within a ``with``: at its end the file is on the disk and has its name.

    After an error there is none. `size` and `checksum` (CRC-32) are those of the whole file. What the system refuses raises
    `JournalError`.
    """

    def __init__(self, target: Path, schema: Any) -> None:
        self._target = target
        self._half = target.with_name(target.name + ".part")
        self._schema = schema
        self._waiting: list[Any] = []
        self._rows = 0
        try:
            self._file = open(self._half, "wb")  # noqa: SIM115 - closed at the end of the with
        except OSError as error:
            raise self._failure(error) from error
        self._counting = _Counting(self._file)
        self._writer: Any = None
        """Made for the first group of rows, as it is by these how columns are encoded."""

    @property
    def size(self) -> int:
        """Its bytes so far."""
        return self._counting.size

    @property
    def checksum(self) -> int:
        """The CRC-32 of its bytes so far."""
        return self._counting.checksum

    def write(self, batch: Any) -> None:
        """Append the rows of *batch*."""
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _ROWS_A_GROUP:
            self._write_group()

    def _write_group(self) -> None:
        table = pyarrow().Table.from_batches(self._waiting, self._schema)
        try:
            if self._writer is None:
                self._writer = self._writer_for(table)
            self._writer.write_table(table)
        except OSError as error:
            raise self._failure(error) from error
        self._waiting, self._rows = [], 0

    def _writer_for(self, table: Any) -> Any:
        # Numbers that rise are told by their differences. Words, and prices in ticks, come again: their places in a
        # dictionary are smaller than all else, and read twice as fast; for what is computed it is the other way round.
        rising = [field.name for field in self._schema if str(field.type) in _NUMBERS]
        again = [
            field.name
            for field in self._schema
            if field.name not in rising and _comes_again(table.column(field.name))
        ]
        return pyarrow(".parquet").ParquetWriter(
            self._counting,
            self._schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=again,
            column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
            data_page_size=_PAGE,
            write_page_checksum=True,
        )

    def _finish(self) -> None:
        begun = self._writer is not None
        if self._waiting or not begun:
            self._write_group()
        try:
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._half.replace(self._target)
            sync_folder(self._target.absolute().parent)
        except OSError as error:
            raise self._failure(error) from error

    def _abandon(self) -> None:
        self._counting.gone = True
        if self._writer is not None:
            self._writer.close()
        with contextlib.suppress(OSError):  # of a full disk, which it tries once more
            self._file.close()
        self._half.unlink(missing_ok=True)

    def _failure(self, error: OSError) -> JournalError:
        return JournalError(self._target, f"cannot be written: {error.strerror or error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._abandon()
            return
        try:
            self._finish()
        except BaseException:
            self._abandon()
            raise


def _comes_again(column: Any) -> bool:
    """Whether the values of a column are few; of numbers that is counted."""
    if str(column.type) != "double":
        return True
    distinct: int = pyarrow(".compute").count_distinct(column, mode="all").as_py()
    return 2 * distinct <= len(column)


class _Counting(io.RawIOBase):
    """Passes on what is written, and knows its size and checksum; once it is `gone`, it swallows it."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file
        self.size = 0
        self.checksum = 0
        self.gone = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        if not self.gone:
            self._file.write(piece)
        self.size += len(piece)
        self.checksum = zlib.crc32(piece, self.checksum)
        return len(piece)
