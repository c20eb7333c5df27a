"""The end, from every state and in every way: within two seconds, and nothing stays behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

import ordinis_rx as ox
from ordinis_rx.config import StreamConfig
from ordinis_rx.events import StreamStatus
from ordinis_rx.feed import Feed, feed
from ordinis_rx.providers.polygon import polygon
from tests.figures import record
from tests.fire.states import SILENT, STATES, SUBSCRIBED, Places, places
from tests.live import LiveEar

pytestmark = pytest.mark.deep

ROOT = Path(__file__).parents[2]
SECONDS = 2.0
BACKING_OFF = StreamConfig(reconnect_delay_seconds=60.0)


def sockets() -> int:
    found = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
        except OSError:  # the one with which the folder is read
            continue
    return found


class Ending:
    """A feed in one state, with a subscriber and with a task that iterates over it."""

    def __init__(self, url: str, state: str) -> None:
        self.state = state
        provider = polygon("sim-key", url=url)
        self.events: Feed = feed(provider, ["AAPL"], channels={"trades"}, config=BACKING_OFF)
        self.ear = LiveEar()
        self.task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        if self.state != "idle":
            self.ear.to(self.events)
            self.task = asyncio.create_task(self.iterate())
            await asyncio.sleep(0)
        if self.state == "backing off":
            await self.ear.until(lambda: StreamStatus.RECONNECTING in self.ear.statuses)

    async def iterate(self) -> None:
        async with ox.aiter(self.events) as told:
            async for _ in told:
                pass

    async def hang_up(self) -> None:
        """The way in which each is ended that is closing already."""
        self.ear.leave()
        if self.task is not None:
            self.task.cancel()
        await asyncio.sleep(0)

    async def left(self) -> None:
        """Wait until nothing of it is left."""
        connections = self.events._connections
        while connections:
            await asyncio.wait([next(iter(connections))._task])


async def dispose(ending: Ending) -> None:
    await ending.hang_up()
    await ending.left()


async def close(ending: Ending) -> None:
    await ending.events.close()


async def cancel(ending: Ending) -> None:
    if ending.ear.subscription is not None:
        ending.ear.leave()
    if ending.task is not None:
        ending.task.cancel()
        await asyncio.wait([ending.task])
    await ending.left()


async def in_every_state(at: Places) -> list[Ending]:
    endings = [Ending(at.url[state], state) for state in STATES]
    for ending in endings:
        await ending.begin()
        await at.reached(ending.state, 1)
    await at.subscribed(len(SUBSCRIBED))
    for ending in endings:
        if ending.state in SUBSCRIBED:
            await ending.ear.trades(1)
    at.proxy.half_open()
    return endings


@pytest.mark.parametrize("way", [dispose, close, cancel], ids=lambda way: way.__name__)
async def test_a_feed_ends_within_two_seconds_from_every_state(
    way: Callable[[Ending], Awaitable[None]],
) -> None:
    async def timed(ending: Ending) -> float:
        if ending.state == "closing":
            await ending.hang_up()
        began = loop.time()
        if way is dispose and ending.state == "idle":
            return 0.0
        await way(ending)
        return loop.time() - began

    loop = asyncio.get_running_loop()
    gc.collect()  # of what others have left
    threads, open_sockets, tasks = threading.active_count(), sockets(), asyncio.all_tasks()
    async with places() as at, asyncio.timeout(20):
        endings = await in_every_state(at)
        took = dict(zip(STATES, await asyncio.gather(*map(timed, endings)), strict=True))
        assert max(took.values()) <= SECONDS, took
        assert [name for name in took if took[name] > 0.9 and name not in SILENT] == []
        assert not [each for each in asyncio.all_tasks() if each.get_name().startswith("ordinis")]
    async with asyncio.timeout(SECONDS):  # what is left are the servers' own
        while asyncio.all_tasks() != tasks or sockets() != open_sockets:
            await asyncio.sleep(0)
    assert threading.active_count() == threads


SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM}
ENDS = {
    ("asyncio", "SIGINT"): "KeyboardInterrupt",
    ("asyncio", "SIGTERM"): "CancelledError",
    ("blocking", "SIGINT"): "KeyboardInterrupt",
    ("blocking", "SIGTERM"): "SystemExit",
}
CASES = [
    (program, number, state)
    for program, number in ENDS
    for state in STATES
    if (program, state) != ("blocking", "closing")  # a script closes by ending
]


class Victims:
    """The processes of one run, by number, and what each has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._changed = asyncio.Event()
        self.said: dict[int, list[str]] = {}

    @classmethod
    @contextlib.asynccontextmanager
    async def gathered(cls) -> AsyncIterator[Victims]:
        """All of them are gone at the end, and have complained of nothing."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-W", "error", "-m", "tests.fire.victim"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stderr is not None
        victims = cls(process)
        listening = asyncio.create_task(victims.listen())
        try:
            yield victims
        finally:
            process.stdin.close()
            complaints = (await process.stderr.read()).decode()
            code = await process.wait()
            await listening
        assert (complaints, code) == ("", 0)

    def begin(self, number: int, program: str, url: str, state: str) -> None:
        assert self._process.stdin is not None
        self.said[number] = []
        self._process.stdin.write(f"{number} {program} {url} {state}\n".encode())

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            number, _, word = line.decode().rstrip().partition(" ")
            self.said[int(number)].append(word)
            self._changed.set()

    async def until(self, number: int, word: str) -> str:
        """What victim *number* said that begins with *word*, once it has."""
        while True:
            for said in self.said[number]:
                if said.startswith(word):
                    return said
            self._changed.clear()
            await self._changed.wait()

    async def signal(self, number: int, what: signal.Signals) -> None:
        pid = int((await self.until(number, "pid")).split()[1])
        os.kill(pid, what)


READY = {
    "idle": "idle",
    "dialling": "dialling",
    "handshake": "dialling",
    "authenticating": "dialling",
    "streaming": "trade",
    "backing off": "backing",
    "stalled": "trade",
    "closing": "trade",
}


@pytest.mark.deep
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the victims are forked")
async def test_a_process_ends_within_two_seconds_of_a_signal_from_every_state() -> None:
    loop = asyncio.get_running_loop()
    async with places() as at, Victims.gathered() as victims, asyncio.timeout(90):
        for number, (program, _, state) in enumerate(CASES):
            victims.begin(number, program, at.url[state], state)
        states = [state for *_, state in CASES]
        await at.subscribed(sum(state in SUBSCRIBED for state in states))
        for number, state in enumerate(states):
            await victims.until(number, READY[state])
            await at.reached(state, states.count(state))
        at.proxy.half_open()
        for number, state in enumerate(states):
            if state == "closing":
                await victims.signal(number, signal.SIGUSR1)
        for number, state in enumerate(states):
            if state == "closing":
                await victims.until(number, "closing")

        slowest = 0.0
        for number, (program, name, state) in enumerate(CASES):
            sent = loop.time()
            await victims.signal(number, SIGNALS[name])
            end = await victims.until(number, "left")
            assert end == f"left {ENDS[program, name]} threads 1 files 0", (program, name, state)
            slowest = max(slowest, took := loop.time() - sent)
            assert took <= SECONDS, (program, name, state)
    record(
        "shutdown",
        f"{slowest:.2f} s at most; 0 tasks, threads, files left",
        f"{len(STATES)} states, by dispose, close, cancel, SIGINT, SIGTERM",
    )
