"""Feeds against servers on loopback, each written by hand after what the vendors really do, and none of them ours."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ordinis_rx.config import StreamConfig
from ordinis_rx.errors import AuthError, Disconnected
from ordinis_rx.events import GapReason, Heartbeat, Quote, StatusChange, StreamStatus, Trade
from ordinis_rx.feed import Feed, feed
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from tests.live import LiveEar
from tests.transport import KEY, status, trade

CONNECTING, CONNECTED = StreamStatus.CONNECTING, StreamStatus.CONNECTED
RECONNECTING, ERROR = StreamStatus.RECONNECTING, StreamStatus.ERROR

QUICK = StreamConfig(reconnect_delay_seconds=0.01, reconnect_delay_max_seconds=0.02)


Handler = Callable[[ServerConnection], Awaitable[None]]


class Server:
    """A server whose handler is the test's; counts who comes, and what they say."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.connections = 0
        self.gone = 0
        self.heard: list[str] = []
        self.all_gone = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/stocks"

    async def __call__(self, peer: ServerConnection) -> None:
        self.connections += 1
        self.all_gone.clear()
        try:
            with contextlib.suppress(ConnectionClosed):
                await self._handler(peer)
        finally:
            self.gone += 1
            if self.gone == self.connections:
                self.all_gone.set()

    async def hear(self, peer: ServerConnection) -> dict[str, Any]:
        text = await peer.recv()
        self.heard.append(text if isinstance(text, str) else text.decode())
        message: dict[str, Any] = json.loads(text)
        return message


@contextlib.asynccontextmanager
async def serving(handler: Callable[[Server, ServerConnection], Awaitable[None]]) -> Any:
    async def handle(peer: ServerConnection) -> None:
        await handler(server, peer)

    server = Server(handle)
    async with serve(server, "127.0.0.1", 0, close_timeout=0.2) as running:
        server.port = next(iter(running.sockets)).getsockname()[1]
        yield server


@contextlib.asynccontextmanager
async def listening(
    provider: Any, config: StreamConfig = QUICK, symbols: Any = ("AAPL",), **options: Any
) -> AsyncIterator[tuple[Feed, LiveEar]]:
    events = feed(provider, symbols, config=config, **options)
    ear = LiveEar().to(events)
    assert isinstance(ear, LiveEar)
    try:
        yield events, ear
    finally:
        async with asyncio.timeout(2):
            await events.close()


def frame(*messages: object) -> str:
    return json.dumps(messages)


async def terse(server: Server, peer: ServerConnection) -> None:
    """Says no hello, answers without messages, and confirms one topic a frame."""
    login = await server.hear(peer)
    assert login == {"action": "auth", "params": KEY}
    await peer.send(frame(status("auth_success")))
    asked = await server.hear(peer)
    for _ in asked["params"].split(","):
        await peer.send(frame(status("success")))


async def test_a_server_without_hello_and_with_terse_acknowledgements_is_understood() -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await terse(server, peer)
        await peer.send(frame(trade(price=1.5)))
        await peer.wait_closed()

    async with (
        serving(handler) as server,
        listening(
            polygon(KEY, url=server.url), symbols=["AAPL", "MSFT"], channels={"trades", "quotes"}
        ) as (events, ear),
    ):
        await ear.trades(1)
        assert not events._subscriptions.unconfirmed
        assert ear.problems == []
        assert len(server.heard) == 2
        assert sorted(json.loads(server.heard[1])["params"].split(",")) == [
            "Q.AAPL",
            "Q.MSFT",
            "T.AAPL",
            "T.MSFT",
        ]


async def test_a_server_that_goes_mute_but_answers_pings_is_dialled_again() -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await terse(server, peer)
        if server.connections > 1:
            await peer.send(frame(trade(price=2.0)))
        await peer.wait_closed()  # acknowledged, alive, and without a word

    config = StreamConfig(
        reconnect_delay_seconds=0.01,
        reconnect_delay_max_seconds=0.01,
        heartbeat_interval_seconds=0.2,
        silence_seconds=0.5,
    )
    async with (
        serving(handler) as server,
        listening(polygon(KEY, url=server.url), config, channels={"trades"}) as (events, ear),
    ):
        await ear.trades(1)
        assert "stalled: nothing from AAPL for 0.5 s" in ear.of(StatusChange)[2].message
        assert events.stats.last_receive > 0
        assert [gap.reason for gap in ear.gaps] == [GapReason.STALLED]


