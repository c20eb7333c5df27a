"""The websockets transport against raw servers on loopback: what it dials, what it refuses, and what it never says."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio import client
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.frames import Close
from websockets.utils import accept_key

from ordinis_rx.errors import AuthError, Disconnected, MissingExtra
from ordinis_rx.wire import transport
from ordinis_rx.wire.backoff import Backoff, retry_with_backoff
from ordinis_rx.wire.connection import messages
from ordinis_rx.wire.guarding import guarded_connection
from ordinis_rx.wire.transport import Socket, websockets_transport

CANARY = "canary-9f3c"

pytestmark = pytest.mark.usefixtures("nothing_left")


def port_of(server: asyncio.Server | Server) -> int:
    return next(iter(server.sockets)).getsockname()[1]


def at(server: asyncio.Server | Server) -> str:
    return f"ws://127.0.0.1:{port_of(server)}/stocks?token={CANARY}"


async def dial(url: str, timeout_seconds: float = 5.0, **headers: str) -> Socket:
    return await websockets_transport(
        url, headers=headers, name="finnhub", timeout_seconds=timeout_seconds
    )


@asynccontextmanager
async def answering(response: str) -> AsyncIterator[asyncio.Server]:
    """An HTTP server that has one answer."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response.replace("\n", "\r\n").encode())
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server


@asynccontextmanager
async def peers(
    handler: Callable[[ServerConnection], Awaitable[None]],
) -> AsyncIterator[Server]:
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.1) as server:
        yield server


