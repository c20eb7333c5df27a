"""What is wanted of a vendor, what it was asked for on this connection, and what it confirmed.

One owner for all three, so that adding and removing, whenever it happens, ends in exactly what is wanted: the difference is
sent when the conversation is ready, and never twice on one connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ordinis_rx.checks import check_is
from ordinis_rx.providers.protocol import Acknowledged, Provider, Topic
from ordinis_rx.unconfirmed import Unconfirmed

__all__ = ["Subscriptions", "named"]

_MOST_NAMED = 20


def named(topics: Sequence[Topic]) -> str:
    """Topics in words; of very many, the first ones and how many more there are.

    >>> named([Topic("trades", "AAPL"), Topic("quotes", "AAPL")])
    'trades of AAPL, quotes of AAPL'
    """
    words = [f"{topic.channel} of {topic.symbol}" for topic in topics[:_MOST_NAMED]]
    if len(topics) > _MOST_NAMED:
        words.append(f"and {len(topics) - _MOST_NAMED} more")
    return ", ".join(words)


class Subscriptions:
    """The subscriptions of one feed. Symbols are neutral outside and the vendor's in topics."""

    def __init__(
        self,
        provider: Provider,
        symbols: Sequence[str] | Mapping[str, str],
        channels: frozenset[str],
    ) -> None:
        self._provider = provider
        self._channels = sorted(channels)
        self._natives: dict[str, str] = {}
        self._symbols: dict[str, str] = {}
        """The same the other way round: which symbol that is wanted a native one stands for."""
        self._topics: dict[str, list[Topic]] = {}
        """Of each symbol that is wanted."""
        self.neutral: dict[str, str] = {}
        """Native symbol to neutral one, where they differ; lent to the decoder, which sees what is added later.

        What is removed keeps its name for as long as the connection lasts, since some data of it may be under way."""
        self._asked: dict[Topic, None] = {}
        self._due: dict[Topic, int] = {}
        """How many of our subscriptions the vendor has yet to confirm."""
        self._ending: dict[Topic, int] = {}
        """How often it has yet to say that something ended because we asked for that."""
        self.asking = 0
        """How many times something was asked for."""
        self.unconfirmed = Unconfirmed(self.neutral_of)
        """Wanted on this connection and not in force, and who is mute because of it."""
        self.refused: dict[Topic, str] = {}
        """What the vendor will not stream, and why; wanted no more until it is added again."""
        self.add(symbols)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The neutral symbols that are wanted."""
        return tuple(self._natives)

    def wants(self, symbol: str) -> bool:
        """Whether a neutral symbol is wanted."""
        return symbol in self._natives

    def neutral_of(self, native: str) -> str:
        """The neutral name of a symbol of the vendor's."""
        return self.neutral.get(native, self._provider.from_native(native))

    def topics_of(self, symbols: Iterable[str]) -> list[Topic]:
        """The topics of neutral symbols that are wanted."""
        return [topic for symbol in symbols for topic in self._topics[symbol]]

    def add(self, symbols: Sequence[str] | Mapping[str, str]) -> list[Topic]:
        """Want more symbols; their topics. Raises `SubscriptionError` before anything is changed."""
        if isinstance(symbols, str):
            raise TypeError(f"symbols must be a list or a mapping, got the string {symbols!r}")
        check_is("symbols", symbols, Iterable, "a list or a mapping")
        asked = symbols if isinstance(symbols, Mapping) else {symbol: symbol for symbol in symbols}
        words: tuple[Any, ...] = (*asked, *asked.values())
        for word in words:
            if not isinstance(word, str):
                raise TypeError(f"symbols must be texts, got {word!r}")
        pairs = {symbol: self._provider.to_native(native) for symbol, native in asked.items()}
        self._check(pairs)
        for symbol, native in pairs.items():
            before = self._natives.get(symbol, native)
            if before != native:  # what it meant is not called so any more
                self.unconfirmed.forget(self._topics[symbol])
                self.neutral.pop(before, None)
                self._symbols.pop(before, None)
        for symbol, native in pairs.items():
            self._natives[symbol], self._symbols[native] = native, symbol
            self._topics[symbol] = [Topic(channel, native) for channel in self._channels]
            if self._provider.from_native(native) != symbol:
                self.neutral[native] = symbol
            else:
                self.neutral.pop(native, None)
        topics = self.topics_of(pairs)
        for topic in topics:
            self.refused.pop(topic, None)
            if self.unconfirmed.has_given_up(topic):  # asked anew: the vendor may have come round
                self.unconfirmed.discard(topic)
                self._asked.pop(topic, None)
        return topics

    def _check(self, pairs: Mapping[str, str]) -> None:
        """Raise what is wrong with *pairs*, beside those that are wanted already. It costs what there is of *pairs*."""
        beside = len(self._natives) - sum(symbol in self._natives for symbol in pairs)
        if pairs or not beside:
            self._provider.topics(list(pairs.values()), frozenset(self._channels), beside=beside)
        meant: dict[str, str] = {}
        for symbol, native in pairs.items():
            other = meant.setdefault(native, self._symbols.get(native, symbol))
            meant[native] = symbol
            if other != symbol and pairs.get(other, native) == native:
                raise ValueError(f"two symbols mean {native!r} of {self._provider.name}")

    def remove(self, symbols: Iterable[str]) -> None:
        """Want no more of these neutral symbols; unknown ones are no matter."""
        for symbol in symbols:
            native = self._natives.pop(symbol, None)
            if native is not None:
                self.unconfirmed.forget(self._topics.pop(symbol))
                self._symbols.pop(native, None)

    def forget_connection(self) -> None:
        """A new connection knows of nothing."""
        for known in (self._asked, self._due, self._ending):
            known.clear()
        self.unconfirmed.clear()
        for native in self.neutral.keys() - self._symbols.keys():
            del self.neutral[native]

    def to_send(self) -> tuple[list[Topic], list[Topic]]:
        """What to subscribe to and what to end on this connection; taken as sent."""
        wanted = dict.fromkeys(t for t in self.topics_of(self._natives) if t not in self.refused)
        ended = [topic for topic in self._asked if topic not in wanted]
        fresh = [topic for topic in wanted if topic not in self._asked]
        for topic in (*self.unconfirmed,):
            if topic not in wanted or topic not in self._asked:
                self.unconfirmed.discard(topic)
        self._asked = wanted
        self.asking += 1
        for topic in ended:
            self._ending[topic] = self._ending.get(topic, 0) + 1
        if self._provider.acknowledges:
            self.unconfirmed.ask(fresh, self.asking)
            for topic in fresh:
                self._due[topic] = self._due.get(topic, 0) + 1
        return fresh, ended

    def confirm(self, acknowledged: Acknowledged) -> list[Topic]:
        """The vendor's word on subscriptions; those that it has ended of itself, which the next `to_send` has again."""
        ended = dict.fromkeys(acknowledged.ended)
        if acknowledged.whole:
            in_force = set(acknowledged.topics)
            ended |= dict.fromkeys(t for t in (*self._asked, *self._ending) if t not in in_force)
        lapsed: list[Topic] = []
        for topic in ended:
            if topic in self._ending:
                _one_less(self._ending, topic)
            elif topic in self._asked and topic not in self.unconfirmed:
                lapsed.append(topic)
        for topic in acknowledged.topics:
            self._in_force(topic, acknowledged.whole)
        for topic in self.unconfirmed.oldest(acknowledged.unnamed):
            self._in_force(topic, acknowledged.whole)
        for topic in lapsed:
            del self._asked[topic]
            self.unconfirmed.lapse(topic)
        return lapsed

    def _in_force(self, topic: Topic, whole: bool) -> None:
        if self.unconfirmed.has_lapsed(topic):
            self._asked[topic] = None
        if topic in self._asked:  # else nobody asked, and there may be no end of it
            self.unconfirmed.confirm(topic)
        _one_less(self._due, topic)
        if not whole and topic in self._asked and topic not in self._due:
            # This answers the last that we said of it (a full set may repeat the first): nothing before is answered now.
            self._ending.pop(topic, None)

    def is_hopeless(self) -> bool:
        """Whether nothing is in force, or may yet be, once what is unanswered is refused."""
        lost = {*self.unconfirmed.unanswered(), *self.unconfirmed.given_up}
        return self._asked.keys() <= lost

    def refuse(self, topics: Iterable[Topic], reason: str) -> list[Topic]:
        """The vendor will not stream *topics*: those that it was asked for. A symbol of which nothing is left is removed."""
        refused = [topic for topic in dict.fromkeys(topics) if topic in self._asked]
        for topic in refused:
            del self._asked[topic]
            self.unconfirmed.discard(topic)
            _one_less(self._due, topic)
            self.refused[topic] = reason
        for native in {topic.symbol for topic in refused}:
            if all(Topic(channel, native) in self.refused for channel in self._channels):
                self.remove([self.neutral_of(native)])
                self.neutral.pop(native, None)
        return refused


def _one_less(counts: dict[Topic, int], topic: Topic) -> None:
    left = counts.pop(topic, 0) - 1
    if left > 0:
        counts[topic] = left
