"""What a full buffer does: which fact gives way, how that is counted, and the mark that is left in its place."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, Protocol

from ordinis_rx.errors import BufferOverflow
from ordinis_rx.events import Bar, Event, Heartbeat, Quote, Reading, Trade
from ordinis_rx.operators.marks import Mark
from ordinis_rx.timebase import SECOND

__all__ = [
    "BY_SYMBOL",
    "KEYS",
    "BufferStats",
    "Overflow",
    "Queue",
    "conflates_by_symbol",
    "queue_of",
]


class Overflow(enum.Enum):
    """Which fact gives way when a buffer is full."""

    DROP_OLDEST = "DROP_OLDEST"
    """The one that has waited longest: what is told is the newest."""

    DROP_NEWEST = "DROP_NEWEST"
    """The one that comes: what is told is the oldest."""

    CONFLATE = "CONFLATE"
    """Even before it is full: an older quote, trade, bar, reading or heartbeat that waits, when the next one of the same
    kind, provider and symbol comes (of the same timeframe, or name), and an older answer of a consensus for its symbol.
    Facts of other kinds wait each for itself; if it is full all the same, the oldest is dropped."""

    ERROR = "ERROR"
    """None: the stream ends with `BufferOverflow`, after what waits."""


class BufferStats(NamedTuple):
    """Counts of facts: ``received == delivered + dropped + conflated + pending``, at any moment.

    `dropped` gave way because there was no room (or waited still when the subscription was disposed), `conflated` gave way
    to a newer one of the same kind (`Overflow.CONFLATE`), `pending` wait now, and `peak` is the highest `pending` so far.
    """

    received: int = 0
    delivered: int = 0
    dropped: int = 0
    conflated: int = 0
    pending: int = 0
    peak: int = 0


class Queue(Protocol):
    """Facts that wait, in the order in which they came; full at a bound."""

    dropped: int
    conflated: int

    def __len__(self) -> int: ...

    def put(self, facts: Sequence[Event]) -> None:
        """Take facts, or let others give way; raises `BufferOverflow` where none may."""

    def take(self) -> list[Event]:
        """All that waits, with marks where facts were dropped; nothing waits any more."""
        ...

    def take_one(self) -> Event:
        """The one that has waited longest, without marks; raises LookupError when nothing waits."""
        ...


def queue_of(size: int, policy: Overflow, *, mark: bool) -> Queue:
    """An empty queue for at most *size* facts; with *mark* a Gap is told for what was dropped.

    Without one, what a newer fact cannot stand in for (see `KEYS`: a status, a Gap, a cancelled trade) is the last of the
    oldest to be dropped: nobody would be told of it.
    """
    match policy:
        case Overflow.DROP_OLDEST:
            return _DropOldest(size, mark) if mark else _DropOldestPrices(size)
        case Overflow.DROP_NEWEST:
            return _DropNewest(size, mark)
        case Overflow.CONFLATE:
            return _Conflate(size, mark)
        case Overflow.ERROR:
            return _Refuse(size)


class _InLine(ABC):
    """Facts wait in line."""

    __slots__ = ("_line", "_mark", "_size", "conflated", "dropped")

    def __init__(self, size: int, mark: bool = False) -> None:
        self._line: deque[Event] = deque()
        self._size = size
        self._mark = Mark() if mark else None
        self.dropped = 0
        self.conflated = 0

    def __len__(self) -> int:
        return len(self._line)

    def put(self, facts: Sequence[Event]) -> None:
        """Take facts while there is room, then as the policy says."""
        line = self._line
        room = self._size - len(self)
        if room >= len(facts):
            line.extend(facts)
        else:
            line.extend(facts[:room])
            self._overflow(facts[room:])

    def take_one(self) -> Event:
        """The head of the line."""
        return self._line.popleft()

    @abstractmethod
    def _overflow(self, facts: Sequence[Event]) -> None: ...

    def _drop(self, fact: Event) -> None:
        self.dropped += 1
        if self._mark is not None:
            self._mark.add(fact)


class _DropOldest(_InLine):
    __slots__ = ()

    def _overflow(self, facts: Sequence[Event]) -> None:
        line = self._line
        for fact in facts:
            self._drop(line.popleft())
            line.append(fact)

    def take(self) -> list[Event]:
        """The mark comes first: it stands for what was before the rest."""
        facts = [] if self._mark is None else self._mark.take()
        facts += self._line
        self._line.clear()
        return facts


class _DropOldestPrices(_InLine):
    """The oldest that a newer fact stands in for gives way, before any other: those come first in what is taken."""

    __slots__ = ("_kept",)

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._kept: deque[Event] = deque()
        """What was spared, older than all that is in line."""

    def __len__(self) -> int:
        return len(self._kept) + len(self._line)

    def _overflow(self, facts: Sequence[Event]) -> None:
        line = self._line
        for fact in facts:
            while line and type(line[0]) not in KEYS:
                self._kept.append(line.popleft())
            if not line and type(fact) in KEYS:
                self._drop(fact)
                continue
            self._drop(line.popleft() if line else self._kept.popleft())
            line.append(fact)

    def take(self) -> list[Event]:
        """All, in the order in which they came."""
        facts = [*self._kept, *self._line]
        self._kept.clear()
        self._line.clear()
        return facts

    def take_one(self) -> Event:
        """The oldest."""
        return (self._kept or self._line).popleft()


class _DropNewest(_InLine):
    __slots__ = ()

    def _overflow(self, facts: Sequence[Event]) -> None:
        for fact in facts:
            self._drop(fact)

    def take(self) -> list[Event]:
        """The mark comes last: once full, nothing was taken any more."""
        facts = list(self._line)
        self._line.clear()
        if self._mark is not None:
            facts += self._mark.take()
        return facts


class _Refuse(_InLine):
    __slots__ = ()

    def _overflow(self, facts: Sequence[Event]) -> None:
        self.dropped += len(facts)
        raise BufferOverflow(self._size)

    def take(self) -> list[Event]:
        """Nothing was dropped between."""
        facts = list(self._line)
        self._line.clear()
        return facts


class _Conflate:
    """The newest fact of each key waits, at the place where it came."""

    __slots__ = ("_facts", "_mark", "_size", "conflated", "dropped")

    def __init__(self, size: int, mark: bool) -> None:
        self._facts: OrderedDict[Hashable, Event] = OrderedDict()
        self._size = size
        self._mark = Mark() if mark else None
        self.dropped = 0
        self.conflated = 0

    def __len__(self) -> int:
        return len(self._facts)

    def put(self, facts: Sequence[Event]) -> None:
        """Take facts, each in place of an older one of its key; full of other keys, drop the oldest."""
        held = self._facts
        for fact in facts:
            key_of = KEYS.get(type(fact))
            # Without a key: an id is unique while its fact is held, which is as long as it is needed.
            key = id(fact) if key_of is None else key_of(fact)
            if key in held:
                self.conflated += 1
                held.move_to_end(key)
            elif len(held) >= self._size:
                self.dropped += 1
                oldest = held.popitem(last=False)[1]
                if self._mark is not None:
                    self._mark.add(oldest)
            held[key] = fact

    def take(self) -> list[Event]:
        """The mark comes first, as where the oldest are dropped."""
        facts = [] if self._mark is None else self._mark.take()
        facts += self._facts.values()
        self._facts.clear()
        return facts

    def take_one(self) -> Event:
        """The one whose key has been quiet for longest."""
        return self._facts.popitem(last=False)[1]


def _of_symbol(fact: Event) -> Hashable:
    return type(fact), fact.provider, fact.symbol


def _of_bar(bar: Bar) -> Hashable:
    interval, at = bar.interval, bar.ts_event
    framed = interval > 0 and (interval % SECOND == 0 or at % interval == 0)
    return Bar, bar.provider, bar.symbol, interval if framed else 0


def _of_reading(reading: Reading) -> Hashable:
    return Reading, reading.provider, reading.symbol, reading.name


KEYS: dict[type[Event], Callable[[Any], Hashable]] = {
    Quote: _of_symbol,
    Trade: _of_symbol,
    Heartbeat: _of_symbol,
    Bar: _of_bar,
    Reading: _of_reading,
}
"""What a newer fact of that kind must share with an older one to stand in for it.

The length of a bar counts where it is whole seconds or the bar ends on a multiple of it: of bars by count or volume each has
a length of its own, which says nothing.
"""

BY_SYMBOL: set[type[Any]] = set()
"""The kinds of which the symbol alone counts: their provider is whoever has led to them."""


def conflates_by_symbol(kind: type[Any]) -> None:
    """Let a newer fact of *kind* stand in for an older one of its symbol."""
    KEYS[kind] = lambda fact: (kind, fact.symbol)
    BY_SYMBOL.add(kind)