async def failure(dialling: Awaitable[object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the caller says which
        await asyncio.wait_for(dialling, 5)
    error = caught.value
    assert CANARY not in f"{error}{error!r}{error.args}"
    assert CANARY not in "".join(traceback.format_exception(error))
    assert error.__cause__ is None
    # The close frames may be chained; an exception that knows the address may not.
    assert error.__context__ is None or isinstance(error.__context__, ConnectionClosed)
    return error


async def test_text_comes_as_utf8_and_binary_as_it_is() -> None:
    async def peer(socket: ServerConnection) -> None:
        await socket.send("prix: 10 €")
        await socket.send(b"\x00\xff")
        await socket.wait_closed()

    async with peers(peer) as server:
        socket = await dial(at(server))
        assert await socket.recv() == "prix: 10 €".encode()
        assert await socket.recv() == b"\x00\xff"
        await socket.close()


async def test_str_goes_out_as_text_and_bytes_as_binary() -> None:
    got: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def peer(socket: ServerConnection) -> None:
        async for message in socket:
            got.put_nowait(message)

    async with peers(peer) as server:
        socket = await dial(at(server))
        await socket.send("text")
        await socket.send(b"binary")
        assert [await got.get(), await got.get()] == ["text", b"binary"]
        await socket.close()


async def test_headers_are_sent_in_the_handshake() -> None:
    keys: list[str | None] = []

    async def peer(socket: ServerConnection) -> None:
        assert socket.request is not None
        keys.append(socket.request.headers.get("APCA-API-KEY-ID"))

    async with peers(peer) as server:
        socket = await dial(at(server), **{"APCA-API-KEY-ID": CANARY})
        await socket.close()
    assert keys == [CANARY]


async def test_a_message_of_four_mebibytes_arrives_and_one_beyond_the_limit_ends_the_connection() -> (
    None
):
    async def peer(socket: ServerConnection) -> None:
        await socket.send(b"x" * (4 << 20))
        await socket.send(b"x" * ((6 << 20) + 1))
        await socket.wait_closed()

    async with peers(peer) as server:
        socket = await dial(at(server))
        assert len(await socket.recv()) == 4 << 20
        error = await failure(socket.recv())
        assert isinstance(error, Disconnected)
        assert error.code == 1009
        assert str(error).startswith("disconnected: closed by us")
        await socket.close()


@pytest.mark.parametrize(
    ("code", "reason", "text"),
    [
        (1000, "", "disconnected: closed by the server (close code 1000)"),
        (1001, "", "disconnected: closed by the server (close code 1001)"),
        (1008, "max_connections", "disconnected: max_connections (close code 1008)"),
    ],
)
async def test_s01_a_close_by_the_server_is_a_disconnect_with_code_and_reason(
    code: int, reason: str, text: str
) -> None:
    async def peer(socket: ServerConnection) -> None:
        await socket.close(code, reason)

    async with peers(peer) as server:
        socket = await dial(at(server))
        error = await failure(socket.recv())
        assert isinstance(error, Disconnected)
        assert (str(error), error.code) == (text, code)
        await socket.close()
        for speak in (socket.send("late"), socket.ping()):
            with pytest.raises(Disconnected, match=f"close code {code}"):
                await speak


async def test_a_connection_cut_without_a_goodbye_says_so() -> None:
    async def peer(socket: ServerConnection) -> None:
        socket.transport.abort()

    async with peers(peer) as server:
        socket = await dial(at(server))
        error = await failure(socket.recv())
        assert isinstance(error, Disconnected)
        assert error.code == 1006
        assert "lost without a close frame" in str(error)
        await socket.close()


async def test_a_pong_is_told_and_none_comes_from_a_closed_connection() -> None:
    async def peer(socket: ServerConnection) -> None:
        await socket.recv()

    async with peers(peer) as server:
        socket = await dial(at(server))
        await socket.ping()
        assert await asyncio.wait_for(socket.recv(), 5) == b""
        await socket.send("enough")
        await failure(socket.recv())  # else it would be told twice
        await socket.close()


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
async def test_s08_an_unknown_key_is_an_auth_error(status: str) -> None:
    body = f"token {CANARY} is not known"
    async with answering(
        f"HTTP/1.1 {status}\nContent-Length: {len(body)}\nX-Token: {CANARY}\n\n{body}"
    ) as server:
        error = await failure(dial(at(server)))
    assert isinstance(error, AuthError)
    assert str(error) == f"finnhub refused: HTTP {status[:3]} in the handshake"


@pytest.mark.parametrize(
    ("status", "headers", "cool_down"),
    [
        ("429 Too Many Requests", "", 60.0),
        ("429 Too Many Requests", "Retry-After: 5\n", 60.0),
        ("429 Too Many Requests", "Retry-After: 120\n", 120.0),
        ("429 Too Many Requests", "Retry-After: 9999999999\n", 3600.0),
        (
            "429 Too Many Requests",
            "Date: Wed, 21 Oct 2015 07:28:00 GMT\nRetry-After: Wed, 21 Oct 2015 07:30:30 GMT\n",
            150.0,
        ),
        ("429 Too Many Requests", "Retry-After: soon\n", 60.0),
        ("429 Too Many Requests", "Retry-After: Wed, 21 Oct 2015 07:30:30 GMT\n", 60.0),
        ("503 Service Unavailable", "", 0.0),
        ("503 Service Unavailable", "Retry-After: 30\n", 30.0),
        ("200 OK", "", 0.0),
        ("502 Bad Gateway", "", 0.0),
        ("404 Not Found", "", 0.0),
    ],
)
async def test_other_refusals_are_worth_another_try_after_the_time_asked_for(
    status: str, headers: str, cool_down: float
) -> None:
    async with answering(f"HTTP/1.1 {status}\nContent-Length: 0\n{headers}\n") as server:
        error = await failure(dial(at(server)))
    assert isinstance(error, Disconnected)
    assert error.cool_down == cool_down
    assert error.reason == f"finnhub refused: HTTP {status[:3]} in the handshake"


@pytest.mark.parametrize("answer", ["hello\n", "HTTP/1.1 101 Switching Protocols\n\n"])
async def test_a_server_that_speaks_something_else_is_a_disconnect(answer: str) -> None:
    async with answering(answer) as server:
        error = await failure(dial(at(server)))
    assert isinstance(error, Disconnected)
    assert error.reason.startswith("finnhub does not answer as a WebSocket")


async def test_a_redirect_to_another_host_is_not_followed_with_the_key() -> None:
    visitors: list[ServerConnection] = []

    async def peer(socket: ServerConnection) -> None:
        visitors.append(socket)

    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(peers(peer))
        server = await stack.enter_async_context(
            answering(f"HTTP/1.1 302 Found\nLocation: {at(other)}\nContent-Length: 0\n\n")
        )
        error = await failure(dial(at(server), **{"APCA-API-KEY-ID": CANARY}))
    assert isinstance(error, Disconnected)
    assert error.reason == "finnhub redirects to another origin, which is not followed"
    assert visitors == []


async def test_a_redirect_to_a_web_page_is_a_disconnect() -> None:
    async with answering(
        f"HTTP/1.1 301 Moved\nLocation: https://example.com/?{CANARY}\nContent-Length: 0\n\n"
    ) as server:
        error = await failure(dial(at(server)))
    assert isinstance(error, Disconnected)


async def test_a_port_where_nobody_listens_is_a_disconnect_that_says_why() -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        url = at(server)
    error = await failure(dial(url))
    assert str(error) == "disconnected: finnhub cannot be reached: Connection refused"


async def test_a_server_without_tls_at_a_secure_address_is_a_disconnect_that_says_so() -> None:
    def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ready\r\n")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        error = await failure(dial(at(server).replace("ws://", "wss://")))

    assert isinstance(error, Disconnected)
    assert re.fullmatch(r"disconnected: .*finnhub.*TLS failed \(\w+\)", str(error))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (None, "its host name is not known"),
        (("127.0.0.1", "127.0.0.2"), "none of its addresses answers"),
    ],
)
async def test_a_name_that_leads_nowhere_is_a_disconnect_that_does_not_show_it(
    found: tuple[str, ...] | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as closed:
        port = port_of(closed)

    async def resolved(*_: object, **__: object) -> list[object]:
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, f"{CANARY} is not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in found]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    error = await failure(dial(f"ws://{CANARY}.example/stocks"))

    assert isinstance(error, Disconnected)
    assert reason in str(error)


async def test_a_server_that_never_finishes_the_handshake_is_given_up_in_time() -> None:
    gone: asyncio.Queue[bytes] = asyncio.Queue()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        gone.put_nowait(await reader.read())
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        error = await failure(dial(at(server), timeout_seconds=0.05))
        assert str(error) == "disconnected: no connection to finnhub within 0.05 s"
        assert await asyncio.wait_for(gone.get(), 5) == b""


async def test_cancelling_a_dial_closes_its_socket() -> None:
    arrived: asyncio.Queue[None] = asyncio.Queue()
    gone: asyncio.Queue[bytes] = asyncio.Queue()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.put_nowait(None)
        gone.put_nowait(await reader.read())
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        dialling = asyncio.create_task(dial(at(server)))
        await arrived.get()
        dialling.cancel()
        assert await asyncio.wait_for(gone.get(), 5) == b""
        with pytest.raises(asyncio.CancelledError):
            await dialling


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"https://example.com/{CANARY}", "its scheme must be ws or wss, got 'https'"),
        (f"example.com/{CANARY}", "its scheme must be ws or wss, got ''"),
        (f"ws:///{CANARY}", "it names no host"),
        (f"ws://127.0.0.1/#{CANARY}", "it must not have a fragment"),
        (f"ws://{CANARY}@127.0.0.1/", "it has a user but no password"),
        (f"ws://127.0.0.1:{CANARY}/", "its port must be a number from 1 to 65535"),
        ("ws://127.0.0.1:99999/", "its port must be a number from 1 to 65535"),
    ],
)
async def test_an_address_that_cannot_be_dialled_is_refused_without_showing_it(
    url: str, why: str
) -> None:
    error = await failure(dial(url))
    assert isinstance(error, ValueError)
    assert str(error) == f"the address of finnhub cannot be dialled: {why}"


