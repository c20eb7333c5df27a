"""A process that listens to a `station` and measures itself.

`python -m tests.endurance.listener PORT --seconds 120` (or ``--connections 10000``) prints a line of JSON at the end: what
it heard, what of it was lost without a word, and how memory, file descriptors, threads and tasks went.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import threading
import time
from typing import NamedTuple

import ordinis_rx as ox
from ordinis_rx.events import Event, Gap, Trade

__all__ = ["Listener", "Sample", "main", "slope"]

WARM_UP = 0.25
"""The part of a run in which memory may settle."""


def slope(samples: list[tuple[float, float]]) -> float:
    """How much the second number of each pair rises with the first: the line of least squares.

    >>> slope([(0, 1), (1, 3), (2, 5)])
    2.0
    """
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    below = sum((x - mean_x) ** 2 for x, _ in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / below if below else 0.0


def resident() -> int:
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Listener:
    """Holds nothing of what it hears but numbers."""

    def __init__(self) -> None:
        self.events = self.gaps = self.lost = self.silent = self.disorder = 0
        self._last = 0
        self._told = False

    def __call__(self, event: Event) -> None:
        """Take an event; trades are numbered without a break, and a break must have been told."""
        self.events += 1
        if type(event) is Trade:
            missing = int(event.trade_id) - self._last - 1
            if missing:
                self.lost += missing
                self.disorder += missing < 0
                self.silent += 0 if self._told else missing
            self._last, self._told = int(event.trade_id), False
        elif type(event) is Gap:
            self.gaps += 1
            self._told = True


class Sample(NamedTuple):
    """This process at one moment."""

    done: float
    """How much of the run is over, from 0 to 1."""
    resident: int
    descriptors: int
    threads: int
    tasks: int


def sample(done: float) -> Sample:
    """Measure, after what nobody needs is gone."""
    gc.collect()
    return Sample(
        done,
        resident(),
        len(os.listdir("/proc/self/fd")),
        threading.active_count(),
        len(asyncio.all_tasks()),
    )


async def main(port: int, seconds: float, connections: int, symbols: int) -> dict[str, object]:
    """Listen for *seconds* or, if *connections* is not 0, for so many of them."""
    pause = 0.001 if connections else 0.05
    feed = ox.feed(
        ox.polygon("canary-4711-key", url=f"ws://127.0.0.1:{port}/stocks"),
        [f"S{n}" for n in range(symbols)],
        channels={"trades"},
        config=ox.StreamConfig(
            reconnect_delay_seconds=pause,
            reconnect_delay_max_seconds=pause,
            max_reconnect_attempts=None,
            silence_seconds=60.0,
        ),
    )
    heard = Listener()
    samples: list[Sample] = []
    began, busy = time.monotonic(), time.process_time()

    def progress() -> float:
        if connections:
            return feed.stats.connects / connections
        return (time.monotonic() - began) / seconds

    listening = feed.subscribe(heard)
    every = 1 / 50 if connections else max(0.5, seconds / 300) / seconds
    while (done := progress()) < 1:
        if done >= every * (len(samples) + 1):
            samples.append(sample(done))
        await asyncio.sleep(0.005)
    took, busy = time.monotonic() - began, time.process_time() - busy
    listening.dispose()
    connects = feed.stats.connects
    await feed.close()
    settled = [each for each in samples if each.done >= WARM_UP]
    return {
        "seconds": took,
        "busy_seconds": busy,
        "connects": connects,
        "events": heard.events,
        "gaps": heard.gaps,
        "lost": heard.lost,
        "silent": heard.silent,
        "disorder": heard.disorder,
        "growth": settled[-1].resident - settled[0].resident,
        "growth_an_hour": slope([(each.done * took, each.resident) for each in settled]) * 3600,
        "descriptors": [peak(settled, "descriptors", half) for half in (0, 1)],
        "threads": [peak(settled, "threads", half) for half in (0, 1)],
        "tasks": [peak(settled, "tasks", half) for half in (0, 1)],
        "tasks_left": len(asyncio.all_tasks()) - 1,
    }


def peak(samples: list[Sample], field: str, half: int) -> int:
    """The most of something in the first (0) or second (1) half of the samples."""
    middle = len(samples) // 2
    part = samples[middle:] if half else samples[:middle]
    return max((getattr(each, field) for each in part), default=0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--connections", type=int, default=0)
    parser.add_argument("--symbols", type=int, default=100)
    options = parser.parse_args()
    told = asyncio.run(main(options.port, options.seconds, options.connections, options.symbols))
    print(json.dumps(told))
