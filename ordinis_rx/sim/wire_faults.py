"""Faults of the connection itself, for a simulated server to commit."""

from __future__ import annotations

from dataclasses import dataclass

from ordinis_rx.checks import check_duration, check_share
from ordinis_rx.timebase import Nanos

__all__ = ["WireFaults"]


@dataclass(frozen=True, slots=True)
class WireFaults:
    """What goes wrong on every connection of a server; times are nanoseconds of its life, None is never.

    >>> WireFaults(garbage=2.0)
    Traceback (most recent call last):
    ValueError: garbage must be a share between 0 and 1, got 2.0
    """

    disconnect_every: Nanos | None = None
    """Dropped without a close frame, as a crash or a cut cable does."""
    clean_close_every: Nanos | None = None
    """Closed politely (1000), as before maintenance. No less an interruption."""
    error_close_every: Nanos | None = None
    """Closed with an internal error (1011)."""
    half_open_after: Nanos | None = None
    """From then on nothing is sent and nothing is read, yet the socket stays open; pings go unanswered."""
    mute_after: Nanos | None = None
    """From then on no data is sent; pings are answered and the socket looks alive."""
    garbage: float = 0.0
    """How many frames that cannot be read are slipped in, as a share of the frames of data. No data is lost by it."""

    def __post_init__(self) -> None:
        for name in (
            "disconnect_every",
            "clean_close_every",
            "error_close_every",
            "half_open_after",
            "mute_after",
        ):
            time: Nanos | None = getattr(self, name)
            if time is not None:
                check_duration(name, time)
        check_share("garbage", self.garbage)
