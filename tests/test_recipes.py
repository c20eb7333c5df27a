"""Recipes: what is written, carried over, constant or left at its default."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from ordinis_rx.columns import schema_of
from ordinis_rx.events import Bar, Gap, Halt, Reading, Side, Trade
from ordinis_rx.recipes import Recipe

TRADE, READING, BAR = map(schema_of, (Trade, Reading, Bar))


def a_trade(**changes: Any) -> Trade:
    fields = {"symbol": "A", "ts_event": 1, "ts_recv": 2, "provider": "p", "seq": 3} | changes
    return Trade(price=1.0, size=2.0, venue="V", conditions=("x",), side=Side.BUY, **fields)


def test_rows_kept_as_they_are_have_no_recipe_of_their_own() -> None:
    recipe = Recipe(TRADE, TRADE)

    assert recipe.derive is None
    assert not any(recipe.filled)
    assert recipe.carried == set(TRADE.fields)


def test_a_fact_of_the_same_kind_differs_in_what_was_written_alone() -> None:
    recipe = Recipe(TRADE, TRADE, ["price"])
    assert recipe.derive is not None

    (derived,) = recipe.derive([a_trade()], [[9.0]], [], [])

    assert derived == msgspec.structs.replace(a_trade(), price=9.0)


def test_a_fact_of_another_kind_carries_the_common_fields_of_its_parent() -> None:
    recipe = Recipe(TRADE, READING, ["value"], {"name": "size"})
    assert recipe.derive is not None

    derived = recipe.derive([a_trade(), a_trade(symbol="B")], [[2.0, 3.0]], [], [])

    common = {"ts_event": 1, "ts_recv": 2, "provider": "p", "seq": 3, "name": "size"}
    assert derived == [
        Reading(symbol="A", value=2.0, **common),
        Reading(symbol="B", value=3.0, **common),
    ]


def test_fields_that_share_a_name_but_not_a_meaning_are_not_carried() -> None:
    gap_to_halt = Recipe(schema_of(Gap), schema_of(Halt), (), {"halted": True})

    assert gap_to_halt.carried == {"symbol", "ts_event", "ts_recv", "provider", "seq"}


def test_columns_that_nobody_writes_are_the_same_in_every_row() -> None:
    written = ["open", "high", "low", "close", "volume"]
    recipe = Recipe(TRADE, BAR, written, {"interval": 60, "revision": 2})

    by_name = {name: recipe.fixed.get(j) for name, j in BAR.index.items()}
    assert (by_name["interval"], by_name["revision"], by_name["trade_count"]) == (60, 2, 0)
    assert by_name["vwap"] is not None
    assert math.isnan(by_name["vwap"])
    assert by_name["open"] is None
    assert by_name["seq"] is None


def test_a_symbol_that_was_written_as_a_code_is_read_as_a_word() -> None:
    recipe = Recipe(TRADE, READING, ["symbol", "provider", "value"])
    assert recipe.derive is not None

    (derived,) = recipe.derive([a_trade()], [[1], [0], [5.0]], ["A", "B"], ["sum"])

    assert (derived.symbol, derived.provider, derived.value) == ("B", "sum", 5.0)


def test_an_enumeration_that_was_written_as_a_code_is_read_as_its_member() -> None:
    recipe = Recipe(TRADE, TRADE, ["side"])
    assert recipe.derive is not None

    (derived,) = recipe.derive([a_trade()], [[list(Side).index(Side.SELL)]], [], [])

    assert derived.side is Side.SELL


def test_a_field_that_nothing_tells_is_named() -> None:
    with pytest.raises(TypeError, match="nothing tells the high low close volume of a Bar"):
        Recipe(TRADE, BAR, ["open"], {"interval": 60})


@pytest.mark.parametrize("name", ["colour", "symbol", "provider", "value"])
def test_a_constant_that_cannot_be_one_is_named(name: str) -> None:
    with pytest.raises(TypeError, match=f"{name} of a Reading"):
        Recipe(TRADE, READING, ["value"], {name: 1})
