"""A server on this machine that speaks as a vendor does, for our feeds and for the vendors' own clients.

>>> import asyncio
>>> from ordinis_rx.sim import market
>>> async def address() -> str:
...     async with serve(market(["AAPL"]), "polygon", port=0) as server:
...         return server.url.rpartition(":")[0]
>>> asyncio.run(address())
'ws://127.0.0.1'
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING, Literal, TypeAlias, cast
from urllib.parse import parse_qs, quote, urlsplit

from reactivex import Observable
from reactivex.disposable import SingleAssignmentDisposable

from ordinis_rx.checks import check_stream
from ordinis_rx.errors import MissingExtra
from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.gates import subscribing_through
from ordinis_rx.providers.protocol import Topic
from ordinis_rx.providers.reading import shown
from ordinis_rx.sim.beat import Beat
from ordinis_rx.sim.connection import Connection, Manners
from ordinis_rx.sim.dialects import DIALECTS
from ordinis_rx.sim.dialects.dialect import Access, Answer, Dialect, Ending, Handshake
from ordinis_rx.sim.market import Market
from ordinis_rx.sim.server_stats import ServerStats
from ordinis_rx.sim.wire_faults import WireFaults
from ordinis_rx.timebase import MINUTE, SECOND, Nanos

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

__all__ = ["Protocol", "Server", "ServerStats", "serve"]

Protocol: TypeAlias = Literal["polygon", "finnhub", "alpaca"]
"""Whose protocol a server speaks."""

_log = logging.getLogger(__name__)

# websockets logs request lines, keys and all, at DEBUG: it logs to nobody.
_NOBODY = logging.Logger("ordinis_rx.sim.websockets", level=logging.CRITICAL + 1)

_ENOUGH = 100
"""Frames that a client has not read, after which a market that can wait does."""

_BARS = {SECOND: "second_bars", MINUTE: "minute_bars"}


class Server:
    """A running server, as `serve` gives it. Its repr shows no key."""

    def __init__(
        self, dialect: Dialect, access: Access, manners: Manners, room: int, seed: int
    ) -> None:
        self.stats = ServerStats()
        """What it has seen and done; counts on while it runs."""
        self.url = ""
        """Where to dial: the whole address, with the key where the vendor has it there."""
        self._dialect = dialect
        self._access = access
        self._manners = manners
        self._room = room
        self._random = Random(seed)
        self._open: list[Connection] = []
        self._admitted: list[Connection] = []
        self._beat = Beat(self._tell_beat, self._has_room)

    def __repr__(self) -> str:
        return f"Server({self._dialect.name!r}, {shown(self.url)!r})"

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url).port or 0

    @property
    def connections(self) -> int:
        """How many clients are connected, half-open ones not counted."""
        return sum(not connection.half_open for connection in self._open)

    @property
    def topics(self) -> frozenset[Topic]:
        """All that is subscribed to now, over all connections."""
        return frozenset(topic for c in self._open if not c.half_open for topic in c.session.topics)

    def drop_connections(self, code: int | None = None) -> None:
        """Close all connections with *code*, or, when it is None, cut them without a word.

        A fault made by hand: the server goes on, and clients may come back at once.
        """
        for connection in list(self._open):
            if code is None:
                self.stats.disconnects += not connection.half_open
                connection.cut()
            else:
                connection.let_go(Answer(ending=Ending(code)))

    def mute_connections(self) -> None:
        """Send no more data to those who are connected now; they are answered, and those who come later served."""
        for connection in self._open:
            connection.go_mute()

    def half_open_connections(self) -> None:
        """Leave those who are connected now on a line that is open and dead."""
        for connection in self._open:
            connection.go_half_open()

    @asynccontextmanager
    async def running(
        self, market: Observable[Event], host: str, port: int
    ) -> AsyncGenerator[None, None]:
        """Listen and tell *market*, while the context lasts."""
        try:
            from websockets.asyncio.server import serve as listen
        except ImportError as error:
            raise MissingExtra("serving a market", package="websockets", extra="stream") from error

        listener = await listen(
            self._converse,
            host,
            port,
            process_request=self._refuse,
            compression=None,
            ping_interval=None,  # a half-open connection must not be found out from this side
            close_timeout=1.0,
            max_queue=None,
            logger=_NOBODY,
        )
        self.url = self._address(host, next(iter(listener.sockets)).getsockname()[1])
        source = market.paced() if isinstance(market, Market) else market
        telling = SingleAssignmentDisposable()
        try:
            with subscribing_through(self._beat):
                telling.disposable = source.subscribe(self._beat.take, self._on_error)
            yield
        finally:
            telling.dispose()
            for connection in self._open:
                if connection.half_open:
                    connection.cut()
            listener.close()
            await listener.wait_closed()

    def _address(self, host: str, port: int) -> str:
        key = self._dialect.key_in_query
        query = f"?{key}={quote(self._access.api_key, safe='')}" if key else ""
        return f"ws://{f'[{host}]' if ':' in host else host}:{port}{self._dialect.path}{query}"

    def _handshake(self, request: Request) -> Handshake:
        parts = urlsplit(request.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in request.headers.raw_items()}
        return Handshake(parts.path, query, headers)

    def _refuse(self, socket: ServerConnection, request: Request) -> Response | None:
        key = self._dialect.key_in_query
        if key is None or self._handshake(request).query.get(key) == self._access.api_key:
            return None
        self.stats.auth_failures += 1
        return socket.respond(HTTPStatus.UNAUTHORIZED, "Invalid API key\n")

    async def _converse(self, socket: ServerConnection) -> None:
        request = socket.request
        assert request is not None  # there is no connection without a handshake
        connection = Connection(
            socket,
            self._dialect.session(self._access, self._handshake(request)),
            manners=self._manners,
            stats=self.stats,
            random=self._random,
            enter=self._enter,
        )
        self._open.append(connection)
        try:
            await connection.run()
        finally:
            self._open.remove(connection)
            if connection in self._admitted:
                self._admitted.remove(connection)

    def _enter(self, connection: Connection) -> bool:
        """Let a client in that has shown the key, at the cost of another or of itself; False when it is its own."""
        self._admitted = [c for c in self._admitted if not c.half_open]
        self._admitted.append(connection)
        if len(self._admitted) <= self._room:
            return True
        loser = self._admitted.pop(0 if self._dialect.loser == "oldest" else -1)
        self.stats.evictions += 1
        loser.let_go(loser.session.crowded_out())
        return loser is not connection

    def _has_room(self) -> bool:
        return all(connection.unread < _ENOUGH for connection in self._open)

    def _tell_beat(self, events: list[Event]) -> None:
        if not self._open:
            return
        rows: list[tuple[Topic, Event]] = []
        for event in events:
            channel = _channel_of(event)
            spelled = None if channel is None else self._dialect.spelled(event)
            if channel is not None and spelled is not None:
                rows.append((Topic(channel, event.symbol), spelled))
        for connection in list(self._open):
            connection.tell(rows)

    def _on_error(self, error: Exception) -> None:
        _log.error("the market behind %r failed: %s", self, error)


def _channel_of(event: Event) -> str | None:
    match event:
        case Trade():
            return "trades"
        case Quote():
            return "quotes"
        case Bar():
            return _BARS.get(event.interval)
        case _:
            return None


@asynccontextmanager
async def serve(
    market: Observable[Event],
    protocol: Protocol = "polygon",
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    api_key: str = "sim-key",
    secret: str = "sim-secret",
    faults: WireFaults | None = None,
    seed: int = 0,
    max_connections: int = 1,
    max_symbols: int | None = None,
    auth_timeout: Nanos = 10 * SECOND,
    idle_ping: Nanos = 10 * SECOND,
    send_buffer: int = 1000,
) -> AsyncGenerator[Server, None]:
    """Serve *market* over WebSockets in the protocol of one vendor, while the context lasts.

    It behaves as the vendor does: who shows a wrong key is turned away, who authenticates late (*auth_timeout*) or reads too
    slowly (more than *send_buffer* frames unread) is let go, and with more than *max_connections* somebody has to leave.
    Clients hear what they subscribe to, from then on; up to *max_symbols* (None: as many as the vendor usually allows).
    *idle_ping* is when Finnhub pings in a silence. Port 0 takes a free one. *faults* befall every connection.

    A `Market` is told in real time from now on, whether anybody listens or not; any other stream at the pace that it has. A
    cold one has none, and is told as fast as it can be: pace a market before what is to happen to it,
    ``market.paced().pipe(faults.bias(50))``. Its facts keep their own times, those of 2024 unless it has a *start*.
    Raises `MissingExtra` without the package websockets, and `OSError` when the port is taken.
    """
    check_stream("sim.serve", market)
    if not isinstance(cast(object, protocol), str) or protocol not in DIALECTS:
        raise ValueError(f"no protocol {protocol!r}; there are {', '.join(DIALECTS)}")
    dialect = DIALECTS[protocol]
    limit = dialect.max_symbols if max_symbols is None else max_symbols
    manners = Manners(auth_timeout, idle_ping, send_buffer, faults or WireFaults())
    server = Server(dialect, Access(api_key, secret, limit), manners, max_connections, seed)
    async with server.running(market, host, port):
        yield server
