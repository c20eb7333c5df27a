"""What the servers of views have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit

import pytest

from ordinis_rx.views.dashboard import State, serve_dashboard
from ordinis_rx.views.local import NOBODY
from ordinis_rx.views.metrics import MetricsCollector
from ordinis_rx.views.metrics_server import serve_metrics

Serve = Callable[[], AbstractAsyncContextManager[Any]]

SERVERS: dict[str, Serve] = {
    "dashboard": lambda: serve_dashboard(State(), wall=lambda: 0),
    "metrics": lambda: serve_metrics(MetricsCollector()),
}


async def answer(address: str, host: str, method: str = "GET") -> str:
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection("127.0.0.1", where.port)
    writer.write(f"{method} {where.path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return head


@pytest.mark.parametrize("name", SERVERS)
async def test_only_who_names_this_machine_is_answered_and_nobody_keeps_the_answer(
    name: str,
) -> None:
    async with SERVERS[name]() as served:
        address: str = getattr(served, "url", served)
        port = urlsplit(address).port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
            told = await answer(address, host)
            assert told.startswith("HTTP/1.1 200")
            assert "Cache-Control: no-store" in told
        for host in (f"evil.example:{port}", "", f"127.0.0.1.evil.example:{port}"):
            assert (await answer(address, host)).startswith("HTTP/1.1 403")


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_there_is_nothing_to_be_changed(name: str, method: str) -> None:
    async with SERVERS[name]() as served:
        address: str = getattr(served, "url", served)
        told = await answer(address, f"127.0.0.1:{urlsplit(address).port}", method)
        assert not told.startswith("HTTP/1.1 2")


def test_what_websockets_logs_of_a_request_reaches_nobody() -> None:
    assert not NOBODY.isEnabledFor(50)
