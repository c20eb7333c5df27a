"""Recordings of the wire: every message as it came and went, before anybody has read it.

A recording is a log (see `ordinis_rx.journal.log`). Its header tells the provider and when it was begun; a message is its
direction, when it crossed the wire, the number of the first fact that it tells, and its bytes; and whenever the names that
are ours and not the vendor's change, they are noted, so that a replay reads every message as it was read live.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, Self, TypeAlias

import msgspec

from ordinis_rx.errors import JournalError
from ordinis_rx.journal.log import LogReader
from ordinis_rx.journal.loss import Loss
from ordinis_rx.timebase import Nanos

__all__ = ["Message", "Renamed", "WireHeader", "WireReader", "packed_message", "packed_names"]

Direction: TypeAlias = Literal["in", "out"]

_MESSAGE = struct.Struct("<cqq")
_MARKS: Mapping[Direction, bytes] = {"in": b"<", "out": b">"}
_DIRECTIONS: Mapping[bytes, Direction] = {mark: name for name, mark in _MARKS.items()}
_NAMES = b"n"
_VERSION = 1


class WireHeader(msgspec.Struct, frozen=True, kw_only=True, tag="wire"):
    """Whose wire was recorded, and since when (nanoseconds, by our clock)."""

    provider: str
    started: Nanos
    version: int = _VERSION


class Message(NamedTuple):
    """One message: `seq` is the number of the first fact that it told live (of an outbound one: of the next fact)."""

    direction: Direction
    ts_recv: Nanos
    seq: int
    data: bytes


class Renamed(NamedTuple):
    """From here on, these native symbols have neutral names of their own."""

    names: dict[str, str]


def packed_message(direction: Direction, ts_recv: Nanos, seq: int, data: bytes) -> bytes:
    """A message as a record."""
    return _MESSAGE.pack(_MARKS[direction], ts_recv, seq) + data


def packed_names(names: Mapping[str, str]) -> bytes:
    """A change of names as a record."""
    return _NAMES + msgspec.msgpack.encode(dict(names))


class WireReader:
    """Iterates over what was recorded; then `loss` tells how much of the file could not be read.

    `header` is None where that is damaged already. Raises `JournalError` for a file that is no such recording, and at a
    whole record that nobody here would write.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._log = LogReader(path)
        self.header: WireHeader | None = None
        if self._log.header is None:
            return
        try:
            self.header = msgspec.msgpack.decode(self._log.header, type=WireHeader)
        except msgspec.MsgspecError:
            self._log.close()
            raise JournalError(path, "is no recording of a wire") from None
        if self.header.version > _VERSION:
            self._log.close()
            raise JournalError(
                path, f"has version {self.header.version}, newer than {_VERSION}: update ordinis-rx"
            )

    @property
    def loss(self) -> Loss:
        """What could not be read, as far as it has come."""
        return self._log.loss

    def __iter__(self) -> Iterator[Message | Renamed]:
        for record in self._log:
            try:
                entry = _unpacked(record)
            except (msgspec.MsgspecError, struct.error, KeyError):
                raise JournalError(
                    self._log.path, "has a record that is not known here: update ordinis-rx"
                ) from None
            yield entry

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()


def _unpacked(record: bytes) -> Message | Renamed:
    if record[:1] == _NAMES:
        return Renamed(msgspec.msgpack.decode(record[1:], type=dict[str, str]))
    mark, ts_recv, seq = _MESSAGE.unpack_from(record)
    return Message(_DIRECTIONS[mark], ts_recv, seq, record[_MESSAGE.size :])
