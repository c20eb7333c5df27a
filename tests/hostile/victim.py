"""A process that feeds from hostile servers, one after the other, and tells of each how it ended and what it cost.

Run with their ports as arguments. For each it writes a line of JSON: the error that ended the feed, the seconds it took, by
how many bytes the peak of its memory rose, and how many errors were told as facts.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from pathlib import Path

import ordinis_rx as ox
from ordinis_rx.wire import transport

TIMEOUT = 0.5
HEARTBEAT = 2.0
GOODBYE = 0.3
CONFIG = ox.StreamConfig(
    reconnect_enabled=False,
    connection_timeout_seconds=TIMEOUT,
    heartbeat_interval_seconds=HEARTBEAT,
)


def memory(line: str) -> int:
    """``VmRSS`` or ``VmHWM`` of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(line)[2].split()[0]) * 1024


async def visit(port: int) -> dict[str, object]:
    """Feed from the server at *port* until the feed ends."""
    loop = asyncio.get_running_loop()
    feed = ox.feed(
        ox.polygon("canary-key-3141", url=f"ws://127.0.0.1:{port}/stocks"), ["AAPL"], config=CONFIG
    )
    ended = loop.create_future()
    told = 0

    def on_next(fact: ox.Event) -> None:
        nonlocal told
        told += isinstance(fact, ox.FeedError)

    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began = memory("VmRSS:"), loop.time()
    feed.subscribe(on_next, ended.set_result, lambda: ended.set_result(None))
    async with asyncio.timeout(20):
        error = await ended
    await feed.close()
    return {
        "error": f"{type(error).__name__}: {error}",
        "seconds": loop.time() - began,
        "bytes": memory("VmHWM:") - before,
        "told": told,
    }


async def main() -> None:
    transport.CLOSE_SECONDS = GOODBYE
    await visit(1)  # nobody listens there: what is loaded and allocated once is so by now
    for port in sys.argv[1:]:
        print(json.dumps(await visit(int(port))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
