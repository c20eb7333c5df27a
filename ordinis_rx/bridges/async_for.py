"""From a stream to ``async for``."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from reactivex import Observable

from ordinis_rx.bridges.mailbox import EMPTY, Bell, Bound, Mailbox, call_on
from ordinis_rx.checks import check_stream
from ordinis_rx.operators.overflow import BufferStats, Overflow

__all__ = ["StreamIterator", "aiter"]

_A = TypeVar("_A")


def aiter(
    stream: Observable[_A],
    maxsize: Bound = "configured",
    overflow: Overflow = Overflow.DROP_OLDEST,
) -> StreamIterator[_A]:
    """Iterate over *stream* with ``async for``, in the running loop; a slow loop body holds up nobody.

    Up to *maxsize* values wait for it (None: any number; not given: as many as the feed is configured for, its
    `buffer_size`, and 1,000 of other streams). When more come, *overflow* decides which gives way; ``.stats`` counts. A cold
    source of ours (`from_events`, ``sim.market``, a replay) waits instead, so that nothing of it is lost.

    The error that ends the stream is raised after what waits; completion ends the iteration; a quiet stream just waits.

    It subscribes at the first step, with the loop as scheduler, and unsubscribes when the iteration ends, when the iterator
    is let go of (``break``, a cancelled task), or at the end of an ``async with``, which does not depend on who still holds
    it. Waiting for the next value may be cancelled and tried again. One task at a time may iterate.

    >>> from ordinis_rx.events import Trade
    >>> from ordinis_rx.stream import from_events
    >>> import asyncio
    >>> async def main():
    ...     stream = from_events([Trade(symbol="AAPL", ts_event=0, price=100.0, size=1.0)])
    ...     async with aiter(stream) as trades:
    ...         async for trade in trades:
    ...             print(trade.price)
    >>> asyncio.run(main())
    100.0
    """
    check_stream("aiter", stream)
    return StreamIterator(stream, maxsize, overflow)


class StreamIterator(AsyncIterator[_A], Generic[_A]):
    """What `aiter` gives: an async iterator, and an async context manager that subscribes on entry and ends on exit."""

    def __init__(self, stream: Observable[_A], maxsize: Bound, overflow: Overflow) -> None:
        self._stream = stream
        self._bell = Bell()
        # The source holds the mailbox and not us, so that we are gone as soon as our user lets go of us.
        self._mailbox = Mailbox(maxsize, overflow, self._bell.ring)
        self._opened = False
        self._finished = False

    @property
    def stats(self) -> BufferStats:
        """How many values were received, delivered, dropped, conflated, and are pending."""
        return self._mailbox.stats

    async def __anext__(self) -> _A:
        self._open()
        while not self._finished:
            value = self._mailbox.get()
            if value is not EMPTY:
                got: _A = value
                return got
            if self._mailbox.over:
                self._finished = True
                if self._mailbox.error is not None:
                    raise self._mailbox.error
            else:
                await self._bell.wait()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Unsubscribe and end the iteration; may be called twice."""
        self._opened = self._finished = True
        self._mailbox.dispose()

    async def __aenter__(self) -> StreamIterator[_A]:
        self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _open(self) -> None:
        if not self._opened:
            self._opened = True
            loop = self._bell.bind()
            weakref.finalize(self, call_on, loop, self._mailbox.dispose)
            self._mailbox.subscribe(self._stream, loop)
