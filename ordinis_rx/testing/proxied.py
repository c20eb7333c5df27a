"""One connection through a `fault_proxy`: what is said on one side is said on the other, later, in part, or wrongly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from ordinis_rx.testing.proxy_faults import ProxyFaults, ProxyStats
from ordinis_rx.timebase import SECOND

__all__ = ["End", "Proxied", "reset"]

_PIECE = 1 << 14
_PIECES = 64
"""So many wait to be carried in one direction; who says more has to wait."""
_SLICES_A_SECOND = 50
"""A narrow line is narrow in each fiftieth of a second."""

_NO_LINGERING = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


class End(NamedTuple):
    """One of the two sockets."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class _Spent(Exception):
    """As many bytes have been carried as the faults allow."""


def reset(end: End) -> None:
    """Close at once, and let the peer see it as a reset."""
    bare = end.writer.get_extra_info("socket")
    if bare is not None and bare.fileno() >= 0:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
    end.writer.transport.abort()


class Proxied:
    """Carries in both directions, until both sides have said all, one breaks off, or a fault ends it.

    *faults* is asked for each piece, so that what is changed counts at once.
    """

    def __init__(
        self,
        client: End,
        server: End,
        *,
        faults: Callable[[], ProxyFaults],
        stats: ProxyStats,
        random: Random,
    ) -> None:
        self._client = client
        self._server = server
        self._faults = faults
        self._stats = stats
        self._random = random
        self._carried = self._from_server = 0
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.half_open = False

    async def run(self) -> None:
        """From now until both sockets are gone; cancelling it resets them."""
        loop, client, server = asyncio.get_running_loop(), self._client, self._server
        up, down = _Lane(self._faults, self._random), _Lane(self._faults, self._random)
        self._tasks = [
            loop.create_task(work)
            for work in (
                up.take(client.reader),
                up.give(server.writer, self._said_up, self._left),
                down.take(server.reader),
                down.give(client.writer, self._said_down, self._left),
            )
        ]
        try:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
            failures = self._failures()
            if any(isinstance(failure, _Spent) for failure in failures):
                self._strike()
            if self.half_open:
                await self._over.wait()
            elif not failures and not self._over.is_set():
                with contextlib.suppress(OSError):
                    for end in (client, server):
                        end.writer.close()
                        await end.writer.wait_closed()
        finally:
            self._stop_carrying()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for end in (client, server):
                reset(end)

    def cut(self) -> None:
        """Reset both sockets."""
        self._stats.cuts += 1
        self._over.set()
        self._stop_carrying()

    def go_half_open(self) -> None:
        """Carry nothing any more, and leave both sockets open."""
        if not self.half_open:
            self._stats.half_opens += 1
            self.half_open = True
            self._stop_carrying()
            for end in (self._client, self._server):
                end.writer.transport.pause_reading()  # type: ignore[attr-defined]

    def _stop_carrying(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _failures(self) -> list[BaseException]:
        """Why carrying has ended, if not because all has been said."""
        failures: list[BaseException] = []
        for task in self._tasks:
            failure = task.exception() if task.done() and not task.cancelled() else None
            if isinstance(failure, _Spent | OSError):
                failures.append(failure)
            elif failure is not None:
                raise failure
        return failures

    def _strike(self) -> None:
        cut_after = self._faults().cut_after
        if cut_after is not None and self._carried >= cut_after:
            self.cut()
        else:
            self.go_half_open()

    def _left(self) -> int | None:
        """How many bytes may still be carried; None: any number."""
        faults = self._faults()
        limits = [n for n in (faults.cut_after, faults.half_open_after) if n is not None]
        return max(min(limits) - self._carried, 0) if limits else None

    def _spend(self, part: bytes) -> bytes:
        """As much of *part* as may still be carried."""
        allowed = part[: self._left()]
        self._carried += len(allowed)
        return allowed

    def _said_up(self, part: bytes) -> bytes:
        allowed = self._spend(part)
        self._stats.bytes_up += len(allowed)
        return allowed

    def _said_down(self, part: bytes) -> bytes:
        allowed = self._spend(part)
        self._stats.bytes_down += len(allowed)
        spoiled = self._spoiled(allowed)
        self._from_server += len(allowed)
        return spoiled

    def _spoiled(self, part: bytes) -> bytes:
        faults, random = self._faults(), self._random
        wrong: set[int] = set()
        every = faults.corrupt_every
        if every is not None:
            wrong.update(range(every - 1 - self._from_server % every, len(part), every))
        if faults.corrupt:
            wrong.update(at for at in range(len(part)) if random.random() < faults.corrupt)
        if not wrong:
            return part
        self._stats.corrupted += len(wrong)
        spoiled = bytearray(part)
        for at in sorted(wrong):
            spoiled[at] ^= 1 << random.randrange(8)
        return bytes(spoiled)


class _Lane:
    """One direction: takes from one end what comes, and gives it to the other when it is time."""

    def __init__(self, faults: Callable[[], ProxyFaults], random: Random) -> None:
        self._faults = faults
        self._random = random
        self._loop = asyncio.get_running_loop()
        self._coming: asyncio.Queue[tuple[float, bytes | OSError]] = asyncio.Queue(_PIECES)

    async def take(self, reader: asyncio.StreamReader) -> None:
        """Read to the end, whatever kind of end it is."""
        due, ended = 0.0, False
        while not ended:
            piece: bytes | OSError
            try:
                piece = await reader.read(_PIECE)
            except OSError as error:
                piece = error
            ended = not isinstance(piece, bytes) or not piece
            faults = self._faults()
            late = faults.latency + self._random.uniform(0, faults.jitter)
            if ended:
                late += faults.slow_close
            due = max(due, self._loop.time() + late / SECOND)
            await self._coming.put((due, piece))

    async def give(
        self,
        writer: asyncio.StreamWriter,
        said: Callable[[bytes], bytes],
        left: Callable[[], int | None],
    ) -> None:
        """Hand on what was taken, as *said* makes it, and its end, of whatever kind it is; until nothing is *left*."""
        free = 0.0
        while True:
            due, piece = await self._coming.get()
            await self._until(due)
            if not isinstance(piece, bytes):
                raise piece
            if not piece:
                writer.write_eof()
                return
            while piece:
                await self._until(free)
                rate = self._faults().bandwidth
                room = _PIECE if rate is None else min(int(rate / _SLICES_A_SECOND) + 1, _PIECE)
                part, piece = piece[:room], piece[room:]
                writer.write(said(part))
                await writer.drain()
                if left() == 0:
                    raise _Spent
                if rate is not None:
                    free = max(free, self._loop.time()) + len(part) / rate

    async def _until(self, due: float) -> None:
        left = due - self._loop.time()
        if left > 0:
            await asyncio.sleep(left)
