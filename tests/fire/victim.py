"""Processes that stream until they are told to stop by a signal, and say what is left of them then.

``python -m tests.fire.victim`` reads lines ``NUMBER PROGRAM STATE URL`` and forks one for each, so that the library is read
only once. Each tells ``NUMBER WORD`` on standard output: how it gets on, and, last of all, ``left ...``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import websockets.asyncio.client  # noqa: F401  # read before the fork, too

import ordinis_rx as ox
from ordinis_rx.events import Event, StatusChange, StreamStatus, Trade

CONFIG = ox.StreamConfig(reconnect_delay_seconds=60.0, heartbeat_interval_seconds=30.0)


def open_files() -> int:
    return len(os.listdir("/dev/fd"))


def feed(url: str) -> ox.Feed:
    provider = ox.polygon("sim-key", url=url)
    return ox.feed(provider, ["AAPL"], channels={"trades"}, config=CONFIG)


class Victim:
    def __init__(self, number: str, state: str, url: str) -> None:
        self.number = number
        self.state = state
        self.url = url

    def say(self, word: str) -> None:
        os.write(1, f"{self.number} {word}\n".encode())

    def hear(self, event: Event) -> None:
        if isinstance(event, Trade):
            self.say("trade")
        elif isinstance(event, StatusChange) and event.status is StreamStatus.RECONNECTING:
            self.say("backing")
        elif isinstance(event, StatusChange) and event.status is StreamStatus.CONNECTING:
            self.say("dialling")

    async def stream(self) -> None:
        """The usual asyncio program: SIGINT is Python's own affair, SIGTERM cancels."""
        main = asyncio.current_task()
        assert main is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
        events = feed(self.url)
        if self.state == "idle":
            self.say("idle")
            await asyncio.Event().wait()
        elif self.state == "closing":
            await self.close(events)
        else:
            async for event in ox.aiter(events):
                self.hear(event)

    async def close(self, events: ox.Feed) -> None:
        """Say goodbye to a line that is dead by then, and wait."""
        silent = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, silent.set)
        events.subscribe(self.hear)
        await silent.wait()
        closing = events.close()
        self.say("closing")
        await closing
        await asyncio.Event().wait()

    def iterate(self) -> None:
        """The usual script without a loop: both signals raise in the main thread."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        if self.state == "idle":
            iterator = ox.iter_blocking(lambda: feed(self.url))
            self.say("idle")
            with iterator:
                while not threading.Event().wait(0.2):  # a signal may have come to the other thread
                    pass
        else:
            for event in ox.iter_blocking(lambda: feed(self.url)):
                self.hear(event)

    def live(self, program: str) -> NoReturn:
        files, end = open_files(), "nothing"
        run: Callable[[], object] = (
            self.iterate if program == "blocking" else lambda: asyncio.run(self.stream())
        )
        try:
            run()
        except BaseException as error:
            end = type(error).__name__
        left = [thread.name for thread in threading.enumerate() if thread.is_alive()]
        self.say(f"left {end} threads {len(left)} files {open_files() - files}")
        os._exit(0)


async def warm_up() -> None:
    """Have everything imported that a feed needs, so that not each of them has to."""
    async for _ in ox.aiter(feed("ws://127.0.0.1:1/stocks")):
        break


def main() -> None:
    asyncio.run(warm_up())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    pids: list[int] = []
    for line in sys.stdin:
        number, program, url, state = line.rstrip("\n").split(" ", 3)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            Victim(number, state, url).live(program)
        os.write(1, f"{number} pid {pid}\n".encode())
        pids.append(pid)
    for pid in pids:  # whoever has not heeded its signal
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
