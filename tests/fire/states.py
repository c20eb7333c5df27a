"""Every state that a feed can be ended in, over real sockets: where to dial to get into it, and stay there."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator

from reactivex.subject import Subject
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as listen

from ordinis_rx.events import Event
from ordinis_rx.sim import Server, serve
from ordinis_rx.testing.factories import a_trade
from ordinis_rx.testing.fault_proxy import FaultProxy, fault_proxy

__all__ = ["SILENT", "STATES", "SUBSCRIBED", "Places", "places"]

STATES = (
    "idle",
    "dialling",
    "handshake",
    "authenticating",
    "streaming",
    "backing off",
    "stalled",
    "closing",
)
SUBSCRIBED = ("streaming", "stalled", "closing")
SILENT = ("stalled", "closing")
"""Those whose line is dead: what it says to the server is not answered, nor a goodbye."""


class Places:
    """Where to dial, by state; the servers behind it run as long as `places` lasts."""

    def __init__(self) -> None:
        self.url: dict[str, str] = {}
        self.market: Subject[Event] = Subject()
        self.shaking_hands = 0
        self.logging_in = 0
        self.server: Server
        self.proxy: FaultProxy

    async def reached(self, state: str, feeds: int) -> None:
        """Wait until so many feeds are in *state*, as far as it can be seen from here."""
        if state == "handshake":
            await _until(lambda: self.shaking_hands >= feeds)
        elif state == "authenticating":
            await _until(lambda: self.logging_in >= feeds)

    async def subscribed(self, feeds: int) -> None:
        """Wait until so many feeds are subscribed, and tell them a trade."""
        await _until(lambda: self.server.stats.subscriptions >= feeds)
        self.market.on_next(a_trade(symbol="AAPL"))


async def _until(true: Callable[[], bool]) -> None:
    """Wait until it is *true*, and leave the processor to the others meanwhile."""
    nothing = asyncio.Event()
    while not true():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(nothing.wait(), 0.005)


@contextlib.contextmanager
def _full() -> Iterator[int]:
    """A port at which a dial neither succeeds nor fails: nobody accepts, and no more may wait."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def _free() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def places() -> AsyncIterator[Places]:
    at = Places()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at.shaking_hands += 1
        with contextlib.suppress(OSError):
            while await reader.read(1024):
                pass
        writer.close()

    async def speechless(peer: ServerConnection) -> None:
        async for _ in peer:
            at.logging_in += 1

    tcp = await asyncio.start_server(deaf, "127.0.0.1", 0)
    async with (
        tcp,
        listen(speechless, "127.0.0.1", 0) as websockets,
        serve(at.market, max_connections=1000) as at.server,
        fault_proxy("127.0.0.1", at.server.port) as at.proxy,
    ):
        with _full() as full:
            ports = {
                "idle": _free(),
                "dialling": full,
                "handshake": tcp.sockets[0].getsockname()[1],
                "authenticating": next(iter(websockets.sockets)).getsockname()[1],
                "streaming": at.server.port,
                "backing off": _free(),
                "stalled": at.proxy.port,
                "closing": at.proxy.port,
            }
            at.url = {state: f"ws://127.0.0.1:{port}/stocks" for state, port in ports.items()}
            yield at
