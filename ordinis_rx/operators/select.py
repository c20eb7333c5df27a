"""Select facts: by their kind, or by the symbols that they are about.

None of these holds anything back or copies: what passes is what came, at once, at any split into frames.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Item, item_of, only_frames, only_rows
from ordinis_rx.checks import check_several, check_words
from ordinis_rx.codes import Names
from ordinis_rx.events import (
    Bar,
    Event,
    FeedError,
    Gap,
    Halt,
    Heartbeat,
    Quote,
    Reading,
    StatusChange,
    Trade,
)
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.hearing import hears
from ordinis_rx.paving import Paving
from ordinis_rx.stepping import Stage, each_item, staged
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import A, Operator

__all__ = [
    "bars",
    "errors",
    "for_symbols",
    "gaps",
    "halts",
    "heartbeats",
    "quotes",
    "readings",
    "statuses",
    "trades",
]

F = TypeVar("F", bound=Event)


def _of_kind(kind: type[F]) -> Operator[Event, F]:
    wanted = FRAMES[kind]
    return hears(lambda source: staged(source, lambda observer: _Selecting(observer, wanted)), kind)


class _Selecting(Stage):
    """Lets the rows of one kind through, as they are."""

    __slots__ = ("_on_item", "_wanted")

    def __init__(self, observer: FlowObserver, wanted: type[Frame]) -> None:
        super().__init__(observer)
        self._on_item = observer.on_item
        self._wanted = wanted

    def on_item(self, item: Item) -> None:
        if item.__class__ is self._wanted:  # live, an item is one row of one kind
            self._on_item(item)
            return
        frame = item.of(self._wanted.kind)
        if frame is not None:
            self._on_item(frame)

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone: that of who is below, or nowhere."""
        if kind is self._wanted.kind:
            paving.into(self._observer, kind)


def trades() -> Operator[Event, Trade]:
    """The trades alone.

    >>> from ordinis_rx.testing import a_quote, a_trade, through
    >>> [trade.price for trade in through(trades(), [a_trade(9.0), a_quote(8.0, 10.0), a_trade(8.0)])]
    [9.0, 8.0]
    """
    return _of_kind(Trade)


def quotes() -> Operator[Event, Quote]:
    """The quotes alone."""
    return _of_kind(Quote)


def bars() -> Operator[Event, Bar]:
    """The bars alone."""
    return _of_kind(Bar)


def statuses() -> Operator[Event, StatusChange]:
    """The changes of connections' statuses alone."""
    return _of_kind(StatusChange)


def gaps() -> Operator[Event, Gap]:
    """The gaps alone: where data was, or may have been, missed."""
    return _of_kind(Gap)


def errors() -> Operator[Event, FeedError]:
    """What feeds could not use, as facts; errors that end a stream still come as `on_error`."""
    return _of_kind(FeedError)


def heartbeats() -> Operator[Event, Heartbeat]:
    """The signs of life alone."""
    return _of_kind(Heartbeat)


def halts() -> Operator[Event, Halt]:
    """The halts and their ends alone."""
    return _of_kind(Halt)


def readings() -> Operator[Event, Reading]:
    """The readings alone."""
    return _of_kind(Reading)


def for_symbols(*symbols: str | Iterable[str]) -> Operator[A, A]:
    """Only what concerns *symbols*: facts about them, and facts about the whole stream (statuses, heartbeats, gaps).

    A gap that names its symbols passes when one of ours is among them. Raises ValueError when no symbol is given.

    >>> from ordinis_rx.testing import a_heartbeat, a_trade, through
    >>> facts = [a_trade(9.0, symbol="AAPL"), a_heartbeat(), a_trade(5.0, symbol="F")]
    >>> [fact.symbol for fact in through(for_symbols("AAPL", ["MSFT"]), facts)]
    ['AAPL', '']
    """
    wanted: set[str] = set()
    for given in symbols:
        some = (given,) if isinstance(given, str) else given
        check_several("for_symbols: symbols", some, "['AAPL', 'MSFT']")
        wanted.update(some)
    check_words("for_symbols: symbols", wanted, "['AAPL', 'MSFT']")
    if not wanted:
        raise ValueError("for_symbols: no symbols given")
    chosen = frozenset(wanted)
    passes = _Concerning(chosen).passes
    return hears(each_item(lambda: _Concerning(chosen).step, passes=passes))


class _Concerning:
    """One subscriber's choice of symbols, and which codes they have in its stream."""

    __slots__ = ("_codes", "_lent", "_passing", "_wanted", "_words")

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._passing = wanted | {""}
        self._codes: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._words: list[str] = []
        self._lent: dict[type[Any], Frame] = {}

    def step(self, item: Item) -> Item | None:
        if item.rests_on_facts:
            return self._of_facts(item)
        if isinstance(item, Frame):
            return self._of_columns(item)
        return only_frames(item, [out for frame in item.frames() if (out := self._chosen(frame))])

    def _chosen(self, frame: Frame) -> Frame | None:
        if not frame.rests_on_facts:
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
        if frame.kind is Gap:
            chosen = self._of_facts(frame)
            return None if chosen is None else chosen.of(Gap)
        symbols = frame.symbol  # first, since they may be coded only now
        rows = np.flatnonzero(self._passing_codes(frame.names)[symbols])
        return only_rows(frame, rows, self._lent)

    def _passing_codes(self, names: Names) -> NDArray[np.bool_]:
        words = names.symbols.words
        if words is not self._words or len(words) != len(self._codes):
            self._words = words
            self._codes = np.array([word in self._passing for word in words], np.bool_)
        return self._codes

    def passes(self, fact: Event) -> bool:
        symbol = fact.symbol
        if symbol or not isinstance(fact, Gap):
            return symbol in self._passing
        return not fact.symbols or not self._wanted.isdisjoint(fact.symbols)
