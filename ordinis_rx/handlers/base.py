"""The observer that every handler is: one method for each kind of fact."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from reactivex import abc

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
    TradeCancel,
    TradeCorrection,
)

__all__ = ["METHODS", "BaseStreamHandler"]

METHODS: Mapping[type[Event], str] = {
    Quote: "on_quote",
    Trade: "on_trade",
    Bar: "on_bar",
    StatusChange: "on_status",
    Gap: "on_gap",
    FeedError: "on_feed_error",
    Heartbeat: "on_heartbeat",
    Halt: "on_halt",
    TradeCancel: "on_cancel",
    TradeCorrection: "on_correction",
    Reading: "on_reading",
}
"""The method that hears each kind of fact."""

_log = logging.getLogger(__name__)


class BaseStreamHandler(abc.ObserverBase[Event]):
    """An observer with one method for each kind of fact; override those that you want, the others do nothing.

    `on_feed_error` hears each `FeedError`, which is a fact and ends nothing; `on_error` hears the one error that ends the
    stream, and logs it unless it is overridden. What a method raises ends the subscription of this handler alone, and is
    told to its `on_error`. Methods run at once, on whatever feeds the stream: a slow one holds it up.

    >>> from ordinis_rx.stream import from_events
    >>> class Printer(BaseStreamHandler):
    ...     def on_trade(self, trade: Trade) -> None:
    ...         print(trade.symbol, trade.price)
    >>> trades = from_events([Trade(symbol="AAPL", ts_event=0, price=100.0, size=1.0)])
    >>> trades.subscribe(Printer()).dispose()
    AAPL 100.0
    """

    def on_next(self, value: Event) -> None:
        """Hand *value* to the method of its kind; raises TypeError for what is no fact."""
        name = METHODS.get(type(value))
        if name is None:
            raise TypeError(f"{type(self).__name__} takes facts, got {value!r}")
        getattr(self, name)(value)

    def on_quote(self, quote: Quote) -> None:
        """A quote came."""

    def on_trade(self, trade: Trade) -> None:
        """A trade came."""

    def on_bar(self, bar: Bar) -> None:
        """A bar came."""

    def on_status(self, change: StatusChange) -> None:
        """The connection changed its state."""

    def on_gap(self, gap: Gap) -> None:
        """Data was, or may have been, missed."""

    def on_heartbeat(self, heartbeat: Heartbeat) -> None:
        """A sign of life came."""

    def on_halt(self, halt: Halt) -> None:
        """Trading in a symbol stopped or resumed."""

    def on_cancel(self, cancel: TradeCancel) -> None:
        """A trade told before is void."""

    def on_correction(self, correction: TradeCorrection) -> None:
        """A trade told before had other figures."""

    def on_reading(self, reading: Reading) -> None:
        """A number about a symbol came."""

    def on_feed_error(self, error: FeedError) -> None:
        """Something that arrived could not be used."""

    def on_error(self, error: Exception) -> None:
        """The stream ended with *error*."""
        _log.error("%s: the stream ended with %r", type(self).__name__, error)

    def on_completed(self) -> None:
        """The stream ended."""
