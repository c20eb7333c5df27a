"""An append-only log: records of bytes, each with its length and a checksum, of which any prefix can be read.

A file begins with eight bytes that say what it is; a record is its length and its CRC-32 (of length and content), four bytes
each, little-endian, and its content; the first one is the header. There is no index and no end mark: a log that was cut
anywhere, by whatever, is a shorter log, and bytes that make no whole record are told as lost.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from ordinis_rx.errors import JournalError
from ordinis_rx.journal.loss import Loss

__all__ = [
    "MAGIC",
    "MOST",
    "LogReader",
    "LogWriter",
    "create",
    "folder_handle",
    "is_log",
    "sync_folder",
]

MAGIC = b"ordinis\x01"
"""How a log begins; the last byte is the version of the format."""

MOST = 1 << 28
"""Bytes of one record; a greater length is taken for damage."""

_HEAD = struct.Struct("<II")
_LENGTH = struct.Struct("<I")


def create(path: Path) -> int:
    """A handle of a new file that is written at its end; raises FileExistsError where there is one."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
    return os.open(path, flags | getattr(os, "O_BINARY", 0), 0o666)


def _checksum(content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(_LENGTH.pack(len(content))))


def folder_handle(folder: Path) -> list[int]:
    """A handle whose `os.fsync` makes the names in *folder* durable; none where the system has none, or not for us."""
    if os.name != "posix":
        return []
    try:
        return [os.open(folder, os.O_RDONLY)]
    except PermissionError:  # one may write in a folder that one may not read
        return []


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable, where the system can."""
    for handle in folder_handle(folder):
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class LogWriter:
    """Writes a new log; a file that exists is never touched.

    `written` counts the records handed to the system, which survive the end of this process, and `acknowledged` those that
    are on the disk (`sync`). What fails raises `JournalError`, then and ever after, and what was half-written is taken back.
    """

    def __init__(self, path: str | os.PathLike[str], header: bytes) -> None:
        self.path = Path(path)
        self.written = 0
        self.acknowledged = 0
        self._end = 0
        self._failure: JournalError | None = None
        try:
            self._handle = create(self.path)
        except FileExistsError:
            raise JournalError(path, "exists already, and is not written over") from None
        except OSError as error:
            raise JournalError(path, f"cannot be written: {error.strerror}") from error
        self._open = True
        try:
            self._write(MAGIC + _HEAD.pack(len(header), _checksum(header)) + header)
            sync_folder(self.path.parent)
        except BaseException:
            self.close()
            raise

    def append(self, content: bytes) -> None:
        """Write one record."""
        if len(content) > MOST:
            raise JournalError(self.path, f"takes records of at most {MOST} bytes")
        self._write(_HEAD.pack(len(content), _checksum(content)) + content)
        self.written += 1

    def sync(self) -> None:
        """Put what was written on the disk, and acknowledge it. May be called by another thread than the one that writes."""
        written = self.written
        self._check()
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise self._failed(error) from error
        self.acknowledged = max(self.acknowledged, written)

    def close(self) -> None:
        """Close the file, without a `sync`; may be called twice."""
        if self._open:
            self._open = False
            os.close(self._handle)

    def _write(self, data: bytes) -> None:
        self._check()
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except OSError as error:
            failure = self._failed(error)
            if len(rest) < len(data):
                self._take_back()
            raise failure from error
        self._end += len(data)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if not self._open:
            raise JournalError(self.path, "is closed")

    def _failed(self, error: OSError) -> JournalError:
        self._failure = JournalError(self.path, f"cannot be written: {error.strerror}")
        return self._failure

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._handle, self._end)
        except OSError:
            return  # its checksum tells a reader as much

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_log(path: str | os.PathLike[str]) -> bool:
    """Whether the file begins as a log does."""
    try:
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


class LogReader:
    """Iterates over the records of a log, as far as they are whole; then `loss` tells what was not.

    `header` is the first record; None where that is damaged already. A file that is no log raises `JournalError`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.loss = Loss()
        try:
            self._file = open(self.path, "rb")  # noqa: SIM115 - closed when it has been read
        except OSError as error:
            raise JournalError(path, f"cannot be read: {error.strerror}") from error
        self._size = os.fstat(self._file.fileno()).st_size
        magic = self._file.read(len(MAGIC))
        if not MAGIC.startswith(magic):
            self._file.close()
            raise JournalError(path, "is no recording")
        self._at = self._begun = len(magic)
        self.header = next(self._records(), None) if magic == MAGIC else None
        if magic != MAGIC:
            self._lose(0, "it ends within its first bytes")

    @property
    def unread(self) -> int:
        """How many bytes come behind the record that was given last, and it."""
        return self._size - self._begun

    def __iter__(self) -> Iterator[bytes]:
        with self._file:
            if self.header is not None:
                yield from self._records()

    def close(self) -> None:
        """Read no more."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _records(self) -> Iterator[bytes]:
        while self._at < self._size:
            head = self._file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                self._lose(self._at, "it ends within a record")
                return
            length, checksum = _HEAD.unpack(head)
            if length > MOST:
                self._lose(self._at, "a record has an impossible length")
                return
            content = self._file.read(length) if length <= self._size - self._at else b""
            if len(content) < length:
                self._lose(self._at, "it ends within a record")
                return
            if _checksum(content) != checksum:
                self._lose(self._at, "a record does not match its checksum")
                return
            self._begun = self._at
            self._at += _HEAD.size + length
            yield content

    def _lose(self, at: int, why: str) -> None:
        self.loss = Loss(self._size - at, f"{self.path.name}: {why}, at byte {at}")
