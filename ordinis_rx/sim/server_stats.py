"""What a simulated server counts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ServerStats"]


@dataclass(slots=True)
class ServerStats:
    """What a server has seen and done since it started."""

    connections: int = 0
    """Opened, with those that did not authenticate."""
    auth_failures: int = 0
    """Wrong keys, at the handshake or after it."""
    auth_timeouts: int = 0
    """Connections closed because they did not authenticate in time."""
    received: int = 0
    """Messages from clients."""
    subscriptions: int = 0
    """Topics that were added, over all connections."""
    messages_sent: int = 0
    """Frames, whatever is in them."""
    events_sent: int = 0
    """Trades, quotes and bars in those frames."""
    evictions: int = 0
    """Connections closed because there were too many."""
    slow_consumers: int = 0
    """Connections closed because they did not read fast enough."""
    disconnects: int = 0
    """Connections dropped without a close frame, as a fault."""
    clean_closes: int = 0
    """Connections closed politely (1000), as a fault."""
    error_closes: int = 0
    """Connections closed with an internal error (1011), as a fault."""
    half_opens: int = 0
    """Connections left open and dead, as a fault."""
    mutes: int = 0
    """Connections that were sent no more data, as a fault."""
    garbage: int = 0
    """Frames that nobody can read, slipped in as a fault."""
