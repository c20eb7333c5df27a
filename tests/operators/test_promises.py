"""The operators on one more day of facts keep their promises (every operator has a row in the tests of conformance)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from reactivex import Observable
from reactivex import operators as ops
from reactivex.scheduler import ImmediateScheduler

from ordinis_rx import operators
from ordinis_rx.clock import EventClock
from ordinis_rx.events import Event
from ordinis_rx.multicast import share
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
    check_operator,
)
from ordinis_rx.typing import Operator

A_DAY: list[Event] = [
    a_status(at=0, provider="x"),
    a_quote(99.0, 101.0, at=1, provider="x", ask_venue="Q"),
    a_quote(98.0, math.nan, at=2, provider="y", symbol="B"),
    a_trade(100.0, at=3, provider="x", venue="N", trade_id="1"),
    a_trade(100.0, at=4, provider="x", venue="N", trade_id="2", conditions=("I",)),
    a_heartbeat(at=5, provider="x"),
    a_quote(102.0, 101.0, at=6, provider="y"),
    a_quote(101.0, 101.0, at=7, provider="y"),
    a_gap(5, 8, provider="x", symbols=("B",)),
    a_bar(100.0, at=9, interval=4, provider="x"),
    a_halt(at=10, provider="x"),
    a_cancel("1", at=11, provider="x", venue="N"),
    a_correction(at=12, provider="x", original_id="2"),
    a_reading(1.5, at=13, provider="x", name="mid"),
    a_feed_error(at=14, provider="y", raw=b"?"),
    a_trade(math.nan, at=15, provider="y", symbol="B"),
    a_trade(7.0, at=16, provider="y", symbol="C"),
    a_gap(1, 17, provider="y"),
    a_quote(1.0, 2.0, at=18, symbol="C", provider="x"),
]

MAKERS: dict[str, Callable[[], Operator[Any, Any]]] = {
    "bars": operators.bars,
    "buffer": lambda: operators.buffer(scheduler=ImmediateScheduler.singleton()),
    "dedupe": operators.dedupe,
    "drop_crossed": lambda: operators.drop_crossed(operators.SideOutput()),
    "errors": operators.errors,
    "for_providers": lambda: operators.for_providers("y", ["z"]),
    "for_symbols": lambda: operators.for_symbols("B", ["C"]),
    "gaps": operators.gaps,
    "halts": operators.halts,
    "heartbeats": operators.heartbeats,
    "merge": lambda: operators.merge,
    "mid": operators.mid,
    "notional": operators.notional,
    "on_clock": lambda: operators.on_clock(EventClock()),
    "quotes": operators.quotes,
    "readings": operators.readings,
    "reorder": lambda: operators.reorder(3),
    "spread": operators.spread,
    "statuses": operators.statuses,
    "trades": operators.trades,
    "window_by_count": lambda: _windowed(operators.window_by_count(3)),
    "window_by_time": lambda: _windowed(operators.window_by_time(4)),
    "with_latest": lambda: _with_own_quotes,
    "zip_latest_by": operators.zip_latest_by,
}


def _windowed(windows: Operator[Any, Any]) -> Operator[Any, Any]:
    return lambda source: source.pipe(windows, ops.merge_all())


def _with_own_quotes(source: Observable[Event]) -> Observable[Any]:
    shared = source.pipe(share())
    return shared.pipe(operators.trades(), operators.with_latest(shared.pipe(operators.quotes())))


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_an_operator_keeps_its_promises(name: str) -> None:
    check_operator(MAKERS[name], A_DAY)
