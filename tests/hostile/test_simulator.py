"""The simulated server is held to limits of its own: it is a server, too, and its clients may mean harm."""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from reactivex.subject import Subject
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from ordinis_rx.events import Event
from ordinis_rx.sim import Server, serve
from ordinis_rx.sim.rest import serve_rest
from ordinis_rx.testing import a_trade
from tests.figures import record
from tests.live import until

WAIT = 5.0
HELLO = {
    "polygon": [{"action": "auth", "params": "sim-key"}, {"action": "subscribe", "params": "T.A"}],
    "alpaca": [
        {"action": "auth", "key": "sim-key", "secret": "sim-secret"},
        {"action": "subscribe", "trades": ["A"]},
    ],
    "finnhub": [{"type": "subscribe", "symbol": "A"}],
}
vendors = pytest.mark.parametrize("vendor", sorted(HELLO))


async def client(server: Server, **options: Any) -> ClientConnection:
    return await connect(server.url, proxy=None, close_timeout=0.1, **options)


async def subscribed(server: Server, vendor: str) -> ClientConnection:
    wire = await client(server)
    for message in HELLO[vendor]:
        await wire.send(json.dumps(message))
    return wire


async def close_code(wire: ClientConnection) -> int | None:
    """The code of the server's close frame, once it has come; None when the connection ended without one."""
    try:
        while True:
            await asyncio.wait_for(wire.recv(), WAIT)
    except ConnectionClosed as closed:
        return None if closed.rcvd is None else closed.rcvd.code


@asynccontextmanager
async def a_server(vendor: Any, **options: Any) -> AsyncIterator[tuple[Server, Subject[Event]]]:
    told: Subject[Event] = Subject()
    async with serve(told, vendor, **options) as server:
        yield server, told


async def test_two_hundred_clients_all_hear_everything() -> None:
    async with (
        a_server("polygon", max_connections=200) as (server, told),
        AsyncExitStack() as stack,
    ):
        wires = [await subscribed(server, "polygon") for _ in range(200)]
        for wire in wires:
            stack.push_async_callback(wire.close)
        await until(lambda: server.stats.subscriptions == 200)
        for price in (1.0, 2.0, 3.0):
            told.on_next(a_trade(price, symbol="A"))
            await asyncio.sleep(0)

        async def prices(wire: ClientConnection) -> list[float]:
            heard: list[float] = []
            while len(heard) < 3:
                heard += [m["p"] for m in json.loads(await wire.recv()) if m["ev"] == "T"]
            return heard

        async with asyncio.timeout(4 * WAIT):
            assert await asyncio.gather(*map(prices, wires)) == [[1.0, 2.0, 3.0]] * 200
        assert server.stats.slow_consumers == server.stats.evictions == 0
        record("simulator server", "200 clients served, slow and rude ones let go", "3 vendors")


FRAMES: dict[str, str | bytes] = {
    "no JSON": "hello",
    "half of it": '{"action":',
    "deep": "[" * 100_000,
    "deep inside": '{"action":' + "[" * 100_000 + "]" * 100_000 + "}",
    "no UTF-8": b"\xff\xfe",
    "of another kind": "[1,2,3]",
    "of other types": '{"action":1,"params":[],"type":{},"symbol":3,"trades":"A"}',
    "nothing": "",
}


@vendors
async def test_frames_that_make_no_sense_are_refused_and_harm_nobody(vendor: str) -> None:
    async with a_server(vendor, max_connections=2) as (server, told):
        good = await subscribed(server, vendor)
        await until(lambda: bool(server.topics))
        bad = await client(server)
        for frame in FRAMES.values():
            await bad.send(frame)
        sent = len(HELLO[vendor]) + len(FRAMES)
        await until(lambda: server.stats.received == sent)
        assert server.stats.subscriptions == 1
        assert server.connections == 2  # it was not understood, and that is all
        told.on_next(a_trade(7.0, symbol="A"))
        async with asyncio.timeout(WAIT):
            while "7" not in str(await good.recv()):
                pass
        await bad.close()
        await good.close()


async def test_a_frame_too_large_or_not_masked_ends_its_connection_alone() -> None:
    async with a_server("polygon", max_connections=3) as (server, _):
        good = await subscribed(server, "polygon")
        await until(lambda: bool(server.topics))
        large = await client(server)
        await large.send("x" * (1 << 21))
        assert await close_code(large) == 1009

        raw = await client(server)
        raw.transport.write(b"\x81\x02hi")  # a client must mask what it sends
        assert await close_code(raw) == 1002
        await until(lambda: server.connections == 1)
        await good.close()


