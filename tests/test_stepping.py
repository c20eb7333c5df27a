"""Steps as operators: an error is of the step and of nothing else, and nothing follows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from reactivex.subject import Subject

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.events import Trade
from ordinis_rx.multicast import Hot, share
from ordinis_rx.stepping import as_far_as_told, each_item, telling
from ordinis_rx.stream import flow_of, from_items
from tests.ends import Seqs


def a_trade(seq: int, price: float = 100.0) -> Trade:
    return Trade(symbol="A", ts_event=seq, seq=seq, price=price, size=1.0)


def test_an_error_of_the_step_ends_the_stream_and_stops_the_source() -> None:
    made: list[int] = []

    def make(names: Names) -> Iterator[Item]:
        while True:
            made.append(1)
            assert len(made) < 100, "nobody stopped an endless source"
            yield item_of([a_trade(len(made))], names)

    def step(item: Item) -> Item:
        if item.facts[0].seq == 3:
            raise ValueError("the step is at fault")
        return item

    errors: list[Exception] = []
    seen: list[int] = []
    from_items(make).pipe(each_item(lambda: step)).subscribe(
        lambda f: seen.append(f.seq), errors.append
    )

    assert seen == [1, 2]
    assert [str(error) for error in errors] == ["the step is at fault"]
    assert len(made) == 3


@pytest.mark.parametrize("kind", ["step", "telling"])
def test_nothing_follows_an_error_even_from_a_source_that_goes_on(kind: str) -> None:
    end = Seqs()

    def step(item: Item) -> Item:
        item.lookup("price")  # type: ignore[union-attr]
        return item

    ways = {
        "step": each_item(lambda: step),
        "telling": telling(lambda: lambda item: step(item).facts),
    }
    hot = Hot()
    flow_of(hot.stream.pipe(ways[kind]), end)
    for price in (1.0, "dear", 2.0):
        hot.push([a_trade(len(end.told) + 1, price)])  # type: ignore[arg-type]

    assert end.told == [1, TypeError]


def test_an_error_of_a_subscriber_is_not_taken_for_one_of_the_step() -> None:
    calls: list[int] = []

    def step(item: Item) -> Item:
        calls.append(item.facts[0].seq)
        return item

    def raising(fact: Any) -> None:
        raise ValueError("the subscriber is at fault")

    hot: Subject[Any] = Subject()
    shared = hot.pipe(each_item(lambda: step), share())
    errors: list[Exception] = []
    others: list[int] = []
    shared.subscribe(raising, errors.append)
    shared.subscribe(lambda fact: others.append(fact.seq), errors.append)
    for seq in (1, 2):
        hot.on_next(a_trade(seq))

    assert [str(error) for error in errors] == ["the subscriber is at fault"]
    assert others == calls == [1, 2]


def test_what_is_made_before_a_failure_counts() -> None:
    told, error = as_far_as_told(lambda numbers: (6 // n for n in numbers), [1, 2, 0, 3])

    assert told == [6, 3]
    assert isinstance(error, ZeroDivisionError)
    assert as_far_as_told(list, [1, 2]) == ([1, 2], None)


@pytest.mark.parametrize("rows", [1, 3], ids=["alone", "in a message"])
def test_who_takes_frames_is_told_of_a_choice_that_fails_and_then_nothing(rows: int) -> None:
    def passes(fact: Any) -> bool:
        return bool(6 // fact.size)

    def step(item: Item) -> Item:
        return item_of([fact for fact in item.facts if passes(fact)], item.names)

    hot, end = Hot(), Seqs()
    flow_of(hot.stream.pipe(each_item(lambda: step, passes=passes)), end)
    sizes = [0.0, 0.0, 0.0] if rows > 1 else [7.0, 6.0, 0.0, 6.0]
    facts = [
        Trade(symbol="A", ts_event=1, price=9.0, size=s, seq=k) for k, s in enumerate(sizes, 1)
    ]
    for at in range(0, len(facts), rows):
        hot.push(facts[at : at + rows])

    assert end.told == ([2] if rows == 1 else []) + [ZeroDivisionError]
