"""A server that speaks as Polygon does and breaks off every connection, each time in another way.

`python -m tests.endurance.station --rate 5000 --frames 500` prints the port it listens on and serves until its input ends.
It numbers the trades that it sends; between two connections some numbers are left out, as what traded meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import socket
import struct
import sys
from collections.abc import Callable

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

__all__ = ["MISSED", "Station", "main"]

MISSED = 7
"""Trades between one connection and the next."""

FRAMES_A_SECOND = 50


def reset(peer: ServerConnection) -> None:
    """As when the server's machine goes down: a reset, no goodbye."""
    bare = peer.transport.get_extra_info("socket")
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.transport.abort()


ENDS: tuple[Callable[[ServerConnection], object], ...] = (
    reset,
    lambda peer: peer.close(1000, "bye"),
    lambda peer: peer.transport.close(),
    lambda peer: peer.close(1012, "restart"),
)


class Station:
    """Its numbers go on over all connections; after *frames* frames each connection is broken off."""

    def __init__(self, rate: int, frames: int) -> None:
        self._each = rate // FRAMES_A_SECOND
        self._frames = frames
        self._number = 0
        self._ends = itertools.cycle(ENDS)

    def _frame(self, symbols: list[str]) -> bytes:
        first, self._number = self._number + 1, self._number + self._each
        frame = [
            {"ev": "T", "sym": symbols[n % len(symbols)], "p": 1.0, "s": 1, "t": n, "i": str(n)}
            for n in range(first, self._number + 1)
        ]
        return msgspec.json.encode(frame)

    async def __call__(self, peer: ServerConnection) -> None:
        """One connection."""
        loop = asyncio.get_running_loop()
        try:
            await peer.recv()
            await peer.send('[{"ev":"status","status":"auth_success"}]')
            topics = msgspec.json.decode(await peer.recv())["params"].split(",")
            symbols = [topic.removeprefix("T.") for topic in topics]
            for topic in topics:
                await peer.send(
                    f'[{{"ev":"status","status":"success","message":"subscribed to: {topic}"}}]'
                )
            began = loop.time()
            await peer.send(self._frame(symbols))
            for count in range(1, self._frames):
                await asyncio.sleep(began + count / FRAMES_A_SECOND - loop.time())
                await peer.send(self._frame(symbols))
            self._number += MISSED
            if (ending := next(self._ends)(peer)) is not None:
                await ending  # type: ignore[misc]
        except ConnectionClosed:
            return


async def main(rate: int, frames: int) -> None:
    """Serve until the input ends."""
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)
    async with serve(Station(rate, frames), "127.0.0.1", 0, close_timeout=0.2) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await over.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, required=True, help="trades a second")
    parser.add_argument("--frames", type=int, required=True, help="after which it breaks off")
    options = parser.parse_args()
    asyncio.run(main(options.rate, options.frames))