async def test_a_half_open_connection_is_found_and_dialled_again() -> None:
    """A proxy in between stops forwarding, in both directions, and keeps its sockets open."""

    async def handler(server: Server, peer: ServerConnection) -> None:
        await terse(server, peer)
        await peer.send(frame(trade(price=float(server.connections))))
        await peer.wait_closed()

    dead = False
    pumps: list[asyncio.Task[None]] = []
    writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bool) -> None:
        while data := await reader.read(65_536):
            if not (dead and first):
                writer.write(data)

    async with serving(handler) as server:

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", server.port)
            first = not pumps
            writers.extend((writer, back_writer))
            ways = ((reader, back_writer), (back_reader, writer))
            pumps.extend(asyncio.create_task(pump(*way, first)) for way in ways)

        proxy = await asyncio.start_server(forward, "127.0.0.1", 0)
        port = proxy.sockets[0].getsockname()[1]
        config = StreamConfig(
            reconnect_delay_seconds=0.01,
            reconnect_delay_max_seconds=0.01,
            heartbeat_interval_seconds=0.25,
        )
        provider = polygon(KEY, url=f"ws://127.0.0.1:{port}/stocks")
        async with listening(provider, config, channels={"trades"}) as (_, ear):
            await ear.trades(1)
            dead = True
            await ear.trades(2)
            assert ear.prices == [1.0, 2.0]
            assert "nothing from the connection for 0.5 s" in ear.of(StatusChange)[2].message
            assert [gap.reason for gap in ear.gaps] == [GapReason.STALLED]
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for writer in writers:
            writer.close()
        proxy.close()
        await proxy.wait_closed()


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_clean_goodbye_is_a_lost_connection_like_any_other(code: int) -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await terse(server, peer)
        await peer.send(frame(trade(price=float(server.connections))))
        if server.connections == 1:
            await peer.close(code, "maintenance")
        await peer.wait_closed()

    async with (
        serving(handler) as server,
        listening(polygon(KEY, url=server.url), channels={"trades"}) as (events, ear),
    ):
        await ear.trades(2)
        await ear.until(lambda: ear.gaps)
        assert ear.statuses == [CONNECTING, CONNECTED, RECONNECTING, CONNECTING, CONNECTED]
        assert f"maintenance (close code {code})" in ear.of(StatusChange)[2].message
        assert len(ear.gaps) == 1
        assert server.connections == 2
        assert [text for text in server.heard if "subscribe" in text] == [server.heard[1]] * 2
        assert events.stats.connects == 2


async def test_after_an_eviction_the_cool_down_is_told_and_nobody_dials() -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await terse(server, peer)
        text = "Maximum number of websocket connections exceeded. "
        await peer.send(frame(status("max_connections", text)))
        await peer.close(1008, "policy violation")

    async with (
        serving(handler) as server,
        listening(polygon(KEY, url=server.url), channels={"trades"}) as (_, ear),
    ):
        await ear.until(lambda: RECONNECTING in ear.statuses)
        assert "trying again in 60.0 s" in ear.of(StatusChange)[-1].message
        assert "max_connections" in ear.of(StatusChange)[-1].message
        await server.all_gone.wait()
        assert server.connections == 1


