"""The dashboard's server: its page, who may listen, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from ordinis_rx.testing import a_quote
from ordinis_rx.views.dashboard import server
from ordinis_rx.views.dashboard.server import PAGES, Dashboard, serve_dashboard
from ordinis_rx.views.dashboard.state import State

STATIC = Path(__file__).parents[3] / "ordinis_rx" / "views" / "static"


def ticking() -> Iterator[int]:
    yield from range(10**6)


def served(state: State | None = None) -> object:
    ticks = ticking()
    return serve_dashboard(state or State(), wall=lambda: next(ticks))


async def get(dashboard: Dashboard, path: str, host: str | None = None) -> tuple[str, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", dashboard.port)
    asked = f"GET {path} HTTP/1.1\r\nHost: {host or f'127.0.0.1:{dashboard.port}'}\r\n\r\n"
    writer.write(asked.encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head.decode(), body


def feed(dashboard: Dashboard, origin: str | None) -> object:
    return connect(f"ws://127.0.0.1:{dashboard.port}/feed", origin=origin, proxy=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", PAGES)
async def test_the_page_and_its_parts_are_served_as_they_are(path: str) -> None:
    async with served() as dashboard:  # type: ignore[attr-defined]
        head, body = await get(dashboard, path)
    assert head.startswith("HTTP/1.1 200")
    assert "Content-Security-Policy: default-src 'none'" in head
    assert body == (STATIC / PAGES[path][0]).read_bytes()


async def test_another_path_does_not_lead_out_of_the_folder() -> None:
    async with served() as dashboard:  # type: ignore[attr-defined]
        for path in ("/../server.py", "/%2e%2e/server.py", "/dashboard.html"):
            assert (await get(dashboard, path))[0].startswith("HTTP/1.1 404")


async def test_a_name_that_is_not_this_machines_is_refused() -> None:
    async with served() as dashboard:  # type: ignore[attr-defined]
        assert (await get(dashboard, "/", host="evil.example"))[0].startswith("HTTP/1.1 403")
        assert dashboard.refused == 1


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
async def test_another_sites_page_may_not_listen(origin: str | None) -> None:
    async with served() as dashboard:  # type: ignore[attr-defined]
        with pytest.raises(InvalidStatus, match="403"):
            async with feed(dashboard, origin):  # type: ignore[attr-defined]
                pass


async def test_a_viewer_is_told_the_state() -> None:
    state = State()
    state.on_event(a_quote(9.0, 11.0, provider="x"))
    async with served(state) as dashboard, feed(dashboard, dashboard.url[:-1]) as viewer:  # type: ignore[attr-defined]
        news = json.loads(await viewer.recv())
    assert news["providers"][0]["name"] == "x"


async def all_of(viewer: ClientConnection) -> None:
    while True:
        await viewer.recv()


async def test_a_viewer_that_says_something_is_let_go() -> None:
    async with served() as dashboard, feed(dashboard, dashboard.url[:-1]) as viewer:  # type: ignore[attr-defined]
        await viewer.send("DROP TABLE quotes")
        with pytest.raises(ConnectionClosedError) as closed:
            await all_of(viewer)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


async def test_who_connects_and_never_asks_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "PATIENCE_SECONDS", 0.1)
    async with asyncio.timeout(5):
        async with served() as dashboard:  # type: ignore[attr-defined]
            mute = await asyncio.open_connection("127.0.0.1", dashboard.port)
            await get(dashboard, "/")  # by now the mute one is known to the server
        assert await mute[0].read() == b""
    mute[1].close()
    await mute[1].wait_closed()


async def test_nothing_listens_any_more_when_the_context_has_ended() -> None:
    async with served() as dashboard:  # type: ignore[attr-defined]
        pass
    with pytest.raises(OSError):  # noqa: PT011
        await asyncio.open_connection("127.0.0.1", dashboard.port)
