"""Reordering: sorted, complete, and what is too late is never lost in silence."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from reactivex.subject import Subject

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.events import Event
from ordinis_rx.operators import SideOutput, reorder, reordering
from ordinis_rx.stream import from_items, numbered
from ordinis_rx.testing import (
    a_gap,
    a_heartbeat,
    a_quote,
    a_status,
    a_trade,
    play,
    same_on_frames,
    through,
)
from ordinis_rx.timebase import SECOND
from tests.columns import by_column


def times(facts: list[Any]) -> list[int]:
    return [fact.ts_event for fact in facts]


def test_a_fact_waits_until_time_is_past_it() -> None:
    facts = {"a": a_trade(at=10), "b": a_trade(at=8), "c": a_trade(at=13), "d": a_trade(at=15)}

    seen = play("a-b-c-d--|", reorder(3), facts)

    assert [(tick, x if x == "|" else x.ts_event) for tick, x in seen] == [
        (4, 8),  # c moves time to 13: all up to 10 is told
        (4, 10),
        (9, 13),  # the end tells the rest
        (9, 15),
        (9, "|"),
    ]


def test_facts_of_one_moment_stay_in_the_order_of_arrival() -> None:
    facts = [a_trade(1, at=5), a_trade(2, at=4), a_trade(3, at=5), a_trade(4, at=4)]

    assert [trade.price for trade in through(reorder(9), facts)] == [2.0, 4.0, 1.0, 3.0]


def test_what_is_told_is_numbered_anew_from_one() -> None:
    told = through(reorder(9), [a_trade(at=2, seq=7), a_trade(at=1, seq=8), a_trade(at=3, seq=9)])

    assert [(trade.ts_event, trade.seq) for trade in told] == [(1, 1), (2, 2), (3, 3)]


def test_s20_a_late_fact_goes_to_the_side_output_with_its_own_number() -> None:
    late: SideOutput[Event] = SideOutput()
    heard: list[Event] = []
    late.subscribe(heard.append)

    told = through(reorder(5, late), [a_trade(at=20), a_trade(at=14), a_trade(at=15)])

    assert times(told) == [15, 20]
    assert [(fact.ts_event, fact.seq) for fact in heard] == [(14, 2)]
    assert late.told == 1


def test_a_late_fact_without_a_side_output_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        through(reorder(0), [a_trade(at=9), a_trade(at=2), a_trade(at=1)])

    assert [record.getMessage() for record in caplog.records] == [
        "reorder left out a Trade of A, more than 0 ns late; hand it a SideOutput to see such facts"
    ]


def test_a_heartbeat_moves_time_and_is_never_late() -> None:
    facts = {"a": a_trade(at=10), "h": a_heartbeat(at=14), "i": a_heartbeat(at=2)}

    seen = play("a-h-i-", reorder(3), facts, until=6)

    assert [(tick, fact.type.name) for tick, fact in seen] == [(2, "TRADE")]
    assert [fact.type.name for fact in through(reorder(3), list(facts.values()))] == [
        "TRADE",
        "HEARTBEAT",
        "HEARTBEAT",
    ]


def test_a_status_stays_behind_what_happened_before_it_came() -> None:
    facts = [a_trade(at=10), a_trade(at=9), a_status(at=999), a_trade(at=11), a_gap(0, 1)]

    told = through(reorder(5), facts)

    assert [fact.type.name for fact in told] == ["TRADE", "TRADE", "STATUS", "TRADE", "GAP"]


def test_a_status_moves_no_time() -> None:
    late: SideOutput[Event] = SideOutput()

    through(reorder(5, late), [a_trade(at=10), a_status(at=1_000), a_trade(at=11)])

    assert late.told == 0


def test_a_status_is_told_at_once_when_nothing_waits() -> None:
    seen = play("s---", reorder(5), {"s": a_status(at=3)}, until=3)

    assert [tick for tick, _ in seen] == [0]


def test_a_stamp_from_the_future_does_not_make_all_that_follows_late() -> None:
    late: SideOutput[Event] = SideOutput()
    now = 100 * SECOND
    wild = a_trade(at=now * 1000, ts_recv=now)
    after = [a_trade(at=now + t, ts_recv=now + t) for t in range(3)]

    told = through(reorder(SECOND, late), [wild, *after])

    assert late.told == 0
    assert len(told) == 4


def test_an_error_tells_what_is_held_and_then_itself() -> None:
    seen = play("ab#", reorder(9), {"a": a_trade(at=2), "b": a_trade(at=1)})

    assert [tick for tick, _ in seen] == [2, 2, 2]
    assert times([fact for _, fact in seen[:2]]) == [1, 2]
    assert isinstance(seen[2][1], RuntimeError)


def test_a_fact_without_a_time_costs_none_of_those_before_it() -> None:
    facts = numbered([a_trade(at=at) for at in (3, 1, 9, 2)])
    facts.append(replace(facts[0], ts_event="noon", seq=5))
    side: SideOutput[Any] = SideOutput()
    told: list[Any] = []

    with pytest.raises(TypeError):
        from_items(lambda names: [item_of(facts, names)]).pipe(reorder(3, side)).subscribe(
            lambda fact: told.append(fact.ts_event), told.append
        )

    assert told[:-1] == [1, 3, 9]
    assert isinstance(told[-1], TypeError)
    assert side.told == 1


def test_lateness_must_not_be_negative() -> None:
    with pytest.raises(ValueError, match=r"lateness must be 0 or more nanoseconds, .* got -1"):
        reorder(-1)


@given(st.lists(st.integers(0, 40)), st.integers(0, 20))
def test_what_is_told_is_sorted_and_with_the_late_ones_it_is_all(
    moments: list[int], lateness: int
) -> None:
    late: SideOutput[Event] = SideOutput()
    heard: list[Event] = []
    late.subscribe(heard.append)

    told = through(reorder(lateness, late), [a_trade(at=t) for t in moments])

    assert times(told) == sorted(times(told))
    assert sorted(times(told) + times(heard)) == sorted(moments)
    if moments and lateness >= max(moments):
        assert not heard


@given(
    st.lists(
        st.tuples(st.sampled_from([a_trade, a_quote, a_heartbeat, a_status]), st.integers(0, 20)),
        max_size=12,
    ),
    st.integers(0, 9),
    st.lists(st.lists(st.integers(1, 4), max_size=4), min_size=1, max_size=1),
)
def test_reordering_is_the_same_on_any_frames(
    drawn: list[tuple[Any, int]], lateness: int, cuts: list[list[int]]
) -> None:
    facts = [make(at=at) for make, at in drawn]

    for few in (1, 3):  # by column from so many rows on: always, or now and then
        with mock.patch.object(reordering, "FEW", few):
            same_on_frames(lambda: reorder(lateness, SideOutput()), facts, cuts=cuts, silent=True)


@pytest.mark.parametrize("few", [1, 5, 10**9])
def test_the_late_ones_are_the_same_whether_rows_are_sorted_as_facts_or_by_column(few: int) -> None:
    chance = random.Random(few)
    kinds = (a_trade, a_quote, a_heartbeat, a_status)
    facts = numbered([chance.choice(kinds)(at=k + chance.randrange(30)) for k in range(400)])

    def heard(few: int, sizes: int) -> tuple[list[Event], list[Event]]:
        names, late, told = Names(), SideOutput[Event](), list[Event]()
        refused: list[Event] = []
        late.subscribe(refused.append)
        cuts = random.Random(sizes)

        def items(_: Names) -> Iterator[Item]:
            rest = facts
            while rest:
                size = cuts.randint(1, 20)
                yield by_column(rest[:size], names)
                rest = rest[size:]

        with mock.patch.object(reordering, "FEW", few):
            from_items(items).pipe(reorder(12, late)).subscribe(told.append)
        return told, refused

    assert heard(few, 1) == heard(10**9, 2)
    assert heard(few, 3)[1]


def test_a_lateness_that_is_no_whole_number_is_refused_with_its_value() -> None:
    with pytest.raises(TypeError, match=r"reorder: lateness must be a whole .*, got 'x'"):
        reorder("x")  # type: ignore[arg-type]


def test_what_was_held_is_told_when_a_fact_cannot_be_put_in_order() -> None:
    source, told = Subject[Any](), list[Any]()
    source.pipe(reorder(100)).subscribe(told.append, told.append)
    odd = replace(a_trade(at=10), seq="x")  # type: ignore[arg-type]

    for fact in (a_trade(at=20, seq=1), a_trade(at=10, seq=2), odd):
        source.on_next(fact)

    assert times(told[:-1]) == [10, 20]
    assert str(told[-1]) == f"seq cannot be 'x' in {odd!r}"
