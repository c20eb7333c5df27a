"""From a stream to an ordinary ``for``, for scripts: the loop that the stream needs runs in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeAlias, TypeVar

from reactivex import Observable

from ordinis_rx.bridges.mailbox import EMPTY, Bound, Mailbox
from ordinis_rx.checks import check_not_negative, check_stream
from ordinis_rx.operators.overflow import BufferStats, Overflow

__all__ = ["BlockingIterator", "Source", "iter_blocking"]

_A = TypeVar("_A")

Source: TypeAlias = Observable[_A] | Callable[[], Observable[_A]]
"""A stream, or a function that makes one inside the loop."""

_log = logging.getLogger(__name__)

_GOODBYE_SECONDS = 2.0
"""How long what still runs in the loop may take to end by itself; then it is cancelled."""

_SPELL_SECONDS = 0.5
"""How long a wait goes on without a look at signals."""

_PATIENCE_SECONDS = 10.0
"""How long closing waits for the thread."""


def iter_blocking(
    source: Source[_A],
    maxsize: Bound = "configured",
    overflow: Overflow = Overflow.DROP_OLDEST,
) -> BlockingIterator[_A]:
    """Iterate over a stream with ``for``, where no asyncio loop runs (or beside one, as in Jupyter).

    A thread with a loop of its own is started at the first step, and ended with all that runs in it when the stream ends, on
    ``close()``, at the end of a ``with``, on Ctrl-C, and when the iterator is let go of (``break``). A `feed` must be made
    in that loop: hand in a function, ``iter_blocking(lambda: feed(...))``.

    How many values wait (*maxsize*), and which gives way (*overflow*), is as with `aiter`. The error that ends the stream is
    raised after what waits, and so is what leaves the loop otherwise: ``sys.exit()`` in an operator, say. A quiet stream
    blocks.

    >>> from ordinis_rx.events import Trade
    >>> from ordinis_rx.stream import from_events
    >>> stream = from_events([Trade(symbol="AAPL", ts_event=0, price=100.0, size=1.0)])
    >>> [trade.price for trade in iter_blocking(stream)]
    [100.0]
    """
    if not callable(source):
        check_stream("iter_blocking", source)
    return BlockingIterator(source, maxsize, overflow)


class BlockingIterator(Iterator[_A], Generic[_A]):
    """What `iter_blocking` gives: an iterator and a context manager."""

    def __init__(self, source: Source[_A], maxsize: Bound, overflow: Overflow) -> None:
        self._worker = _Worker(source, maxsize, overflow)
        self._close = weakref.finalize(self, self._worker.stop)
        self._started = False

    @property
    def stats(self) -> BufferStats:
        """How many values were received, delivered, dropped, conflated, and are pending."""
        return self._worker.mailbox.stats

    def __next__(self) -> _A:
        got: _A = self._take(None)
        return got

    def poll(self, seconds: float) -> _A | None:
        """As ``next()``, but None where no value comes within *seconds*: for a program that has a loop of its own."""
        check_not_negative("poll: seconds", seconds, endless=True)
        value = self._take(seconds)
        return None if value is EMPTY else value

    def _take(self, patience: float | None) -> Any:
        if not self._started:
            self._started = True
            self._worker.start()
        try:
            while self._close.alive:
                value = self._worker.next(patience)
                if value is not EMPTY or not self._worker.mailbox.over:
                    return value
                self.close()
                if self._worker.mailbox.error is not None:
                    raise self._worker.mailbox.error
        except BaseException:  # Ctrl-C too: the thread must not outlive it
            self.close()
            raise
        raise StopIteration

    def close(self) -> None:
        """Unsubscribe, and end the loop and its thread; may be called twice."""
        self._close()

    def __enter__(self) -> BlockingIterator[_A]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Worker:
    """The thread, its loop and the queue out of it. Knows nothing of the iterator, whose end must end it."""

    def __init__(self, source: Source[Any], maxsize: Bound, overflow: Overflow) -> None:
        self._source = source
        self._bell = threading.Event()
        self.mailbox = Mailbox(maxsize, overflow, self._bell.set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving: asyncio.Event | None = None
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._started = self._stopped = False
        # A daemon: a source that never returns must not keep the interpreter from ending.
        self._thread = threading.Thread(target=self._run, name="ordinis-iter", daemon=True)

    def start(self) -> None:
        with self._lock:
            if not self._stopped:
                self._started = True
                self._thread.start()

    def next(self, patience: float | None) -> Any:
        """The next value; `EMPTY` when there will be none, or none came within *patience* seconds."""
        while True:
            value = self.mailbox.get()
            if value is not EMPTY or self.mailbox.over or not self._rings(patience):
                return value
            self._bell.clear()

    def _rings(self, patience: float | None) -> bool:
        """Wait for the bell, in spells: Python heeds a signal that another thread has caught between two of them only."""
        left = math.inf if patience is None else patience
        while left > _SPELL_SECONDS:
            if self._bell.wait(_SPELL_SECONDS):
                return True
            left -= _SPELL_SECONDS
        return self._bell.wait(left)

    def stop(self) -> None:
        # Only shut, from this thread: the source is let go of in its own.
        self.mailbox.shut()
        with self._lock:
            self._stopped = True
            if not self._started:
                return
        self._ready.wait()
        if self._loop is not None and self._leaving is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._leaving.set)
        if threading.current_thread() is not self._thread:
            self._thread.join(_PATIENCE_SECONDS)
            if self._thread.is_alive():
                _log.warning(
                    "iter_blocking: the source is still busy after %g s", _PATIENCE_SECONDS
                )

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # sys.exit() too: who iterates would wait for ever
            self.mailbox.end(error)
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._leaving = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        source = self._source
        stream = source() if callable(source) else source
        self.mailbox.subscribe(stream, self._loop)
        await self._leaving.wait()
        self.mailbox.dispose()
        hanging_up = asyncio.all_tasks() - {asyncio.current_task()}
        if hanging_up:  # what dispose has set going: sockets that say goodbye
            await asyncio.wait(hanging_up, timeout=_GOODBYE_SECONDS)
