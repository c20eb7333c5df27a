"""A join of two inputs: what has one cause is there for all that it causes, whichever input is told first."""

from __future__ import annotations

from typing import Any

import pytest
from reactivex.subject import Subject

from ordinis_rx.multicast import Hot, share
from ordinis_rx.operators import quotes, trades
from ordinis_rx.operators.pairing import Pairing, paired
from ordinis_rx.stream import Stream
from ordinis_rx.testing import a_quote, a_trade


class Noting(Pairing):
    """Tells what it has kept so far, with what looks."""

    def __init__(self, observer: Any, who: str) -> None:
        super().__init__(observer, who)
        self.kept: list[float] = []

    def keep(self, fact: Any) -> None:
        self.kept.append(fact.bid)

    def look(self, fact: Any, turn: Any) -> None:
        self.tell((fact.price, *self.kept), turn, fact.seq)


@pytest.fixture
def joined() -> tuple[Hot, list[Any]]:
    hot, heard = Hot(), list[Any]()
    shared = hot.stream.pipe(share())
    join = paired(Noting, "noting", looked_up=shared.pipe(quotes()), looking=shared.pipe(trades()))
    join.subscribe(heard.append, heard.append, lambda: heard.append("completed"))
    return hot, heard


def test_rows_of_one_item_are_gone_through_in_the_order_of_seq(
    joined: tuple[Hot, list[Any]],
) -> None:
    hot, heard = joined
    hot.push([a_trade(1, seq=1), a_quote(2, 9, seq=2), a_trade(3, seq=3), a_quote(4, 9, seq=4)])
    hot.push([a_trade(5, seq=5)])

    assert heard == [(1,), (3, 2), (5, 2, 4)]


def test_it_ends_with_those_that_look(joined: tuple[Hot, list[Any]]) -> None:
    hot, heard = joined
    hot.push([a_trade(1, seq=1)])
    hot.complete()

    assert heard == [(1,), "completed"]


def test_an_error_of_either_is_told_once(joined: tuple[Hot, list[Any]]) -> None:
    hot, heard = joined
    broken = RuntimeError("broken")
    hot.error(broken)

    assert heard == [broken]


def test_when_those_that_look_cannot_be_subscribed_to_what_is_looked_at_is_left() -> None:
    def refuse(*_: object) -> Any:
        raise OSError("lives on another loop")

    source = Subject[Any]()
    pairs = paired(Noting, "noting", looked_up=source, looking=Stream(refuse))

    with pytest.raises(OSError, match="lives on another loop"):
        pairs.subscribe()

    assert not source.observers
