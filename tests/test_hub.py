"""The place where branches part."""

from __future__ import annotations

import gc
import logging
import weakref
from typing import Any

import pytest
from reactivex import Observable
from reactivex import operators as ops

from ordinis_rx.batches import Item
from ordinis_rx.events import Trade
from ordinis_rx.hub import Hub
from ordinis_rx.multicast import Hot, share
from ordinis_rx.paving import Paving
from ordinis_rx.stepping import each_item
from ordinis_rx.testing import a_heartbeat


def trades(*seqs: int) -> list[Any]:
    return [Trade(symbol="A", ts_event=seq, seq=seq, price=1.0, size=1.0) for seq in seqs]


def test_subscribers_at_one_hub_count_as_one_end_and_branches_as_their_own() -> None:
    hot = Hot()
    for _ in range(3):
        hot.stream.subscribe()
    ends: set[int] = set()
    hot.hub.exits(ends)
    hot.stream.pipe(each_item(lambda: lambda item: item)).subscribe()
    more: set[int] = set()
    hot.hub.exits(more)

    assert (len(ends), len(more)) == (1, 4)


@pytest.mark.parametrize("facts", [trades(1), trades(1, 2)], ids=["alone", "in a message"])
def test_a_branch_that_raises_is_dropped_and_not_asked_again(
    caplog: pytest.LogCaptureFixture, facts: list[Any]
) -> None:
    class Raising(Hub):
        def on_item(self, item: Item) -> None:
            refuse(item)

        def pave(self, paving: Paving, kind: type[Any]) -> None:
            paving.write("refuse(fact)", refuse=refuse)

    def refuse(told: object) -> None:
        asked.append(told)
        raise ValueError("cannot take this")

    asked: list[object] = []
    told: list[int] = []
    hot = Hot()
    hot.hub.add(Raising())
    hot.stream.subscribe(lambda fact: told.append(fact.seq))
    with caplog.at_level(logging.ERROR, logger="ordinis_rx"):
        hot.push(facts)
        hot.push(trades(3))

    assert len(asked) == 1
    assert told == [*range(1, 1 + len(facts)), 3]


class Ear:
    """An observer of items that is equal to none, and can be no key."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.heard: list[int] = []

    def __eq__(self, other: object) -> bool:
        return False

    def on_item(self, item: Item) -> None:
        self.heard += [fact.seq for fact in item.facts]

    def on_error(self, error: Exception) -> None: ...

    def on_completed(self) -> None: ...

    def exits(self, found: set[int]) -> None:
        found.add(id(self))


@pytest.mark.parametrize("others", [0, 1, 9])
def test_who_listens_twice_hears_twice_however_many_others_there_are(others: int) -> None:
    hot, ear, more = Hot(), Ear(), [Ear() for _ in range(others)]
    for each in (*more, ear, ear):
        hot.hub.add(each)
    hot.push(trades(1))
    hot.push(trades(2))

    assert ear.heard == [1, 1, 2, 2]
    assert [other.heard for other in more] == [[1, 2]] * others


@pytest.mark.parametrize("others", [0, 1, 9])
def test_who_has_left_is_forgotten_at_once(others: int) -> None:
    hot, gone = Hot(), Ear()
    for _ in range(others):
        hot.stream.flow(Ear())
    leaving = hot.stream.flow(gone)
    hot.push(trades(1))
    hot.push([a_heartbeat(at=1, seq=2)])
    leaving.dispose()
    kept = weakref.ref(gone)
    del gone, leaving
    gc.collect()

    assert kept() is None


def test_who_leaves_a_hub_learns_whether_it_was_there() -> None:
    hub = Hub()
    remove = hub.add(Hub())

    assert [remove(), remove()] == [True, False]


@pytest.mark.parametrize("others", [0, 1, 9])
def test_a_subscriber_below_plain_rx_that_raises_counts_where_the_fact_came_in(others: int) -> None:
    def refuse(_: object) -> None:
        raise OSError("mine")

    hot, errors, told = Hot(), list[Exception](), list[int]()
    shared: Observable[Any] = hot.stream.pipe(ops.filter(bool), share())
    for _ in range(others):
        shared.subscribe(lambda fact: told.append(fact.seq))
    shared.subscribe(refuse, errors.append)
    hot.push(trades(1))
    hot.push(trades(2))

    assert [str(error) for error in errors] == ["mine"]
    assert hot.failures == 1
    assert told == [1] * others + [2] * others


@pytest.mark.parametrize("facts", [trades(1), trades(1, 2)], ids=["alone", "in a message"])
@pytest.mark.parametrize("others", [0, 1, 4])
def test_what_a_step_of_a_branch_raises_is_told_to_those_below_it(
    facts: list[Any], others: int, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(item: Item) -> Item:
        raise ValueError("not this one")

    hot, told = Hot(), list[Exception]()
    heard: list[Any] = []
    hot.stream.pipe(each_item(lambda: refuse)).subscribe(None, told.append)
    for _ in range(others):
        hot.stream.subscribe(heard.append)

    with caplog.at_level(logging.ERROR, logger="ordinis_rx"):
        hot.push(facts)

    assert [str(error) for error in told] == ["not this one"]
    assert len(hot.hub.branches) == others
    assert heard.count(facts[-1]) == others
    assert not caplog.records


def test_what_a_step_raises_is_logged_where_nobody_below_takes_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(item: Item) -> Item:
        raise ValueError("not this one")

    hot = Hot()
    hot.stream.pipe(each_item(lambda: refuse)).subscribe()

    with caplog.at_level(logging.ERROR, logger="ordinis_rx"):
        hot.push(trades(1))

    assert [record.exc_info[1].args for record in caplog.records if record.exc_info] == [
        ("not this one",)
    ]
