"""The messages of one connection: subscribing dials, disposing hangs up. Knows no vendor, and never redials."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from reactivex import Observable, abc

from ordinis_rx.checks import check_positive
from ordinis_rx.errors import Disconnected
from ordinis_rx.loops import cancelled_ourselves, loop_for, running_loop
from ordinis_rx.turns import as_exception
from ordinis_rx.wire.passing import Passing
from ordinis_rx.wire.transport import Socket, Transport, websockets_transport

__all__ = ["OUTBOX_LIMIT", "Connection", "Send", "messages"]

_log = logging.getLogger(__name__)

OUTBOX_LIMIT = 65_536
"""So often may something be handed over that waits to be sent; a peer that lets more pile up has stopped reading."""

_A_TURN = 100
"""After so many messages of one hand-over the loop has a turn: a socket with room takes them without waiting."""


class Send(Protocol):
    """Puts messages in the outbox, in order and without waiting; False when the connection is gone.

    They go out as fast as the peer reads. However many are handed over together, they count as one towards `OUTBOX_LIMIT`.
    """

    def __call__(self, *messages: str | bytes) -> bool:
        """Put *messages* in the outbox."""
        ...


def _ignore(_: object) -> None:
    """Nobody asked."""


def messages(
    url: str,
    hello: Sequence[str | bytes] = (),
    *,
    headers: Mapping[str, str] | None = None,
    name: str = "the server",
    timeout_seconds: float = 30.0,
    heartbeat_seconds: float = 30.0,
    transport: Transport = websockets_transport,
    opened: Callable[[Send], None] = _ignore,
    sent: Callable[[bytes], None] = _ignore,
    connections: set[Connection] | None = None,
) -> Observable[bytes]:
    """The raw messages of one connection at a time, one for each subscription, from dial to hang-up.

    Subscribing dials *url*, which must succeed within *timeout_seconds*, then says *hello*, then calls *opened* with the
    function that sends more. Messages come as bytes, texts as UTF-8, as they are read. A ping goes out every
    *heartbeat_seconds*. Its pong comes as an empty message: a sign of life without data, as is every other frame that is no
    whole message (a ping of the server's, say) where no message waits to be read. *sent* is told each message that goes out,
    as bytes, in order. *name* stands for the server in errors, which never hold the address.

    It never completes: each end that we did not ask for, a server's clean goodbye (code 1000) included, is
    ``on_error(Disconnected)``; a refused key is ``AuthError``, see `websockets_transport`. What a subscriber, *opened* or
    *sent* raises ends the connection and goes to ``on_error`` as it is, so that a full disk never looks like a lost
    connection. The socket is gone before ``on_error`` is called.

    Disposing hangs up from any state, callback or thread, and may be repeated. The goodbye takes at most a second;
    *connections* holds each connection from the dial until nothing of it is left, to wait for with
    `Connection.wait_closed`. All runs on the asyncio loop that runs at subscription (RuntimeError without one); a
    scheduler is not used. The reader takes what has come as fast as subscribers return: a slow one belongs behind a
    buffer.

    >>> import asyncio
    >>> from websockets.asyncio.server import serve
    >>> async def first_echo():
    ...     async def echo(peer):
    ...         async for message in peer:
    ...             await peer.send(message)
    ...     async with serve(echo, "127.0.0.1", 0) as server:
    ...         port = server.sockets[0].getsockname()[1]
    ...         heard = asyncio.get_running_loop().create_future()
    ...         hang_up = messages(f"ws://127.0.0.1:{port}", ["hello"]).subscribe(heard.set_result)
    ...         try:
    ...             return await heard
    ...         finally:
    ...             hang_up.dispose()
    >>> asyncio.run(first_echo())
    b'hello'
    """
    check_positive("messages: timeout_seconds", timeout_seconds, endless=True)
    check_positive("messages: heartbeat_seconds", heartbeat_seconds, endless=True)
    greeting = tuple(hello)  # said by every subscription, so not to be used up by the first

    async def dial() -> Socket:
        return await transport(
            url, headers=headers or {}, name=name, timeout_seconds=timeout_seconds
        )

    def subscribe(
        observer: abc.ObserverBase[bytes], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        connection = Connection(
            dial,
            observer,
            hello=greeting,
            heartbeat_seconds=heartbeat_seconds,
            opened=opened,
            sent=sent,
            gone=_ignore if connections is None else connections.discard,
        )
        if connections is not None:
            connections.add(connection)
        return connection

    return Passing(subscribe)


class Connection(abc.DisposableBase):
    """One connection, from the dial until nothing of it is left. `messages` makes them."""

    def __init__(
        self,
        dial: Callable[[], Awaitable[Socket]],
        observer: abc.ObserverBase[bytes],
        *,
        hello: Sequence[str | bytes],
        heartbeat_seconds: float,
        opened: Callable[[Send], None],
        sent: Callable[[bytes], None],
        gone: Callable[[Connection], None],
    ) -> None:
        self._loop = loop_for("a connection")
        self._dial = dial
        self._observer = observer
        self._hello = hello
        self._heartbeat = heartbeat_seconds
        self._opened = opened
        self._sent = sent
        self._outbox: asyncio.Queue[tuple[str | bytes, ...]] = asyncio.Queue(OUTBOX_LIMIT)
        self._over = False
        self._failure: Exception | None = None
        self._task = self._loop.create_task(self._run(), name="ordinis_rx connection")
        self._task.add_done_callback(lambda _: gone(self))

    def dispose(self) -> None:
        """Hang up. May be called from any callback and any thread, and again."""
        if running_loop() is self._loop:
            self._hang_up()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._hang_up)

    async def wait_closed(self) -> None:
        """Wait until socket and tasks are gone, for whatever reason they go. Never fails."""
        await asyncio.wait([self._task])

    def send(self, *messages: str | bytes) -> bool:
        """Put *messages* in the outbox; False, and a line in the log, when the connection is gone."""
        if self._over:
            _log.debug("a message was dropped: the connection is closed")
            return False
        try:
            self._outbox.put_nowait(messages)
        except asyncio.QueueFull:
            self._fail(Disconnected(f"{OUTBOX_LIMIT} messages wait to be sent: nobody reads them"))
            return False
        return True

    def _hang_up(self) -> None:
        if self._over:
            return
        self._over = True
        # Inside our own task there is nothing to wake, and a cancel would cut the goodbye short.
        if asyncio.current_task() is not self._task:
            self._task.cancel()

    def _fail(self, failure: Exception) -> None:
        if not self._over:
            self._failure = failure
            self._hang_up()

    async def _run(self) -> None:
        try:
            await self._talk(await self._dial())
        except asyncio.CancelledError as error:
            if self._failure is None:
                if cancelled_ourselves():
                    raise
                self._failure = Disconnected("what dialling waited for was cancelled")
                self._failure.__cause__ = error
        except Exception as error:
            if not self._over:
                self._failure = error
        self._over = True
        if self._failure is not None:
            self._tell(self._failure)

    async def _talk(self, socket: Socket) -> None:
        for message in self._hello:
            self.send(message)
        writer = self._loop.create_task(self._write(socket), name="ordinis_rx connection outbox")
        try:
            self._opened(self.send)
            receive, observer = socket.recv, self._observer
            while not self._over:
                message = await receive()
                observer.on_next(message)
        except asyncio.CancelledError as error:
            if cancelled_ourselves():
                raise
            # Nobody cancelled us: it comes from a task that a subscriber asked for its result.
            self._fail(as_exception(error))
        except Exception as error:
            self._fail(error)
        finally:
            self._over = True
            writer.cancel()
            await asyncio.gather(writer, socket.close(), return_exceptions=True)

    async def _write(self, socket: Socket) -> None:
        """Send what is in the outbox, in order, and a ping whenever it is time."""
        try:
            ping_at = self._loop.time() + self._heartbeat
            while True:
                messages: tuple[str | bytes, ...] = ()
                try:
                    async with asyncio.timeout_at(ping_at):
                        messages = await self._outbox.get()
                except TimeoutError:
                    ping_at = await self._ping(socket)
                for count, message in enumerate(messages, 1):
                    self._sent(message.encode() if isinstance(message, str) else message)
                    await socket.send(message)
                    if self._loop.time() >= ping_at:
                        ping_at = await self._ping(socket)
                    if count % _A_TURN == 0:
                        await asyncio.sleep(0)
        except Exception as error:
            self._fail(error)

    async def _ping(self, socket: Socket) -> float:
        """Send a ping; when the next one is due."""
        due = self._loop.time() + self._heartbeat
        await socket.ping()
        return due

    def _tell(self, failure: Exception) -> None:
        try:
            self._observer.on_error(failure)
        except Exception as error:
            # Nobody is left to tell but the loop, which logs it.
            self._loop.call_exception_handler(
                {"message": "on_error of a connection's subscriber failed", "exception": error}
            )
