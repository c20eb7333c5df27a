"""From an async iterable to an observable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable
from typing import Any, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ordinis_rx.bridges.mailbox import call_on
from ordinis_rx.loops import cancelled_ourselves, loop_for

__all__ = ["from_async_iter"]

_A = TypeVar("_A")

_BREATH = 64
"""Values after which others on the loop get a turn, should the iterable never wait for anything."""


def from_async_iter(
    source: AsyncIterable[_A] | Callable[[], AsyncIterable[_A]],
) -> Observable[_A]:
    """The values of an async iterable, as they come; each subscriber iterates for itself, on the running loop.

    An async generator can be iterated once: hand in the function that makes it where there may be several subscribers. The
    next value is asked for when the subscriber has returned from the last one. What the iterable raises is the error of the
    stream, and so is what the subscriber raises, told to itself; that somebody else has cancelled what is waited for is told
    as a RuntimeError. Dispose cancels the step under way and closes a generator. Subscribing without a running loop ends in
    a RuntimeError.

    >>> async def numbers():
    ...     for n in range(3):
    ...         yield n
    >>> async def main():
    ...     from_async_iter(numbers).subscribe(print, on_completed=finished.set)
    ...     await finished.wait()
    >>> finished = asyncio.Event()
    >>> asyncio.run(main())
    0
    1
    2
    """

    def subscribe(
        observer: abc.ObserverBase[_A], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        loop = loop_for("from_async_iter")
        pump = _Pump(source, observer)
        task = loop.create_task(pump.run())

        def leave() -> None:
            if task is not asyncio.current_task(loop):
                task.cancel()

        def dispose() -> None:
            pump.stopped = True
            call_on(loop, leave)

        return Disposable(dispose)

    return Observable(subscribe)


class _Pump:
    """Moves values from one iterator to one observer."""

    def __init__(
        self,
        source: AsyncIterable[Any] | Callable[[], AsyncIterable[Any]],
        observer: abc.ObserverBase[Any],
    ) -> None:
        self._source = source
        self._observer = observer
        self.stopped = False

    async def run(self) -> None:
        try:
            iterator = self._open().__aiter__()
            try:
                await self._move(iterator)
            finally:
                close = getattr(iterator, "aclose", None)
                if close is not None:
                    await close()
        except Exception as error:
            self._fail(error)
        except asyncio.CancelledError as error:
            if cancelled_ourselves():
                raise
            # As it is it would look, to who hears it in a task, like a cancellation of that one.
            failure = RuntimeError("from_async_iter: what was waited for was cancelled")
            failure.__cause__ = error
            self._fail(failure)
        else:
            if not self.stopped:
                self._observer.on_completed()

    def _fail(self, error: Exception) -> None:
        if not self.stopped:
            self._observer.on_error(error)

    def _open(self) -> AsyncIterable[Any]:
        source = self._source
        return source() if callable(source) else source

    async def _move(self, iterator: Any) -> None:
        moved = 0
        async for value in iterator:
            self._observer.on_next(value)
            if self.stopped:
                return
            moved += 1
            if moved % _BREATH == 0:
                await asyncio.sleep(0)
