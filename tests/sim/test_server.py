from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from reactivex import Observable
from reactivex.subject import Subject
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ordinis_rx.errors import MissingExtra
from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.sim import Server, ServerStats, WireFaults, market, serve
from ordinis_rx.timebase import MILLI, MINUTE, SECOND
from tests.live import until

WAIT = 5.0
"""Seconds after which a test gives up on what should come at once."""


def _trade(number: int, symbol: str = "AAPL") -> Trade:
    return Trade(
        symbol=symbol,
        ts_event=1_700_000_000_000_000_000 + number * MILLI,
        seq=number,
        price=100.0 + number,
        size=100.0,
        conditions=("@",),
        trade_id=str(number),
    )


def _quote(number: int, symbol: str = "AAPL") -> Quote:
    return Quote(symbol=symbol, ts_event=number * SECOND, seq=number, bid=99.0, ask=101.0)


class _Client:
    """A hand on one connection."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire

    async def hear(self) -> Any:
        return json.loads(await asyncio.wait_for(self.wire.recv(), WAIT))

    async def say(self, **message: Any) -> None:
        await self.wire.send(json.dumps(message))

    async def rest(self) -> list[bytes]:
        """All that comes until the connection is closed."""
        frames: list[bytes] = []
        try:
            while True:
                frames.append(await asyncio.wait_for(self.wire.recv(decode=False), WAIT))
        except ConnectionClosed:
            return frames

    async def close_code(self) -> int | None:
        """The code of the server's close frame; None when the connection ended without one."""
        try:
            while True:
                await asyncio.wait_for(self.wire.recv(), WAIT)
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code


@asynccontextmanager
async def _dial(server: Server, url: str = "", **options: Any) -> AsyncIterator[_Client]:
    async with connect(url or server.url, proxy=None, close_timeout=0.2, **options) as wire:
        yield _Client(wire)


async def _subscribed(client: _Client, params: str = "T.AAPL", key: str = "sim-key") -> None:
    """Polygon's conversation up to the confirmation."""
    assert (await client.hear())[0]["status"] == "connected"
    await client.say(action="auth", params=key)
    assert (await client.hear())[0]["status"] == "auth_success"
    await client.say(action="subscribe", params=params)
    assert (await client.hear())[0]["status"] == "success"


async def test_each_client_hears_what_it_subscribed_to() -> None:
    told: Subject[Event] = Subject()
    async with serve(told, max_connections=2) as server:
        async with _dial(server) as first, _dial(server) as second:
            await _subscribed(first, "T.AAPL,Q.AAPL")
            await _subscribed(second, "T.*")
            for event in (_trade(1), _quote(2), _trade(3, "MSFT"), _quote(4, "MSFT")):
                told.on_next(event)

            assert [(m["ev"], m["sym"]) for m in await first.hear()] == [
                ("T", "AAPL"),
                ("Q", "AAPL"),
            ]
            assert [(m["ev"], m["sym"]) for m in await second.hear()] == [
                ("T", "AAPL"),
                ("T", "MSFT"),
            ]
            assert server.topics == {
                Topic("trades", "AAPL"),
                Topic("quotes", "AAPL"),
                Topic("trades", "*"),
            }
            assert server.connections == 2
        await until(lambda: server.connections == 0)

    assert server.stats.connections == 2
    assert server.stats.subscriptions == 3
    assert server.stats.events_sent == 4
    assert server.stats.received == 4
    assert server.stats.messages_sent == 8


async def test_what_the_market_tells_at_once_comes_in_one_frame_of_at_most_a_hundred() -> None:
    told: Subject[Event] = Subject()
    async with serve(told) as server, _dial(server) as client:
        await _subscribed(client)
        for number in range(1, 251):
            told.on_next(_trade(number))
        frames = [await client.hear() for _ in range(3)]

    assert [len(frame) for frame in frames] == [100, 100, 50]
    assert [m["p"] for frame in frames for m in frame] == [100.0 + n for n in range(1, 251)]


