"""Select facts by a word in them: the symbols that they are about, or who has told them.

Neither holds anything back or copies: what passes is what came, at once, at any split into frames.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Item, item_of, only_frames, only_rows
from ordinis_rx.checks import check_several, check_words
from ordinis_rx.codes import Codes
from ordinis_rx.events import Event, Gap
from ordinis_rx.frames import Frame
from ordinis_rx.hearing import hears
from ordinis_rx.stepping import each_item
from ordinis_rx.typing import A, Operator

__all__ = ["for_providers", "for_symbols", "symbols_in"]


def for_symbols(*symbols: str | Iterable[str]) -> Operator[A, A]:
    """Only what concerns *symbols*: facts about them, and facts about the whole stream (statuses, heartbeats, gaps).

    A gap that names its symbols passes when one of ours is among them. Raises ValueError when no symbol is given.

    >>> from ordinis_rx.testing import a_heartbeat, a_trade, through
    >>> facts = [a_trade(9.0, symbol="AAPL"), a_heartbeat(), a_trade(5.0, symbol="F")]
    >>> [fact.symbol for fact in through(for_symbols("AAPL", ["MSFT"]), facts)]
    ['AAPL', '']
    """
    return _choice(_Concerning, symbols_in("for_symbols", symbols))


def for_providers(*providers: str | Iterable[str]) -> Operator[A, A]:
    """Only what *providers* have told, their statuses, heartbeats and gaps as well: one part of a merged stream.

    What names no provider does not pass. Raises ValueError when no provider is given.

    >>> from ordinis_rx.testing import a_trade, through
    >>> facts = [a_trade(9.0, provider="polygon"), a_trade(8.0, provider="finnhub"), a_trade(7.0, provider="")]
    >>> [trade.price for trade in through(for_providers("polygon"), facts)]
    [9.0]
    """
    named = _named("for_providers", "provider", providers, "['polygon', 'finnhub']")
    return _choice(_ToldBy, named)


def symbols_in(who: str, symbols: Iterable[str | Iterable[str]]) -> frozenset[str]:
    """The *symbols* that *who* was given, one by one or several at once; raises where there is none, or what is no word."""
    return _named(who, "symbol", symbols, "['AAPL', 'MSFT']")


def _named(
    who: str, what: str, words: Iterable[str | Iterable[str]], example: str
) -> frozenset[str]:
    wanted: set[str] = set()
    for given in words:
        some = (given,) if isinstance(given, str) else given
        check_several(f"{who}: {what}s", some, example)
        wanted.update(some)
    check_words(f"{who}: {what}s", wanted, example)
    if not wanted:
        raise ValueError(f"{who}: no {what}s given")
    return frozenset(wanted)


def _choice(kind: type[_Choosing], wanted: frozenset[str]) -> Operator[A, A]:
    passes = kind(wanted).passes
    return hears(each_item(lambda: kind(wanted).step, passes=passes))


class _Choosing(ABC):
    """One subscriber's choice of words, and which codes they have in its stream."""

    __slots__ = ("_codes", "_lent", "_passing", "_words")

    def __init__(self, passing: frozenset[str]) -> None:
        self._passing = passing
        self._codes: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._words: list[str] = []
        self._lent: dict[type[Any], Frame] = {}

    @abstractmethod
    def passes(self, fact: Event) -> bool:
        """Whether *fact* is one of those that were chosen."""

    @abstractmethod
    def codes_of(self, frame: Frame) -> tuple[NDArray[np.int64], Codes]:
        """The column that the choice is made by, and the words that it has."""

    def step(self, item: Item) -> Item | None:
        if item.rests_on_facts:
            return self._of_facts(item)
        if isinstance(item, Frame):
            return self._chosen(item)
        return only_frames(item, [out for frame in item.frames() if (out := self._chosen(frame))])

    def _chosen(self, frame: Frame) -> Frame | None:
        if not frame.rests_on_facts and frame.kind is not Gap:
            return self._of_columns(frame)
        chosen = self._of_facts(frame)
        return None if chosen is None else chosen.of(frame.kind)

    def _of_facts(self, item: Item) -> Item | None:
        facts = item.facts
        kept = [fact for fact in facts if self.passes(fact)]
        if len(kept) == len(facts):
            return item
        return item_of(kept, item.names) if kept else None

    def _of_columns(self, frame: Frame) -> Frame | None:
        column, codes = self.codes_of(frame)
        rows = np.flatnonzero(self._passing_codes(codes.words)[column])
        return only_rows(frame, rows, self._lent)

    def _passing_codes(self, words: list[str]) -> NDArray[np.bool_]:
        if words is not self._words or len(words) != len(self._codes):
            self._words = words
            self._codes = np.array([word in self._passing for word in words], np.bool_)
        return self._codes


class _Concerning(_Choosing):
    """What concerns some symbols."""

    __slots__ = ("_wanted",)

    def __init__(self, wanted: frozenset[str]) -> None:
        super().__init__(wanted | {""})
        self._wanted = wanted

    def codes_of(self, frame: Frame) -> tuple[NDArray[np.int64], Codes]:
        return frame.symbol, frame.names.symbols

    def passes(self, fact: Event) -> bool:
        symbol = fact.symbol
        if symbol or not isinstance(fact, Gap):
            return symbol in self._passing
        return not fact.symbols or not self._wanted.isdisjoint(fact.symbols)


class _ToldBy(_Choosing):
    """What some providers have told."""

    __slots__ = ()

    def codes_of(self, frame: Frame) -> tuple[NDArray[np.int64], Codes]:
        return frame.provider, frame.names.providers

    def passes(self, fact: Event) -> bool:
        return fact.provider in self._passing
