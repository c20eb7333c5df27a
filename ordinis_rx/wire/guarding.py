"""A connection of the websockets package that a hostile server cannot make large, and that hands messages on at once.

The package limits the size of a message. What it leaves to us, in some or all of its versions: a message in endless tiny
fragments, each an object of some hundred bytes while it waits to be whole; pings without end from a server that does not
read the answers; and a server that has been told that all is over, and does not go.

Messages go into an inbox of ours: the package would queue each as a frame, and put it together where it is asked for, which
took a tenth of what a message of 25 events costs on its way to facts. Any other frame goes there as a sign of life: the
package keeps pings to itself.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from ordinis_rx.wire.inbox import Inbox

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

__all__ = ["MOST_FRAGMENTS", "MOST_UNREAD_BYTES", "Guarded", "guarded_connection"]

MOST_FRAGMENTS = 4096
"""A message in more pieces ends the connection (close code 1009)."""

MOST_UNREAD_BYTES = 1 << 20
"""A server that leaves more of what we send unread has stopped reading, and is hung up on."""

_SLICE = 1 << 16
"""So much is read at a time, so that what is wrong with it is seen before there is more of it."""


class Guarded(Protocol):
    """What is ours of a connection."""

    inbox: Inbox


@cache
def guarded_connection() -> type[ClientConnection]:
    """What to give to websockets' ``connect`` as ``create_connection``; makes a `Guarded`."""
    from websockets.asyncio.client import ClientConnection
    from websockets.frames import CloseCode, Opcode

    data_of = frozenset((Opcode.TEXT, Opcode.BINARY, Opcode.CONT))
    life_of = frozenset((Opcode.PING, Opcode.PONG))

    class Connection(ClientConnection):
        _is_ending = False

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.inbox = Inbox()

        def data_received(self, data: bytes) -> None:
            for at in range(0, len(data), _SLICE):
                if not self.transport.is_closing():
                    self._take(data if len(data) <= _SLICE else data[at : at + _SLICE])

        def _take(self, data: bytes) -> None:
            super().data_received(data)
            if len(self.inbox.pieces) > MOST_FRAGMENTS:
                self.inbox.pieces.clear()
                self.protocol.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
                super().data_received(b"")  # sends the goodbye, and gives it its time
            if self.transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
                self.transport.abort()
            elif not self._is_ending and self.protocol.close_expected():
                self._is_ending = True
                self.loop.call_later(self.close_timeout or 0.0, self.transport.abort)

        def process_event(self, event: Any) -> None:
            if self.response is not None and event.opcode in data_of:
                self.inbox.put(event.data, last=event.fin)
                if not event.fin:
                    self.inbox.sign()
                return
            if self.response is not None and event.opcode in life_of:
                self.inbox.sign()
            super().process_event(event)

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self.inbox.close()

    return Connection
