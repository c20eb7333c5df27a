"""What a vendor has not confirmed, and whose data are missing therefore.

Vendors confirm tens of thousands of topics one by one: nothing here walks over all of them because one has changed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, islice

from ordinis_rx.providers.protocol import Topic

__all__ = ["Unconfirmed"]


class Unconfirmed(Collection[Topic]):
    """What is wanted on a connection and not in force, the oldest first, and which symbols are mute because of it.

    *name_of* gives the neutral name of a native symbol, which must not change while the symbol is mute.
    """

    def __init__(self, name_of: Callable[[str], str]) -> None:
        self._name_of = name_of
        # Ordered, since the oldest go first: in a plain dict they leave holes, which whoever looks for the first walks over.
        self._given_up: OrderedDict[Topic, None] = OrderedDict()
        """No more waited for, as it was not confirmed in time; but the vendor may still confirm it."""
        self._asked: OrderedDict[Topic, int] = OrderedDict()
        """Waited for: the number of the asking."""
        self._lapsed: dict[Topic, None] = {}
        """What the vendor ended, and is yet to be asked for again."""
        self._served: set[Topic] = set()
        """What was asked for and in force at any time, on this connection or before."""
        self.mute: dict[str, set[Topic]] = {}
        """The symbols of which something was in force once and is no more waited for, and what: their data are missing."""
        self.turned: dict[str, None] = {}
        """The symbols that fell mute, or are mute no more, since somebody last looked, and cleared this."""

    @property
    def awaited(self) -> bool:
        """Whether anything is waited for, what is yet to be asked for again included."""
        return bool(self._asked or self._lapsed)

    def __contains__(self, topic: object) -> bool:
        """Whether *topic* is wanted and not in force."""
        return topic in self._asked or topic in self._given_up or topic in self._lapsed

    def __iter__(self) -> Iterator[Topic]:
        """All topics, in the order of asking; those to be asked for again come last."""
        return chain(self._given_up, self._asked, self._lapsed)

    def __len__(self) -> int:
        """How many topics there are."""
        return len(self._given_up) + len(self._asked) + len(self._lapsed)

    def oldest(self, count: int) -> list[Topic]:
        """The first *count* topics that the vendor was asked for."""
        return list(islice(chain(self._given_up, self._asked), count))

    @property
    def given_up(self) -> tuple[Topic, ...]:
        """What is no more waited for."""
        return tuple(self._given_up)

    def unanswered(self) -> list[Topic]:
        """What the oldest request asked for to which the vendor has yet to say something, perhaps after its time."""
        if not self._asked:
            return list(self._given_up)
        oldest = next(iter(self._asked.values()))
        return [topic for topic, asking in self._asked.items() if asking == oldest]

    def has_given_up(self, topic: Topic) -> bool:
        """Whether *topic* is no more waited for."""
        return topic in self._given_up

    def has_lapsed(self, topic: Topic) -> bool:
        """Whether *topic* is yet to be asked for again."""
        return topic in self._lapsed

    def ask(self, topics: Iterable[Topic], asking: int) -> None:
        """Wait for *topics*, which were asked for under this number."""
        self._asked.update(dict.fromkeys(topics, asking))

    def lapse(self, topic: Topic) -> None:
        """The vendor ended *topic*, which was in force."""
        self._lapsed[topic] = None

    def give_up(self, topics: Iterable[Topic], asking: int) -> list[Topic]:
        """Wait no more for those of *topics* that are missing since that asking; which they are."""
        missing = [topic for topic in topics if self._asked.get(topic) == asking]
        for topic in missing:
            del self._asked[topic]
            self._given_up[topic] = None
            if topic in self._served:
                self._mute(topic)
        return missing

    def confirm(self, topic: Topic) -> None:
        """*topic*, which was asked for, is in force."""
        self.discard(topic)
        self._served.add(topic)

    def discard(self, topic: Topic) -> None:
        """*topic* is in force, or not wanted on this connection; nothing is done where it is none of these here."""
        self._asked.pop(topic, None)
        self._lapsed.pop(topic, None)
        if topic in self._given_up:
            del self._given_up[topic]
            self._unmute(topic)

    def forget(self, topics: Iterable[Topic]) -> None:
        """*topics* count as never in force: who wanted them does so no more."""
        for topic in topics:
            self._served.discard(topic)
            self._unmute(topic)

    def clear(self) -> None:
        """Nothing is wanted on this connection."""
        for topic in tuple(self):
            self.discard(topic)

    def _mute(self, topic: Topic) -> None:
        symbol = self._name_of(topic.symbol)
        if symbol not in self.mute:
            self.mute[symbol] = set()
            self.turned[symbol] = None
        self.mute[symbol].add(topic)

    def _unmute(self, topic: Topic) -> None:
        symbol = self._name_of(topic.symbol)
        topics = self.mute.get(symbol, set[Topic]())
        topics.discard(topic)
        if not topics and self.mute.pop(symbol, None) is not None:
            self.turned[symbol] = None
