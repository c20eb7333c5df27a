"""Being stopped in good order: by the user (Ctrl-C), by the system (SIGTERM), by the clock, or by ourselves."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress

__all__ = ["Stop", "stoppable"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether to stop, and which signal said so (0: none did)."""

    def __init__(self) -> None:
        self.signal = 0
        self._asked = asyncio.Event()

    @property
    def is_asked(self) -> bool:
        """Whether it is time to stop."""
        return self._asked.is_set()

    @property
    def exit_code(self) -> int:
        """What a shell makes of the signal: 130 after Ctrl-C; 0 without one."""
        return 128 + self.signal if self.signal else 0

    def now(self) -> None:
        """Stop, for a reason of our own."""
        self._asked.set()

    def by(self, number: int) -> None:
        """Stop because of the signal *number*."""
        self.signal = number
        self._asked.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait to be stopped, for *seconds* at most (None: for ever); True when it has come to that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        return self.is_asked


@contextmanager
def stoppable() -> Generator[Stop, None, None]:
    """Take SIGINT and SIGTERM as a wish to stop, while the context lasts.

    Only the first of them is taken: who asks again because we do not come to an end is obeyed at once, by Python's own
    handlers. Where a loop cannot listen to signals (Windows, another thread), Ctrl-C remains a `KeyboardInterrupt`.
    """
    loop, stop = asyncio.get_running_loop(), Stop()

    def forget() -> None:
        for number in _SIGNALS:
            with suppress(NotImplementedError, ValueError, RuntimeError):
                loop.remove_signal_handler(number)

    def ask(number: int) -> None:
        forget()
        stop.by(number)

    for number in _SIGNALS:
        with suppress(NotImplementedError, ValueError, RuntimeError):
            loop.add_signal_handler(number, ask, number)
    try:
        yield stop
    finally:
        forget()
