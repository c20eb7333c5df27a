"""From a socket on loopback to facts in a subscriber, against bare websockets with our decoder, and the vendor's client."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable

from massive import WebSocketClient
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from benchmarks.decoding import EVENTS, message
from benchmarks.measure import ROUNDS, Row, show
from ordinis_rx.feed import feed
from ordinis_rx.providers.polygon import polygon

MESSAGES = 8_000
RAW = message().decode()
CONNECTED = '[{"ev":"status","status":"connected","message":"Connected Successfully"}]'
LET_IN = '[{"ev":"status","status":"auth_success","message":"authenticated"}]'
TAKEN = (
    '[{"ev":"status","status":"success","message":"subscribed to: T.AAPL"},'
    '{"ev":"status","status":"success","message":"subscribed to: Q.AAPL"}]'
)


async def vendor(peer: ServerConnection) -> None:
    """Says what Polygon says, then sends as fast as it is read."""
    with contextlib.suppress(ConnectionClosed):
        await tell(peer)


async def tell(peer: ServerConnection) -> None:
    """The whole conversation, and the market."""
    await peer.send(CONNECTED)
    await peer.recv()
    await peer.send(LET_IN)
    await peer.recv()
    await peer.send(TAKEN)
    for _ in range(MESSAGES):
        await peer.send(RAW)
    await peer.wait_closed()


class Vendor:
    """The server in a process of its own, so that it does not ask for the lock of the interpreter that is measured."""

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.wire"], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


async def be_the_vendor() -> None:
    """Serve until the process is ended; the port is told first."""
    async with serve(vendor, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await server.serve_forever()


async def through_feed(port: int) -> int:
    """Our feed, one subscriber, which is a function of C: what a Python one does costs its own call, and is not ours."""
    last: deque[object] = deque(maxlen=1)
    source = feed(polygon("key", url=f"ws://127.0.0.1:{port}/stocks"), ["AAPL"])
    source.subscribe(last.append)
    while source.stats.messages < MESSAGES + 3:  # three more to let us in
        await asyncio.sleep(0.01)
    seen = source.stats.events
    await source.close()
    assert seen >= MESSAGES * EVENTS
    return MESSAGES * EVENTS


async def bare(port: int) -> int:
    """websockets and our decoder, and nothing else."""
    decode, seen = polygon("key").decoder({}), 0
    async with connect(f"ws://127.0.0.1:{port}/stocks", proxy=None, max_queue=None) as socket:
        await socket.send("auth")
        await socket.send("subscribe")
        while seen < MESSAGES * EVENTS:
            facts, _ = decode(await socket.recv(decode=False), 1, 1)
            seen += len(facts)
    return seen


async def official(port: int) -> int:
    """The vendor's client."""
    seen, done = 0, asyncio.Event()
    client = WebSocketClient(
        "key", feed=f"127.0.0.1:{port}", secure=False, subscriptions=["T.AAPL", "Q.AAPL"]
    )

    async def processor(models: list[object]) -> None:
        nonlocal seen
        seen += len(models)
        if seen >= MESSAGES * EVENTS:
            done.set()

    task = asyncio.create_task(client.connect(processor))
    await done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return seen


def main() -> None:
    """The table of this page; the time is that of the reading thread alone."""
    contenders: dict[str, Callable[[int], Awaitable[int]]] = {
        "ours: feed, one subscriber": through_feed,
        "bare websockets + our decoder": bare,
        "the vendor's client": official,
    }
    best = dict.fromkeys(contenders, float("inf"))
    with Vendor() as port:
        for _ in range(ROUNDS):
            for name, run in contenders.items():

                async def once(run: Callable[[int], Awaitable[int]] = run) -> int:
                    return await run(port)

                began = time.thread_time_ns()
                seen = asyncio.run(once())
                best[name] = min(best[name], (time.thread_time_ns() - began) / seen)
    rows = [Row(name, ns) for name, ns in best.items()]
    show("From a socket on loopback to facts, messages of 25 events", rows, base=rows[1].name)


if __name__ == "__main__":
    asyncio.run(be_the_vendor())
