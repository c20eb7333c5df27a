"""Quality: duplicates by what a provider says, never by value; crossed quotes; both counted."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.events import Event
from ordinis_rx.operators import SideOutput, dedupe, drop_crossed
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_bar,
    a_cancel,
    a_correction,
    a_heartbeat,
    a_quote,
    a_status,
    a_trade,
    same_on_frames,
    through,
)


def numbers(facts: list[Any]) -> list[int]:
    return [fact.seq for fact in facts]


def test_a_trade_told_twice_is_told_once_and_counted() -> None:
    again: SideOutput[Event] = SideOutput()
    heard: list[Event] = []
    again.subscribe(heard.append)
    trade = {"provider": "x", "venue": "N", "trade_id": "7"}

    told = through(dedupe(again), [a_trade(1, **trade), a_trade(2), a_trade(1, **trade)])

    assert numbers(told) == [1, 2]
    assert again.told == 1
    assert numbers(heard) == [3]


@pytest.mark.parametrize(
    "other",
    [
        {"provider": "y"},
        {"symbol": "B"},
        {"venue": "Q"},
        {"trade_id": "8"},
    ],
)
def test_trades_that_differ_in_any_part_of_their_key_are_different(other: dict[str, str]) -> None:
    first = {"provider": "x", "symbol": "A", "venue": "N", "trade_id": "7"}

    assert len(through(dedupe(), [a_trade(**first), a_trade(**first | other)])) == 2


def test_what_has_no_id_is_never_a_duplicate_whatever_its_values() -> None:
    facts = [a_trade(9, at=1), a_trade(9, at=1), a_quote(at=1), a_quote(at=1), a_heartbeat(at=1)]

    assert len(through(dedupe(), facts * 2)) == 10


def test_s22_a_quote_and_two_trades_of_one_moment_are_three_facts() -> None:
    facts = [a_quote(at=1), a_trade(9, at=1, trade_id="1"), a_trade(9, at=1, trade_id="2")]

    assert numbers(through(dedupe(), facts)) == [1, 2, 3]


def test_s20_a_duplicate_is_visible_in_the_side_output() -> None:
    again: SideOutput[Event] = SideOutput()

    through(dedupe(again), [a_trade(trade_id="1"), a_trade(trade_id="1")])

    assert again.told == 1


def test_a_revised_bar_is_no_duplicate_and_a_repeated_one_is() -> None:
    bars = [a_bar(1), a_bar(2, revision=1), a_bar(2, revision=1), a_bar(3, interval=5)]

    assert numbers(through(dedupe(), bars)) == [1, 2, 4]


def test_bars_that_come_one_by_one_are_told_once_too() -> None:
    told: list[Any] = []
    from_events([a_bar(1), a_bar(1), a_bar(2, at=9)], rows=1).pipe(dedupe()).subscribe(told.append)

    assert numbers(told) == [1, 3]


def test_a_cancel_and_a_trade_of_one_id_are_different() -> None:
    facts = [a_trade(trade_id="1"), a_cancel("1"), a_cancel("1"), a_correction(original_id="1")]

    assert numbers(through(dedupe(), [*facts, a_correction(original_id="1")])) == [1, 2, 4]


def test_at_least_the_last_ids_are_remembered_and_memory_is_bounded() -> None:
    ids = [*range(10), *range(7, 10), 0]
    told = through(dedupe(remember=3), [a_trade(trade_id=str(number)) for number in ids])

    assert [int(trade.trade_id) for trade in told] == [*range(10), 0]  # 0 was forgotten


def test_dedupe_refuses_to_remember_nothing() -> None:
    with pytest.raises(ValueError, match="remember must be 1 or more ids, got 0"):
        dedupe(remember=0)


@given(st.lists(st.integers(0, 9)), st.integers(1, 4), st.data())
def test_dedupe_is_idempotent_and_the_same_on_any_frames(
    ids: list[int], remember: int, data: st.DataObject
) -> None:
    facts = [a_trade(trade_id=str(number) if number else "") for number in ids]

    once = through(dedupe(remember=20), facts)

    assert through(dedupe(remember=20), once) == once
    assert [fact.seq for fact in once if not fact.trade_id] == [
        seq for seq, number in enumerate(ids, 1) if not number
    ]
    cuts = data.draw(st.lists(st.lists(st.integers(1, 4), max_size=4), min_size=1, max_size=1))
    same_on_frames(lambda: dedupe(remember=remember), facts, cuts=cuts, silent=True)


def test_crossed_quotes_go_to_the_side_and_locked_and_halved_ones_stay() -> None:
    crossed: SideOutput[Any] = SideOutput()
    heard: list[Any] = []
    crossed.subscribe(heard.append)
    facts = [
        a_quote(99.0, 101.0),
        a_quote(101.0, 99.0),
        a_quote(100.0, 100.0),
        a_quote(math.nan, 99.0),
        a_status(),
        a_trade(),
    ]

    told = through(drop_crossed(crossed), facts)

    assert numbers(told) == [1, 3, 4, 5, 6]
    assert numbers(heard) == [2]
    assert crossed.told == 1


def test_every_subscription_counts_its_crossed_quotes() -> None:
    crossed: SideOutput[Any] = SideOutput()
    stream = from_events([a_quote(2, 1), a_quote(1, 2)]).pipe(drop_crossed(crossed))

    stream.subscribe()
    stream.subscribe()

    assert crossed.told == 2


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3))))
def test_kept_and_crossed_together_are_all(sides: list[tuple[int, int]]) -> None:
    crossed: SideOutput[Any] = SideOutput()
    facts = [a_quote(bid, ask) for bid, ask in sides]

    told = through(drop_crossed(crossed), facts)

    assert len(told) + crossed.told == len(facts)
    assert not any(quote.is_crossed for quote in told if hasattr(quote, "is_crossed"))
