"""A key is told to its vendor, and to nobody else: not in a log of any level, an error, a repr, a fact or a recording."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from ordinis_rx.config import StreamConfig
from ordinis_rx.display import Shown
from ordinis_rx.events import StreamStatus
from ordinis_rx.feed import feed
from ordinis_rx.providers.alpaca import alpaca
from ordinis_rx.providers.finnhub import finnhub
from ordinis_rx.providers.polygon import polygon
from ordinis_rx.providers.protocol import Provider
from tests.transport import Ear

CANARY = "cana/ry+4711=key"
SECOND_CANARY = "canary-0815-secret"
TRACES = (CANARY, SECOND_CANARY, quote(CANARY, safe=""))

ECHOES: dict[str, list[str | bytes]] = {
    "polygon": [
        CANARY,
        json.dumps([{"ev": "status", "status": "error", "message": f"no: {CANARY}"}]),
        json.dumps([{"ev": "status", "status": CANARY, "message": CANARY}]),
        json.dumps([{"ev": CANARY}]),
        json.dumps([{"ev": "T", "sym": "AAPL", "p": CANARY, CANARY: 1}]),
        json.dumps([{"ev": "status", "status": "success", "message": f"subscribed to: {CANARY}"}]),
        b"\xff" + CANARY.encode(),
    ],
    "finnhub": [
        f"{{{CANARY}",
        json.dumps({"type": "error", "msg": f"bad token {CANARY}"}),
        json.dumps({"type": CANARY}),
        json.dumps({"type": "trade", "data": CANARY}),
        json.dumps({"type": "trade", "data": [{"s": "AAPL", "p": CANARY, "x": CANARY}]}),
        f"?token={quote(CANARY, safe='')}",
    ],
    "alpaca": [
        CANARY + SECOND_CANARY,
        json.dumps([{"T": "error", "code": 499, "msg": f"{CANARY} {SECOND_CANARY}"}]),
        json.dumps([{"T": SECOND_CANARY}]),
        json.dumps([{"T": "t", "S": "AAPL", "p": CANARY, "i": SECOND_CANARY}]),
    ],
}

WELCOMES = {
    "polygon": json.dumps([{"ev": "status", "status": "auth_success"}]),
    "finnhub": '{"type":"ping"}',
    "alpaca": json.dumps([{"T": "success", "msg": "authenticated"}]),
}

REFUSALS = {
    "polygon": json.dumps([{"ev": "status", "status": "auth_failed", "message": f"not {CANARY}"}]),
    "alpaca": json.dumps([{"T": "error", "code": 402, "msg": f"{CANARY} {SECOND_CANARY}"}]),
}


def providers(port: int) -> dict[str, Provider]:
    base = f"ws://127.0.0.1:{port}/stream"
    return {
        "polygon": polygon(CANARY, url=base),
        "finnhub": finnhub(CANARY, url=f"{base}?token={quote(CANARY, safe='')}"),
        "alpaca": alpaca(CANARY, SECOND_CANARY, url=base),
    }


class Everything:
    """All that anybody could see."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def saw(self, *things: object) -> None:
        for thing in things:
            self.texts += [repr(thing), str(thing)]
            if isinstance(thing, msgspec.Struct):
                self.texts.append(msgspec.json.encode(thing).decode())
            if isinstance(thing, Shown):
                self.texts.append(thing._repr_html_())
            if isinstance(thing, BaseException):
                self.texts += traceback.format_exception(thing)
                self.saw(*thing.args, *vars(thing).values())
                for further in (thing.__cause__, thing.__context__):
                    if further is not None:
                        self.saw(further)

    def check(self) -> None:
        assert len(self.texts) > 20
        for text in self.texts:
            for trace in TRACES:
                assert trace not in text

    def saw_log(self, caplog: pytest.LogCaptureFixture) -> None:
        form = logging.Formatter("%(name)s %(message)s")
        ours = [record for record in caplog.records if record.name != "websockets.server"]
        self.texts += map(form.format, ours)  # with their tracebacks; the server is the test's own


@pytest.fixture
def seen(caplog: pytest.LogCaptureFixture) -> Everything:
    caplog.set_level(logging.DEBUG)
    return Everything()


