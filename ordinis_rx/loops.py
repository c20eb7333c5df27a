"""The asyncio loop that runs here, and whose cancellation a `CancelledError` is."""

from __future__ import annotations

import asyncio

__all__ = ["cancelled_ourselves", "loop_for", "running_loop"]


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def loop_for(
    what: str, otherwise: str = "; in a script, iter_blocking brings its own"
) -> asyncio.AbstractEventLoop:
    """The loop that runs in this thread; without, a RuntimeError that says *what* needs one, and what to do *otherwise*.

    >>> loop_for("a feed")
    Traceback (most recent call last):
        ...
    RuntimeError: a feed needs a running asyncio loop; in a script, iter_blocking brings its own
    """
    loop = running_loop()
    if loop is None:
        raise RuntimeError(f"{what} needs a running asyncio loop{otherwise}")
    return loop


def cancelled_ourselves() -> bool:
    """Whether the running task is being cancelled: a `CancelledError` amid it is to go on then.

    Else it is an error like any other, of what the task waited for: somebody else has cancelled that.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