@pytest.mark.parametrize(
    "message",
    [
        "authentication failed",
        "Your API Key is not valid.",
        "Your plan doesn't include websocket access.",
    ],
)
async def test_a_refused_login_is_final_though_the_server_dies_without_a_goodbye(
    message: str,
) -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await peer.send(frame(status("connected", "Connected Successfully")))
        await server.hear(peer)
        await peer.send(frame(status("auth_failed", message)))
        peer.transport.close()  # no close frame

    async with (
        serving(handler) as server,
        listening(polygon(KEY, url=server.url), channels={"trades"}) as (events, ear),
    ):
        error = await ear.error()
        assert isinstance(error, AuthError)
        assert str(error) == f"polygon refused: {message}"
        async with asyncio.timeout(2):
            await server.all_gone.wait()
        assert (server.connections, len(server.heard)) == (1, 1)
        assert ear.statuses == [CONNECTING, ERROR]
        assert events.status is ERROR


async def test_a_login_that_is_never_answered_has_a_deadline() -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await server.hear(peer)
        await peer.wait_closed()

    config = StreamConfig(connection_timeout_seconds=0.2, max_reconnect_attempts=0)
    async with (
        serving(handler) as server,
        listening(polygon(KEY, url=server.url), config, channels={"trades"}) as (_, ear),
    ):
        error = await ear.error()
        assert isinstance(error, Disconnected)
        assert "polygon did not let us in within 0.2 s" in str(error)
        async with asyncio.timeout(2):
            await server.all_gone.wait()


@pytest.mark.parametrize(
    ("code", "final"), [(HTTPStatus.UNAUTHORIZED, True), (HTTPStatus.TOO_MANY_REQUESTS, False)]
)
async def test_what_finnhub_says_at_the_handshake_decides(code: HTTPStatus, final: bool) -> None:
    paths: list[str] = []

    def answer(connection: ServerConnection, request: Any) -> Any:
        paths.append(request.path)
        return connection.respond(code, f"go away {KEY}\n")

    async def never(peer: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0, process_request=answer) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        provider = finnhub(KEY, url=f"ws://127.0.0.1:{port}/?token={KEY}")
        async with listening(provider) as (_, ear):
            if final:
                assert isinstance(await ear.error(), AuthError)
                assert ear.statuses == [CONNECTING, ERROR]
            else:
                await ear.until(lambda: RECONNECTING in ear.statuses)
                assert "trying again in 60.0 s" in ear.of(StatusChange)[-1].message
        assert paths == [f"/?token={KEY}"]
        assert KEY not in repr(ear.facts) + repr(ear.errors)


async def test_finnhub_is_asked_one_symbol_a_message_and_its_pings_are_answered() -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        for _ in range(2):
            await server.hear(peer)
        await peer.send('{"type":"ping"}')
        await server.hear(peer)
        rows = [{"s": "BINANCE:BTCUSDT", "p": 1.5, "t": 1_700_000_000_000, "v": 2, "c": None}]
        await peer.send(json.dumps({"type": "trade", "data": rows}))
        await peer.wait_closed()

    async with serving(handler) as server:
        provider = finnhub(KEY, url=f"{server.url}?token={KEY}")
        symbols = {"BTC-USD": "BINANCE:BTCUSDT", "AAPL": "AAPL"}
        async with listening(provider, symbols=symbols) as (_, ear):
            await ear.trades(1)
            assert server.heard == [
                '{"type":"subscribe","symbol":"BINANCE:BTCUSDT"}',
                '{"type":"subscribe","symbol":"AAPL"}',
                '{"type":"pong"}',
            ]
            assert ear.of(Trade)[0].symbol == "BTC-USD"
            assert len(ear.of(Heartbeat)) == 1


async def test_alpaca_confirms_with_the_full_set() -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await peer.send(frame({"T": "success", "msg": "connected"}))
        login = await server.hear(peer)
        assert login == {"action": "auth", "key": KEY, "secret": "the-secret"}
        await peer.send(frame({"T": "success", "msg": "authenticated"}))
        lists: dict[str, list[str]] = {"trades": [], "quotes": [], "bars": []}
        while True:
            asked = await server.hear(peer)
            for channel in ("trades", "quotes"):
                lists[channel] += asked.get(channel, [])
            await peer.send(frame({"T": "subscription", **lists}))
            quote = {"T": "q", "S": "AAPL", "bp": 1, "bs": 1, "ap": 2, "as": 1}
            await peer.send(frame(quote | {"t": "2024-01-02T15:00:00.123456789Z"}))

    async with (
        serving(handler) as server,
        listening(alpaca(KEY, "the-secret", url=server.url)) as (events, ear),
    ):
        await ear.until(lambda: ear.of(Quote))
        await events.add(["MSFT"])
        await ear.until(lambda: len(ear.of(Quote)) == 2)
        assert not events._subscriptions.unconfirmed
        assert ear.problems == []
        assert json.loads(server.heard[2]) == {
            "action": "subscribe",
            "trades": ["MSFT"],
            "quotes": ["MSFT"],
        }


