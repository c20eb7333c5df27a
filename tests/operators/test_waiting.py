"""Rows that wait by column: told, kept and handed back as facts, in memory of their own."""

from __future__ import annotations

from typing import Any

from ordinis_rx.codes import Names
from ordinis_rx.events import Event, Quote, Trade
from ordinis_rx.operators.waiting import Waiting
from ordinis_rx.testing import a_quote, a_trade
from tests.columns import by_column, frame_by_column


def stamps(facts: list[Any]) -> list[tuple[str, int, int]]:
    return [(type(fact).__name__, fact.ts_event, fact.seq) for fact in facts]


def test_what_time_has_passed_is_told_in_order_and_the_rest_waits() -> None:
    waiting, names = Waiting(5), Names()
    facts = [a_trade(at=9, seq=1), a_quote(at=4, seq=2), a_trade(at=2, seq=3), a_quote(at=7, seq=4)]

    passed = waiting.take(by_column(facts).frames(), None, names, 11)

    assert passed.now == 9
    assert passed.item is not None
    assert stamps(passed.item.facts) == [("Quote", 4, 11)]
    assert stamps(passed.late) == [("Trade", 2, 3)]
    assert len(waiting) == 2
    assert stamps([fact for _, fact in waiting.let_go()]) == [("Quote", 7, 4), ("Trade", 9, 1)]
    assert len(waiting) == 0


def test_what_waits_is_kept_when_the_frame_that_brought_it_is_used_again() -> None:
    waiting, names = Waiting(100), Names()
    frame = frame_by_column([a_trade(8.0, at=3, seq=1, trade_id="7", symbol="B")])
    waiting.take([frame], None, names, 1)
    frame.price[:] = 0.0

    passed = waiting.take([frame_by_column([a_trade(9.0, at=500, seq=2)])], 3, names, 1)

    assert passed.item is not None
    (told,) = passed.item.facts
    assert isinstance(told, Trade)
    assert (told.symbol, told.price, told.trade_id) == ("B", 8.0, "7")


def test_facts_that_waited_before_are_told_among_the_rows_that_come() -> None:
    waiting, names = Waiting(2), Names()
    held: list[tuple[int, Event]] = [
        (1, a_quote(at=1, seq=1)),
        (3, a_trade(at=3, seq=2)),
        (4, a_quote(at=4, seq=3)),
    ]
    waiting.hold(held, names)

    passed = waiting.take(
        [frame_by_column([a_quote(at=2, seq=4), a_quote(at=9, seq=5)])], 4, names, 1
    )

    assert passed.item is not None
    assert stamps(passed.item.facts) == [
        ("Quote", 1, 1),
        ("Quote", 2, 2),
        ("Trade", 3, 3),
        ("Quote", 4, 4),
    ]
    assert {frame.kind for frame in passed.item.frames()} == {Quote, Trade}


def test_a_time_that_is_far_ahead_of_its_arrival_is_not_believed() -> None:
    waiting = Waiting(0)
    wild = a_trade(at=10**18, ts_recv=5, seq=1)

    assert waiting.take([frame_by_column([wild])], None, Names(), 1).now == 5
