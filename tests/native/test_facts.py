"""How a fact is made: where each of its fields comes from. (What is made, is tested with what makes.)"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ordinis_rx.codes import Names
from ordinis_rx.columns import schema_of
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus
from ordinis_rx.events import Quote, Reading, Side, Trade, TradeFlags
from ordinis_rx.native.builtin import Thing, offset_of, places_in
from ordinis_rx.native.facts import Give, building_of, making_of
from ordinis_rx.recipes import Recipe

TRADE, READING, QUOTE, ANSWER = map(schema_of, (Trade, Reading, Quote, AggregatedQuote))


def sources(gives: tuple[Give, ...]) -> tuple[Give, ...]:
    """Where fields come from, and not where they go."""
    return tuple(give._replace(into=0) for give in gives)


def test_a_fact_carries_over_what_its_recipe_says_and_the_rest_are_defaults() -> None:
    recipe = Recipe(TRADE, READING, ["value"], {"name": "mean"})
    gives, known = making_of(recipe, TRADE, READING, {"value": 9}, Names())

    fields = Reading.__struct_fields__
    carried = {"symbol", "ts_event", "ts_recv", "provider", "seq"}
    for k, name in enumerate(fields):
        if name in carried:
            assert (sources(gives)[k], known[k]) == (Give("slot", offset_of(Trade, name) or 0), ())
        elif name == "value":
            assert (sources(gives)[k], known[k]) == (Give("f", 9), ())
        else:
            stands = "mean" if name == "name" else READING.defaults[name]
            assert (sources(gives)[k], known[k]) == (Give("known"), (Thing(stands),))
    assert known[-1] == (Reading, fields)


def test_each_field_goes_where_a_plain_fact_keeps_it() -> None:
    gives, _ = building_of(TRADE, {}, Names())

    assert [give.into for give in gives] == [
        offset_of(Trade, name) for name in Trade.__struct_fields__
    ]


@pytest.mark.parametrize(
    "more",
    [{"gc": True}, {"gc": True, "weakref": True}, {"gc": True, "dict": True}, {"cache_hash": True}],
)
def test_a_kind_that_keeps_more_than_its_fields_makes_its_facts_itself(
    more: dict[str, bool],
) -> None:
    kind: Any = msgspec.defstruct("Kept", [("value", float)], frozen=True, **{"gc": False, **more})

    assert places_in(kind) == {}
    assert places_in(msgspec.defstruct("Plain", [("value", float)], gc=False)) == {"value": 16}
    assert places_in(type("Looking", (Reading,), {"__post_init__": print}, frozen=True)) == {}
    assert places_in(float) == {}


def test_numbers_stand_for_what_they_stand_for_in_columns() -> None:
    names = Names()
    written = ["symbol", "provider", "price", "seq", "status", "providers_used"]
    recipe = Recipe(QUOTE, ANSWER, written)
    at = {name: k for k, name in enumerate(written)}
    making = making_of(recipe, QUOTE, ANSWER, at, names)
    (_, fields) = making.known[-1]

    told = dict(zip(fields, zip(sources(making.gives), making.known, strict=False), strict=True))
    assert told["symbol"] == (Give("word", 0), (names.symbols.words,))
    assert told["provider"] == (Give("word", 1), (names.providers.words,))
    assert told["price"] == (Give("f", 2), ())
    assert told["seq"] == (Give("i", 3), ())
    assert told["status"] == (Give("member", 4), (tuple(ConsensusStatus),))
    assert told["providers_used"] == (Give("set", 5), (names.providers.words.sets, ()))


def test_what_is_worked_out_of_the_fact_before_is_asked_for_by_name() -> None:
    class Named(Trade, frozen=True, kw_only=True):
        @property
        def provider(self) -> str:  # type: ignore[override]
            return "named"

    recipe = Recipe(schema_of(Named), READING, ["value"], {"name": "mean"})
    making = making_of(recipe, schema_of(Named), READING, {"value": 0}, Names())

    assert sources(making.gives)[3] == Give("attribute")
    assert making.known[3] == ("provider",)


def test_a_fact_of_columns_alone_has_its_objects_or_their_defaults() -> None:
    names = Names()
    order = [*TRADE.index, "conditions"]
    making = building_of(TRADE, {name: 2 + k for k, name in enumerate(order)}, names)
    (_, fields) = making.known[-1]

    assert fields == Trade.__struct_fields__
    told = dict(zip(fields, zip(sources(making.gives), making.known, strict=False), strict=True))
    assert told["conditions"] == (Give("object", 2 + len(TRADE.index)), ())
    assert told["trade_id"] == (Give("known"), (Thing(TRADE.defaults["trade_id"]),))
    assert told["side"][1] == (tuple(Side),)
    assert told["flags"][1][0][3] is TradeFlags(3)


def test_a_give_says_how_many_things_it_knows() -> None:
    assert [
        Give(source).knows  # type: ignore[arg-type]
        for source in ("slot", "object", "f", "i", "attribute", "known", "member", "word", "set")
    ] == [0, 0, 0, 0, 1, 1, 1, 1, 2]
