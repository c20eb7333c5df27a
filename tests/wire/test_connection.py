"""One connection, in every state it can be in: with a socket played by the test, then with real servers on loopback."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from reactivex import Observable
from reactivex import operators as ops
from websockets.asyncio.server import ServerConnection, serve

from ordinis_rx.errors import AuthError, Disconnected, Stalled
from ordinis_rx.wire import connection as connection_module
from ordinis_rx.wire.backoff import Backoff, retry_with_backoff
from ordinis_rx.wire.connection import Connection, Send, messages
from ordinis_rx.wire.liveness import liveness
from ordinis_rx.wire.transport import Socket

Listen = Callable[[Observable[bytes]], Any]

pytestmark = pytest.mark.usefixtures("nothing_left")


class Played:
    """A transport and its one socket, both played by the test."""

    def __init__(self) -> None:
        self.inbound: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.outbound: list[str | bytes] = []
        self.went_out = asyncio.Event()
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.send_error: Exception | None = None
        self.pings: asyncio.Queue[None] = asyncio.Queue()
        self.dials = 0
        self.closes = 0
        self.connections: set[Connection] = set()

    async def __call__(
        self, url: str, *, headers: Mapping[str, str], name: str, timeout_seconds: float
    ) -> Socket:
        self.dials += 1
        return self

    async def recv(self) -> bytes:
        got = await self.inbound.get()
        if isinstance(got, Exception):
            raise got
        return got

    async def send(self, data: str | bytes) -> None:
        await self.may_send.wait()
        if self.send_error is not None:
            raise self.send_error
        self.outbound.append(data)
        self.went_out.set()

    async def ping(self) -> None:
        self.pings.put_nowait(None)

    async def close(self) -> None:
        self.closes += 1

    def source(self, hello: tuple[str | bytes, ...] = (), **options: Any) -> Observable[bytes]:
        options.setdefault("connections", self.connections)
        return messages("ws://played", hello, transport=self, **options)

    def receives(self, *frames: bytes | Exception) -> None:
        for frame in frames:
            self.inbound.put_nowait(frame)

    async def has_sent(self, count: int) -> list[str | bytes]:
        async def wait() -> None:
            while len(self.outbound) < count:
                self.went_out.clear()
                await self.went_out.wait()

        await asyncio.wait_for(wait(), 5)
        return self.outbound

    async def all_gone(self) -> None:
        for open_one in tuple(self.connections):
            await asyncio.wait_for(open_one.wait_closed(), 5)
        assert self.connections == set()


@pytest.fixture
def played() -> Played:
    return Played()


async def test_messages_are_cold_and_each_subscription_dials_and_says_hello(
    played: Played, listener: Listen
) -> None:
    source = played.source(iter(["auth", b"more"]))  # type: ignore[arg-type]
    assert played.dials == 0
    for turn in (1, 2):
        heard = listener(source)
        assert (await played.has_sent(2 * turn))[-2:] == ["auth", b"more"]
        heard.subscription.dispose()
        await played.all_gone()
    assert played.dials == 2


async def test_messages_come_in_order_and_unchanged(played: Played, listener: Listen) -> None:
    frames = [b"one", b"", b"\x00\xff", b"four"]
    played.receives(*frames)
    heard = listener(played.source())
    await heard.until(lambda heard: len(heard.values) == 4)
    assert heard.values == frames
    heard.subscription.dispose()
    await played.all_gone()


async def test_opened_is_called_after_hello_and_before_any_message(
    played: Played, listener: Listen
) -> None:
    order: list[str] = []

    def opened(send: Send) -> None:
        order.append("opened")
        assert send("subscribe") is True

    played.receives(b"data")
    heard = listener(
        played.source(("auth",), opened=opened).pipe(
            ops.do_action(lambda raw: order.append(raw.decode()))
        )
    )
    assert await played.has_sent(2) == ["auth", "subscribe"]
    await heard.until(lambda heard: heard.values)
    assert order == ["opened", "data"]
    heard.subscription.dispose()
    await played.all_gone()


async def test_s24_commands_go_out_in_the_order_given_however_slow_the_socket(
    played: Played, listener: Listen
) -> None:
    sends: list[Send] = []
    recorded: list[bytes] = []
    played.may_send.clear()
    heard = listener(played.source(("auth",), opened=sends.append, sent=recorded.append))
    played.receives(b"x")
    await heard.until(lambda heard: heard.values)
    commands = [f"{verb} Z{n}" for n in range(50) for verb in ("unsubscribe", "subscribe")]
    for command in commands:
        assert sends[0](command)
    played.may_send.set()
    assert await played.has_sent(101) == ["auth", *commands]
    assert recorded == [text.encode() for text in ["auth", *commands]]
    heard.subscription.dispose()
    await played.all_gone()


async def test_s17_sending_on_a_closed_connection_is_told_by_false_and_raises_nothing(
    played: Played, listener: Listen, caplog: pytest.LogCaptureFixture
) -> None:
    sends: list[Send] = []
    heard = listener(played.source(opened=sends.append))
    played.receives(Disconnected("gone", code=1000))
    await heard.error()
    caplog.set_level(logging.DEBUG)
    assert sends[0]("subscribe SECRET") is False
    assert "a message was dropped: the connection is closed" in caplog.text
    assert "SECRET" not in caplog.text
    await played.all_gone()
    assert played.outbound == []


async def test_a_send_that_fails_ends_the_connection_as_a_disconnect(
    played: Played, listener: Listen
) -> None:
    played.send_error = Disconnected("cannot write", code=1006)
    heard = listener(played.source(("auth",)))
    assert await heard.error() is played.send_error
    await played.all_gone()
    assert played.closes == 1


async def test_a_peer_that_stops_reading_ends_the_connection_when_the_outbox_is_full(
    played: Played, listener: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "OUTBOX_LIMIT", 3)
    results: list[bool] = []
    played.may_send.clear()
    heard = listener(played.source(opened=lambda send: results.extend(send("x") for _ in range(5))))
    error = await heard.error()
    assert results == [True, True, True, False, False]
    assert str(error) == "disconnected: 3 messages wait to be sent: nobody reads them"
    await played.all_gone()


async def test_what_is_handed_over_together_counts_as_one_however_much_it_is(
    played: Played, listener: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "OUTBOX_LIMIT", 3)
    results: list[bool] = []

    def opened(send: Send) -> None:
        results.extend([send(*"abcde"), send("x"), send(*"fghij"), send("y")])

    heard = listener(played.source(opened=opened))
    await heard.error()
    assert results == [True, True, True, False]
    await played.all_gone()
    monkeypatch.setattr(connection_module, "OUTBOX_LIMIT", 4)
    heard = listener(played.source(opened=opened))
    assert await played.has_sent(12) == [*"abcdexfghijy"]
    heard.subscription.dispose()
    await played.all_gone()


async def test_a_disconnect_is_told_once_after_the_socket_is_closed(played: Played) -> None:
    told: list[tuple[str, int]] = []
    done = asyncio.Event()

    def on_error(error: Exception) -> None:
        told.append((str(error), played.closes))
        done.set()

    played.receives(b"data", Disconnected("closed by the server", code=1000))
    played.source().subscribe(on_error=on_error)
    await asyncio.wait_for(done.wait(), 5)
    await played.all_gone()
    assert told == [("disconnected: closed by the server (close code 1000)", 1)]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("bad")])
async def test_a_subscribers_exception_is_told_as_it_is_and_closes_the_socket(
    played: Played, error: Exception
) -> None:
    told: asyncio.Queue[Exception] = asyncio.Queue()

    def on_next(_: bytes) -> None:
        raise error

    played.receives(b"data")
    # A full disk must not look like a lost connection: it is not tried again.
    played.source().pipe(retry_with_backoff(Backoff())).subscribe(on_next, told.put_nowait)
    assert await asyncio.wait_for(told.get(), 5) is error
    await played.all_gone()
    assert (played.dials, played.closes) == (1, 1)


async def test_a_cancelled_task_whose_result_a_subscriber_asks_for_is_told_and_no_hang_up(
    played: Played,
) -> None:
    told: asyncio.Queue[Exception] = asyncio.Queue()
    cancelled = asyncio.get_running_loop().create_future()
    cancelled.cancel()
    played.source().subscribe(lambda _: cancelled.result(), told.put_nowait)
    played.receives(b"data")
    error = await asyncio.wait_for(told.get(), 5)
    assert repr(error) == "RuntimeError('a subscriber raised CancelledError')"
    assert isinstance(error.__cause__, asyncio.CancelledError)
    await played.all_gone()
    assert played.closes == 1


@pytest.mark.parametrize("where", ["opened", "sent"])
async def test_what_a_callback_raises_is_told_as_it_is(
    played: Played, listener: Listen, where: str
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError(where)

    heard = listener(played.source(("auth",), **{where: broken}))
    assert repr(await heard.error()) == f"ZeroDivisionError({where!r})"
    await played.all_gone()
    assert played.closes == 1


async def test_s14_an_error_that_nobody_takes_reaches_the_loop(
    played: Played, nothing_left: list[dict[str, Any]]
) -> None:
    played.receives(Disconnected("gone"))
    played.source().subscribe()  # no on_error
    await played.all_gone()
    (context,) = nothing_left
    assert str(context["exception"]) == "disconnected: gone"
    assert context["message"] == "on_error of a connection's subscriber failed"
    nothing_left.clear()


async def test_a_dial_may_take_as_long_as_was_said_and_tasks_say_whose_they_are() -> None:
    asked: list[float] = []
    dialling = asyncio.Event()

    async def dial(url: str, *, timeout_seconds: float, **_: Any) -> Socket:
        asked.append(timeout_seconds)
        dialling.set()
        return await asyncio.get_running_loop().create_future()

    hang_up = messages("ws://played", transport=dial, timeout_seconds=0.5).subscribe()
    await dialling.wait()
    assert asked == [0.5]
    assert "ordinis_rx connection" in {task.get_name() for task in asyncio.all_tasks()}
    hang_up.dispose()
    await asyncio.sleep(0)


async def test_a_ping_goes_out_each_heartbeat_and_its_pong_is_an_empty_message(
    played: Played, listener: Listen
) -> None:
    heard = listener(played.source(heartbeat_seconds=0.01))
    for answered in range(1, 4):
        await asyncio.wait_for(played.pings.get(), 5)
        played.receives(b"")
        await heard.until(lambda heard, count=answered: len(heard.values) == count)
    assert heard.values == [b"", b"", b""]
    heard.subscription.dispose()
    played.receives(b"")  # one that comes late
    await played.all_gone()
    assert len(heard.values) == 3


async def test_pings_go_out_also_while_we_have_much_to_send(
    played: Played, listener: Listen
) -> None:
    sends: list[Send] = []
    heard = listener(played.source(opened=sends.append, heartbeat_seconds=0.01))
    played.receives(b"x")
    await heard.until(lambda heard: heard.values)
    async with asyncio.timeout(5):
        while played.pings.empty():
            sends[0]("command")
            await played.has_sent(len(played.outbound) + 1)
    heard.subscription.dispose()
    await played.all_gone()


async def test_what_a_subscriber_raises_at_a_pong_is_told_too(played: Played) -> None:
    told: asyncio.Queue[Exception] = asyncio.Queue()

    def on_next(_: bytes) -> None:
        raise ZeroDivisionError

    played.source(heartbeat_seconds=0.01).subscribe(on_next, told.put_nowait)
    await asyncio.wait_for(played.pings.get(), 5)
    played.receives(b"")
    assert isinstance(await asyncio.wait_for(told.get(), 5), ZeroDivisionError)
    await played.all_gone()
    assert played.closes == 1


async def test_s05_disposing_inside_on_next_stops_at_that_message(
    played: Played, listener: Listen
) -> None:
    played.receives(b"1", b"2", b"3")
    heard = listener(played.source().pipe(ops.take(2)))
    await heard.until(lambda heard: heard.completed)
    await played.all_gone()
    assert heard.values == [b"1", b"2"]
    assert (played.closes, played.inbound.qsize()) == (1, 1)


async def test_what_is_raised_after_hanging_up_is_told_nobody(
    played: Played, nothing_left: list[dict[str, Any]]
) -> None:
    errors: list[Exception] = []

    def leave(_: bytes) -> None:
        hang_up.dispose()
        raise ZeroDivisionError

    hang_up = played.source().subscribe(leave, errors.append)
    played.receives(b"a", b"b")
    await played.all_gone()
    assert (errors, nothing_left, played.closes) == ([], [], 1)


async def test_a_dial_that_fails_because_it_was_hung_up_is_told_nobody(
    nothing_left: list[dict[str, Any]],
) -> None:
    dialling, errors = asyncio.Event(), list[Exception]()
    connections: set[Connection] = set()

    async def dial(url: str, **_: Any) -> Socket:
        dialling.set()
        try:
            return await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            raise OSError(104, "Connection reset by peer") from None

    source = messages("ws://played", (), transport=dial, connections=connections)
    hang_up = source.subscribe(on_error=errors.append)
    (connection,) = connections
    await dialling.wait()
    hang_up.dispose()
    await connection.wait_closed()
    assert (errors, nothing_left) == ([], [])


async def test_a_dial_that_waits_for_what_somebody_has_cancelled_has_failed() -> None:
    told: asyncio.Queue[Exception] = asyncio.Queue()

    async def dial(url: str, **_: Any) -> Socket:
        never: asyncio.Future[Socket] = asyncio.get_running_loop().create_future()
        never.cancel()
        return await never

    messages("ws://played", (), transport=dial).subscribe(on_error=told.put_nowait)
    error = await asyncio.wait_for(told.get(), 5)

    assert isinstance(error, Disconnected)
    assert str(error) == "disconnected: what dialling waited for was cancelled"
    assert isinstance(error.__cause__, asyncio.CancelledError)


async def test_s05_disposing_inside_on_error_is_final(played: Played) -> None:
    hang_up: list[Any] = []
    failed = asyncio.Event()

    def on_error(_: Exception) -> None:
        hang_up[0].dispose()
        failed.set()

    played.receives(AuthError("polygon", "bad key"))
    hang_up.append(played.source().pipe(retry_with_backoff(Backoff())).subscribe(on_error=on_error))
    await asyncio.wait_for(failed.wait(), 5)
    await played.all_gone()
    assert played.dials == 1


@pytest.mark.parametrize("where", ["opened", "sent"])
async def test_disposing_from_a_callback_hangs_up(played: Played, where: str) -> None:
    hang_up: list[Any] = []
    told: list[Exception] = []
    source = played.source(("auth",), **{where: lambda _: hang_up[0].dispose()})
    hang_up.append(source.subscribe(on_error=told.append))
    await played.all_gone()
    assert (told, played.closes) == ([], 1)


async def test_disposing_at_once_never_dials(played: Played, listener: Listen) -> None:
    listener(played.source()).subscription.dispose()
    await played.all_gone()
    assert played.dials == 0


async def test_disposing_twice_does_not_cut_the_goodbye_short(
    played: Played, listener: Listen
) -> None:
    closing, may_close = asyncio.Event(), asyncio.Event()

    async def close() -> None:
        closing.set()
        await may_close.wait()
        played.closes += 1

    played.close = close  # type: ignore[method-assign]
    heard = listener(played.source())
    played.receives(b"x")
    await heard.until(lambda heard: heard.values)
    (connection,) = played.connections
    connection.dispose()
    await asyncio.wait_for(closing.wait(), 5)
    connection.dispose()
    heard.subscription.dispose()
    may_close.set()
    await played.all_gone()
    assert played.closes == 1


async def test_a_connection_may_be_hung_up_from_another_thread(
    played: Played, listener: Listen
) -> None:
    heard = listener(played.source())
    played.receives(b"x")
    await heard.until(lambda heard: heard.values)
    thread = threading.Thread(target=heard.subscription.dispose)
    thread.start()
    await played.all_gone()
    thread.join()
    assert (heard.errors, played.closes) == ([], 1)


def test_disposing_after_the_loop_is_gone_is_harmless() -> None:
    async def main() -> tuple[Played, Any]:
        played = Played()
        return played, played.source().subscribe()

    played, hang_up = asyncio.run(main())  # which cancels what still runs
    hang_up.dispose()
    hang_up.dispose()
    assert played.connections == set()


def test_the_end_of_the_loop_closes_the_socket() -> None:
    async def main() -> Played:
        played = Played()
        opened = asyncio.Event()
        played.source(opened=lambda _: opened.set()).subscribe()
        await asyncio.wait_for(opened.wait(), 5)
        return played

    played = asyncio.run(main())
    assert (played.closes, played.connections) == (1, set())


def test_without_a_running_loop_the_error_names_what_to_use_instead() -> None:
    errors: list[Exception] = []
    messages("ws://127.0.0.1:9/").subscribe(on_error=errors.append)
    assert [str(error) for error in errors] == [
        "a connection needs a running asyncio loop; in a script, iter_blocking brings its own"
    ]
    with pytest.raises(RuntimeError, match="iter_blocking"):
        messages("ws://127.0.0.1:9/").subscribe()


@pytest.mark.parametrize("option", ["timeout_seconds", "heartbeat_seconds"])
def test_a_span_that_is_not_positive_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match=f"{option} must be a number above 0, got 0"):
        messages("ws://127.0.0.1:9/", **{option: 0})  # type: ignore[arg-type]


# From here on: real sockets.


def address(server: Any) -> str:
    return f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def echo(peer: ServerConnection) -> None:
    async for message in peer:
        await peer.send(message)


async def gone(connections: set[Connection]) -> None:
    for connection in tuple(connections):
        await asyncio.wait_for(connection.wait_closed(), 5)
    assert connections == set()


async def test_s01_a_clean_close_by_the_server_is_followed_by_a_new_connection(
    listener: Listen,
) -> None:
    visits: list[str | bytes] = []

    async def peer(socket: ServerConnection) -> None:
        visits.append(await socket.recv())
        await socket.send(f"visit {len(visits)}")
        if len(visits) < 3:
            await socket.close(1000 + len(visits) % 2)
        await socket.wait_closed()

    connections: set[Connection] = set()
    async with serve(peer, "127.0.0.1", 0, close_timeout=0.1) as server:
        heard = listener(
            messages(address(server), ["hello"], connections=connections).pipe(
                retry_with_backoff(Backoff(0.001, 0.002))
            )
        )
        await heard.until(lambda heard: len(heard.values) == 3)
        assert len(connections) == 1
        heard.subscription.dispose()
        await gone(connections)
    assert visits == ["hello"] * 3
    assert heard.values == [b"visit 1", b"visit 2", b"visit 3"]
    assert heard.errors == []


async def test_s02_a_half_open_connection_is_found_by_its_missing_pongs_and_redialled(
    listener: Listen,
) -> None:
    release, visits = asyncio.Event(), list[None]()

    async def peer(socket: ServerConnection) -> None:
        visits.append(None)
        if len(visits) == 1:
            socket.transport.pause_reading()  # the peer is there, but reads and answers nothing
            await release.wait()
            socket.transport.abort()
        else:
            await socket.wait_closed()

    connections: set[Connection] = set()
    stalls: list[Exception] = []
    async with serve(peer, "127.0.0.1", 0, close_timeout=0.1, ping_interval=None) as server:
        heard = listener(
            messages(address(server), heartbeat_seconds=0.05, connections=connections).pipe(
                liveness(0.2),
                retry_with_backoff(
                    Backoff(0.001, 0.002), on_retry=lambda error, *_: stalls.append(error)
                ),
            )
        )
        await heard.until(lambda heard: heard.values)  # a pong of the second connection
        assert [type(error) for error in stalls] == [Stalled]
        release.set()
        heard.subscription.dispose()
        await gone(connections)


async def test_a_mute_server_that_answers_pings_is_alive(listener: Listen) -> None:
    connections: set[Connection] = set()
    async with serve(echo, "127.0.0.1", 0) as server:
        heard = listener(
            messages(address(server), heartbeat_seconds=0.02, connections=connections).pipe(
                liveness(1.0)
            )
        )
        await heard.until(lambda heard: len(heard.values) == 5)
        assert heard.values == [b""] * 5
        heard.subscription.dispose()
        await gone(connections)


async def test_a_slow_subscriber_loses_nothing_and_keeps_the_order(listener: Listen) -> None:
    count = 5000
    texts = [b"%d" % n for n in range(count)]

    async def peer(socket: ServerConnection) -> None:
        for text in texts:
            await socket.send(text)
        await socket.wait_closed()

    connections: set[Connection] = set()
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    async with serve(peer, "127.0.0.1", 0) as server:
        hang_up = messages(address(server), connections=connections).subscribe(queue.put_nowait)
        got = []
        async with asyncio.timeout(10):
            while len(got) < count:
                got.append(await queue.get())
                await asyncio.sleep(0)  # slower than the socket
        assert got == texts
        hang_up.dispose()
        await gone(connections)


async def test_a_flood_does_not_hold_up_the_goodbye(listener: Listen) -> None:
    async def peer(socket: ServerConnection) -> None:
        while True:
            for _ in range(100):
                await socket.send(b"x" * 1000)
            await asyncio.sleep(0)  # the server shares our loop

    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    async with serve(peer, "127.0.0.1", 0, compression=None) as server:
        heard = listener(messages(address(server), connections=connections))
        await heard.until(lambda heard: len(heard.values) > 500)
        began = loop.time()
        heard.subscription.dispose()
        await gone(connections)
        assert loop.time() - began < 1.5


async def test_s06_disposing_while_dialling_ends_the_dial(listener: Listen) -> None:
    arrived: asyncio.Queue[None] = asyncio.Queue()
    left: asyncio.Queue[bytes] = asyncio.Queue()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.put_nowait(None)
        left.put_nowait(await reader.read())
        writer.close()

    connections: set[Connection] = set()
    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        heard = listener(
            messages(address(server), connections=connections).pipe(retry_with_backoff(Backoff()))
        )
        await asyncio.wait_for(arrived.get(), 5)
        heard.subscription.dispose()
        await gone(connections)
        assert await asyncio.wait_for(left.get(), 5) == b""
    assert (heard.values, heard.errors) == ([], [])


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc to count open files")
async def test_fifty_connections_leave_no_task_no_thread_and_no_socket(listener: Listen) -> None:
    connections: set[Connection] = set()
    left = asyncio.Event()

    async def peer(socket: ServerConnection) -> None:
        left.clear()
        await echo(socket)
        left.set()

    async with serve(peer, "127.0.0.1", 0) as server:
        for turn in range(51):
            heard = listener(messages(address(server), ["hi"], connections=connections))
            if turn % 2:  # every other one is hung up on while it dials
                await heard.until(lambda heard: heard.values)
            heard.subscription.dispose()
            await gone(connections)
            if turn == 0:
                before = open_files(), threading.active_count(), len(asyncio.all_tasks())
        await asyncio.wait_for(left.wait(), 5)
        after = open_files(), threading.active_count(), len(asyncio.all_tasks())
    assert after == before


async def test_s21_dials_that_all_fail_end_with_the_last_error(listener: Listen) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        url = address(server)
    heard = listener(
        messages(url, name="finnhub").pipe(retry_with_backoff(Backoff(1e-6, 1e-6, attempts=20)))
    )
    error = await heard.error()
    assert str(error) == "disconnected: finnhub cannot be reached: Connection refused"


def test_a_connection_needs_no_thread() -> None:
    async def main() -> int:
        async with serve(echo, "127.0.0.1", 0) as server:
            heard = asyncio.get_running_loop().create_future()
            hang_up = messages(address(server), ["hi"]).subscribe(heard.set_result)
            await asyncio.wait_for(heard, 5)
            threads = threading.active_count()
            hang_up.dispose()
        return threads

    before = threading.active_count()
    assert asyncio.run(main()) == before
