"""Turns: joins settle when all that an item causes has arrived."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from typing import Any

import pytest

from ordinis_rx.batches import Item
from ordinis_rx.entries import Entry
from ordinis_rx.turns import Turn, as_exception, is_told, next_order, tell_error
from tests.ends import Log, Reusing


class Collecting:
    """A join that says, when the turn ends, what arrived in it."""

    def __init__(self, name: str, told: list[Any], feeds: Collecting | None = None) -> None:
        self.name = name
        self.told = told
        self.feeds = feeds
        self.arrived: list[Any] = []
        self.order = 0

    def take(self, turn: Turn, what: Any) -> None:
        self.arrived.append(what)
        turn.settle_later(self)
        self.turn = turn

    def settle(self) -> None:
        arrived, self.arrived = self.arrived, []
        self.told.append((self.name, arrived))
        if self.feeds is not None:
            self.feeds.take(self.turn, self.name)


def test_a_join_settles_once_at_the_end_of_the_turn() -> None:
    told: list[Any] = []
    join = Collecting("join", told)

    def react(item: Item) -> None:
        for branch in "ab":
            join.take(item.turn, (branch, item.facts[0].seq))
        told.append("arrived")

    producer = Reusing(Entry(Log(react)))
    for seq in (1, 2):
        producer.push(seq)

    assert told == [
        "arrived",
        ("join", [("a", 1), ("b", 1)]),
        "arrived",
        ("join", [("a", 2), ("b", 2)]),
    ]


def test_a_join_settles_after_the_joins_that_feed_it() -> None:
    told: list[Any] = []
    last = Collecting("last", told)
    first = [Collecting(name, told, feeds=last) for name in ("one", "two")]
    for join in (*first, last):
        join.order = next_order()

    def react(item: Item) -> None:
        for join in (last, *reversed(first)):  # the order of arrival does not matter
            join.take(item.turn, "item")

    Reusing(Entry(Log(react))).push(1)

    assert told == [("one", ["item"]), ("two", ["item"]), ("last", ["item", "one", "two"])]


def test_what_is_pushed_while_joins_settle_waits_for_the_next_turn() -> None:
    told: list[Any] = []

    class Pushing(Collecting):
        def settle(self) -> None:
            if self.arrived == [1]:
                producer.push(2)
            super().settle()

    join = Pushing("join", told)
    producer = Reusing(Entry(Log(lambda item: join.take(item.turn, item.facts[0].seq))))

    producer.push(1)

    assert told == [("join", [1]), ("join", [2])]


def test_a_join_whose_subscriber_raises_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[Any] = []

    class Raising(Collecting):
        def settle(self) -> None:
            raise ValueError("not mine")

    raising, sibling = Raising("raising", told), Collecting("sibling", told)
    raising.order, sibling.order = next_order(), next_order()

    def react(item: Item) -> None:
        for join in (raising, sibling):
            join.take(item.turn, item.facts[0].seq)

    producer = Reusing(Entry(Log(react)))
    with caplog.at_level(logging.ERROR):
        for seq in (1, 2):
            producer.push(seq)

    assert told == [("sibling", [1]), ("sibling", [2])]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_joins_of_a_turn_that_failed_do_not_settle_in_the_next() -> None:
    told: list[Any] = []
    join = Collecting("join", told)

    def react(item: Item) -> None:
        join.take(item.turn, item.facts[0].seq)
        if item.facts[0].seq == 1:
            raise ValueError("nobody takes this")

    producer = Reusing(Entry(log := Log(react)))
    with pytest.raises(ValueError, match="nobody takes this"):
        producer.push(1)
    log.react = lambda item: None
    producer.push(2)

    assert told == []


def test_whether_anybody_is_told_of_an_error_is_known() -> None:
    told: list[Exception] = []
    error = ValueError("this one")

    assert is_told(lambda each: tell_error(told.append, each), error)
    assert not is_told(lambda each: None, error)  # whoever is below has left
    assert told == [error]


def test_what_is_no_error_that_a_stream_ends_with_becomes_the_cause_of_one() -> None:
    cancelled = CancelledError()
    told = as_exception(cancelled)

    assert as_exception(told) is told
    assert str(told) == "a subscriber raised CancelledError"
    assert told.__cause__ is cancelled
