"""A connection of the websockets package that a hostile server cannot make large.

The package limits the size of a message. What it leaves to us, in some or all of its versions: a message in endless tiny
fragments, each an object of some hundred bytes while it waits to be whole; pings without end from a server that does not
read the answers; and a server that has been told that all is over, and does not go.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

__all__ = ["MOST_FRAGMENTS", "MOST_UNREAD_BYTES", "guarded_connection"]

MOST_FRAGMENTS = 4096
"""A message in more pieces ends the connection (close code 1009)."""

MOST_UNREAD_BYTES = 1 << 20
"""A server that leaves more of what we send unread has stopped reading, and is hung up on."""

_SLICE = 1 << 14
"""So much is read at a time, so that what is wrong with it is seen before there is more of it."""


@cache
def guarded_connection() -> type[ClientConnection]:
    """What to give to websockets' ``connect`` as ``create_connection``."""
    from websockets.asyncio.client import ClientConnection
    from websockets.frames import CloseCode, Opcode

    class Guarded(ClientConnection):
        _fragments = 0
        _is_ending = False

        def data_received(self, data: bytes) -> None:
            for at in range(0, len(data), _SLICE):
                super().data_received(data if len(data) <= _SLICE else data[at : at + _SLICE])
                if self._fragments > MOST_FRAGMENTS:
                    self._fragments = 0
                    self.protocol.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
                    super().data_received(b"")  # sends the goodbye, and gives it its time
                if self.transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
                    self.transport.abort()
                    return
            if not self._is_ending and self.protocol.close_expected():
                self._is_ending = True
                self.loop.call_later(self.close_timeout or 0.0, self.transport.abort)

        def process_event(self, event: Any) -> None:
            if self.response is not None and not event.fin:
                self._fragments += 1
            elif self._fragments and event.opcode is Opcode.CONT:
                self._fragments = 0
            super().process_event(event)

    return Guarded
