"""What goes wrong in the demo, and when: connections cut, closed, muted and left half open, each in its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ordinis_rx.sim import Server
from ordinis_rx.timebase import Nanos

__all__ = ["CUES", "Cue", "Injected", "schedule"]

ROUND_SECONDS = 10.0
"""A longer demo plays the same faults again."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One fault: where in a round (0 to 1), of whose connection, and what is done to it."""

    at: float
    provider: str
    fault: str
    act: Callable[[Server], None]


CUES = (
    Cue(0.10, "finnhub", "gone mute", lambda server: server.mute_connections()),
    Cue(0.25, "polygon", "cut off", lambda server: server.drop_connections()),
    Cue(0.45, "alpaca", "half open", lambda server: server.half_open_connections()),
    Cue(0.60, "polygon", "closed politely", lambda server: server.drop_connections(1000)),
)
"""The one that takes longest to be found out comes first, and the last third of a round is quiet: all can be healed."""


@dataclass(frozen=True, slots=True)
class Injected:
    """A fault that was committed, and when by the clock of arrival."""

    ts: Nanos
    provider: str
    fault: str


def schedule(seconds: float) -> Iterator[tuple[float, Cue]]:
    """When in a demo of *seconds* each cue is due, in order.

    >>> [(due, cue.provider) for due, cue in schedule(10.0)]
    [(1.0, 'finnhub'), (2.5, 'polygon'), (4.5, 'alpaca'), (6.0, 'polygon')]
    """
    rounds = max(1, int(seconds // ROUND_SECONDS))
    length = seconds / rounds
    for number in range(rounds):
        for cue in CUES:
            yield (number + cue.at) * length, cue
