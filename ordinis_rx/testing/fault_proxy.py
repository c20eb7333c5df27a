"""A proxy on this machine that spoils what goes through it: for tests of a client, or of a server, over real sockets.

>>> import asyncio
>>> from ordinis_rx.sim import market, serve
>>> async def address() -> str:
...     async with serve(market(["AAPL"])) as server, fault_proxy("127.0.0.1", server.port) as proxy:
...         proxy.faults = ProxyFaults(latency=50_000_000)
...         return proxy.through(server.url).replace(str(proxy.port), "PORT")
>>> asyncio.run(address())
'ws://127.0.0.1:PORT/stocks'
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from random import Random
from urllib.parse import urlsplit

from ordinis_rx.testing.proxied import End, Proxied, reset
from ordinis_rx.testing.proxy_faults import ProxyFaults, ProxyStats

__all__ = ["FaultProxy", "ProxyFaults", "ProxyStats", "fault_proxy"]

_DIAL_SECONDS = 10.0


class FaultProxy:
    """A running proxy, as `fault_proxy` gives it."""

    def __init__(self, to_host: str, to_port: int, faults: ProxyFaults, seed: int) -> None:
        self.faults = faults
        """What goes wrong; may be set anew at any time, and counts at once for open connections too."""
        self.stats = ProxyStats()
        """What it has seen and done; counts on while it runs."""
        self.host = ""
        """Where it listens."""
        self.port = 0
        """Where it listens."""
        self._to = (to_host, to_port)
        self._random = Random(seed)
        self._open: list[Proxied] = []
        self._dialling = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        host, port = self._to
        return (
            f"FaultProxy({self.host}:{self.port} -> {host}:{port}, {self.connections} connections)"
        )

    @property
    def connections(self) -> int:
        """How many clients are connected to the server, half-open ones not counted."""
        return sum(not each.half_open for each in self._open)

    def through(self, url: str) -> str:
        """The address *url* of the server, with the proxy's host and port in it.

        A name in a certificate will not match: of TLS it carries only what does not look at names.
        """
        parts = urlsplit(url)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return parts._replace(netloc=f"{host}:{self.port}").geturl()

    def cut(self) -> None:
        """Reset all connections, half-open ones too; clients may come back at once."""
        for each in list(self._open):
            each.cut()

    def half_open(self) -> None:
        """Carry nothing more on the connections of this moment, and leave their sockets open, until they are cut."""
        for each in self._open:
            each.go_half_open()

    @asynccontextmanager
    async def running(self, host: str, port: int) -> AsyncGenerator[None, None]:
        """Listen and carry, while the context lasts."""
        listener = await asyncio.start_server(self._accept, host, port)
        try:
            self.host, self.port = listener.sockets[0].getsockname()[:2]
            yield
        finally:
            listener.close()
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)
            await listener.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # No coroutine function: of its task nobody would know when it is time to end.
        task = asyncio.get_running_loop().create_task(self._serve(End(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: End) -> None:
        try:
            self.stats.connections += 1
            most = self.faults.max_connections
            if most is not None and self.connections + self._dialling >= most:
                self.stats.refused += 1
                return
            self._dialling += 1
            try:
                async with asyncio.timeout(_DIAL_SECONDS):
                    server = End(*await asyncio.open_connection(*self._to))
            except OSError:  # a TimeoutError is one
                self.stats.unreachable += 1
                return
            finally:
                self._dialling -= 1
            proxied = Proxied(
                client, server, faults=lambda: self.faults, stats=self.stats, random=self._random
            )
            self._open.append(proxied)
            try:
                await proxied.run()
            finally:
                self._open.remove(proxied)
        finally:
            reset(client)


@asynccontextmanager
async def fault_proxy(
    to_host: str,
    to_port: int,
    *,
    faults: ProxyFaults | None = None,
    seed: int = 0,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncGenerator[FaultProxy, None]:
    """Carry TCP connections from *host* and *port* (0: a free one) to *to_host* and *to_port*, while the context lasts.

    Whatever is said through it meets *faults*; they may be changed, and connections cut or left half open, at any time. What
    is drawn (jitter, wrong bytes) is drawn from *seed*, in the order in which it is needed. In each direction about a
    mebibyte may wait; whoever says more has to wait himself. A server that cannot be reached is a reset for the client.
    When the context ends, all connections are reset, and nothing is left. Raises `OSError` when the port is taken.
    """
    proxy = FaultProxy(to_host, to_port, faults or ProxyFaults(), seed)
    async with proxy.running(host, port):
        yield proxy
