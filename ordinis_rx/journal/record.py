"""Recording the facts of a stream."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Self

from reactivex import Observable, abc
from reactivex.disposable import SingleAssignmentDisposable

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_callable, check_choice, check_count, check_path, check_stream
from ordinis_rx.errors import JournalError
from ordinis_rx.journal.syncing import Syncer, check_period
from ordinis_rx.journal.writer import Format, RecordingWriter
from ordinis_rx.stream import flow_of
from ordinis_rx.timebase import MILLI, Nanos

__all__ = ["Recorder", "record"]

_log = logging.getLogger(__name__)

_LARGE = 1_000
"""Rows by column from which on an item is written as it is."""


def record(
    stream: Observable[Any],
    path: str | os.PathLike[str],
    *,
    format: Format = "parquet",
    rows: int = 10_000,
    rows_per_file: int = 1_000_000,
    sync_every: Nanos | None = 200 * MILLI,
    on_end: Callable[[Exception | None], None] | None = None,
    scheduler: abc.SchedulerBase | None = None,
    wall: Callable[[], Nanos] = time.time_ns,
) -> Recorder:
    """Record all facts of *stream*, statuses and gaps too, in the folder *path*: `replay` tells them again, bit for bit.

    The folder has a table for each kind of fact and date of arrival (UTC), ``trade/2024-01-02/0000.parquet``, that any tool
    can read, and a log that tells how far the recording goes. A table grows as an Arrow IPC stream; with
    ``format="parquet"`` it becomes a Parquet file (zstd) when it has *rows_per_file* rows, when its day is over, or at
    the end.

    Facts are written in batches of about *rows*, or what there is after *sync_every* nanoseconds, and put on the disk then,
    in a thread of the recorder's own; with None batches are written as they fill up, and the system decides when they go to
    the disk.
    ``recorder.acknowledged`` counts the facts that are on the disk, and are lost by no crash.

    It subscribes at once. A cold stream has been recorded when `record` returns; what ends it in an error is raised.
    Otherwise ``recorder.close()`` (or the end of a ``with``) ends the recording, and so does the end of the program, as long
    as it is not killed. What goes wrong later, `JournalError` for a disk that is full, say, is ``recorder.error``, and told
    to *on_end*, as any end is; the stream goes on without us. *path* must be empty or not exist: `JournalError`. Needs the
    extra ``arrow``.

    >>> import tempfile
    >>> from ordinis_rx.journal import replay
    >>> from ordinis_rx.sim import market
    >>> from ordinis_rx.timebase import SECOND
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recorder = record(market(["AAPL"], seed=7, duration=SECOND), folder)
    ...     replay(folder).subscribe(lambda fact: None).dispose()
    >>> recorder.acknowledged == recorder.written > 0
    True
    """
    check_stream("record", stream)
    check_callable("record: on_end", on_end, optional=True)
    check_path("record: path", path)
    check_count("record: rows", rows, "rows")
    check_count("record: rows_per_file", rows_per_file, "rows")
    check_choice("record: format", format, ("parquet", "arrow"))
    check_period(sync_every)
    writer = RecordingWriter(path, format, rows_per_file, wall())
    recorder = Recorder(writer, rows, sync_every, on_end)
    recorder.subscribe_to(stream, scheduler)
    return recorder


class Recorder:
    """A recording under way, made by `record`; as a context manager it is closed at the end.

    `error` is what ended it, a `JournalError` or the error of the stream; None while it goes on, and after an end in order.
    """

    def __init__(
        self,
        writer: RecordingWriter,
        rows: int,
        sync_every: Nanos | None,
        on_end: Callable[[Exception | None], None] | None,
    ) -> None:
        self._writer = writer
        self._rows = rows
        self._on_end = on_end
        self._facts: list[Any] = []
        self._lock = threading.Lock()
        self._ended = False
        self.error: Exception | None = None
        """What ended it: a `JournalError`, or the error of the stream."""
        self._theirs: Exception | None = None
        """The error of the stream."""
        self._upstream = SingleAssignmentDisposable()
        self._syncer = Syncer(self._sync, sync_every, self._fail)
        _going_on[self] = os.getpid()

    @property
    def written(self) -> int:
        """How many facts have been handed to the system: they survive the end of this process."""
        return self._writer.written

    @property
    def acknowledged(self) -> int:
        """How many facts are on the disk for certain."""
        return self._writer.acknowledged

    def subscribe_to(self, stream: Observable[Any], scheduler: abc.SchedulerBase | None) -> None:
        """Record *stream*; raises what has ended it already."""
        try:
            self._upstream.disposable = flow_of(stream, self, scheduler)
        except BaseException:
            self._end(None)
            raise
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """End the recording and put it on the disk; may be called twice.

        Raises what it could not be written for, a `JournalError` mostly; but not the error of the stream.
        """
        self._end(None)
        if self.error is not None and self.error is not self._theirs:
            raise self.error

    # What the stream tells

    def on_item(self, item: Item) -> None:
        """Take the rows of *item*."""
        if self.error is not None:  # the disk has failed, in the other thread
            self._end(self.error)
        try:
            with self._lock:
                if self._ended:  # by whom it may concern, in any thread
                    return
                if item.n >= _LARGE and not item.rests_on_facts:
                    self._write_facts()
                    self._writer.write_item(item)
                else:
                    self._facts += item.facts
                    if len(self._facts) >= self._rows:
                        self._write_facts()
        except Exception as error:
            self._end(error)

    def on_error(self, error: Exception) -> None:
        """End with the error of the stream."""
        self._theirs = error
        self._end(error)

    def on_completed(self) -> None:
        """End."""
        self._end(None)

    def exits(self, found: set[int]) -> None:
        """Nobody here compares rows: this is no exit of facts."""

    def _write_facts(self) -> None:
        if self._facts:
            facts, self._facts = self._facts, []
            self._writer.write_facts(facts)

    def _sync(self) -> None:
        """In the thread of the syncer; only the writing holds up the stream, the disk does not."""
        with self._lock:
            if self._ended:
                return
            self._write_facts()
            if self.written == self.acknowledged:
                return
            written, handles = self._writer.unsynced()
        self._writer.sync(written, handles)

    def _fail(self, error: Exception) -> None:
        """In the thread of the syncer, which must not touch the stream: the next item ends it."""
        self.error = self.error or error

    def _end(self, error: Exception | None) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = True
        _going_on.pop(self, None)
        self.error = self.error or error
        self._upstream.dispose()
        self._syncer.stop()
        try:
            if self.error is self._theirs or not isinstance(self.error, JournalError):
                self._write_facts()
                self._writer.finish()
        except Exception as failure:
            self.error = failure
        finally:
            self._writer.close()
        if self.error is not self._theirs:
            _log.error("a recording ended: %s", self.error)
        if self._on_end is not None:
            self._on_end(self.error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "ended" if self._ended else "recording"
        return f"<Recorder {self._writer.folder.name} {state}, {self.written} facts>"


_going_on: weakref.WeakKeyDictionary[Recorder, int] = weakref.WeakKeyDictionary()
"""Which process began each: a fork of it shares the files, and must not end them."""


@atexit.register
def _end_all() -> None:  # pragma: no cover  (a program of its own tests it)
    """What has been heard, and not written yet, is not lost with the program."""
    for recorder, process in list(_going_on.items()):
        if process == os.getpid():
            try:
                recorder.close()
            except Exception:
                _log.exception("a recording could not be ended with the program")
