"""Select facts by their kind.

None of these holds anything back or copies: what passes is what came, at once, at any split into frames.
"""

from __future__ import annotations

from typing import Any, TypeVar

from ordinis_rx.batches import Item
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
from ordinis_rx.stepping import Stage, staged
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = [
    "bars",
    "errors",
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
