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

    *progress* None shows it where stderr is a terminal; it goes when the items end or are no longer wanted.
    """
    if progress is None:
        progress = sys.stderr.isatty()
    return _with_bar(items, total, size, clock) if progress and total else items


def _with_bar(
    items: Iterator[A], total: int, size: Callable[[A], int], clock: Callable[[], float]
) -> Iterator[A]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, auto_refresh=False, disable=True) as quiet:
        bar, task = quiet, None
        done, due = 0, clock() + _AFTER
        try:
            for item in items:
                done += size(item)
                yield item
                if clock() < due:
                    continue
                due = clock() + _EVERY
                if task is None:
                    bar = Progress(console=console, transient=True, auto_refresh=False)
                    bar.start()
                    task = bar.add_task("replay", total=total)
                bar.update(task, completed=done, refresh=True)
        finally:
            if task is not None:
                bar.stop()
