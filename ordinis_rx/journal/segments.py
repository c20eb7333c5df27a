"""One file of a recording: an Arrow IPC stream that is written batch by batch; and how it becomes Parquet."""

from __future__ import annotations

import contextlib
import io
import os
import zlib
from pathlib import Path
from typing import Any

from ordinis_rx.errors import JournalError
from ordinis_rx.journal.checksum import checksum
from ordinis_rx.journal.log import sync_folder
from ordinis_rx.journal.manifest import Part, Sealed
from ordinis_rx.journal.tables import ARRIVAL, Table, pyarrow

__all__ = ["Segment", "seal", "write_parquet"]

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)


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
            self.handle = os.open(path, _CREATE, 0o666)
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

    It has its name only when it is whole. The segment stays, for whoever has noted what is returned to take away.
    """
    into = file.removesuffix(".arrows") + ".parquet"
    target = folder / into
    with open(folder / file, "rb") as source:
        reader = pyarrow(".ipc").open_stream(source)
        size, checksum = write_parquet(target, reader.schema, reader)
    return Sealed(file, into, size, checksum)


def write_parquet(target: Path, schema: Any, batches: Any) -> tuple[int, int]:
    """Write *batches* into a Parquet file that has its name only when it is whole and on the disk; its size and checksum."""
    half = target.with_name(target.name + ".part")
    try:
        with open(half, "wb") as file:
            counting = _Counting(file)
            times = [ARRIVAL, *(f.name for f in schema if str(f.type) in ("int64", _TIME))]
            with pyarrow(".parquet").ParquetWriter(
                counting,
                schema,
                compression="zstd",
                compression_level=3,
                use_dictionary=[
                    f.name for f in schema if f.name not in times and str(f.type) != "double"
                ],
                column_encoding=dict.fromkeys(times, "DELTA_BINARY_PACKED"),
                write_page_checksum=True,
            ) as writer:
                pending: list[Any] = []
                for batch in batches:
                    pending.append(batch)
                    if sum(b.num_rows for b in pending) >= ROWS_A_GROUP:
                        writer.write_table(pyarrow().Table.from_batches(pending, schema))
                        pending.clear()
                if pending:
                    writer.write_table(pyarrow().Table.from_batches(pending, schema))
            file.flush()
            os.fsync(file.fileno())
        half.replace(target)
        sync_folder(target.parent)
    except BaseException as error:
        half.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise JournalError(target, f"cannot be written: {reason}") from error
        raise
    return counting.size, counting.checksum


ROWS_A_GROUP = 250_000
_TIME = "timestamp[ns, tz=UTC]"


class _Counting(io.RawIOBase):
    """Passes on what is written, and knows its size and checksum."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file
        self.size = 0
        self.checksum = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        self._file.write(piece)
        self.size += len(piece)
        self.checksum = zlib.crc32(piece, self.checksum)
        return len(piece)
