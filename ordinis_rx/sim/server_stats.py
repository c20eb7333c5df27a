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
    error_closes: int = 0
    half_opens: int = 0
    mutes: int = 0
    garbage: int = 0
    """Frames that nobody can read, slipped in as a fault."""