async def test_bars_go_to_the_channel_of_their_interval() -> None:
    told: Subject[Event] = Subject()
    bar = {
        "symbol": "AAPL",
        "ts_event": MINUTE,
        "open": 1,
        "high": 2,
        "low": 1,
        "close": 2,
        "volume": 5,
        "vwap": 1.5,
    }
    async with serve(told) as server, _dial(server) as client:
        await _subscribed(client, "A.AAPL,AM.AAPL")
        for interval in (SECOND, MINUTE, 5 * SECOND):
            told.on_next(Bar(**bar, interval=interval))  # type: ignore[arg-type]

        assert [m["ev"] for m in await client.hear()] == ["A", "AM"]


async def test_a_market_is_told_in_real_time_whether_anybody_listens_or_not() -> None:
    prices = market(["AAPL"], seed=1, rate=500, duration=None)
    async with serve(prices) as server, _dial(server) as client:
        await _subscribed(client, "T.*,Q.*")
        first = (await client.hear())[0]
        same = next(event for event in prices.events() if event.seq == first["q"])

        assert same.ts_event // MILLI == first["t"]
        assert first["q"] > 1


async def test_the_order_of_the_vendors_go_client_is_accepted() -> None:
    """It authenticates and subscribes without waiting for any answer."""
    async with serve(Subject[Event]()) as server, _dial(server) as client:
        await client.say(action="auth", params="sim-key")
        await client.say(action="subscribe", params="T.AAPL")

        assert [(await client.hear())[0]["status"] for _ in range(3)] == [
            "connected",
            "auth_success",
            "success",
        ]


async def test_a_wrong_key_is_told_and_the_line_goes_dead_without_a_close_frame() -> None:
    async with serve(Subject[Event](), api_key="right") as server, _dial(server) as client:
        await client.hear()
        await client.say(action="auth", params="wrong")

        assert (await client.hear())[0]["status"] == "auth_failed"
        assert await client.close_code() is None
        assert server.stats.auth_failures == 1


async def test_who_does_not_authenticate_in_time_is_let_go() -> None:
    async with serve(Subject[Event](), auth_timeout=MILLI) as server, _dial(server) as client:
        await client.hear()

        assert (await client.hear())[0]["status"] == "auth_timeout"
        assert await client.close_code() == 1008
        assert server.stats.auth_timeouts == 1


async def test_a_connection_too_many_evicts_the_oldest() -> None:
    told: Subject[Event] = Subject()
    async with serve(told) as server, _dial(server) as old, _dial(server) as new:
        await _subscribed(old)
        await _subscribed(new)

        assert (await old.hear())[0]["status"] == "max_connections"
        assert await old.close_code() == 1008
        told.on_next(_trade(1))
        assert (await new.hear())[0]["p"] == 101.0
        assert server.stats.evictions == 1


async def test_alpaca_refuses_the_newest_instead() -> None:
    async with (
        serve(Subject[Event](), "alpaca") as server,
        _dial(server) as old,
        _dial(server) as new,
    ):
        for client in (old, new):
            await client.hear()
            await client.say(action="auth", key="sim-key", secret="sim-secret")

        assert (await old.hear())[0]["msg"] == "authenticated"
        assert (await new.hear())[0]["code"] == 406
        assert await new.close_code() == 1008
        await old.say(action="subscribe", trades=["AAPL"])
        assert (await old.hear())[0]["trades"] == ["AAPL"]


async def test_finnhub_refuses_a_wrong_token_in_the_handshake() -> None:
    async with serve(Subject[Event](), "finnhub", api_key="a b&c") as server:
        wrong = server.url.replace("token=", "token=x")
        with pytest.raises(InvalidStatus) as caught:
            async with _dial(server, wrong):
                pass
        assert caught.value.response.status_code == 401
        assert server.stats.auth_failures == 1
        async with _dial(server):
            await until(lambda: server.connections == 1)


async def test_finnhub_confirms_nothing_and_pings_in_a_silence() -> None:
    told: Subject[Event] = Subject()
    async with serve(told, "finnhub", idle_ping=10 * MILLI) as server, _dial(server) as client:
        await client.say(type="subscribe", symbol="AAPL")
        await until(lambda: bool(server.topics))
        told.on_next(_trade(1))
        told.on_next(_quote(2))
        heard = [await client.hear()]
        while heard[-1]["type"] == "ping":
            heard.append(await client.hear())

        assert heard[-1] == {
            "type": "trade",
            "data": [{"s": "AAPL", "p": 101.0, "t": 1_700_000_000_001, "v": 100.0, "c": ["1"]}],
        }
        assert (await client.hear()) == {"type": "ping"}


