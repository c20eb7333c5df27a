"""The dashboard's server: one port for the page and for what it shows; on this machine alone, and read only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from ordinis_rx.errors import MissingExtra
from ordinis_rx.timebase import Nanos
from ordinis_rx.views.dashboard.state import State
from ordinis_rx.views.local import NOBODY, PATIENCE_SECONDS, hosts, page, refusal

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

__all__ = ["Dashboard", "serve_dashboard"]

BEAT_SECONDS = 0.25
"""How often a viewer is told what is new."""

READING_SECONDS = 5.0
"""How long a viewer may take to read one message before it is let go."""

MOST_VIEWERS = 32

PAGES = {
    "/": ("dashboard.html", "text/html; charset=utf-8"),
    "/dashboard.css": ("dashboard.css", "text/css; charset=utf-8"),
    "/dashboard.js": ("dashboard.js", "text/javascript; charset=utf-8"),
    "/drawing.js": ("drawing.js", "text/javascript; charset=utf-8"),
    "/uplot.js": ("uplot.js", "text/javascript; charset=utf-8"),
    "/uplot.css": ("uplot.css", "text/css; charset=utf-8"),
    "/lightweight-charts.js": ("lightweight-charts.js", "text/javascript; charset=utf-8"),
}

HEADERS = (
    # Styles inline: both chart libraries set them on their elements.
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)


@dataclass
class Dashboard:
    """A dashboard that is served; `url` is where to look."""

    state: State
    port: int = 0
    viewers: int = 0
    refused: int = 0
    dropped: int = 0
    """Viewers that were let go because they did not read."""

    @property
    def url(self) -> str:
        """The page's address on this machine."""
        return f"http://127.0.0.1:{self.port}/"

    async def beat(self, wall: Callable[[], Nanos]) -> None:
        """Sample the prices for as long as it is served."""
        while True:
            self.state.sample(wall())
            await asyncio.sleep(BEAT_SECONDS)

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """The page and what belongs to it; None lets a viewer's stream begin."""
        if (refused := refusal(connection, request)) is not None:
            self.refused += 1
            return refused
        path = request.path.partition("?")[0]
        if path == "/feed":
            origin = request.headers.get("Origin", "").removeprefix("http://")
            if origin in hosts(self.port) and self.viewers < MOST_VIEWERS:
                return None
            self.refused += 1
            return connection.respond(HTTPStatus.FORBIDDEN, "for this dashboard's own page only\n")
        if path not in PAGES:
            return connection.respond(HTTPStatus.NOT_FOUND, "there is no such page\n")
        name, kind = PAGES[path]
        content = files("ordinis_rx.views").joinpath("static", name).read_bytes()
        response = page(connection, content, kind)
        for header, value in HEADERS:
            response.headers[header] = value
        return response

    async def show(self, connection: ServerConnection) -> None:
        """Tell one viewer what is new, beat by beat; it has nothing to say, and who says something is let go."""
        self.viewers += 1
        seen: dict[str, int] = {}
        listening = asyncio.create_task(self._refuse_words(connection))
        try:
            while not listening.done():
                message = msgspec.json.encode(self.state.news(seen)).decode()
                async with asyncio.timeout(READING_SECONDS):
                    await connection.send(message)
                await asyncio.wait([listening], timeout=BEAT_SECONDS)
        except TimeoutError:
            self.dropped += 1
            connection.transport.abort()
        finally:
            self.viewers -= 1
            listening.cancel()

    async def _refuse_words(self, connection: ServerConnection) -> None:
        with suppress(OSError, EOFError):
            async for _ in connection:
                await connection.close(1008, "this page only listens")
                return


@asynccontextmanager
async def serve_dashboard(
    state: State, *, port: int = 0, wall: Callable[[], Nanos] = time.time_ns
) -> AsyncGenerator[Dashboard]:
    """Serve the page that shows *state* on 127.0.0.1 until the context ends; *port* 0 takes a free one.

    Only requests that name this machine are answered (`Host`), and only this page's own script may listen (`Origin`), so
    that no other site's page in the same browser can. Nothing can be changed from there. A viewer that does not read for
    some seconds is let go; what it is told is made when it is told, so that slow ones cost no memory. *wall* is the time at
    which prices are sampled, four times a second.
    """
    try:
        from websockets.asyncio.server import serve
    except ImportError as error:
        raise MissingExtra("a dashboard", package="websockets", extra="stream") from error
    dashboard = Dashboard(state)
    async with serve(
        dashboard.show,
        "127.0.0.1",
        port,
        process_request=dashboard.answer,
        max_size=1024,
        max_queue=1,
        open_timeout=PATIENCE_SECONDS,
        logger=NOBODY,
        server_header=None,
    ) as server:
        dashboard.port = next(iter(server.sockets)).getsockname()[1]
        beating = asyncio.create_task(dashboard.beat(wall))
        try:
            yield dashboard
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
