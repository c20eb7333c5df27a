"""A key in everything that is left behind: logs of every library at every level, recordings, reports, tracebacks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import ordinis_rx as ox
from ordinis_rx.errors import OrdinisError
from ordinis_rx.pull.rest.alpaca import AlpacaRest
from ordinis_rx.pull.rest.finnhub import FinnhubRest
from ordinis_rx.pull.rest.polygon import PolygonRest
from tests.figures import record as figure

KEY = "cana/ry+9921=key"
SECRET = "canary-9922-secret"
FORMS = (KEY, SECRET, quote(KEY, safe=""))

PROVIDERS: dict[str, Callable[[str], ox.Provider]] = {
    "polygon": lambda url: ox.polygon(KEY, url=url),
    "finnhub": lambda url: ox.finnhub(KEY, url),
    "alpaca": lambda url: ox.alpaca(KEY, SECRET, url=url),
}
SERVICES: dict[str, Callable[[str], Any]] = {
    "polygon": lambda url: PolygonRest(KEY, url),
    "finnhub": lambda url: FinnhubRest(KEY, url),
    "alpaca": lambda url: AlpacaRest(KEY, SECRET, url),
}
WELCOME = {
    "polygon": [{"ev": "status", "status": "auth_success"}],
    "finnhub": {"type": "ping"},
    "alpaca": [{"T": "success", "msg": "authenticated"}],
}
OTHER = {"polygon": KEY, "finnhub": KEY, "alpaca": SECRET}
"""The vendor's other key, where it has one."""

TRADES = {
    "polygon": [
        {"ev": "T", "sym": "A", "p": 1.5, "s": 1, "t": 1_700_000_000_000, "i": "1", "x": 4}
    ],
    "finnhub": {"type": "trade", "data": [{"s": "A", "p": 1.5, "v": 1, "t": 1_700_000_000_000}]},
    "alpaca": [{"T": "t", "S": "A", "p": 1.5, "s": 1, "t": "2024-01-02T15:00:00Z", "x": "V"}],
}


def leaks(*texts: str | bytes) -> list[str]:
    """Which of the *texts* hold a key, in any of its forms."""
    whole = [text if isinstance(text, str) else text.decode("latin-1") for text in texts]
    return [text for text in whole if any(form in text for form in FORMS)]


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Every record as anybody could format it, of every logger but the test's own server."""
    form = logging.Formatter("%(name)s %(message)s")
    ours = [record for record in caplog.records if record.name != "websockets.server"]
    return [form.format(record) + repr(record.args) for record in ours]


@pytest.mark.parametrize("vendor", sorted(PROVIDERS))
async def test_neither_recordings_nor_reports_nor_logs_hold_a_key(
    vendor: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The vendor repeats it, in words and in nonsense."""
    caplog.set_level(logging.DEBUG)

    async def handler(peer: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for message in (
                WELCOME[vendor],
                {"msg": KEY},
                [{"ev": KEY, "T": OTHER[vendor]}],
                TRADES[vendor],
            ):
                await peer.send(json.dumps(message))
            await peer.send(f"half a message about {KEY}")
            await peer.wait_closed()

    def blotted(fact: ox.Event) -> bool:
        return isinstance(fact, ox.FeedError) and fact.kind == "undecodable"

    async with serve(handler, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        feed = ox.feed(PROVIDERS[vendor](f"ws://127.0.0.1:{port}/"), ["A"], channels={"trades"})
        heard: list[ox.Event] = []
        over = asyncio.Event()
        with (
            ox.record(feed, tmp_path / "facts", format="arrow", rows=1),
            ox.record_wire(feed, tmp_path / "wire"),
        ):
            feed.subscribe(lambda fact: (heard.append(fact), blotted(fact) and over.set()))
            async with asyncio.timeout(5):
                await over.wait()
            reports = [str(ox.explain(feed)), repr(feed), str(feed.stats), repr(feed.provider)]
            await feed.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert len(files) >= 4
    assert leaks(*(path.read_bytes() for path in files)) == []
    assert leaks(*reports) == []
    assert leaks(*logged(caplog)) == []
    assert any(isinstance(fact, ox.Trade) for fact in heard)
    errors = [repr(fact) for fact in heard if isinstance(fact, ox.FeedError)]
    assert len(errors) >= 2
    assert leaks(*errors) == []


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[int]:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(respond, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]


def response(status: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


ANSWERS = {
    "a key in an address": response("404 Not Found", json.dumps({"error": quote(KEY, safe="")})),
    "a refusal that repeats it": response("401 Unauthorized", json.dumps({"error": f"no {KEY}"})),
    "a complaint": response("404 Not Found", json.dumps({"message": KEY + "!"})),
    "headers that repeat it": response("500 Oh", "{}", f"X-Key: {KEY}"),
    "a redirect": response("302 Found", "", f"Location: http://127.0.0.1:9/?apiKey={KEY}"),
    "no HTTP": f"{KEY}\r\n\r\n".encode(),
    "nonsense": response("200 OK", f'{{"quote":"{KEY}","c":"{KEY}","results":"{KEY}"}}'),
}


async def failure(asking: Awaitable[object]) -> OrdinisError:
    with pytest.raises(OrdinisError) as failed:
        await asking
    return failed.value


@pytest.mark.parametrize("vendor", sorted(SERVICES))
@pytest.mark.parametrize("kind", sorted(ANSWERS))
async def test_no_error_and_no_log_of_a_service_holds_a_key(
    vendor: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with answering(ANSWERS[kind]) as port:
        service = SERVICES[vendor](f"http://127.0.0.1:{port}")
        error = await failure(service.get_quote("A"))
        await service.aclose()

    assert leaks(str(error), repr(error), *traceback.format_exception(error)) == []
    assert leaks(repr(service), *map(repr, vars(error).values())) == []
    assert leaks(*logged(caplog)) == []
    figure(
        "secrets",
        "0 in logs, errors, reprs, events, recordings, reports",
        "3 vendors, streams and services",
    )
