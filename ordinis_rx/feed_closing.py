"""What ``await feed.close()`` waits for: that nothing of the feed is left."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable

from ordinis_rx.wire.connection import Connection

__all__ = ["Closing"]

_BACKFILL_SECONDS = 1.0


class Closing:
    """Awaitable: until no task and no socket of a feed is left, or a backfill has not heeded its cancelling for a second."""

    def __init__(self, connections: Iterable[Connection], tasks: set[asyncio.Task[None]]) -> None:
        self._connections = connections
        self._tasks = tasks

    def __await__(self) -> Generator[object, None, None]:
        return self._gone().__await__()

    async def _gone(self) -> None:
        for connection in tuple(self._connections):
            await connection.wait_closed()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_BACKFILL_SECONDS)
