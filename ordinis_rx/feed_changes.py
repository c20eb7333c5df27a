"""Waiting until something about a feed has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Changes"]


class Changes:
    """Wakes those who wait whenever something may have changed; all on one loop."""

    def __init__(self) -> None:
        self._next: asyncio.Event | None = None

    def tell(self) -> None:
        """Something may have changed: whoever waits looks again."""
        if self._next is not None:
            self._next.set()
            self._next = None

    async def until(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait until *reached*, for *seconds* at most; whether it was."""
        try:
            async with asyncio.timeout(seconds):
                while not reached():
                    self._next = self._next or asyncio.Event()
                    await self._next.wait()
        except TimeoutError:
            return False
        return True
