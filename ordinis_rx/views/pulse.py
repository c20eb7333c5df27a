"""Ten times a second at most: what moves on a screen follows a stream without costing what the stream costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable

__all__ = ["follow"]

BEAT_SECONDS = 0.1


def follow(
    stream: Observable[Any],
    take: Callable[[Any], None],
    flush: Callable[[], None],
    failed: Callable[[Exception], None],
) -> abc.DisposableBase:
    """Give each fact of *stream* to *take*, and call *flush* a tenth of a second after the first that it has not seen.

    The beat is by the running asyncio loop (a notebook's, say). Without one, what comes is flushed when the stream ends.
    """
    try:
        loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
    except RuntimeError:
        loop = None
    beat: asyncio.TimerHandle | None = None

    def due() -> None:
        nonlocal beat
        beat = None
        flush()

    def on_next(fact: Any) -> None:
        nonlocal beat
        take(fact)
        if beat is None and loop is not None:
            beat = loop.call_later(BEAT_SECONDS, due)

    def stop() -> None:
        nonlocal beat
        if beat is not None:
            beat.cancel()
            beat = None

    def on_end() -> None:
        stop()
        flush()

    def on_error(error: Exception) -> None:
        on_end()
        failed(error)

    return CompositeDisposable(stream.subscribe(on_next, on_error, on_end), Disposable(stop))
