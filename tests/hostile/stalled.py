"""A process whose consumers have stopped reading, while events come: python -m tests.hostile.stalled EVENTS.

It may not grow by more than 64 MiB (the system sees to it), and at the end prints a line of JSON: by how much the peak of
its memory rose, and of each consumer what it was told, beside what its bridge had counted.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import threading
from typing import Any

from ordinis_rx.bridges import StreamIterator, aiter, subscribe_isolated
from ordinis_rx.events import Event
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import Overflow
from ordinis_rx.testing import a_quote, a_trade
from tests.hostile.victim import memory

LIMIT = 64 << 20
A_PUSH = 100


def some(first: int) -> list[Event]:
    """The next events, of a hundred symbols."""
    return [
        a_trade(float(n), symbol=f"S{n % 100}", seq=n + 1, at=n + 1)
        if n % 2
        else a_quote(float(n), n + 1.0, symbol=f"S{n % 100}", seq=n + 1, at=n + 1)
        for n in range(first, first + A_PUSH)
    ]


async def drained(bridge: StreamIterator[Event]) -> int:
    told = 0
    async for _ in bridge:
        told += 1
    return told


async def main(events: int) -> dict[str, Any]:
    hot = Hot()
    bridges = {way.value: aiter(hot.stream, maxsize=1000, overflow=way) for way in WAYS}
    for bridge in bridges.values():
        await bridge.__aenter__()
    go_on, told = threading.Event(), []

    def stuck(event: Event) -> None:
        go_on.wait()
        told.append(event)

    async def waiting(event: Event) -> None:
        await asyncio.to_thread(go_on.wait)
        told_async.append(event)

    told_async: list[Event] = []
    calls: dict[str, tuple[Any, list[Event]]] = {
        "a blocked thread": (subscribe_isolated(hot.stream, stuck, in_thread=True), told),
        "a coroutine that waits": (subscribe_isolated(hot.stream, waiting), told_async),
    }
    for first in range(0, 20 * A_PUSH, A_PUSH):  # what is made once is made
        hot.push(some(first))
        await asyncio.sleep(0)
    size = memory("VmSize:")
    resource.setrlimit(resource.RLIMIT_AS, (size + LIMIT, size + LIMIT))
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = memory("VmRSS:")
    for first in range(20 * A_PUSH, events, A_PUSH):
        hot.push(some(first))
        await asyncio.sleep(0)
    grown = memory("VmHWM:") - before
    hot.complete()
    go_on.set()
    counts: dict[str, Any] = {}
    for name, bridge in bridges.items():
        got = await drained(bridge)
        counts[name] = got, *bridge.stats
    for name, (isolated, heard) in calls.items():
        await isolated.join()
        counts[name] = len(heard), *isolated.stats
    return {"bytes": grown, "counts": counts}


WAYS: tuple[Overflow, ...] = (Overflow.DROP_OLDEST, Overflow.DROP_NEWEST, Overflow.CONFLATE)

if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(int(sys.argv[1])))))