async def test_a_client_that_asks_without_end_and_reads_nothing_is_let_go() -> None:
    """Its questions are answered into a buffer that may not grow, whether the market tells anything or not."""
    async with a_server("polygon", send_buffer=50) as (server, _):
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        small.connect(("127.0.0.1", server.port))
        small.setblocking(False)
        wire = await client(server, sock=small, max_queue=1)
        await wire.send(json.dumps(HELLO["polygon"][0]))
        wire.transport.pause_reading()
        async with asyncio.timeout(4 * WAIT):
            number = 0
            while not server.stats.slow_consumers:
                words = ",".join(f"T.{'X' * 40}{number + i}" for i in range(200))
                number += 200
                try:
                    await wire.send(json.dumps({"action": "subscribe", "params": words}))
                except ConnectionClosed:
                    break
        assert server.stats.slow_consumers == 1
        wire.transport.abort()
        await wire.wait_closed()


async def test_a_client_that_reads_may_ask_as_much_as_it_likes() -> None:
    async with a_server("polygon", send_buffer=5) as (server, _):
        wire = await client(server)
        await wire.send(json.dumps(HELLO["polygon"][0]))
        for number in range(300):
            await wire.send(json.dumps({"action": "subscribe", "params": f"T.A{number}"}))
        heard = 0
        async with asyncio.timeout(WAIT):
            while heard < 300:
                heard += sum("subscribed to" in m["message"] for m in json.loads(await wire.recv()))
        assert server.stats.slow_consumers == 0
        await wire.close()


@pytest.mark.parametrize("vendor", ["alpaca", "polygon"])  # finnhub knows by the address
async def test_who_opens_connections_and_says_nothing_is_let_go(vendor: str) -> None:
    async with a_server(vendor, auth_timeout=20_000_000) as (server, _):
        wires = [await client(server) for _ in range(20)]
        for wire in wires:
            assert await close_code(wire) in (None, 1008)
        assert server.stats.auth_timeouts == 20
        await until(lambda: server.connections == 0)


@vendors
async def test_it_listens_on_loopback_unless_told_otherwise(vendor: str) -> None:
    async with a_server(vendor) as (server, told), serve_rest(told, vendor) as rest:  # type: ignore[arg-type]
        assert server.url.startswith("ws://127.0.0.1:")
        assert rest.url.startswith("http://127.0.0.1:")
        for port in (server.port, rest.port):
            with (
                socket.socket() as taken
            ):  # another address of this machine has the port still free
                taken.bind(("127.0.0.2", port))
    for door in (serve, serve_rest):
        assert inspect.signature(door).parameters["host"].default == "127.0.0.1"


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What the server still says, until it ends the connection in whatever way."""
    said = b""
    try:
        while part := await reader.read(1 << 16):
            said += part
    except ConnectionError:
        pass
    return said


@pytest.mark.parametrize(
    "flood",
    [
        b"GET /stocks HTTP/1.1\r\n" + b"X-Header: x\r\n" * 5_000,
        b"GET /stocks HTTP/1.1\r\nX-Header: " + b"x" * 1_000_000,
        b"GET /" + b"x" * 1_000_000,
        b"hello\r\n\r\n",
        b"\x16\x03\x01" + bytes(500) + b"\r\n",  # TLS, to a door that speaks none
    ],
    ids=["headers", "a header", "a path", "no HTTP", "TLS"],
)
async def test_a_handshake_that_is_none_is_ended_at_once(flood: bytes) -> None:
    async with a_server("polygon") as (server, _), asyncio.timeout(WAIT):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(flood)
        assert len(await ended(reader)) < 10_000
        writer.transport.abort()
        assert server.connections == server.stats.connections == 0
        good = await client(server)  # and the door is open for those who mean well
        await good.close()


@pytest.mark.soak
async def test_who_never_finishes_the_handshake_is_let_go() -> None:
    """After ten seconds, which websockets gives to it."""
    async with a_server("polygon") as (server, _):
        loop = asyncio.get_running_loop()
        began = loop.time()
        ends = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(50)]
        for _, writer in ends:
            writer.write(b"GET /stocks HTTP/1.1\r\nHost: x\r\n")
        async with asyncio.timeout(15):
            await asyncio.gather(*(ended(reader) for reader, _ in ends))
        assert 9 < loop.time() - began < 12
        for _, writer in ends:
            writer.transport.abort()
