"""Ten times a second at most: what moves on a screen follows a stream without costing what the stream costs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable, Disposable

from ordinis_rx.loops import running_loop

__all__ = ["follow"]

BEAT_SECONDS = 0.1


def follow(
    stream: Observable[Any],
    take: Callable[[Any], None],
    flush: Callable[[], None],
    failed: Callable[[Exception], None],
) -> abc.DisposableBase:
    """Give each fact of *stream* to *take*, and call *flush* a tenth of a second after the first that it has not seen.

    The beat is by the running asyncio loop (a notebook's, say), and all is done in its thread, also what a stream tells from
    another one. Without a loop, what comes is flushed when the stream ends.
    """
    loop = running_loop()
    beat: asyncio.TimerHandle | None = None
    home = threading.get_ident()

    def at_home(act: Callable[..., None], *given: Any) -> None:
        if loop is None or threading.get_ident() == home:
            act(*given)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(act, *given)

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

    return CompositeDisposable(
        stream.subscribe(
            lambda fact: at_home(on_next, fact),
            lambda error: at_home(on_error, error),
            lambda: at_home(on_end),
        ),
        Disposable(stop),
    )