@pytest.mark.parametrize("value", [f"{CANARY}\r\nX-Evil: 1", f"{CANARY}€", f"{CANARY}\x00"])
async def test_a_header_that_http_cannot_carry_is_refused_without_showing_its_value(
    value: str,
) -> None:
    error = await failure(dial("ws://127.0.0.1:9/", Authorization=value))
    assert str(error) == "finnhub: the value of header 'Authorization' is not printable ASCII"


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> float:
    """Goodbyes may take no longer than this, so that the tests need not wait either."""
    monkeypatch.setattr(transport, "CLOSE_SECONDS", 0.05)
    return transport.CLOSE_SECONDS


@pytest.mark.usefixtures("hurry")
async def test_a_server_that_says_goodbye_but_does_not_go_is_found_by_the_next_ping() -> None:
    release = asyncio.Event()

    async def lingering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgrade(reader, writer)
        writer.write(b"\x88\x02\x03\xe8")  # a close frame: 1000
        await release.wait()
        writer.transport.abort()

    async with await asyncio.start_server(lingering, "127.0.0.1", 0) as server:
        socket = await dial(at(server))
        receiving = asyncio.create_task(socket.recv())
        with pytest.raises(Disconnected, match="close code 1000"):
            await asyncio.wait_for(ping_until_it_fails(socket), 5)
        with pytest.raises(Disconnected, match="close code 1000"):
            await receiving
        release.set()


async def ping_until_it_fails(socket: Socket) -> None:
    while True:
        await socket.ping()
        await asyncio.sleep(0)


async def test_close_cuts_a_peer_that_does_not_say_goodbye(hurry: float) -> None:
    loop, release = asyncio.get_running_loop(), asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgrade(reader, writer)
        await release.wait()
        writer.transport.abort()

    async with await asyncio.start_server(deaf, "127.0.0.1", 0) as server:
        socket = await dial(at(server))
        began = loop.time()
        await socket.close()
        assert loop.time() - began < hurry + 0.5
        with pytest.raises(Disconnected):
            await socket.recv()
        release.set()


