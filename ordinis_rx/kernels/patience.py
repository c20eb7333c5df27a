"""What a terminal is told while a kernel takes long to compile."""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["told_when_long"]

_AFTER = 2.0
"""Seconds: what is in the cache, and most of what is compiled, is there by then."""


@contextmanager
def told_when_long(what: str, after: float = _AFTER) -> Generator[None]:
    """Where stderr is a terminal and this lasts for more than *after* seconds, say there that *what* is compiled."""
    if not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(after, _say, [what])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say(what: str) -> None:
    print(
        f"compiling {what}, once on this machine; `ordinis-rx warm-up` does so beforehand",
        file=sys.stderr,
        flush=True,
    )
