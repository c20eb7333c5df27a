"""``ordinis-rx proxy``: a bad connection on purpose, between any client and any server."""

from __future__ import annotations

import dataclasses

from ordinis_rx.commands.ports import listening
from ordinis_rx.commands.stopping import stoppable
from ordinis_rx.testing.fault_proxy import ProxyFaults, ProxyStats, fault_proxy

__all__ = ["proxy"]


async def proxy(
    to: tuple[str, int],
    *,
    port: int = 0,
    faults: ProxyFaults,
    seed: int = 0,
    duration: float | None = None,
) -> int:
    """Carry until a signal comes or *duration* seconds are over; where it listens is the first line of output.

    Raises `OrdinisError` when the port cannot be had.
    """
    carrying = fault_proxy(*to, port=port, faults=faults, seed=seed)
    async with listening(port, carrying) as running:
        with stoppable() as stop:
            print(f"listening {running.host}:{running.port}", flush=True)
            await stop.wait(duration)
    print(_summary(running.stats), flush=True)
    return 0


def _summary(stats: ProxyStats) -> str:
    """What was carried, and every fault that befell it."""
    counts = dataclasses.asdict(stats)
    connections, up, down = (counts.pop(n) for n in ("connections", "bytes_up", "bytes_down"))
    told = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count]
    return (
        f"carried {up} bytes up and {down} bytes down over {connections} connections; "
        f"faults: {', '.join(told) or 'none'}"
    )
