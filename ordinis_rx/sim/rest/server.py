"""A REST service on this machine that answers as a vendor does, from what a simulated market has told last.

>>> import asyncio
>>> from ordinis_rx.sim import market
>>> async def address() -> str:
...     async with serve_rest(market(["AAPL"]), "finnhub") as service:
...         return service.url.replace(str(service.port), "PORT")
>>> asyncio.run(address())
'http://127.0.0.1:PORT/api/v1'
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random

from reactivex import Observable

from ordinis_rx.checks import check_count
from ordinis_rx.events import Event
from ordinis_rx.sim.dialects.dialect import Access
from ordinis_rx.sim.market import Market
from ordinis_rx.sim.rest.alpaca import ALPACA
from ordinis_rx.sim.rest.board import Board
from ordinis_rx.sim.rest.faults import RestFaults
from ordinis_rx.sim.rest.finnhub import FINNHUB
from ordinis_rx.sim.rest.http import HEAD_LIMIT, HttpRequest, HttpResponse, converse, json_response
from ordinis_rx.sim.rest.polygon import POLYGON
from ordinis_rx.sim.rest.vendor import Vendor
from ordinis_rx.sim.server import Protocol
from ordinis_rx.timebase import MINUTE, SECOND, Nanos

__all__ = ["RestServer", "RestStats", "serve_rest"]

VENDORS: Mapping[str, Vendor] = {"polygon": POLYGON, "finnhub": FINNHUB, "alpaca": ALPACA}

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class RestStats:
    """What a service has been asked, and what became of it."""

    requests: int = 0
    unauthorized: int = 0
    """With a wrong key."""
    limited: int = 0
    """Refused as one too many."""
    hung: int = 0
    """Left without an answer, as a fault."""
    errors: int = 0
    """Answered with an internal error, as a fault."""
    wrong: int = 0
    """Answered with prices that are off, as a fault."""


class RestServer:
    """A running service, as `serve_rest` gives it. Its repr shows no key."""

    def __init__(
        self,
        name: str,
        vendor: Vendor,
        access: Access,
        faults: RestFaults,
        seed: int,
        requests_a_minute: int | None,
        now: Callable[[], Nanos],
    ) -> None:
        self.stats = RestStats()
        """Counts on while it runs."""
        self.url = ""
        """Its address, without a key."""
        self.port = 0
        """Where it listens."""
        self.faults = faults
        """May be replaced while it runs."""
        self._name = name
        self._vendor = vendor
        self._access = access
        self._random = Random(seed)
        self._board = Board()
        self._allowed = requests_a_minute
        self._minute, self._asked = 0, 0
        self._now = now
        self._told = asyncio.Event()
        self._conversations: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"RestServer({self._name!r}, {self.url!r})"

    async def knows(self, symbols: Iterable[str]) -> None:
        """Wait until each of *symbols* has been quoted and traded."""
        for symbol in symbols:
            while not self._board.knows(symbol):
                self._told.clear()
                await self._told.wait()

    @asynccontextmanager
    async def running(
        self, market: Observable[Event], host: str, port: int
    ) -> AsyncGenerator[None, None]:
        """Listen and take note of *market*, while the context lasts."""
        listener = await asyncio.start_server(self._connected, host, port, limit=HEAD_LIMIT)
        self.port = listener.sockets[0].getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}{self._vendor.path}"
        source = market.paced() if isinstance(market, Market) else market
        telling = source.subscribe(self._on_next, self._on_error)
        try:
            yield
        finally:
            telling.dispose()
            listener.close()
            for conversation in self._conversations:
                conversation.cancel()
            if self._conversations:
                await asyncio.wait(self._conversations)
            await listener.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = converse(reader, writer, self._answer, self._now)
        task = asyncio.get_running_loop().create_task(talk)
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)

    async def _answer(self, request: HttpRequest) -> HttpResponse | None:
        self.stats.requests += 1
        if request.method != "GET":
            return json_response({"error": "method not allowed"}, 405)
        if not self._vendor.admits(request, self._access):
            self.stats.unauthorized += 1
            return self._vendor.unknown_key
        left, reset = self._left()
        headers = {}
        if self._allowed is not None and self._vendor.tells_limits:
            headers = {
                "X-Ratelimit-Limit": str(self._allowed),
                "X-Ratelimit-Remaining": str(max(left, 0)),
                "X-Ratelimit-Reset": str(reset),
            }
        if left < 0:
            self.stats.limited += 1
            return json_response({"error": "API limit reached."}, 429, headers)
        answered = await self._with_faults(request)
        return replace(answered, headers={**answered.headers, **headers})

    def _left(self) -> tuple[int, int]:
        """How many requests are left in this minute, and when it ends, in seconds since 1970."""
        minute = self._now() // MINUTE
        if minute != self._minute:
            self._minute, self._asked = minute, 0
        self._asked += 1
        left = 0 if self._allowed is None else self._allowed - self._asked
        return left, (minute + 1) * MINUTE // SECOND

    async def _with_faults(self, request: HttpRequest) -> HttpResponse:
        board = self._board
        match self.faults.draw(self._random):
            case "hang":
                self.stats.hung += 1
                await asyncio.get_running_loop().create_future()
            case "error":
                self.stats.errors += 1
                return json_response({"error": "internal error"}, 500)
            case "limited":
                self.stats.limited += 1
                return json_response({"error": "API limit reached."}, 429, {"Retry-After": "1"})
            case "wrong":
                self.stats.wrong += 1
                board = board.off_by(self.faults.wrong_bps)
            case None:
                pass
        try:
            return self._vendor.answer(request, board)
        except (KeyError, ValueError):  # a parameter is missing, or cannot be read
            return json_response({"error": "bad request"}, 400)

    def _on_next(self, event: Event) -> None:
        self._board.note(event)
        self._told.set()

    def _on_error(self, error: Exception) -> None:
        _log.error("the market behind %r failed: %s", self, error)


@asynccontextmanager
async def serve_rest(
    market: Observable[Event],
    protocol: Protocol = "polygon",
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    api_key: str = "sim-key",
    secret: str = "sim-secret",
    faults: RestFaults | None = None,
    seed: int = 0,
    requests_a_minute: int | None = None,
    now: Callable[[], Nanos] = time.time_ns,
) -> AsyncGenerator[RestServer, None]:
    """Answer GET requests over HTTP as one vendor does, while the context lasts.

    The newest quote, the newest trades, the bars that *market* has told since, and whether a symbol exists, on the vendor's
    own paths. A wrong key is refused; so is what comes above *requests_a_minute* (by the clock of *now*; None: no limit), in
    the vendor's way. *faults* befall requests at random, by *seed*. Port 0 takes a free one.

    A `Market` is told in real time from now on; any other stream at the pace that it has. Needs no package of its own.
    Raises `OSError` when the port is taken.
    """
    if protocol not in VENDORS:
        raise ValueError(f"no protocol {protocol!r}; there are {', '.join(VENDORS)}")
    if requests_a_minute is not None:
        check_count("serve_rest: requests_a_minute", requests_a_minute, "requests")
    access = Access(api_key, secret, None)
    server = RestServer(
        protocol, VENDORS[protocol], access, faults or RestFaults(), seed, requests_a_minute, now
    )
    async with server.running(market, host, port):
        yield server
