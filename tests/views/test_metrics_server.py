"""Where Prometheus asks: on this machine alone, one path, and nothing left when it is over."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ordinis_rx.consensus import ProviderStats
from ordinis_rx.views import metrics_server
from ordinis_rx.views.metrics import MetricsCollector
from ordinis_rx.views.metrics_server import serve_metrics


async def get(address: str, path: str = "/metrics", host: str = "127.0.0.1") -> tuple[str, str]:
    port = urlsplit(address).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head, body


async def test_each_question_is_answered_with_the_figures_of_that_moment() -> None:
    asked = 0

    def stats() -> list[ProviderStats]:
        nonlocal asked
        asked += 1
        return [ProviderStats("p", request_count=asked)]

    async with serve_metrics(MetricsCollector(providers=stats)) as address:
        assert asked == 0
        for turn in (1, 2):
            head, body = await get(address, host=f"localhost:{urlsplit(address).port}")
            assert head.startswith("HTTP/1.1 200")
            assert "Content-Type: text/plain; version=0.0.4" in head
            (requests,) = [
                sample.value
                for family in text_string_to_metric_families(body)
                for sample in family.samples
                if sample.name == "ordinis_rx_provider_requests_total"
            ]
            assert requests == turn


async def test_only_one_path_and_only_this_machines_names_are_answered() -> None:
    async with serve_metrics(MetricsCollector()) as address:
        assert (await get(address, "/"))[0].startswith("HTTP/1.1 404")
        assert (await get(address, host="evil.example:80"))[0].startswith("HTTP/1.1 403")
        assert (await get(address, "/metrics?name[]=x"))[0].startswith("HTTP/1.1 200")


async def test_the_port_is_closed_afterwards() -> None:
    async with serve_metrics(MetricsCollector()) as address:
        port = urlsplit(address).port
        assert port is not None
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with serve_metrics(MetricsCollector()) as address:
        taken = urlsplit(address).port
        assert taken is not None
        with pytest.raises(OSError, match="in use"):
            async with serve_metrics(MetricsCollector(), port=taken):
                pass


async def test_who_connects_and_never_asks_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics_server, "PATIENCE_SECONDS", 0.1)
    async with asyncio.timeout(5):
        async with serve_metrics(MetricsCollector()) as address:
            mute = await asyncio.open_connection("127.0.0.1", urlsplit(address).port)
            await get(address)  # by now the mute one is known to the server
        assert await mute[0].read() == b""
    mute[1].close()
    await mute[1].wait_closed()
