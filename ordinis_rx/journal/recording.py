"""Reading a recording of facts: items of a stream, in the order of arrival, kinds and all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Batch, Item
from ordinis_rx.columns import Block, Names
from ordinis_rx.errors import JournalError
from ordinis_rx.frames import FRAMES
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
from ordinis_rx.journal.tables import ARRIVAL, KINDS, CodeMaps, table_of

__all__ = ["Recording", "Weaver"]


class Recording:
    """A folder that `record` has written, or is writing. `loss` tells what the last run could not read."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.folder = Path(path)
        self.loss = Loss()
        self.rows = 0
        """How many facts it has, as far as the log can be read."""
        self._sealed: dict[str, Sealed] = {}
        with LogReader(self.folder / LOG) as log:
            self.header = self._checked(log.header)
            for record in log:
                entry = unpacked(record)
                if isinstance(entry, Sealed):
                    self._sealed[entry.file] = entry
                else:
                    self.rows += sum(part.rows for part in entry.parts)

    def items(
        self,
        names: Names,
        rows: int,
        wanted: Callable[[type[Any], Part], bool] = lambda kind, part: True,
    ) -> Iterator[Item]:
        """Its facts in items of about *rows* rows, each lent until the next is asked for; parts that are not *wanted* left out.

        It ends where the recording can be read no further; `loss` tells why.
        """
        files = Files(self.folder, self._sealed)
        ends: dict[str, int] = {}
        weaver = Weaver(names, rows)
        with LogReader(self.folder / LOG) as log:
            try:
                for record in log:
                    entry = unpacked(record)
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
        """The batches of a flush, all of them or, where one is damaged, none."""
        taken: list[tuple[type[Any], list[Any]]] = []
        for part in flush.parts:
            kind = KINDS.get(kind_of(part.file))
            if kind is None:
                raise Damaged(f"{part.file} is of a kind that is not known here")
            batches = files.take(part)
            if part.rows and wanted(kind, part):
                taken.append((kind, batches))
        return taken

    def _look_for_more(self, ends: Mapping[str, int]) -> None:
        """Add to the loss what stands in the tables and was not read."""
        lost, reason = self.loss
        for seal in self._sealed.values():
            if self.loss and seal.file not in ends:
                lost += seal.size
        for path in sorted(self.folder.rglob("*.arrows")):
            file = path.relative_to(self.folder).as_posix()
            more = 0 if file in self._sealed else path.stat().st_size - ends.get(file, 0)
            if more > 0:
                lost += more
                reason = reason or f"{file} has rows that the log does not know of"
        self.loss = Loss(lost, reason)

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


class Weaver:
    """Puts batches of several kinds together again, in the order of arrival, as items of about *rows* rows."""

    def __init__(self, names: Names, rows: int) -> None:
        self._names = names
        self._rows = rows
        self._waiting: dict[type[Any], list[Any]] = {}
        self._count = 0
        self._next = 0
        self._blocks: dict[type[Any], Block] = {}
        self._codes = CodeMaps()

    def add(self, taken: list[tuple[type[Any], list[Any]]]) -> Iterator[Item]:
        """Take the batches of one flush, whose rows come after all that came before; the items that are complete."""
        for kind, batches in taken:
            self._waiting.setdefault(kind, []).extend(batches)
            self._count += sum(batch.num_rows for batch in batches)
        for bound in self._bounds() if self._count >= 2 * self._rows else ():
            yield from self._items(self._until(bound))
        if self._count >= self._rows:
            yield from self.rest()

    def rest(self) -> Iterator[Item]:
        """All that waits."""
        waiting, self._waiting, self._count = self._waiting, {}, 0
        yield from self._items(waiting)

    def _bounds(self) -> list[int]:
        """The arrivals at which items of the right size begin; rows of one `seq` are not parted."""
        batches = [batch for batches in self._waiting.values() for batch in batches]
        arrival = np.concatenate([_numbers(batch, ARRIVAL) for batch in batches])
        order = np.argsort(arrival, kind="stable")
        arrival = arrival[order]
        seq = np.concatenate([_numbers(batch, "seq") for batch in batches])[order]
        firsts = np.flatnonzero(seq[1:] != seq[:-1]) + 1
        at = np.searchsorted(firsts, np.arange(self._rows, len(seq), self._rows))
        ends = np.unique(firsts[at[at < len(firsts)]])
        bounds: list[int] = arrival[ends].tolist()
        return bounds

    def _until(self, bound: int) -> dict[type[Any], list[Any]]:
        """Take what arrived before *bound*."""
        taken: dict[type[Any], list[Any]] = {}
        for kind, batches in self._waiting.items():
            before, after = _split(batches, bound)
            if before:
                taken[kind] = before
                self._count -= sum(batch.num_rows for batch in before)
            self._waiting[kind] = after
        return taken

    def _items(self, window: dict[type[Any], list[Any]]) -> Iterator[Item]:
        window = {kind: window[kind] for kind in FRAMES if window.get(kind)}
        if len(window) > 1:
            for bound in _turns(window):
                now: dict[type[Any], list[Any]] = {}
                for kind, batches in window.items():
                    now[kind], window[kind] = _split(batches, bound)
                yield self._item({kind: batches for kind, batches in now.items() if batches})
            window = {kind: batches for kind, batches in window.items() if batches}
        if window:
            yield self._item(window)

    def _item(self, window: dict[type[Any], list[Any]]) -> Item:
        frames = [
            table_of(kind).fill(self._block(kind, batches), batches, self._names, self._codes)
            for kind, batches in window.items()
        ]
        return frames[0] if len(frames) == 1 else Batch.of_frames(frames, self._names)

    def _block(self, kind: type[Any], batches: list[Any]) -> Block:
        wanted = sum(batch.num_rows for batch in batches)
        block = self._blocks.get(kind)
        if block is None or block.capacity < wanted:
            block = self._blocks[kind] = Block(FRAMES[kind].schema.kinds, wanted)
        return block


def _numbers(batch: Any, name: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = batch.column(name).to_numpy()
    return found


def _split(batches: list[Any], bound: int) -> tuple[list[Any], list[Any]]:
    """What arrived before *bound*, and the rest."""
    before: list[Any] = []
    for at, batch in enumerate(batches):
        arrival = _numbers(batch, ARRIVAL)
        if arrival[-1] < bound:
            before.append(batch)
            continue
        end = int(np.searchsorted(arrival, bound))
        if end:
            before.append(batch.slice(0, end))
        return before, [batch.slice(end), *batches[at + 1 :]]
    return before, []


def _turns(window: dict[type[Any], list[Any]]) -> list[int]:
    """The arrivals at which an item must end, because an item tells its kinds in the order of `seq` and these came otherwise."""
    arrivals: list[NDArray[np.int64]] = []
    seqs: list[NDArray[np.int64]] = []
    ranks: list[NDArray[np.int64]] = []
    for rank, batches in enumerate(window.values()):
        for batch in batches:
            arrivals.append(_numbers(batch, ARRIVAL))
            seqs.append(_numbers(batch, "seq"))
            ranks.append(np.full(batch.num_rows, rank, np.int64))
    arrival = np.concatenate(arrivals)
    order = np.argsort(arrival, kind="stable")
    seq, rank_of = np.concatenate(seqs)[order], np.concatenate(ranks)[order]
    back = (seq[1:] < seq[:-1]) | ((seq[1:] == seq[:-1]) & (rank_of[1:] < rank_of[:-1]))
    bounds: list[int] = arrival[order[1:]][back].tolist()
    return bounds
