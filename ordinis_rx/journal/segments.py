"""One file of a recording: an Arrow IPC stream that is written batch by batch; and how it becomes Parquet."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

from ordinis_rx.arrow import pyarrow
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.checksum import checksum
from ordinis_rx.journal.log import create
from ordinis_rx.journal.manifest import Part, Sealed
from ordinis_rx.journal.parquet import ParquetFile
from ordinis_rx.journal.tables import Table

__all__ = ["Segment", "seal"]


class _Sink(io.RawIOBase):
    """Collects what Arrow writes in small pieces."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


class Segment:
    """A file that grows. `rows` counts its rows; raises `JournalError` where it cannot be written."""

    def __init__(self, folder: Path, file: str, table: Table, day: int) -> None:
        self.file = file
        self.table = table
        self.day = day
        self.rows = 0
        self._end = 0
        path = folder / file
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.handle = create(path)
        except OSError as error:
            raise JournalError(path, f"cannot be written: {error.strerror}") from error
        self._sink = _Sink()
        self._writer = pyarrow(".ipc").new_stream(self._sink, table.schema)

    def write(self, batch: Any) -> Part:
        """Append the rows of *batch*; what the log has to say of them."""
        self._writer.write_batch(batch)
        self.rows += batch.num_rows
        stamps = batch.column("ts_event").view("int64").to_numpy()
        return self._put(batch.num_rows, int(stamps.min()), int(stamps.max()))

    def finish(self) -> Part:
        """Append the mark that ends the stream. The file stays open, for whoever puts it on the disk."""
        self._writer.close()
        return self._put(0)

    def _put(self, rows: int, earliest: int = 0, latest: int = 0) -> Part:
        data = self._sink.take()
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self.handle, rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self.handle, self._end)
            raise JournalError(self._path, f"cannot be written: {error.strerror}") from error
        self._end += len(data)
        return Part(self.file, self._end, checksum(data), rows, earliest, latest)


def seal(folder: Path, file: str) -> Sealed:
    """Write the rows of a finished segment as Parquet, put that on the disk, and tell its checksum.

    The segment stays, for whoever has noted what is returned to take away.
    """
    into = file.removesuffix(".arrows") + ".parquet"
    with open(folder / file, "rb") as source:
        reader = pyarrow(".ipc").open_stream(source)
        with ParquetFile(folder / into, reader.schema) as target:
            for batch in reader:
                target.write(batch)
    return Sealed(file, into, target.size, target.checksum)
