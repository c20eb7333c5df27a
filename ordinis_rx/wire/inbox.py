"""Messages that have come, until somebody takes them; made whole where they came in pieces."""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Inbox"]


class Inbox:
    """What one connection has been told, and one reader who takes it, waiting where there is nothing.

    A future is made only by a reader who waits: under load, the next message is mostly there when it is asked for.

    >>> inbox = Inbox()
    >>> inbox.put(b"whole", last=True), inbox.put(b"in ", last=False), inbox.put(b"pieces", last=True)
    (None, None, None)
    >>> list(inbox.whole)
    [b'whole', b'in pieces']
    """

    __slots__ = ("_over", "_waiter", "pieces", "whole")

    def __init__(self) -> None:
        self.whole: deque[bytes | bytearray] = deque()
        """The messages that nobody has taken yet."""
        self.pieces: list[bytes | bytearray] = []
        """Those of a message that is not whole yet."""
        self._waiter: asyncio.Future[None] | None = None
        self._over = False

    def put(self, data: bytes | bytearray, *, last: bool) -> None:
        """Take the next message, or a piece of one; its *last*, if there are any others."""
        if self.pieces or not last:
            self.pieces.append(data)
            if not last:
                return
            data = b"".join(self.pieces)
            self.pieces.clear()
        self.whole.append(data)
        self._wake()

    def sign(self) -> None:
        """Take a sign of life without a message: an empty one, unless a message waits, which is a sign, too."""
        if not self.whole:
            self.whole.append(b"")
            self._wake()

    def close(self) -> None:
        """No more will come. What has come may still be taken."""
        self._over = True
        self._wake()

    async def more(self) -> bool:
        """Wait until there is a message; False when none is left and none will come."""
        while not self.whole and not self._over:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return bool(self.whole)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
