from __future__ import annotations

import logging
from typing import Any

import pytest
import reactivex

from ordinis_rx.events import EVENT_TYPES, Event, FeedError, Trade
from ordinis_rx.handlers import BaseStreamHandler
from ordinis_rx.handlers.base import METHODS
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_bar,
    a_cancel,
    a_correction,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
)

ONE_OF_EACH: list[Event] = [
    a_trade(seq=1),
    a_quote(seq=2),
    a_bar(seq=3),
    a_status(seq=4),
    a_gap(seq=5),
    a_feed_error(seq=6),
    a_heartbeat(seq=7),
    a_halt(seq=8),
    a_cancel(seq=9),
    a_correction(seq=10),
    a_reading(seq=11),
]


class Everything(BaseStreamHandler):
    """Notes which method heard what."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        for name in (*METHODS.values(), "on_error"):
            setattr(self, name, lambda value, name=name: self.heard.append((name, value)))

    def on_completed(self) -> None:
        self.heard.append(("on_completed", None))


def test_every_kind_of_fact_has_its_method() -> None:
    handler = Everything()

    from_events(ONE_OF_EACH).subscribe(handler)

    assert handler.heard == [
        ("on_trade", ONE_OF_EACH[0]),
        ("on_quote", ONE_OF_EACH[1]),
        ("on_bar", ONE_OF_EACH[2]),
        ("on_status", ONE_OF_EACH[3]),
        ("on_gap", ONE_OF_EACH[4]),
        ("on_feed_error", ONE_OF_EACH[5]),
        ("on_heartbeat", ONE_OF_EACH[6]),
        ("on_halt", ONE_OF_EACH[7]),
        ("on_cancel", ONE_OF_EACH[8]),
        ("on_correction", ONE_OF_EACH[9]),
        ("on_reading", ONE_OF_EACH[10]),
        ("on_completed", None),
    ]
    assert set(METHODS) == set(EVENT_TYPES)


def test_a_handler_hears_only_what_it_overrides() -> None:
    class Trades(BaseStreamHandler):
        seen: list[Trade]

        def on_trade(self, trade: Trade) -> None:
            self.seen.append(trade)

    handler = Trades()
    handler.seen = []

    from_events(ONE_OF_EACH).subscribe(handler)

    assert handler.seen == [ONE_OF_EACH[0]]


def test_s14_a_feed_error_is_told_with_its_cause_and_ends_nothing() -> None:
    class Errors(BaseStreamHandler):
        def __init__(self) -> None:
            self.told: list[FeedError] = []
            self.ended = False

        def on_feed_error(self, error: FeedError) -> None:
            self.told.append(error)

        def on_completed(self) -> None:
            self.ended = True

    handler = Errors()

    from_events([a_feed_error("unreadable", raw=b"{"), a_trade()]).subscribe(handler)

    assert [(error.kind, error.raw) for error in handler.told] == [("unreadable", b"{")]
    assert handler.ended


def test_the_error_that_ends_the_stream_is_told_once() -> None:
    handler, error = Everything(), RuntimeError("odd")

    reactivex.concat(reactivex.of(a_trade()), reactivex.throw(error)).subscribe(handler)

    assert handler.heard == [("on_trade", a_trade()), ("on_error", error)]


def test_an_error_that_nobody_hears_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        reactivex.throw(RuntimeError("odd")).subscribe(BaseStreamHandler())

    assert caplog.messages == ["BaseStreamHandler: the stream ended with RuntimeError('odd')"]


def test_a_handler_that_raises_hears_of_it_and_no_more() -> None:
    class Raising(BaseStreamHandler):
        def __init__(self) -> None:
            self.errors: list[Exception] = []
            self.trades = 0

        def on_trade(self, trade: Trade) -> None:
            self.trades += 1
            raise RuntimeError("odd")

        def on_error(self, error: Exception) -> None:
            self.errors.append(error)

    handler = Raising()

    from_events([a_trade(), a_trade()]).subscribe(handler)

    assert handler.trades == 1
    assert [str(error) for error in handler.errors] == ["odd"]


def test_what_is_no_fact_is_refused_with_its_value() -> None:
    with pytest.raises(TypeError, match="BaseStreamHandler takes facts, got 5"):
        BaseStreamHandler().on_next(5)  # type: ignore[arg-type]
