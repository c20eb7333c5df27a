"""What the websockets package leaves to us: fragments, unread answers, goodbyes that are not heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from ordinis_rx.errors import Disconnected
from ordinis_rx.wire import guarding, transport
from ordinis_rx.wire.guarding import MOST_FRAGMENTS, guarded_connection
from ordinis_rx.wire.transport import Socket, websockets_transport
from tests.hostile.attacks import TEXT, frame, upgraded

pytestmark = pytest.mark.usefixtures("nothing_left")

CONTINUED, LAST, PING, PONG = 0x00, 0x80, 0x89, 0x8A


@asynccontextmanager
async def connected(
    server: Callable[[asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[Socket]:
    """A socket to a server that does so after the handshake, and goes when we have gone."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgraded(reader, writer)
        with suppress(ConnectionError):
            await server(writer)
            await reader.read()
        writer.transport.abort()

    async with await asyncio.start_server(meet, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        socket = await websockets_transport(
            f"ws://127.0.0.1:{port}/", headers={}, name="acme", timeout_seconds=5
        )
        assert await socket.recv()
        yield socket
        await socket.close()


async def message(socket: Socket) -> bytes:
    """The next message that says something."""
    while not (said := await asyncio.wait_for(socket.recv(), 5)):
        pass
    return said


def pieces(count: int) -> bytes:
    """A message in so many pieces."""
    return frame(b"x", TEXT) + frame(b"x", CONTINUED) * (count - 2) + frame(b"x", LAST)


async def test_a_message_in_as_many_fragments_as_may_be_is_read_and_so_is_the_next() -> None:
    async def server(writer: asyncio.StreamWriter) -> None:
        writer.write(pieces(MOST_FRAGMENTS) * 3 + frame(b"last"))

    async with connected(server) as socket:
        for _ in range(3):
            assert await message(socket) == b"x" * MOST_FRAGMENTS
        assert await message(socket) == b"last"


async def test_a_message_in_more_fragments_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guarding, "MOST_FRAGMENTS", 100)
    monkeypatch.setattr(transport, "CLOSE_SECONDS", 0.05)

    async def server(writer: asyncio.StreamWriter) -> None:
        writer.write(frame(b"fine") + frame(b"x", TEXT) + frame(b"", CONTINUED) * 200)

    async with connected(server) as socket:
        assert await message(socket) == b"fine"
        with pytest.raises(Disconnected, match="too many fragments") as ended:
            await message(socket)
        assert ended.value.code == 1009


async def test_pings_between_fragments_are_no_fragments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MOST_FRAGMENTS", 10)

    async def server(writer: asyncio.StreamWriter) -> None:
        writer.write(frame(b"a", TEXT) + frame(b"", PING) * 50 + frame(b"b", LAST) + frame(b"c"))

    async with connected(server) as socket:
        assert [await message(socket), await message(socket)] == [b"ab", b"c"]


@pytest.mark.parametrize("opcode", [PING, PONG, TEXT])
async def test_any_frame_is_a_sign_of_life(opcode: int) -> None:
    listening = asyncio.Event()

    async def server(writer: asyncio.StreamWriter) -> None:
        await listening.wait()
        writer.write(frame(b"", opcode))

    async with connected(server) as socket:
        listening.set()
        assert await asyncio.wait_for(socket.recv(), 5) == b""


async def test_a_server_that_does_not_read_its_pongs_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guarding, "MOST_UNREAD_BYTES", 10_000)

    async def server(writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        while not writer.is_closing():
            writer.write(frame(b"x" * 125, PING) * 500)
            await writer.drain()

    async with connected(server) as socket:
        with pytest.raises(Disconnected, match="lost without a close frame"):
            await message(socket)


async def test_a_server_that_is_told_why_and_stays_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "CLOSE_SECONDS", 0.05)

    async def server(writer: asyncio.StreamWriter) -> None:
        writer.write(frame(b"\xff" * 10, 0x83))  # a kind of frame that there is not

    async with connected(server) as socket:
        with pytest.raises(Disconnected, match="close code 1002"):
            await asyncio.wait_for(socket.recv(), 0.9)


def test_the_class_is_made_once() -> None:
    assert guarded_connection() is guarded_connection()
