"""Recording the wire of a feed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Self

import msgspec
from reactivex.disposable import SingleAssignmentDisposable

from ordinis_rx.checks import check_callable, check_count, check_path
from ordinis_rx.errors import JournalError
from ordinis_rx.feed import Feed
from ordinis_rx.journal.log import LogWriter
from ordinis_rx.journal.syncing import Syncer, check_period
from ordinis_rx.journal.wire import WireHeader, packed_message, packed_names
from ordinis_rx.taps import WireFrame
from ordinis_rx.timebase import MILLI, Nanos

__all__ = ["WireRecorder", "record_wire"]


def record_wire(
    feed: Feed,
    path: str | os.PathLike[str],
    *,
    sync_every: Nanos | None = 200 * MILLI,
    sync_records: int | None = None,
    on_end: Callable[[Exception | None], None] | None = None,
    wall: Callable[[], Nanos] = time.time_ns,
) -> WireRecorder:
    """Record every message of *feed*, in both directions, with the time of its arrival, before it is read.

    It listens only: it does not dial. The login and our keys are not in it. Each message is handed to the system at once,
    so that the end of this process, whatever ends it, loses nothing; it goes to the disk *sync_every* nanoseconds (in a
    thread of its own), after every *sync_records* messages, or, with None for both, when the system sees fit.
    ``recorder.acknowledged`` counts the messages that are on the disk.

    The recording ends when the feed is closed, with ``recorder.close()``, or when it cannot be written (a full disk): then
    ``recorder.error`` is the `JournalError`, the feed goes on, and *on_end* is told, as it is at any end. *path* must not
    exist: `JournalError`.
    """
    if sync_records is not None:
        check_count("sync_records", sync_records, "messages")
    check_period(sync_every)
    check_path("record_wire: path", path)
    check_callable("record_wire: on_end", on_end, optional=True)
    return WireRecorder(feed, path, sync_every, sync_records, on_end, wall)


class WireRecorder:
    """A recording of the wire under way, made by `record_wire`; as a context manager it is closed at the end."""

    def __init__(
        self,
        feed: Feed,
        path: str | os.PathLike[str],
        sync_every: Nanos | None,
        sync_records: int | None,
        on_end: Callable[[Exception | None], None] | None,
        wall: Callable[[], Nanos],
    ) -> None:
        header = WireHeader(provider=feed.provider.name, started=wall())
        self._feed = feed
        self._log = LogWriter(path, msgspec.msgpack.encode(header))
        self._sync_records = sync_records
        self._on_end = on_end
        self._names: dict[str, str] = {}
        self._ended = False
        self.written = 0
        """How many messages have been handed to the system."""
        self.acknowledged = 0
        """How many messages are on the disk for certain."""
        self.error: JournalError | None = None
        """Why it could not be written any more."""
        self._upstream = SingleAssignmentDisposable()
        self._syncer = Syncer(self._sync, sync_every, self._on_failure)
        self._upstream.disposable = feed.wire.subscribe(
            self._on_message, lambda error: self._end(), self._end
        )

    def close(self) -> None:
        """End the recording and put it on the disk; may be called twice.

        Raises `JournalError` when it could not be written.
        """
        self._end()
        if self.error is not None:
            raise self.error

    def _on_message(self, message: WireFrame) -> None:
        if self._ended:
            return
        try:
            if self._feed.neutral != self._names:
                self._names = dict(self._feed.neutral)
                self._log.append(packed_names(self._names))
            seq = self._feed.seq + 1
            self._log.append(packed_message(message.direction, message.ts_recv, seq, message.data))
            self.written += 1
            wanted = self._sync_records
            if wanted is not None and self.written - self.acknowledged >= wanted:
                self._sync()
        except JournalError as error:
            self._on_failure(error)
            self._end()

    def _sync(self) -> None:
        written = self.written
        if written > self.acknowledged:
            self._log.sync()
            self.acknowledged = max(self.acknowledged, written)  # two threads may come here

    def _on_failure(self, error: Exception) -> None:
        assert isinstance(error, JournalError)
        self.error = self.error or error

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._upstream.dispose()
        self._syncer.stop()
        try:
            if self.error is None:
                self._sync()
        except JournalError as error:
            self._on_failure(error)
        finally:
            self._log.close()
        if self._on_end is not None:
            self._on_end(self.error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "ended" if self._ended else "recording"
        return f"<WireRecorder {self._log.path.name} {state}, {self.written} messages>"