async def test_close_cuts_a_peer_that_does_not_read(hurry: float) -> None:
    loop, release = asyncio.get_running_loop(), asyncio.Event()

    async def clogged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await upgrade(reader, writer)
        writer.transport.pause_reading()
        await release.wait()
        writer.transport.abort()

    async with await asyncio.start_server(clogged, "127.0.0.1", 0) as server:
        socket = await dial(at(server))
        sending = asyncio.create_task(socket.send(b"x" * (8 << 20)))
        began = loop.time()
        await socket.close()
        assert loop.time() - began < hurry + 0.5
        with pytest.raises(Disconnected):
            await sending
        release.set()


async def upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The server's half of a handshake, by hand: after it nobody answers pings and goodbyes."""
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    fields = dict(line.split(": ", 1) for line in request.split("\r\n")[1:] if line)
    key = {name.lower(): value for name, value in fields.items()}["sec-websocket-key"]
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_key(key).encode() + b"\r\n\r\n"
    )
    await writer.drain()


async def test_no_log_record_of_any_level_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    async def peer(socket: ServerConnection) -> None:
        await socket.send("data")
        await socket.wait_closed()

    caplog.set_level(logging.DEBUG)
    # The server is quiet, so that only our own half is judged.
    quiet = logging.Logger("quiet", logging.CRITICAL + 1)
    async with serve(peer, "127.0.0.1", 0, logger=quiet) as server:
        socket = await dial(at(server), Authorization=CANARY)
        await socket.send(CANARY)
        await socket.recv()
        await socket.close()
    assert CANARY not in caplog.text


async def test_without_websockets_dialling_names_the_extra_and_is_not_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = asyncio.get_running_loop().create_future()
    monkeypatch.setitem(sys.modules, "websockets.asyncio.client", None)
    messages("ws://127.0.0.1:9/").pipe(retry_with_backoff(Backoff())).subscribe(
        on_error=failed.set_result
    )
    error = await asyncio.wait_for(failed, 5)
    assert isinstance(error, MissingExtra)
    assert str(error) == ("dialling a provider needs websockets: pip install 'ordinis-rx[stream]'")


@pytest.mark.parametrize(
    ("url", "host", "port", "secure"),
    [
        ("wss://socket.example/stocks", "socket.example", 443, True),
        ("WSS://socket.example:8443/stocks", "socket.example", 8443, True),
        ("ws://127.0.0.1/stocks", "127.0.0.1", 80, False),
        ("ws://127.0.0.1:9/stocks", "127.0.0.1", 9, False),
    ],
)
async def test_a_connection_is_asked_for_as_its_address_says_without_proxy_and_within_bounds(
    url: str, host: str, port: int, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    async def connect(url: str, **options: Any) -> None:
        asked.update(options)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(client, "connect", connect)
    await failure(dial(url, 7.0, Authorization=CANARY))

    assert (asked["host"], asked["port"], asked["open_timeout"]) == (host, port, 7.0)
    assert isinstance(asked["ssl"], ssl.SSLContext) == secure
    assert (asked["proxy"], asked["ping_interval"], asked["max_queue"]) == (None, None, None)
    assert asked["close_timeout"] == transport.CLOSE_SECONDS
    assert asked["max_size"] == transport.MAX_MESSAGE_BYTES
    assert asked["create_connection"] is guarded_connection()
    assert asked["additional_headers"] == {"Authorization": CANARY}


def closed(received: Close | None, sent: Close | None, theirs_first: bool | None = None) -> str:
    """What is told of a connection that ended so."""
    error = ConnectionClosedError(received, sent, theirs_first)
    lost = transport._lost(error)
    return f"{lost.code} {lost.reason}"


def test_whoever_said_goodbye_first_has_ended_the_connection() -> None:
    theirs, ours = Close(1001, "going away"), Close(1009, "too big")
    assert closed(theirs, None) == "1001 going away"
    assert closed(theirs, ours, theirs_first=True) == "1001 going away"
    assert closed(theirs, ours, theirs_first=False) == "1009 closed by us: too big"
    assert closed(None, ours) == "1009 closed by us: too big"
    assert closed(None, Close(1000, "")) == "1000 closed by us: goodbye"
    assert closed(Close(1000, ""), None) == "1000 closed by the server"
    assert closed(None, None) == "1006 lost without a close frame"


def test_what_the_system_says_of_a_lost_connection_is_told_with_it() -> None:
    error = ConnectionClosedError(None, None)
    error.__cause__ = TimeoutError(110, "Connection timed out")
    assert transport._lost(error).reason == "lost without a close frame: Connection timed out"
