"""What the log of a recording of facts says: which bytes of which file hold which facts.

A recording is a folder: tables by kind and date, and a log (`ordinis_rx.journal.log`) in which every flush stands once its
rows are in their files, with a checksum for each. So the log alone decides how far the recording goes: a flush is read whole
or not at all, over all kinds, and what stands in a file but in no flush is lost.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ordinis_rx.errors import JournalError
from ordinis_rx.timebase import DAY, Nanos, to_datetime

__all__ = ["LOG", "Flush", "Part", "RecordingHeader", "Sealed", "file_of", "kind_of", "unpacked"]

LOG = "journal.log"
"""The name of the log within the folder."""

VERSION = 1


class RecordingHeader(msgspec.Struct, frozen=True, kw_only=True, tag="facts"):
    """What the log begins with: when the recording did, by our clock."""

    started: Nanos
    version: int = VERSION


class Part(msgspec.Struct, frozen=True, array_like=True):
    """Rows of one kind: up to which byte of *file* they reach (from where the last part of it ended), and their checksum.

    `rows` is 0 where the bytes hold no facts.
    """

    file: str
    end: int
    checksum: int
    rows: int
    earliest: Nanos = 0
    """The lowest `ts_event`."""
    latest: Nanos = 0


class Flush(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """Parts that belong together; `arrival` is the number of the first row, over all kinds."""

    arrival: int
    parts: list[Part]


class Sealed(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """All rows of *file* now stand in *into*, which has so many bytes, with this checksum."""

    file: str
    into: str
    size: int
    checksum: int


def unpacked(record: bytes, log: Path) -> Flush | Sealed:
    """What a record of *log* says. A whole record that nobody here would write raises `JournalError`."""
    try:
        entry: Flush | Sealed = _DECODER.decode(record)
    except msgspec.MsgspecError:
        raise JournalError(log, "has a record that is not known here: update ordinis-rx") from None
    return entry


_DECODER = msgspec.msgpack.Decoder(Flush | Sealed)


def file_of(kind: str, day: int, number: int) -> str:
    """Where the rows of a *kind* stand that arrived on the *day*-th day since 1970 UTC.

    >>> file_of("trade", 19724, 3)
    'trade/2024-01-02/0003.arrows'
    """
    return f"{kind}/{to_datetime(day * DAY).date().isoformat()}/{number:04d}.arrows"


def kind_of(file: str) -> str:
    """The kind that stands in *file*.

    >>> kind_of("trade/2024-01-02/0003.arrows")
    'trade'
    """
    return file.partition("/")[0]