async def test_a_second_client_of_finnhub_ends_the_first_at_once() -> None:
    async with serve(Subject[Event](), "finnhub") as server, _dial(server) as old:
        await until(lambda: server.connections == 1)
        async with _dial(server) as new:
            assert await old.close_code() is None
            await new.say(type="subscribe", symbol="AAPL")
            await until(lambda: bool(server.topics))


async def test_a_client_that_does_not_read_is_let_go_as_slow() -> None:
    told: Subject[Event] = Subject()
    async with serve(told, send_buffer=20) as server:
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        small.connect(("127.0.0.1", server.port))
        small.setblocking(False)
        async with _dial(server, sock=small, max_queue=1) as client:
            await _subscribed(client)
            client.wire.transport.pause_reading()
            number = 0
            while not server.stats.slow_consumers:
                for _ in range(1000):
                    told.on_next(_trade(number := number + 1))
                await asyncio.sleep(0)
            client.wire.transport.resume_reading()
            frames = await client.rest()

        assert [json.loads(f)[0]["status"] for f in frames if b"status" in f] == ["slow_consumer"]
        assert server.stats.events_sent < number


async def test_a_disconnect_comes_without_a_close_frame_and_the_next_dial_succeeds() -> None:
    faults = WireFaults(disconnect_every=20 * MILLI)
    async with serve(Subject[Event](), faults=faults) as server:
        for _ in range(2):
            async with _dial(server) as client:
                assert await client.close_code() is None

    assert server.stats.disconnects == 2
    assert server.stats.connections == 2


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        (WireFaults(clean_close_every=20 * MILLI), 1000),
        (WireFaults(error_close_every=20 * MILLI), 1011),
    ],
)
async def test_closes_have_their_codes(faults: WireFaults, code: int) -> None:
    async with serve(Subject[Event](), faults=faults) as server, _dial(server) as client:
        assert await client.close_code() == code
        assert server.stats.clean_closes + server.stats.error_closes == 1


@pytest.mark.parametrize(
    ("faults", "count"),
    [
        (WireFaults(mute_after=5 * MILLI), lambda stats: stats.mutes),
        (WireFaults(half_open_after=5 * MILLI), lambda stats: stats.half_opens),
    ],
)
async def test_silence_falls_on_every_connection_after_its_time(
    faults: WireFaults, count: Callable[[ServerStats], int]
) -> None:
    async with serve(Subject[Event](), faults=faults, max_connections=2) as server:
        async with _dial(server), _dial(server):
            await until(lambda: count(server.stats) == 2)

        assert server.stats.connections == 2


async def test_a_mute_connection_answers_pings_but_tells_nothing() -> None:
    told: Subject[Event] = Subject()
    async with serve(told) as server, _dial(server) as client:
        await _subscribed(client)
        server.mute_connections()
        told.on_next(_trade(1))
        await asyncio.wait_for(await client.wire.ping(), WAIT)
        await client.say(action="subscribe", params="Q.AAPL")

        assert (await client.hear())[0]["message"] == "subscribed to: Q.AAPL"
        assert server.stats.events_sent == 0
        assert server.connections == 1


async def test_a_half_open_connection_neither_speaks_nor_hears_and_makes_room() -> None:
    told: Subject[Event] = Subject()
    async with serve(told) as server, _dial(server) as client:
        await _subscribed(client)
        server.half_open_connections()
        server.half_open_connections()
        pong = await client.wire.ping()
        await client.say(action="subscribe", params="Q.AAPL")
        async with _dial(server) as other:
            await _subscribed(other, "T.MSFT")
            told.on_next(_trade(1))
            told.on_next(_trade(2, "MSFT"))

            assert [m["p"] for m in await other.hear()] == [102.0]
            assert server.connections == 1
            assert server.topics == {Topic("trades", "MSFT")}
        assert not pong.done()
        assert server.stats.half_opens == 1
        assert server.stats.evictions == 0
        assert server.stats.events_sent == 1


