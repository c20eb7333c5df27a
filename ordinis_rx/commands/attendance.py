"""What came of a stream, and what did not: told at the end by the commands that listen to a provider."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ordinis_rx.batches import Item
from ordinis_rx.commands.lines import amount, printable
from ordinis_rx.events import Event, FeedError, StatusChange, StreamStatus
from ordinis_rx.feed import Feed
from ordinis_rx.feed_stats import ALL_SYMBOLS

__all__ = ["Attendance"]

_PLURALS = {"STATUS": "statuses"}


class Attendance:
    """Hears every fact of a stream: how many of what kind came, and of which of *symbols* none did."""

    def __init__(self, symbols: Sequence[str] = ()) -> None:
        self._kinds = Counter({"QUOTE": 0, "TRADE": 0})
        self._missed = dict.fromkeys(symbol for symbol in symbols if symbol != ALL_SYMBOLS)
        self._trouble = ""

    def note(self, event: Event) -> None:
        """Take notice of a fact."""
        self._kinds[event.type.name] += 1
        if not isinstance(event, FeedError):  # which may say that there is no such symbol
            self._missed.pop(event.symbol, None)
        if isinstance(event, StatusChange) and event.status is StreamStatus.RECONNECTING:
            self._trouble = event.message

    def take(self, item: Item) -> Item:
        """Take notice of all facts of *item*."""
        if item.rests_on_facts:
            for fact in item.facts:
                self.note(fact)
            return item
        for frame in item.frames():
            self._kinds[frame.kind.type.name] += frame.n
            if self._missed and frame.kind is not FeedError:
                words = frame.names.symbols.words
                codes: list[int] = np.unique(frame.symbol).tolist()
                for code in codes:
                    self._missed.pop(words[code], None)
        return item

    @property
    def total(self) -> int:
        """How many facts came."""
        return self._kinds.total()

    @property
    def missed(self) -> list[str]:
        """The symbols of which nothing came."""
        return list(self._missed)

    @property
    def in_words(self) -> str:
        """How many facts of which kinds came, the most frequent first; trades and quotes also where none did."""
        told = [
            amount(number, name.lower(), _PLURALS.get(name))
            for name, number in self._kinds.most_common()
        ]
        return ", ".join(told)

    def conclude(self, feed: Feed) -> int:
        """Say on stderr that *feed* never got through, or which symbols were not heard of; the exit code, 1 or 0."""
        name = feed.provider.name
        if not feed.stats.connects:
            why = f": {printable(self._trouble)}" if self._trouble else ""
            print(f"ordinis-rx: never connected to {name}{why}", file=sys.stderr)
            return 1
        if self.missed:
            print(f"ordinis-rx: {name} told nothing of {', '.join(self.missed)}", file=sys.stderr)
        return 0
