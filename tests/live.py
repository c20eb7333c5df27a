"""On a real loop: an ear whose progress can be awaited, and whatever else comes about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.transport import Ear

__all__ = ["LiveEar", "until"]


class LiveEar(Ear):
    """An ear whose progress can be awaited."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = asyncio.Event()

    def on_next(self, fact: Any) -> None:
        super().on_next(fact)
        self._changed.set()

    def on_error(self, error: Exception) -> None:
        super().on_error(error)
        self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def trades(self, count: int) -> None:
        await self.until(lambda: len(self.prices) >= count)

    async def error(self) -> Exception:
        await self.until(lambda: self.errors)
        return self.errors[0]


async def until(true: Callable[[], object]) -> None:
    """Let the loop run until it is so."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0)
