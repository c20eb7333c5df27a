"""How far a replay has come, shown on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

__all__ = ["shown"]

A = TypeVar("A")

_AFTER = 1.0
"""Seconds before anything is shown: what is short needs no bar."""

_EVERY = 0.1


def shown(
    items: Iterator[A],
    total: int,
    size: Callable[[A], int],
    progress: bool | None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[A]:
    """*items* as they are, with a bar on stderr that tells how much of *total* they amount to.

    *progress* None shows it where stderr is a terminal, True anywhere; it goes when the items end or are wanted no longer.
    """
    if progress is None:
        progress = sys.stderr.isatty()
    return _with_bar(items, total, size, clock) if progress and total else items


def _with_bar(
    items: Iterator[A], total: int, size: Callable[[A], int], clock: Callable[[], float]
) -> Iterator[A]:
    bar: _Bar | None = None
    done, due = 0, clock() + _AFTER
    try:
        for item in items:
            done += size(item)
            yield item
            now = clock()
            if now >= due:
                due = now + _EVERY
                bar = bar or _Bar(total)
                bar.show(done)
    finally:
        if bar is not None:
            bar.close()


class _Bar:
    def __init__(self, total: int) -> None:
        # rich is wanted here alone, and not cheap to import
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True, force_terminal=True)
        self._progress = Progress(console=console, transient=True, auto_refresh=False)
        self._progress.start()
        self._task = self._progress.add_task("replay", total=total)

    def show(self, done: int) -> None:
        self._progress.update(self._task, completed=done, refresh=True)

    def close(self) -> None:
        self._progress.stop()