async def test_a_server_that_is_not_there_is_tried_until_it_is() -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        await terse(server, peer)
        await peer.send(frame(trade()))
        await peer.wait_closed()

    async with serving(handler) as server:
        port = server.port
    provider = polygon(KEY, url=f"ws://127.0.0.1:{port}/stocks")
    async with listening(provider, channels={"trades"}) as (events, ear):
        await ear.until(lambda: ear.statuses.count(RECONNECTING) == 2)
        assert "polygon cannot be reached" in ear.of(StatusChange)[-1].message
        again = Server(lambda peer: handler(again, peer))
        async with serve(again, "127.0.0.1", port):
            await ear.trades(1)
            await events.close()


def open_files() -> set[str]:
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found.add(f"{name} {os.readlink(f'/proc/self/fd/{name}')}")
    return found


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc/self/fd here")
@pytest.mark.parametrize("moment", ["dialling", "authenticating", "streaming", "backing off"])
async def test_closing_leaves_no_task_thread_or_socket(moment: str) -> None:
    async def handler(server: Server, peer: ServerConnection) -> None:
        if moment == "authenticating":
            await server.hear(peer)
            await peer.wait_closed()
        await terse(server, peer)
        if moment == "backing off":
            return
        await peer.send(frame(trade()))
        await peer.wait_closed()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with serving(handler) as server:
        tcp = await asyncio.start_server(deaf, "127.0.0.1", 0)
        port = tcp.sockets[0].getsockname()[1] if moment == "dialling" else server.port
        gc.collect()
        tasks, threads, files = asyncio.all_tasks(), threading.active_count(), open_files()
        provider = polygon(KEY, url=f"ws://127.0.0.1:{port}/stocks")
        config = StreamConfig(reconnect_delay_seconds=30.0)
        events = feed(provider, ["AAPL"], channels={"trades"}, config=config)
        ear = LiveEar().to(events)
        assert isinstance(ear, LiveEar)
        if moment == "streaming":
            await ear.trades(1)
        elif moment == "backing off":
            await ear.until(lambda: RECONNECTING in ear.statuses)
        elif moment == "authenticating":
            async with asyncio.timeout(2):
                while not server.heard:
                    await asyncio.sleep(0)
        else:
            await asyncio.sleep(0)
        async with asyncio.timeout(2):
            await events.close()
            await events.close()
        assert not [
            task for task in asyncio.all_tasks() if task.get_name().startswith("ordinis_rx")
        ]
        async with asyncio.timeout(
            2
        ):  # the servers' own tasks have yet to see that their peer has gone
            while asyncio.all_tasks() - tasks:
                await asyncio.sleep(0)
        assert threading.active_count() == threads
        tcp.close()
    gc.collect()
    assert {name for name in open_files() - files if "socket" in name} == set()


async def test_a_slow_subscriber_does_not_stop_the_reader_from_hearing_pongs() -> None:
    """Frames that pile up in one turn of the loop are all taken, in order."""

    async def handler(server: Server, peer: ServerConnection) -> None:
        await terse(server, peer)
        for number in range(300):
            await peer.send(frame(*(trade(price=number + i / 25) for i in range(25))))
        await peer.wait_closed()

    async with (
        serving(handler) as server,
        listening(polygon(KEY, url=server.url), channels={"trades"}) as (events, ear),
    ):
        await ear.trades(7_500)
        assert ear.prices == [number + i / 25 for number in range(300) for i in range(25)]
        assert events.stats.messages == 302