async def test_what_is_half_open_already_meets_no_other_fault() -> None:
    faults = WireFaults(disconnect_every=600 * MILLI, clean_close_every=300 * MILLI)
    async with serve(Subject[Event](), faults=faults) as server, _dial(server) as first:
        await first.hear()
        server.half_open_connections()
        async with _dial(server) as second:
            assert await second.close_code() == 1000

        assert server.stats.clean_closes == 1
        assert server.stats.disconnects == 0


async def test_garbage_is_slipped_in_and_counted_and_loses_no_data() -> None:
    told: Subject[Event] = Subject()
    async with serve(told, faults=WireFaults(garbage=0.5), seed=3) as server:
        async with _dial(server) as client:
            await _subscribed(client)
            prices: list[float] = []
            broken = 0
            for number in range(1, 41):
                told.on_next(_trade(number))
                while len(prices) < number:
                    try:
                        prices += [m["p"] for m in await client.hear()]
                    except json.JSONDecodeError:
                        broken += 1

        assert prices == [100.0 + n for n in range(1, 41)]
        assert 10 < broken == server.stats.garbage < 30


async def test_connections_are_dropped_by_hand() -> None:
    async with serve(Subject[Event]()) as server:
        async with _dial(server) as client:
            await client.hear()
            server.drop_connections()
            assert await client.close_code() is None
        async with _dial(server) as client:
            await client.hear()
            server.drop_connections(1001)
            assert await client.close_code() == 1001

    assert server.stats.disconnects == 1


async def test_leaving_stops_the_market_closes_the_clients_and_frees_the_port() -> None:
    told: Subject[Event] = Subject()
    async with serve(told) as server:
        dialled = await connect(server.url, proxy=None)
        await _subscribed(_Client(dialled))
        assert told.observers
    assert not told.observers
    assert await _Client(dialled).close_code() == 1001
    with pytest.raises(OSError):  # noqa: PT011 - which one differs by system
        await connect(server.url, proxy=None, open_timeout=1)
    async with serve(told, port=server.port) as again:
        assert again.port == server.port
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_market_that_fails_is_logged_and_the_server_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: Subject[Event] = Subject()
    async with serve(told) as server, _dial(server) as client:
        told.on_error(RuntimeError("power cut"))
        await _subscribed(client)

    assert "Server('polygon', 'ws://127.0.0.1:" in caplog.text
    assert "failed: power cut" in caplog.text


async def test_the_key_shows_in_the_url_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with serve(Subject[Event](), "finnhub", api_key="canary-4711") as server:
        logging.getLogger("websockets.client").setLevel(logging.CRITICAL)
        async with _dial(server):
            await until(lambda: server.connections == 1)
        logging.getLogger("websockets.client").setLevel(logging.NOTSET)

        assert server.url.endswith("?token=canary-4711")
        assert "canary" not in repr(server) + str(vars(server)["_access"])
    assert "canary" not in caplog.text


async def test_an_unknown_protocol_is_refused_by_name() -> None:
    with pytest.raises(
        ValueError, match="no protocol 'bloomberg'; there are polygon, finnhub, alpaca"
    ):
        async with serve(Observable[Event](), "bloomberg"):  # type: ignore[arg-type]
            pass


async def test_what_is_no_market_and_no_protocol_is_refused_before_anything_listens() -> None:
    with pytest.raises(TypeError, match=r"sim.serve wants a stream, got \['AAPL'\]"):
        async with serve(["AAPL"]):  # type: ignore[arg-type]
            pass
    with pytest.raises(ValueError, match="no protocol Provider"):
        async with serve(Observable[Event](), polygon("canary-4711")):  # type: ignore[arg-type]
            pass


async def test_without_websockets_it_names_the_extra_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "websockets.asyncio.server", None)
    with pytest.raises(MissingExtra, match=r"serving a market needs websockets: .*\[stream\]"):
        async with serve(Subject[Event]()):
            pass
