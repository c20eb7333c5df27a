"""How a fact is made: where each of its fields comes from. (What is made, is tested with what makes.)"""

from __future__ import annotations

from ordinis_rx.codes import Names
from ordinis_rx.columns import schema_of
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus
from ordinis_rx.events import Quote, Reading, Side, Trade, TradeFlags
from ordinis_rx.native.builtin import Thing, offset_of
from ordinis_rx.native.facts import Give, building_of, making_of
from ordinis_rx.recipes import Recipe

TRADE, READING, QUOTE, ANSWER = map(schema_of, (Trade, Reading, Quote, AggregatedQuote))


def test_a_fact_carries_over_what_its_recipe_says_and_leaves_the_rest_to_its_kind() -> None:
    recipe = Recipe(TRADE, READING, ["value"], {"name": "mean"})
    gives, known = making_of(recipe, TRADE, READING, {"value": 9}, Names())

    fields = ("symbol", "ts_event", "ts_recv", "provider", "seq", "name", "value")
    slots = [Give("slot", offset_of(Trade, name) or 0) for name in fields[:5]]
    assert gives == (*slots, Give("known"), Give("f", 9))
    assert known == ((), (), (), (), (), (Thing("mean"),), (), (Reading, fields))


def test_numbers_stand_for_what_they_stand_for_in_columns() -> None:
    names = Names()
    written = ["symbol", "provider", "price", "seq", "status", "providers_used"]
    recipe = Recipe(QUOTE, ANSWER, written)
    at = {name: k for k, name in enumerate(written)}
    making = making_of(recipe, QUOTE, ANSWER, at, names)
    (_, fields) = making.known[-1]

    told = dict(zip(fields, zip(making.gives, making.known, strict=False), strict=True))
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

    assert making.gives[3] == Give("attribute")
    assert making.known[3] == ("provider",)


def test_a_fact_of_columns_alone_has_its_objects_or_their_defaults() -> None:
    names = Names()
    order = [*TRADE.index, "conditions"]
    making = building_of(TRADE, {name: 2 + k for k, name in enumerate(order)}, names)
    (_, fields) = making.known[-1]

    assert fields == Trade.__struct_fields__
    told = dict(zip(fields, zip(making.gives, making.known, strict=False), strict=True))
    assert told["conditions"] == (Give("object", 2 + len(TRADE.index)), ())
    assert told["trade_id"] == (Give("known"), (Thing(TRADE.defaults["trade_id"]),))
    assert told["side"][1] == (tuple(Side),)
    assert told["flags"][1][0][3] is TradeFlags(3)


def test_a_give_says_how_many_things_it_knows() -> None:
    assert [
        Give(source).knows  # type: ignore[arg-type]
        for source in ("slot", "object", "f", "i", "attribute", "known", "member", "word", "set")
    ] == [0, 0, 0, 0, 1, 1, 1, 1, 2]
