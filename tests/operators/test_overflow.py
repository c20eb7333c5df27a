"""What a full buffer does: who gives way, what is counted, and the mark left behind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx.errors import BufferOverflow
from ordinis_rx.events import Gap
from ordinis_rx.operators.overflow import Overflow, Queue, queue_of
from ordinis_rx.testing import (
    a_bar,
    a_gap,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
)


def numbered(*facts: Any) -> list[Any]:
    return [replace(fact, seq=seq) for seq, fact in enumerate(facts, 1)]


def seqs(facts: list[Any]) -> list[Any]:
    return [f"gap {fact.seq}" if isinstance(fact, Gap) else fact.seq for fact in facts]


TRADES = numbered(*[a_trade(at=10 * t, symbol="AB"[t % 2], provider="x") for t in range(5)])


def full(policy: Overflow, size: int = 2, *, mark: bool = True) -> Queue:
    held = queue_of(size, policy, mark=mark)
    held.put(TRADES)
    return held


def test_the_oldest_give_way_and_the_mark_stands_before_the_rest() -> None:
    held = full(Overflow.DROP_OLDEST)

    assert (len(held), held.dropped) == (2, 3)
    assert seqs(held.take()) == ["gap 3", 4, 5]


def test_the_newest_give_way_and_the_mark_stands_after_the_rest() -> None:
    held = full(Overflow.DROP_NEWEST)

    assert (len(held), held.dropped) == (2, 3)
    assert seqs(held.take()) == [1, 2, "gap 5"]


def test_an_older_fact_of_a_key_gives_way_to_a_newer_which_keeps_its_own_place() -> None:
    held = full(Overflow.CONFLATE)

    assert (len(held), held.dropped, held.conflated) == (2, 0, 3)
    assert seqs(held.take()) == [4, 5]


def test_with_error_nothing_gives_way() -> None:
    held = queue_of(2, Overflow.ERROR, mark=True)

    with pytest.raises(BufferOverflow, match="buffer of 2 events is full"):
        held.put(TRADES)

    assert (len(held), held.dropped) == (2, 3)
    assert seqs(held.take()) == [1, 2]


def test_too_many_keys_drop_the_oldest_one() -> None:
    held = queue_of(2, Overflow.CONFLATE, mark=True)

    held.put(numbered(*[a_quote(symbol=symbol) for symbol in "ABAC"]))

    assert (held.dropped, held.conflated) == (1, 1)
    assert seqs(held.take()) == ["gap 2", 3, 4]


def test_a_mark_is_of_what_was_dropped_since_the_last_one() -> None:
    held = full(Overflow.DROP_OLDEST, 1)
    held.take()

    held.put([a_trade(at=70, symbol="Q", provider="y"), a_trade(at=80, symbol="R")])

    mark = held.take()[0]
    assert isinstance(mark, Gap)
    assert (mark.symbols, mark.provider, mark.ts_from, mark.ts_to) == (("Q",), "y", 70, 70)


def test_a_mark_is_told_once() -> None:
    held = full(Overflow.DROP_OLDEST)
    held.take()

    held.put(TRADES[:1])

    assert seqs(held.take()) == [1]


@pytest.mark.parametrize("policy", [Overflow.DROP_OLDEST, Overflow.DROP_NEWEST])
def test_no_mark_is_left_when_none_is_wanted(policy: Overflow) -> None:
    held = full(policy, mark=False)

    assert len(held.take()) == 2
    assert held.dropped == 3


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (a_quote(), a_quote(), True),
        (a_quote(), a_trade(), False),
        (a_quote(provider="x"), a_quote(provider="y"), False),
        (a_quote(symbol="A"), a_quote(symbol="B"), False),
        (a_bar(interval=5), a_bar(interval=5), True),
        (a_bar(interval=5), a_bar(interval=6), False),
        (a_reading(name="mid"), a_reading(name="mid"), True),
        (a_reading(name="mid"), a_reading(name="spread"), False),
        (a_heartbeat(), a_heartbeat(), True),
        (a_status(), a_status(), False),
        (a_gap(), a_gap(), False),
    ],
)
def test_only_facts_of_one_key_are_conflated(first: Any, second: Any, one: bool) -> None:
    held = queue_of(9, Overflow.CONFLATE, mark=True)

    held.put(numbered(first, second))

    assert len(held) == (1 if one else 2)


@given(
    st.sampled_from([Overflow.DROP_OLDEST, Overflow.DROP_NEWEST, Overflow.CONFLATE]),
    st.integers(1, 4),
    st.lists(st.lists(st.sampled_from("ABC"), max_size=5), max_size=6),
)
def test_every_fact_is_told_dropped_or_conflated_and_order_is_kept(
    policy: Overflow, size: int, bursts: list[list[str]]
) -> None:
    held = queue_of(size, policy, mark=True)
    told: list[Any] = []
    sent = 0
    for k, burst in enumerate(bursts):
        held.put([a_trade(symbol=s, seq=seq) for seq, s in enumerate(burst, sent + 1)])
        sent += len(burst)
        assert len(held) <= size
        if k % 2:
            told += held.take()
    told += held.take()

    trades = [fact for fact in told if not isinstance(fact, Gap)]
    assert len(trades) + held.dropped + held.conflated == sent
    numbers = [fact.seq for fact in told]
    assert numbers == sorted(set(numbers))
    assert (len(trades) < len(told)) == (held.dropped > 0)


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 6), st.data())
def test_without_a_mark_what_nothing_stands_in_for_is_the_last_to_be_dropped(
    telling: list[bool], size: int, data: st.DataObject
) -> None:
    facts = numbered(*[a_gap() if tells else a_trade() for tells in telling])
    held = queue_of(size, Overflow.DROP_OLDEST, mark=False)
    taken: list[Any] = []
    for fact in facts:
        held.put([fact])
        if data.draw(st.booleans()) and len(held):
            taken.append(held.take_one())
        assert len(held) <= size
    left = held.take()

    told = [fact.seq for fact in (*taken, *left)]
    assert told == sorted(told)
    assert len(told) + held.dropped == len(facts)
    gaps = [fact for fact in left if isinstance(fact, Gap)]
    if not taken:  # as many as there is room for, and the newest of them
        assert gaps == [fact for fact in facts if isinstance(fact, Gap)][-size:]


def test_values_that_are_no_facts_give_way_oldest_first() -> None:
    held = queue_of(3, Overflow.DROP_OLDEST, mark=False)

    held.put([*range(10)])  # type: ignore[list-item]
    held.put([10])  # type: ignore[list-item]

    assert (held.take(), held.dropped, len(held)) == ([8, 9, 10], 8, 0)
