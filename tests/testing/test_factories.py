from __future__ import annotations

import math

import pytest

from ordinis_rx.events import EVENT_TYPES, Event, GapReason
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
    factories,
)
from ordinis_rx.timebase import SECOND

PLAIN: list[Event] = [
    a_trade(),
    a_quote(),
    a_bar(),
    a_status(),
    a_gap(),
    a_feed_error(),
    a_heartbeat(),
    a_halt(),
    a_cancel(),
    a_correction(),
    a_reading(),
]


def test_there_is_a_factory_for_every_kind_of_fact() -> None:
    assert {type(fact) for fact in PLAIN} == set(EVENT_TYPES)
    assert len(PLAIN) == len([name for name in factories.__all__ if name.startswith("a_")])


@pytest.mark.parametrize("fact", PLAIN, ids=lambda fact: type(fact).__name__)
def test_a_fact_without_arguments_has_no_origin(fact: Event) -> None:
    assert (fact.ts_recv, fact.provider, fact.seq) == (0, "", 0)


def test_numbers_given_as_integers_become_floats() -> None:
    trade, quote, bar = a_trade(9, size=2), a_quote(1, 2), a_bar(3, open=2)

    numbers = [trade.price, trade.size, quote.bid, quote.ask, bar.open, bar.high, bar.low]
    assert [type(number) for number in numbers] == [float] * 7


def test_a_trade_takes_what_the_test_is_about() -> None:
    trade = a_trade(9, at=1, symbol="B", size=3, provider="sim", seq=4, ts_recv=5)

    assert (trade.price, trade.ts_event, trade.symbol, trade.size) == (9.0, 1, "B", 3.0)
    assert (trade.provider, trade.seq, trade.ts_recv) == ("sim", 4, 5)


def test_a_bar_holds_its_open_and_close_between_low_and_high() -> None:
    bar = a_bar(90, open=110, at=2 * SECOND)

    assert (bar.low, bar.open, bar.high, bar.close) == (90.0, 110.0, 110.0, 90.0)
    assert bar.ts_open == SECOND


def test_a_side_may_be_missing() -> None:
    assert math.isnan(a_quote(bid=math.nan).mid)


def test_a_gap_is_told_when_it_ends() -> None:
    gap = a_gap(5, 9, reason=GapReason.STALLED, symbols=("A",))

    assert (gap.ts_event, gap.duration, gap.symbols) == (9, 4, ("A",))
