"""What goes wrong in the demo, and when: connections that break, and data that is false, each in its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ordinis_rx.commands.stage import PRICES
from ordinis_rx.events import Event
from ordinis_rx.sim import Faults, Server
from ordinis_rx.sim.faults import bias, freeze, spike
from ordinis_rx.timebase import Nanos
from ordinis_rx.typing import Operator

__all__ = ["CUES", "Break", "Cue", "Due", "Injected", "Lie", "Lied", "schedule"]

ROUND_SECONDS = 10.0
"""A longer demo plays the same faults again."""


@dataclass(frozen=True, slots=True)
class Break:
    """A connection that breaks: where in a round (0 to 1), whose, and what is done to it."""

    at: float
    provider: str
    fault: str
    act: Callable[[Server], None]


@dataclass(frozen=True, slots=True)
class Lie:
    """Data that is false for a part of a round: whose, of which symbols, and as what the consensus must leave it out."""

    at: float
    lasts: float
    provider: str
    fault: str
    symbols: tuple[str, ...]
    seen_as: str
    tell: Callable[[Faults], Operator[Event, Event]]


Cue: TypeAlias = Break | Lie

_ALL = tuple(PRICES)
_FOREVER: Nanos = 1 << 62


def _spikes(tally: Faults) -> Operator[Event, Event]:
    return spike(0.3, 100, tally=tally)


def _bias(tally: Faults) -> Operator[Event, Event]:
    return bias(50, tally=tally)


def _frozen(tally: Faults) -> Operator[Event, Event]:
    return freeze("NVDA", 0, _FOREVER, times=True, tally=tally)


CUES: tuple[Cue, ...] = (
    Break(0.04, "finnhub", "gone mute", lambda server: server.mute_connections()),
    Break(0.16, "polygon", "cut off", lambda server: server.drop_connections()),
    Break(0.22, "alpaca", "half open", lambda server: server.half_open_connections()),
    Break(0.37, "polygon", "closed politely", lambda server: server.drop_connections(1000)),
    Lie(0.45, 0.10, "polygon", "spikes of 100 bps", _ALL, "outlier", _spikes),
    Lie(0.59, 0.10, "alpaca", "50 bps too high", _ALL, "outlier", _bias),
    Lie(0.72, 0.25, "finnhub", "NVDA frozen", ("NVDA",), "stale", _frozen),
)
"""Connections come first, since it takes two honest providers beside a false one to tell which of them that is."""


@dataclass(frozen=True, slots=True)
class Injected:
    """A connection that was broken, and when by the clock of arrival."""

    ts: Nanos
    provider: str
    fault: str


@dataclass(slots=True)
class Lied:
    """A lie that was told, from when to when by the clock of arrival, and how many facts it made false."""

    lie: Lie
    ts: Nanos
    until: Nanos | None = None
    """None while it goes on."""
    falsified: int = 0


class Due(NamedTuple):
    """A cue, the second at which it is due, and the seconds for which it lasts."""

    at: float
    cue: Cue
    lasts: float = 0.0


def schedule(seconds: float) -> Iterator[Due]:
    """When in a demo of *seconds* each cue is due, in order.

    >>> [(due.at, due.cue.provider, due.lasts) for due in schedule(10.0)][:2]
    [(0.4, 'finnhub', 0.0), (1.6, 'polygon', 0.0)]
    """
    rounds = max(1, int(seconds // ROUND_SECONDS))
    length = seconds / rounds
    for number in range(rounds):
        for cue in CUES:
            lasts = cue.lasts * length if isinstance(cue, Lie) else 0.0
            yield Due((number + cue.at) * length, cue, lasts)