async def watch(
    provider: Provider, seen: Everything, over: Callable[[Ear], bool], **settings: Any
) -> Ear:
    """Listen until it is over, and collect whatever can be seen meanwhile."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: seen.saw(*context.values()))
    changed = asyncio.Event()
    config = StreamConfig(
        reconnect_delay_seconds=0.01, reconnect_delay_max_seconds=0.01, **settings
    )
    events = feed(provider, ["AAPL"], channels={"trades"}, config=config)
    ear, wire = Ear(), Ear().to(events.wire)
    ear.act = lambda fact: changed.set()

    def on_error(error: Exception) -> None:
        ear.on_error(error)
        changed.set()

    events.subscribe(ear.on_next, on_error)
    seen.saw(events, provider, provider.endpoint, config)
    async with asyncio.timeout(5):
        while not over(ear):
            changed.clear()
            await changed.wait()
    seen.saw(events, events.stats, *asyncio.all_tasks())
    await events.close()
    seen.saw(*ear.facts, *ear.errors, *wire.facts, events, events.stats)
    return ear


@pytest.mark.parametrize("vendor", ["polygon", "finnhub", "alpaca"])
async def test_nothing_shows_a_key_while_it_connects_hears_its_echo_and_reconnects(
    vendor: str, seen: Everything, caplog: pytest.LogCaptureFixture
) -> None:
    connections = 0
    logins: list[str | bytes] = []

    async def handler(peer: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        with contextlib.suppress(ConnectionClosed):
            if vendor == "finnhub":
                assert peer.request is not None
                logins.append(peer.request.path)
            else:
                logins.append(await peer.recv())
            await peer.send(WELCOMES[vendor])
            for echo in ECHOES[vendor]:
                await peer.send(echo)
            if connections == 1:
                await peer.close(1008, f"farewell {CANARY}")
            await peer.wait_closed()

    async with serve(handler, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        count = len(ECHOES[vendor])
        ear = await watch(
            providers(port)[vendor],
            seen,
            lambda ear: (
                len(set(ear.problems)) > 1
                and ear.statuses.count(StreamStatus.CONNECTED) == 2
                and len(ear.problems) >= 2 * count
            ),
        )
    assert connections == 2
    assert any(trace in str(logins[0]) for trace in TRACES)  # the vendor did get it
    assert StreamStatus.RECONNECTING in ear.statuses
    seen.saw_log(caplog)
    seen.check()


@pytest.mark.parametrize("vendor", ["polygon", "alpaca"])
async def test_nothing_shows_a_key_that_is_refused_by_message(
    vendor: str, seen: Everything, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(peer: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await peer.recv()
            await peer.send(REFUSALS[vendor])
            await peer.wait_closed()

    async with serve(handler, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        ear = await watch(providers(port)[vendor], seen, lambda ear: bool(ear.errors))
    assert ear.statuses[-1] is StreamStatus.ERROR
    seen.saw_log(caplog)
    seen.check()


@pytest.mark.parametrize("vendor", ["polygon", "finnhub", "alpaca"])
@pytest.mark.parametrize("code", [302, 401, 500])
async def test_nothing_shows_a_key_that_is_refused_at_the_handshake(
    vendor: str, code: int, seen: Everything, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(connection: ServerConnection, request: Any) -> Any:
        response = connection.respond(code, f"no {CANARY}\n")
        if code == 302:
            response.headers["Location"] = f"ws://elsewhere.invalid/?token={CANARY}"
        return response

    async def never(peer: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0, process_request=answer) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        await watch(
            providers(port)[vendor], seen, lambda ear: bool(ear.errors), max_reconnect_attempts=1
        )
    seen.saw_log(caplog)
    seen.check()


@pytest.mark.parametrize("vendor", ["polygon", "finnhub", "alpaca"])
async def test_nothing_shows_a_key_when_nobody_answers(
    vendor: str, seen: Everything, caplog: pytest.LogCaptureFixture
) -> None:
    async def never(peer: ServerConnection) -> None:
        raise AssertionError

    async with serve(never, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
    provider = providers(port)[vendor]
    await watch(provider, seen, lambda ear: bool(ear.errors), max_reconnect_attempts=1)
    seen.saw_log(caplog)
    seen.check()
