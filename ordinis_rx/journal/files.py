"""Reading the tables of a recording part by part, each checked against what the log says of it before Arrow sees it."""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, Protocol

from ordinis_rx.arrow import pyarrow
from ordinis_rx.journal.checksum import checksum
from ordinis_rx.journal.manifest import Part, Sealed

__all__ = ["Damaged", "Files", "parquet_batches"]

_ROWS = 1 << 14
"""Rows of a Parquet file that are read at once."""


class Damaged(Exception):
    """A file of a recording is not what the log says it is."""


class _File(Protocol):
    def take(self, part: Part) -> list[Any]: ...

    def close(self) -> None: ...


class Files:
    """The tables in *folder*; *sealed* finds out which have become Parquet files by now."""

    def __init__(self, folder: Path, sealed: Callable[[], Mapping[str, Sealed]]) -> None:
        self._folder = folder
        self._find_sealed = sealed
        self._sealed = sealed()
        self._open: dict[str, _File] = {}
        self._skipped: dict[str, list[Part]] = {}

    def take(self, part: Part) -> list[Any]:
        """The rows of *part* as record batches; the parts of a file are taken or skipped in order. Raises `Damaged`."""
        if not part.rows:
            self._end(part.file)
            return []
        file = self._open.get(part.file)
        if file is None:
            file = self._open[part.file] = self._opened(part.file)
        for earlier in self._skipped.pop(part.file, ()):
            file.take(earlier)
        return file.take(part)

    def skip(self, part: Part) -> None:
        """Pass over *part*: its file is read only where a later part of it is taken."""
        if part.rows:
            self._skipped.setdefault(part.file, []).append(part)
        else:
            self._end(part.file)

    def _end(self, name: str) -> None:
        self._skipped.pop(name, None)
        file = self._open.pop(name, None)
        if file is not None:
            file.close()

    def close(self) -> None:
        """Close what is open."""
        while self._open:
            self._open.popitem()[1].close()

    def _opened(self, name: str) -> _File:
        if name not in self._sealed:
            try:
                return _Stream(self._folder / name)
            except Damaged:  # or sealed since we last looked, as long as the recording goes on
                self._sealed = self._find_sealed()
                if name not in self._sealed:
                    raise
        return self._whole(self._sealed[name])

    def _whole(self, seal: Sealed) -> _File:
        path = self._folder / seal.into
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Damaged(f"{seal.into}: {error.strerror}") from error
        if len(data) != seal.size or zlib.crc32(data) != seal.checksum:
            raise Damaged(f"{seal.into} does not match its checksum")
        return _Whole(pyarrow().BufferReader(data))


class _Stream:
    """An Arrow IPC stream, as far as it has come."""

    def __init__(self, path: Path) -> None:
        self._name = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
        self._at = 0
        self._reader: Any = None
        try:
            with open(path, "rb") as file:
                self._data: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # an empty file cannot be mapped
            raise Damaged(f"{self._name} cannot be read: {error}") from error

    def take(self, part: Part) -> list[Any]:
        data = memoryview(self._data)[self._at : part.end]
        if len(data) < part.end - self._at:
            raise Damaged(f"{self._name} ends early")
        if checksum(data) != part.checksum:
            raise Damaged(f"{self._name} does not match its checksum")
        self._at = part.end
        if self._reader is None:
            pa = pyarrow()
            self._reader = pyarrow(".ipc").open_stream(pa.BufferReader(pa.py_buffer(self._data)))
        return [self._reader.read_next_batch()]

    def close(self) -> None:
        self._reader = (
            None  # what was read may still rest on the map, which goes with the last of it
        )


class _Whole:
    """A Parquet file."""

    def __init__(self, source: Any) -> None:
        self._batches = parquet_batches(source)
        self._rest: Any = None

    def take(self, part: Part) -> list[Any]:
        parts: list[Any] = []
        wanted = part.rows
        while wanted:
            batch = self._rest if self._rest is not None else next(self._batches, None)
            if batch is None:
                raise Damaged(f"{part.file} has become a file with fewer rows")
            piece = batch.slice(0, wanted)
            wanted -= piece.num_rows
            self._rest = batch.slice(piece.num_rows) if piece.num_rows < batch.num_rows else None
            parts.append(piece)
        return parts

    def close(self) -> None:
        self._batches.close()


def parquet_batches(
    source: Any, columns: list[str] | None = None, *, checked: bool = False
) -> Generator[Any]:
    """The batches of a Parquet file, one after the other, in bounded memory.

    Without *columns* they have all those that hold anything: ten nanoseconds a row are a high price for nothing. *checked*
    is for a file of ours that may be damaged: what it says of itself, and its pages, are held against each other.
    """
    with pyarrow(".parquet").ParquetFile(
        source, pre_buffer=False, page_checksum_verification=checked
    ) as file:
        if checked:
            _check_figures(file)
        if columns is None:
            empty = _empty_columns(file.metadata)
            columns = [name for name in file.schema_arrow.names if name not in empty]
        yield from file.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False)


def _check_figures(file: Any) -> None:
    """Raise what is wrong with what a file says of its columns.

    Arrow ends the process where wrong figures are asked for (as of 26), and raises where it reads a row by them.
    """
    names = file.schema_arrow.names
    for g in range(file.metadata.num_row_groups):
        next(file.iter_batches(1, row_groups=[g], columns=names, use_threads=False), None)
        group = file.metadata.row_group(g)
        for c in range(group.num_columns):
            if group.column(c).physical_type != file.schema.column(c).physical_type:
                raise pyarrow().ArrowInvalid(f"column {c} is of two types")


def _empty_columns(metadata: Any) -> set[str]:
    """The columns that have nothing but nulls, as the file's own figures say."""
    empty: set[str] = set()
    full: set[str] = set()
    for g in range(metadata.num_row_groups):
        group = metadata.row_group(g)
        for c in range(group.num_columns):
            column = group.column(c)
            name = column.path_in_schema.partition(".")[0]
            figures = column.statistics
            nulls = figures is not None and figures.null_count == column.num_values
            (empty if nulls else full).add(name)
    return empty - full
