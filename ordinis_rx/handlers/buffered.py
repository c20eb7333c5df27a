"""A handler that keeps the newest facts of each kind, for whoever asks and from any thread."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from heapq import merge
from operator import itemgetter
from typing import Any, TypeVar, cast

from ordinis_rx.checks import check_count
from ordinis_rx.events import (
    EVENT_TYPES,
    Bar,
    Event,
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    StatusChange,
    StreamEventType,
    Trade,
    TradeCancel,
    TradeCorrection,
)
from ordinis_rx.handlers.base import BaseStreamHandler

__all__ = ["BufferedStreamHandler"]

_A = TypeVar("_A")


class BufferedStreamHandler(BaseStreamHandler):
    """Keeps the last *max_buffer_size* facts of each kind; beyond that the oldest of the kind is dropped and counted.

    The latest quote and trade of every symbol are kept beside that, so that a quiet symbol is not forgotten for a busy one.
    All methods may be called from any thread, and what they return is a copy.

    `error` is what ended the stream, if anything did; `completed` says that it ended in order.

    >>> handler = BufferedStreamHandler(max_buffer_size=2)
    >>> for price in (1.0, 2.0, 3.0):
    ...     handler.on_next(Trade(symbol="AAPL", ts_event=0, price=price, size=1.0))
    >>> [trade.price for trade in handler.trades()], handler.dropped
    ([2.0, 3.0], {<StreamEventType.TRADE: 'TRADE'>: 1})
    """

    def __init__(self, max_buffer_size: int = 1000) -> None:
        super().__init__()
        check_count(f"{type(self).__name__}: max_buffer_size", max_buffer_size, "facts")
        self._size = max_buffer_size
        self._lock = threading.Lock()
        self._kept: dict[type[Event], deque[tuple[int, Event]]] = {
            kind: deque() for kind in EVENT_TYPES
        }
        self._dropped: Counter[StreamEventType] = Counter()
        self._latest: dict[tuple[type[Event], str], Event] = {}
        self._arrivals = 0
        self.error: Exception | None = None
        self.completed = False

    def on_next(self, value: Event) -> None:
        """Keep *value*; raises TypeError for what is no fact. A subclass's method of its kind hears it too."""
        kept = self._kept.get(type(value))
        if kept is not None:
            with self._lock:
                if len(kept) >= self._size:
                    kept.popleft()
                    self._dropped[value.type] += 1
                self._arrivals += 1
                kept.append((self._arrivals, value))
                if isinstance(value, Quote | Trade):
                    self._latest[type(value), value.symbol] = value
        super().on_next(value)

    def on_error(self, error: Exception) -> None:
        """Remember what ended the stream."""
        self.error = error

    def on_completed(self) -> None:
        """Remember that the stream ended."""
        self.completed = True

    def quotes(self, *, clear: bool = False) -> list[Quote]:
        """The quotes kept, in the order of their arrival; with *clear* they are taken out."""
        return self._facts(Quote, clear)

    def trades(self, *, clear: bool = False) -> list[Trade]:
        """The trades kept."""
        return self._facts(Trade, clear)

    def bars(self, *, clear: bool = False) -> list[Bar]:
        """The bars kept."""
        return self._facts(Bar, clear)

    def statuses(self, *, clear: bool = False) -> list[StatusChange]:
        """The changes of status kept."""
        return self._facts(StatusChange, clear)

    def gaps(self, *, clear: bool = False) -> list[Gap]:
        """The gaps kept."""
        return self._facts(Gap, clear)

    def errors(self, *, clear: bool = False) -> list[FeedError]:
        """What could not be used, as far as kept."""
        return self._facts(FeedError, clear)

    def heartbeats(self, *, clear: bool = False) -> list[Heartbeat]:
        """The signs of life kept."""
        return self._facts(Heartbeat, clear)

    def halts(self, *, clear: bool = False) -> list[Halt]:
        """The halts kept."""
        return self._facts(Halt, clear)

    def cancels(self, *, clear: bool = False) -> list[TradeCancel]:
        """The cancelled trades kept."""
        return self._facts(TradeCancel, clear)

    def corrections(self, *, clear: bool = False) -> list[TradeCorrection]:
        """The corrected trades kept."""
        return self._facts(TradeCorrection, clear)

    def readings(self, *, clear: bool = False) -> list[Reading]:
        """The readings kept."""
        return self._facts(Reading, clear)

    def latest_quote(self, symbol: str) -> Quote | None:
        """The quote of *symbol* that came last, however long ago; None if there was none."""
        with self._lock:
            return cast("Quote | None", self._latest.get((Quote, symbol)))

    def latest_trade(self, symbol: str) -> Trade | None:
        """The trade of *symbol* that came last, however long ago; None if there was none."""
        with self._lock:
            return cast("Trade | None", self._latest.get((Trade, symbol)))

    def drain(self) -> list[Event]:
        """Take out all that is kept, of every kind, in the order of arrival. The latest of each symbol stay known."""
        with self._lock:
            facts = [fact for _, fact in merge(*self._kept.values(), key=itemgetter(0))]
            for kept in self._kept.values():
                kept.clear()
        return facts

    def clear(self) -> None:
        """Forget all facts, the latest of each symbol too; what was dropped stays counted."""
        with self._lock:
            for kept in self._kept.values():
                kept.clear()
            self._latest.clear()

    @property
    def dropped(self) -> Mapping[StreamEventType, int]:
        """How many facts of each kind gave way to newer ones."""
        with self._lock:
            return dict(self._dropped)

    def __len__(self) -> int:
        """How many facts are kept."""
        with self._lock:
            return sum(map(len, self._kept.values()))

    def _facts(self, kind: type[_A], clear: bool) -> list[_A]:
        kept: Any = self._kept[cast(Any, kind)]
        with self._lock:
            facts = [fact for _, fact in kept]
            if clear:
                kept.clear()
        return facts
