"""Where Prometheus finds the metrics: one address on this machine, served on the loop on which the feeds run."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from ordinis_rx.errors import MissingExtra
from ordinis_rx.views.local import NOBODY, PATIENCE_SECONDS, page, refusal
from ordinis_rx.views.metrics import MetricsCollector

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

__all__ = ["serve_metrics"]

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""The text format that every Prometheus reads."""


@asynccontextmanager
async def serve_metrics(collector: MetricsCollector, *, port: int = 0) -> AsyncGenerator[str]:
    """Serve what *collector* tells on 127.0.0.1 until the context ends; the address is what it gives, port 0 a free one.

    The figures are taken when they are asked for, on this loop: nothing is counted twice or read half-way, and a loop that
    is stuck gives no answer. Nothing can be changed from there. Raises `OSError` when the port is taken, `MissingExtra`
    without websockets (extra ``stream``).

    >>> import asyncio
    >>> async def example() -> None:
    ...     async with serve_metrics(MetricsCollector()) as address:
    ...         print(address.startswith("http://127.0.0.1:"), address.endswith("/metrics"))
    >>> asyncio.run(example())
    True True
    """
    try:
        from websockets.asyncio.server import serve
    except ImportError as error:
        raise MissingExtra("serving metrics", package="websockets", extra="stream") from error
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(collector)

    def answer(connection: ServerConnection, request: Request) -> Response:
        if (refused := refusal(connection, request)) is not None:
            return refused
        if request.path.partition("?")[0] != "/metrics":
            return connection.respond(HTTPStatus.NOT_FOUND, "the metrics are at /metrics\n")
        return page(connection, generate_latest(registry), TEXT)

    async with serve(
        _hang_up,
        "127.0.0.1",
        port,
        process_request=answer,
        open_timeout=PATIENCE_SECONDS,
        logger=NOBODY,
        server_header=None,
    ) as server:
        bound = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{bound}/metrics"


async def _hang_up(connection: ServerConnection) -> None:
    await connection.close()  # not reached: a request has its answer before a conversation begins
