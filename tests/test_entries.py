"""Entries: one item is finished before the next begins."""

from __future__ import annotations

from typing import Any

import pytest

from ordinis_rx.batches import Batch, Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Trade
from ordinis_rx.hub import Hub
from ordinis_rx.multicast import share
from ordinis_rx.operators import merge, mid, reorder, trades
from ordinis_rx.testing import a_quote, same_on_frames
from ordinis_rx.testing import a_trade as a_print
from ordinis_rx.turns import Turn
from tests.ends import Log, Reusing, beat


def a_trade(seq: int) -> Trade:
    return Trade(symbol="A", ts_event=seq, seq=seq, price=1.0, size=1.0)


def test_what_is_pushed_meanwhile_is_copied_and_waits_in_order() -> None:
    def react(item: Item) -> None:
        seq = item.facts[0].seq
        if seq == 1:
            for later in (2, 3):
                producer.push(later)
            assert log.told == [[1]]
        if seq == 2:
            producer.push(4)

    log = Log(react)
    producer = Reusing(entry := Entry(log))

    producer.push(1)

    assert log.told == [[1], [2], [3], [4]]
    assert entry.peak == 2
    assert not entry.busy


def test_completion_waits_behind_what_was_pushed_before_it() -> None:
    def react(item: Item) -> None:
        if item.facts[0].seq == 1:
            producer.push(2)
            entry.on_completed()
            producer.push(3)

    log = Log(react)
    producer = Reusing(entry := Entry(log))

    producer.push(1)
    producer.push(4)

    assert log.told == [[1], [2], "completed"]


def test_an_error_waits_behind_what_was_pushed_before_it_and_is_the_last_word() -> None:
    boom = ValueError("boom")

    def react(item: Item) -> None:
        if item.facts[0].seq == 1:
            producer.push(2)
            entry.on_error(boom)
            entry.on_completed()

    log = Log(react)
    producer = Reusing(entry := Entry(log))

    producer.push(1)
    entry.on_completed()

    assert log.told == [[1], [2], boom]


def test_nothing_is_told_after_the_end() -> None:
    log = Log()
    producer = Reusing(entry := Entry(log))

    entry.on_completed()
    entry.on_error(ValueError("late"))
    producer.push(1)

    assert log.told == ["completed"]


def test_what_nobody_takes_goes_up_to_the_producer_and_the_entry_goes_on() -> None:
    def react(item: Item) -> None:
        if item.facts[0].seq == 1:
            producer.push(2)
            raise ValueError("nobody takes this")

    log = Log(react)
    producer = Reusing(Entry(log))

    with pytest.raises(ValueError, match="nobody takes this"):
        producer.push(1)
    producer.push(3)

    assert log.told == [[1], [3]]


def test_a_source_that_stops_where_nobody_takes_what_is_raised_tells_who_still_listens() -> None:
    boom = ValueError("nobody takes this")

    def react(_: Item) -> None:
        raise boom

    log = Log(react)
    entry = Entry(log)

    with pytest.raises(ValueError, match="nobody takes this"):
        entry.take(item_of([beat(1)], Names()))

    assert log.told == [[1], boom]


def test_an_item_travels_whole_to_a_single_end_and_row_by_row_where_there_are_two() -> None:
    facts: list[Any] = [a_trade(1), beat(2), a_trade(3)]
    for ends, expected in ((0, [[1, 2, 3]]), (1, [[1, 2, 3]]), (2, [[1], [2], [3]])):
        log = Log()
        log.ends = ends

        Entry(log).on_item(item_of(facts, Names()))

        assert log.told == expected


def test_rows_told_apart_are_the_very_facts_with_the_names_of_their_item() -> None:
    seen: list[Any] = []
    log = Log(lambda item: seen.append((item.facts[0], item.names, item.turn)))
    log.ends = 2
    entry = Entry(log)
    items = [item_of([a_trade(1), a_trade(2)], Names()) for _ in range(2)]

    for item in items:
        entry.on_item(item)

    expected = [(fact, item.names) for item in items for fact in item.facts]
    assert all(
        fact is wanted and names is of_item
        for (fact, names, _), (wanted, of_item) in zip(seen, expected, strict=True)
    )
    assert {type(turn) for _, _, turn in seen} == {Turn}


def test_a_second_end_is_seen_at_the_next_item_and_so_is_its_going() -> None:
    hub, logs = Hub(), [Log(), Log()]
    for j, log in enumerate(logs):
        log.exits = lambda found, j=j: found.add(j)  # type: ignore[method-assign, misc]
    entry = Entry(hub)

    hub.add(logs[0])
    entry.on_item(item_of([beat(1), beat(2)], Names()))
    remove = hub.add(logs[1])
    entry.on_item(item_of([beat(3), beat(4)], Names()))
    remove()
    entry.on_item(item_of([beat(5), beat(6)], Names()))

    assert logs[0].told == [[1, 2], [3], [4], [5, 6]]
    assert logs[1].told == [[3], [4]]


def test_a_batch_that_waits_is_copied_too() -> None:
    batch = Batch(Names())

    def react(item: Item) -> None:
        if item.facts[0].seq == 1:
            batch.hold([a_trade(2), beat(3)])
            entry.on_item(batch)
            batch.hold([a_trade(4), beat(5)])
            entry.on_item(batch)

    entry = Entry(log := Log(react))
    batch.hold([a_trade(1), beat(1)])
    entry.on_item(batch)

    assert log.told == [[1, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize(
    "again",
    [
        lambda shared: merge(merge(shared.pipe(mid()), shared.pipe(trades())), shared),
        lambda shared: merge(shared.pipe(reorder(10)), shared),
    ],
    ids=["a merge", "reorder"],
)
def test_what_is_told_anew_beside_what_is_not_cannot_tell_the_split(again: Any) -> None:
    facts = [
        a_quote(9, 11, at=1),
        a_quote(8, 10, at=2),
        a_print(at=3),
        a_quote(7, 9, at=30),
        a_print(at=31),
    ]

    same_on_frames(lambda: lambda source: again(source.pipe(share())), facts)
