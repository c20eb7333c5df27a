"""A callback with a queue of its own: however slow it is, it holds up nobody else."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from reactivex import Observable, abc

from ordinis_rx.bridges.mailbox import EMPTY, Bell, Bound, Mailbox, call_on
from ordinis_rx.checks import check_callable, check_stream
from ordinis_rx.loops import cancelled_ourselves
from ordinis_rx.operators.overflow import BufferStats, Overflow

__all__ = ["Isolated", "subscribe_isolated"]

_A = TypeVar("_A")

_log = logging.getLogger(__name__)

_SLICE_SECONDS = 0.002
"""How long a sync callback may keep the loop before others get a turn, unless a single call takes longer."""

_NOT_IN_A_THREAD = "an async callback runs on the loop, not in a thread"


def subscribe_isolated(
    stream: Observable[_A],
    callback: Callable[[_A], Awaitable[object] | object],
    *,
    on_error: Callable[[Exception], object] | None = None,
    on_completed: Callable[[], object] | None = None,
    maxsize: Bound = "configured",
    overflow: Overflow = Overflow.DROP_OLDEST,
    in_thread: bool = False,
) -> Isolated[_A]:
    """Hand each value to *callback* from a queue of its own, one at a time and in order.

    How many values wait (*maxsize*), and which gives way (*overflow*), is as with `aiter`.

    An async callback is awaited on the running loop. A sync one runs there too, in slices of two milliseconds; one that
    itself takes long belongs ``in_thread=True``, in a thread of its own. What it raises is logged and counted in
    ``.failures``, and it goes on.

    How the stream ends is told, after what waits, by *on_error* (else it is logged) or *on_completed*. The result is a
    disposable: what waits then is thrown away, the call under way is cancelled where it is async, and nothing is told any
    more. Needs a running loop: RuntimeError without. An async function with *in_thread* is a TypeError; what another gives
    to be awaited there is a failure.

    >>> from ordinis_rx.events import Trade
    >>> from ordinis_rx.stream import from_events
    >>> async def main():
    ...     stream = from_events([Trade(symbol="AAPL", ts_event=0, price=100.0, size=1.0)])
    ...     prices = subscribe_isolated(stream, lambda trade: print(trade.price))
    ...     await prices.join()
    ...     print(prices.stats.delivered)
    >>> asyncio.run(main())
    100.0
    1
    """
    check_stream("subscribe_isolated", stream)
    check_callable("subscribe_isolated: callback", callback)
    check_callable("subscribe_isolated: on_error", on_error, optional=True)
    check_callable("subscribe_isolated: on_completed", on_completed, optional=True)
    for call in (callback, on_error, on_completed) if in_thread else ():
        if _is_async(call):
            raise TypeError(f"{_NOT_IN_A_THREAD}: {call!r}")
    return Isolated(stream, callback, on_error, on_completed, maxsize, overflow, in_thread)


class Isolated(abc.DisposableBase, Generic[_A]):
    """What `subscribe_isolated` gives: dispose it, wait for its end, read its counts."""

    def __init__(
        self,
        stream: Observable[_A],
        callback: Callable[[_A], Awaitable[object] | object],
        on_error: Callable[[Exception], object] | None,
        on_completed: Callable[[], object] | None,
        maxsize: Bound,
        overflow: Overflow,
        in_thread: bool,
    ) -> None:
        self._callback: Callable[[Any], Any] = callback
        self._on_error: Callable[[Any], object] | None = on_error
        self._on_completed = on_completed
        self._disposed = False
        self.failures = 0
        """How many calls raised."""
        self._finished: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._bell, self._thread_bell = Bell(), threading.Event()
        self._loop = loop = self._bell.bind()
        wake = self._thread_bell.set if in_thread else self._bell.ring
        self._mailbox = Mailbox(maxsize, overflow, wake)
        self._task: asyncio.Task[None] | None = None
        if in_thread:
            # A daemon: a callback that never returns must not keep the interpreter from ending.
            threading.Thread(target=self._work, name="ordinis-isolated", daemon=True).start()
        else:
            self._task = loop.create_task(self._consume(loop))
            self._task.add_done_callback(self._stopped)
        self._mailbox.subscribe(stream, loop)

    @property
    def stats(self) -> BufferStats:
        """How many values were received, delivered, dropped, conflated, and are pending."""
        return self._mailbox.stats

    async def join(self) -> None:
        """Wait until the stream has ended and all is told, or until it is disposed and the last call has returned."""
        await asyncio.shield(asyncio.wrap_future(self._finished))

    def dispose(self) -> None:
        """End it now, from any thread and from within the callback too; may be called twice."""
        self._disposed = True
        self._mailbox.shut()
        call_on(self._loop, self._leave)

    def _leave(self) -> None:
        self._mailbox.dispose()
        task = self._task
        if task is not None and task is not asyncio.current_task(self._loop):
            task.cancel()

    async def _consume(self, loop: asyncio.AbstractEventLoop) -> None:
        until = loop.time() + _SLICE_SECONDS
        while not self._disposed:
            value = self._mailbox.get()
            if value is EMPTY:
                if self._mailbox.over:
                    await self._guarded(self._tell_the_end)
                    return
                await self._bell.wait()
            else:
                await self._guarded(self._callback, value)
                if loop.time() < until:
                    continue
                await asyncio.sleep(0)
            until = loop.time() + _SLICE_SECONDS

    async def _guarded(self, call: Callable[..., Any], *arguments: Any) -> None:
        try:
            result = call(*arguments)
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            self._fail(error)
        except asyncio.CancelledError as error:
            if cancelled_ourselves():
                raise
            self._fail(error)  # something that the callback waited for was cancelled, not we

    def _work(self) -> None:
        try:
            while not self._disposed:
                value = self._mailbox.get()
                if value is not EMPTY:
                    self._guarded_here(self._callback, value)
                elif self._mailbox.over:
                    self._guarded_here(self._tell_the_end)
                    return
                else:
                    self._thread_bell.wait()
                    self._thread_bell.clear()
        finally:
            self._mailbox.shut()
            self._finished.set_result(None)

    def _guarded_here(self, call: Callable[..., object], *arguments: Any) -> None:
        try:
            result = call(*arguments)
            if inspect.isawaitable(result):
                if inspect.iscoroutine(result):
                    result.close()
                raise TypeError(f"{_NOT_IN_A_THREAD}: {result!r}")
        except BaseException as error:  # sys.exit() too: it would end this thread alone, unheard
            self._fail(error)

    def _tell_the_end(self) -> object:
        if self._disposed:
            return None
        error = self._mailbox.error
        if error is None:
            return None if self._on_completed is None else self._on_completed()
        if self._on_error is not None:
            return self._on_error(error)
        _log.error("an isolated subscriber's stream ended with %r", error)
        return None

    def _fail(self, error: BaseException) -> None:
        self.failures += 1
        _log.error("an isolated callback raised %r", error, exc_info=error)

    def _stopped(self, _: asyncio.Task[None]) -> None:
        self._mailbox.dispose()
        self._finished.set_result(None)


def _is_async(call: object) -> bool:
    while isinstance(call, functools.partial):
        call = call.func
    return any(map(inspect.iscoroutinefunction, (call, type(call).__call__)))
