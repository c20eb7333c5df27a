"""Reading a recording of facts: items of a stream, in the order of arrival, kinds and all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import sleep
from typing import Any

import msgspec

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.files import Damaged, Files
from ordinis_rx.journal.log import LogReader
from ordinis_rx.journal.loss import Loss
from ordinis_rx.journal.manifest import (
    LOG,
    VERSION,
    Flush,
    Part,
    RecordingHeader,
    Sealed,
    kind_of,
    unpacked,
)
from ordinis_rx.journal.tables import KINDS
from ordinis_rx.journal.weaving import Weaver

__all__ = ["Recording"]

_PATIENCE = 0.02, 0.2
"""How many seconds a recorder is given, again and again, to tell the log of what it has written."""


class Recording:
    """A folder that `record` has written, or is writing. `loss` tells what the last run could not read."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.folder = Path(path)
        self.loss = Loss()
        self.rows = 0
        """How many facts it has, as far as the log can be read."""
        with LogReader(self.folder / LOG) as log:
            self.header = self._checked(log.header)
            for record in log:
                entry = unpacked(record, log.path)
                if isinstance(entry, Flush):
                    self.rows += sum(part.rows for part in entry.parts)

    def items(
        self,
        names: Names,
        rows: int,
        wanted: Callable[[type[Any], Part], bool] = lambda kind, part: True,
    ) -> Iterator[Item]:
        """Its facts in items of about *rows* rows, each lent until the next is asked for; of the parts that are *wanted*.

        It ends where the recording can be read no further; `loss` tells why.
        """
        files = Files(self.folder, lambda: self._by_log()[0])
        ends: dict[str, int] = {}
        weaver = Weaver(names, rows)
        with LogReader(self.folder / LOG) as log:
            try:
                for record in log:
                    entry = unpacked(record, log.path)
                    if isinstance(entry, Flush):
                        yield from weaver.add(self._taken(files, entry, wanted))
                        ends.update((part.file, part.end) for part in entry.parts)
                self.loss = log.loss
            except Damaged as damage:
                self.loss = Loss(log.unread, str(damage))
            finally:
                files.close()
        yield from weaver.rest()
        self._look_for_more(ends)

    def _taken(
        self, files: Files, flush: Flush, wanted: Callable[[type[Any], Part], bool]
    ) -> list[tuple[type[Any], list[Any]]]:
        """The batches of a flush that are wanted, all of them or, where one is damaged, none."""
        taken: list[tuple[type[Any], list[Any]]] = []
        for part in flush.parts:
            kind = KINDS.get(kind_of(part.file))
            if kind is None:
                raise Damaged(f"{part.file} is of a kind that is not known here")
            if not wanted(kind, part):
                files.skip(part)
            elif batches := files.take(part):
                taken.append((kind, batches))
        return taken

    def _by_log(self) -> tuple[dict[str, Sealed], dict[str, int]]:
        """By the log as it is now: which tables have become Parquet files, and how far each reaches."""
        sealed: dict[str, Sealed] = {}
        ends: dict[str, int] = {}
        with LogReader(self.folder / LOG) as log:
            for record in log:
                entry = unpacked(record, log.path)
                if isinstance(entry, Sealed):
                    sealed[entry.file] = entry
                else:
                    ends.update((part.file, part.end) for part in entry.parts)
        return sealed, ends

    def _look_for_more(self, ends: Mapping[str, int]) -> None:
        """Add to the loss what stands in the tables and was not read; what has been written meanwhile is not lost."""
        sizes: dict[str, int] = {}
        for path in sorted(self.folder.glob("*/*/*")):
            if path.suffix in (".arrows", ".parquet"):
                file = path.with_suffix(".arrows").relative_to(self.folder).as_posix()
                with contextlib.suppress(FileNotFoundError):  # it has just become a Parquet file
                    sizes.setdefault(file, path.stat().st_size)
        lost, reason = self.loss
        if self.loss:
            sealed, _ = self._by_log()  # after the sizes, so that it knows of all that they count
            lost += sum(seal.size for seal in sealed.values() if seal.file not in ends)
            more = _beyond(sizes, sealed, ends)
        else:
            more = self._unknown_to_the_log(sizes)
        for file, size in more.items():
            lost += size
            reason = reason or f"{file} has rows that the log does not know of"
        self.loss = Loss(lost, reason)

    def _unknown_to_the_log(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """How much of each table the log does not know of; a recorder that is at work writes that after the table."""
        more: dict[str, int] = {}
        for seconds in (0.0, *_PATIENCE):
            sleep(seconds)
            more = _beyond(sizes, *self._by_log())
            if not more:
                break
        return more

    def _checked(self, header: bytes | None) -> RecordingHeader | None:
        if header is None:
            return None
        try:
            found = msgspec.msgpack.decode(header, type=RecordingHeader)
        except msgspec.MsgspecError:
            raise JournalError(self.folder, "is no recording of facts") from None
        if found.version > VERSION:
            raise JournalError(
                self.folder,
                f"has version {found.version}, newer than {VERSION}: update ordinis-rx",
            )
        return found


def _beyond(
    sizes: Mapping[str, int], sealed: Mapping[str, Sealed], ends: Mapping[str, int]
) -> dict[str, int]:
    """By how much the tables that are not known to be Parquet files reach beyond these *ends*."""
    more = {file: size - ends.get(file, 0) for file, size in sizes.items() if file not in sealed}
    return {file: size for file, size in more.items() if size > 0}
