"""Items into the files of a recording: which rows go where, and when the log says so."""

from __future__ import annotations

import bisect
import contextlib
import itertools
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np

from ordinis_rx.arrow import pyarrow
from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.frames import FRAMES
from ordinis_rx.journal.log import LogWriter, folder_handle
from ordinis_rx.journal.manifest import LOG, Flush, Part, RecordingHeader, file_of
from ordinis_rx.journal.segments import Segment, seal
from ordinis_rx.journal.tables import table_of
from ordinis_rx.timebase import DAY, Nanos

__all__ = ["Format", "RecordingWriter"]

_log = logging.getLogger(__name__)

Format: TypeAlias = Literal["parquet", "arrow"]
"""What the files of a recording are when they are finished; while they grow they are Arrow IPC streams."""

_Batches: TypeAlias = list[tuple[type[Any], Any]]
"""Record batches, each of one kind of fact."""

_MOST_HANDLES = 64
"""How many wait for a sync at most: a history has a file a day, and a process, by default, a thousand handles."""


class RecordingWriter:
    """Writes the files of a new recording. One thread at a time may write; `sync` may be called by another.

    `written` counts the facts that survive the end of this process, `acknowledged` those that are on the disk.
    """

    def __init__(
        self, path: str | os.PathLike[str], format: Format, rows_per_file: int, started: Nanos
    ) -> None:
        # Arrow imports much at its first use, pandas where there is one: not while a stream waits.
        pyarrow().array([]).to_numpy(zero_copy_only=False)
        self.folder = Path(path)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if any(self.folder.iterdir()):
                raise JournalError(path, "is not empty, and is not written over")
        except OSError as error:
            raise JournalError(path, f"cannot be written: {error.strerror}") from error
        header = msgspec.msgpack.encode(RecordingHeader(started=started))
        self._log = LogWriter(self.folder / LOG, header)
        self._log_lock = threading.Lock()
        self._rows_per_file = rows_per_file
        self._sealer = ThreadPoolExecutor(1, "ordinis-seal") if format == "parquet" else None
        self._segments: dict[type[Any], Segment] = {}
        self._numbers: dict[tuple[type[Any], int], int] = {}
        self._finished: list[int] = []
        """Handles of what is to be put on the disk once more, and closed: full files, and folders with new names."""
        self._named: set[Path] = set()
        """The folders among them."""
        self.names = Names()
        """For facts that have no columns yet."""
        self.written = 0
        self.acknowledged = 0

    def write_facts(self, facts: list[Any]) -> None:
        """Write facts of any kinds, in this order, as one flush.

        `JournalError` for one that no table can hold: those before it are written then, and the recording is finished.
        """
        try:
            batches = self._batches(facts, self.names)
        except Exception as error:  # whatever a field can be; the disk has no part in it
            at = bisect.bisect_left(range(1, len(facts)), True, key=partial(self._is_unfit, facts))
            self.names = Names()  # they know what the unfit fact says
            if at:
                self.write_facts(facts[:at])
            self.finish()
            why = table_of(facts[at].__class__).misfit(facts[at], error)
            raise JournalError(self.folder, f"cannot hold a fact: {why}") from error
        self._flush(batches, len(facts))

    def write_item(self, item: Item) -> None:
        """Write the rows of *item*, in the order of `seq`, as one flush."""
        frames = [frame for frame in item.frames() if frame.n]
        if len(frames) == 1:
            orders = [np.arange(frames[0].n)]
        else:
            seqs = np.concatenate([frame.seq for frame in frames])
            ranks = np.empty(len(seqs), np.int64)
            ranks[np.argsort(seqs, kind="stable")] = np.arange(len(seqs))
            orders = np.split(ranks, np.cumsum([frame.n for frame in frames])[:-1])
        try:
            batches = [
                (frame.kind, table_of(frame.kind).batch(frame, order + self.written))
                for frame, order in zip(frames, orders, strict=True)
            ]
        except Exception:
            self.write_facts(list(item.facts))
        else:
            self._flush(batches, sum(frame.n for frame in frames))

    def unsynced(self) -> tuple[int, list[int]]:
        """What `sync` needs: how far it will get, and handles of its own of the files. By the thread that writes."""
        try:
            for segment in self._segments.values():
                self._finished.append(os.dup(segment.handle))
        except OSError as error:
            raise JournalError(self.folder, f"cannot be written: {error.strerror}") from error
        return self.written, self._take_finished()

    def sync(self, written: int, handles: list[int]) -> None:
        """Put on the disk what `unsynced` told of, and acknowledge it."""
        self._put_on_disk(handles)
        self._log.sync()
        self.acknowledged = max(self.acknowledged, written)

    def finish(self) -> None:
        """End every file, put all on the disk, and wait until the files are what they are to be."""
        for kind in tuple(self._segments):
            self._note(Flush(self.written, [self._finish(kind)]))
        self.sync(*self.unsynced())
        if self._sealer is not None:
            self._sealer.shutdown()
            self._log.sync()

    def close(self) -> None:
        """Let go of all files, whatever has become of them; may be called twice."""
        if self._sealer is not None:
            self._sealer.shutdown()
        handles = [*self._take_finished(), *(s.handle for s in self._segments.values())]
        self._segments = {}
        for handle in handles:
            os.close(handle)
        self._log.close()

    def _take_finished(self) -> list[int]:
        handles, self._finished, self._named = self._finished, [], set()
        return handles

    def _put_on_disk(self, handles: list[int]) -> None:
        try:
            for handle in handles:
                os.fsync(handle)
        except OSError as error:
            raise JournalError(self.folder, f"cannot be written: {error.strerror}") from error
        finally:
            for handle in handles:
                os.close(handle)

    def _batches(self, facts: list[Any], names: Names) -> _Batches:
        by_kind: dict[type[Any], tuple[list[Any], list[int]]] = {}
        for at, fact in enumerate(facts, self.written):
            kind: type[Any] = fact.__class__
            mine, arrivals = by_kind.setdefault(kind, ([], []))
            mine.append(fact)
            arrivals.append(at)
        batches: _Batches = []
        for kind, (mine, arrivals) in by_kind.items():
            frame = FRAMES[kind](names)
            frame.hold(mine)
            batches.append((kind, table_of(kind).batch(frame, np.array(arrivals, np.int64))))
        return batches

    def _is_unfit(self, facts: list[Any], count: int) -> bool:
        """Whether there is one among the first *count* facts that no table can hold."""
        try:
            self._batches(facts[:count], Names())
        except Exception:
            return True
        return False

    def _flush(self, batches: _Batches, rows: int) -> None:
        parts: list[Part] = []
        for kind, batch in batches:
            parts += self._put(kind, batch)
        self._note(Flush(self.written, parts))
        self.written += rows

    def _put(self, kind: type[Any], batch: Any) -> list[Part]:
        received, happened = (
            np.asarray(batch.column(name).view("int64"), np.int64)
            for name in ("ts_recv", "ts_event")
        )
        days = np.where(received != 0, received, happened) // DAY
        segment = self._segments.get(kind)
        if segment is not None:
            # A date once begun is not gone back to: the files of a kind follow each other as their rows did.
            days = np.maximum(days, segment.day)
        days = np.maximum.accumulate(days)
        parts: list[Part] = []
        edges = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
        for start, end in itertools.pairwise(edges):
            day = int(days[start])
            segment = self._segments.get(kind)
            if segment is not None and (segment.day != day or segment.rows >= self._rows_per_file):
                parts.append(self._finish(kind))
                segment = None
            if segment is None:
                segment = self._begin(kind, day)
            whole = end - start == batch.num_rows
            parts.append(segment.write(batch if whole else batch.slice(start, end - start)))
        return parts

    def _begin(self, kind: type[Any], day: int) -> Segment:
        if len(self._finished) > _MOST_HANDLES:
            self._put_on_disk(self._take_finished())
        table = table_of(kind)
        number = self._numbers.get((kind, day), 0)
        self._numbers[kind, day] = number + 1
        segment = Segment(self.folder, file_of(table.name, day, number), table, day)
        self._segments[kind] = segment
        self._named_in((self.folder / segment.file).parent)
        return segment

    def _named_in(self, folder: Path) -> None:
        """There are new names in *folder*, and maybe in those around it, to be put on the disk with what they name."""
        around = [each for each in folder.parents if each.is_relative_to(self.folder)]
        try:
            for each in {folder, *around, self.folder.parent} - self._named:
                self._finished += folder_handle(each)
                self._named.add(each)
        except OSError as error:
            raise JournalError(self.folder, f"cannot be written: {error.strerror}") from error

    def _finish(self, kind: type[Any]) -> Part:
        segment = self._segments.pop(kind)
        self._finished.append(segment.handle)
        end = segment.finish()
        if self._sealer is not None:
            # When the program ends there are no more threads: the segment stays, with which nothing is wrong.
            with contextlib.suppress(RuntimeError):
                self._sealer.submit(self._seal, segment.file)
        return end

    def _seal(self, file: str) -> None:
        """Put Parquet in the place of a segment. What goes wrong leaves the segment, with which nothing is wrong."""
        try:
            self._note(seal(self.folder, file))
            self._log.sync()
            (self.folder / file).unlink()
        except Exception as error:  # nobody waits for what this thread raises
            _log.warning("%s; the recording stays in Arrow files", error)

    def _note(self, entry: Any) -> None:
        content = msgspec.msgpack.encode(entry)
        with self._log_lock:
            self._log.append(content)
