"""Many facts made in one builtin: they are those that Python makes, or none where something is not usual."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, schema_of
from ordinis_rx.consensus.facts import AggregatedQuote
from ordinis_rx.events import Reading, Trade
from ordinis_rx.native.builtin import Thing
from ordinis_rx.native.deriving import FIRST, deriving
from ordinis_rx.native.facts import Give, Making, building_of, making_of
from ordinis_rx.recipes import Recipe
from ordinis_rx.testing import a_quote, a_trade
from tests.native.growth import grows

TRADE, READING, ANSWER = map(schema_of, (Trade, Reading, AggregatedQuote))
MEANS = Recipe(TRADE, READING, ["value"], {"name": "mean"})


def means(names: Names) -> Any:
    return deriving(Trade, making_of(MEANS, TRADE, READING, {"value": FIRST}, names))


def some_trades(n: int) -> list[Trade]:
    return [a_trade(float(k), symbol="AB"[k % 2], provider="p", at=k, seq=k) for k in range(n)]


@given(st.lists(st.floats(), max_size=30))
def test_facts_of_parents_are_those_that_python_makes(values: list[float]) -> None:
    names, parents, block = Names(), some_trades(len(values)), Block("f", 30)
    for k, value in enumerate(values):
        block.views[0][k] = value
    assert MEANS.derive is not None

    ours = means(names)((parents, len(values), block.addresses[0]))
    assert repr(ours) == repr(MEANS.derive(parents, [values], [], []))


@given(st.data())
def test_facts_of_columns_alone_are_those_that_python_makes(data: Any) -> None:
    names, n = Names(), data.draw(st.integers(1, 12))
    for word in "pqr":
        names.symbols[word.upper()], names.providers[word]
    block = Block(ANSWER.kinds, n)
    for field, view in zip(ANSWER.columns, block.views, strict=True):
        most = len(field.members) - 1 if field.members else 7 if field.many else 2
        numbers = st.floats() if field.kind == "f" else st.integers(0, most)
        for k in range(n):
            view[k] = data.draw(numbers)
    at = {name: FIRST + k for k, name in enumerate(ANSWER.index)}
    columns = [list(view) for view in block.views]

    ours = deriving(AggregatedQuote, building_of(ANSWER, at, names))((None, n, *block.addresses))
    theirs = ANSWER.build(columns, [], names.symbols.words, names.providers.words)
    assert repr(ours) == repr(theirs)


def test_objects_come_from_lists() -> None:
    names, block, n = Names(), Block(TRADE.kinds, 2), 2
    names.symbols["A"], names.providers["p"]
    order = [*TRADE.index, "trade_id", "conditions"]
    making = building_of(TRADE, {name: FIRST + k for k, name in enumerate(order)}, names)
    make: Any = deriving(Trade, making)

    told = make((None, n, *block.addresses, ["7", "8"], [("x",), ()]))
    assert [(each.trade_id, each.conditions) for each in told] == [("7", ("x",)), ("8", ())]
    assert make((None, n, *block.addresses, ["7"], [(), ()])) is None


def test_where_something_is_not_usual_nothing_is_made() -> None:
    names, parents, block = Names(), some_trades(3), Block("f", 3)
    make, address = means(names), block.addresses[0]

    assert make(([*parents[:2], a_quote(9)], 3, address)) is None
    assert make((parents, 4, address)) is None
    assert make((tuple(parents), 3, address)) is None
    assert len(make((parents, 3, address))) == 3
    assert make((parents, 0, address)) == []


def test_a_code_that_stands_for_nothing_makes_nothing() -> None:
    names, block = Names(), Block(ANSWER.kinds, 1)
    at = {name: FIRST + k for k, name in enumerate(ANSWER.index)}
    make = deriving(AggregatedQuote, building_of(ANSWER, at, names))
    assert make((None, 1, *block.addresses)) is None

    names.symbols["A"], names.providers["p"]
    assert make((None, 1, *block.addresses)) is not None
    block.views[ANSWER.index["status"]][0] = 99
    assert make((None, 1, *block.addresses)) is None


def test_what_is_no_such_tuple_is_refused() -> None:
    make = means(Names())
    with pytest.raises(IndexError):
        make(([], 0))
    with pytest.raises(SystemError):
        make([])
    with pytest.raises(TypeError):
        make(([], 0, "there"))


def test_it_keeps_no_fact_and_no_part_of_one() -> None:
    names, parents, block = Names(), some_trades(3), Block("f", 3)
    make = means(names)
    watched = [None, *parents, parents[0].symbol, Reading, "mean"]
    before = [sys.getrefcount(each) for each in watched]
    for _ in range(1000):
        make((parents, 3, block.addresses[0]))
        make((parents, 4, block.addresses[0]))

    after = [sys.getrefcount(each) for each in watched]
    assert max(abs(now - then) for now, then in zip(after, before, strict=True)) < 10


def test_what_was_made_before_something_is_not_there_is_given_back() -> None:
    block, words = Block("fi", 1), dict[int, tuple[str, ...]]()
    block.views[1][0] = 5
    fields = "price", "providers_used", "symbol", "ts_event"
    known = ((), (words, ()), (Thing("A"),), (Thing(1),), (AggregatedQuote, fields))
    gives = (Give("f", FIRST), Give("set", FIRST + 1), Give("known"), Give("known"))
    make = deriving(AggregatedQuote, Making(gives, known))

    assert make((None, 1, *block.addresses)) is None
    assert not grows(lambda: make((None, 1, *block.addresses)))
    words[5] = ("a", "b")
    assert make((None, 1, *block.addresses)) == [
        AggregatedQuote(symbol="A", ts_event=1, price=0.0, providers_used=("a", "b"))
    ]
    assert not grows(lambda: make((None, 1, *block.addresses)))
