"""What a `fault_proxy` does to the connections that go through it, and what it has counted."""

from __future__ import annotations

from dataclasses import dataclass

from ordinis_rx.checks import check_count, check_duration, check_positive, check_share
from ordinis_rx.timebase import Nanos

__all__ = ["ProxyFaults", "ProxyStats"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFaults:
    """What goes wrong on every connection; by default nothing. Times are nanoseconds.

    >>> from ordinis_rx.timebase import MILLI
    >>> ProxyFaults(latency=50 * MILLI, cut_after=1_000_000).latency
    50000000
    >>> ProxyFaults(corrupt=2.0)
    Traceback (most recent call last):
    ValueError: corrupt must be a share between 0 and 1, got 2.0
    """

    latency: Nanos = 0
    """How much later everything arrives, in each direction; its order stays."""
    jitter: Nanos = 0
    """Up to so much later still, drawn anew for each piece that arrives."""
    bandwidth: float | None = None
    """How many bytes a second fit through, in each direction of each connection; None: whatever comes."""
    cut_after: int | None = None
    """Reset once so many bytes have been carried, both directions together. As with any reset, the last ones may be lost."""
    half_open_after: int | None = None
    """Once so many bytes have been carried nothing is any more, though both sockets stay open."""
    slow_close: Nanos = 0
    """How much later one side hears that the other has ended the connection."""
    corrupt: float = 0.0
    """Share of the bytes from the server in which one bit is wrong."""
    corrupt_every: int | None = None
    """The same for each byte of that number, counted on each connection."""
    max_connections: int | None = None
    """More than so many at a time are reset at once; 0 refuses everybody, None nobody."""

    def __post_init__(self) -> None:
        for name in ("latency", "jitter", "slow_close"):
            check_duration(name, getattr(self, name), least=0)
        if self.bandwidth is not None:
            check_positive("bandwidth", self.bandwidth)
        for name, of, least in (
            ("cut_after", "bytes", 0),
            ("half_open_after", "bytes", 0),
            ("corrupt_every", "bytes", 1),
            ("max_connections", "connections", 0),
        ):
            count: int | None = getattr(self, name)
            if count is not None:
                check_count(name, count, of, least)
        check_share("corrupt", self.corrupt)


@dataclass(slots=True)
class ProxyStats:
    """What a proxy has seen and done since it started."""

    connections: int = 0
    """Accepted, with those that were refused."""
    refused: int = 0
    """Reset at once, because there were too many."""
    unreachable: int = 0
    """Reset because the server could not be dialled."""
    bytes_up: int = 0
    """Carried from clients to the server."""
    bytes_down: int = 0
    """Carried from the server to clients."""
    cuts: int = 0
    """Reset as a fault."""
    half_opens: int = 0
    corrupted: int = 0
    """Bytes in which one bit was made wrong."""
