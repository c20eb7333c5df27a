"""How a fact becomes a row: where each of its numbers comes from. (What is written, is tested with what writes.)"""

from __future__ import annotations

from typing import Any

import msgspec

from ordinis_rx.columns import Names, schema_of
from ordinis_rx.consensus.facts import AggregatedQuote
from ordinis_rx.events import Quote, Side, Trade
from ordinis_rx.native.builtin import offset_of
from ordinis_rx.native.rows import Take, placed, row_of


def test_a_field_is_read_where_it_lies_and_coded_by_what_it_is() -> None:
    names, at = Names(), {name: offset_of(Trade, name) for name in Trade.__struct_fields__}
    reads = ("symbol", "provider", "seq", "price", "side", "flags")
    takes, known = row_of(schema_of(Trade), reads, "iiifii", range(6), names)

    kinds = ["symbol", "code", "i", "f", "code", "i"]
    assert takes == tuple(
        Take("slot", kind, at[name] or 0)  # type: ignore[arg-type]
        for name, kind in zip(reads, kinds, strict=True)
    )
    sides = {side: j for j, side in enumerate(Side)}
    assert known == ((names.symbols, 0), (names.providers, 1), (2,), (3,), (sides, 4), (5,))


def test_a_set_of_providers_is_worked_out_by_its_dictionary() -> None:
    names = Names()
    (take,), ((called, address),) = row_of(
        schema_of(AggregatedQuote), ["providers_used"], "i", [7], names
    )

    assert (take.kind, address) == ("called", 7)
    assert called(["a", "b"]) == 3


def test_what_is_worked_out_of_a_fact_is_asked_for_by_name() -> None:
    row = row_of(schema_of(Quote), ["mid"], "f", [7], Names())

    assert row == ((Take("attribute", "f"),), (("mid", 7),))


def test_a_hidden_field_is_asked_for_by_name() -> None:
    class Base(msgspec.Struct, frozen=True, kw_only=True):
        symbol: str

    class Hidden(Base, frozen=True, kw_only=True):
        @property
        def symbol(self) -> str:  # type: ignore[override]
            return "hidden"

    names = Names()
    row = row_of(schema_of(Hidden), ["symbol"], "i", [7], names)

    assert row == ((Take("attribute", "symbol"),), (("symbol", names.symbols, 7),))


def test_code_may_serve_every_offset() -> None:
    names = Names()
    row = row_of(schema_of(Quote), ["bid", "symbol", "mid"], "fif", range(3), names)
    bid, symbol = offset_of(Quote, "bid"), offset_of(Quote, "symbol")

    takes = Take("placed", "f"), Take("placed", "symbol"), Take("attribute", "f")
    assert placed(row) == (takes, ((bid, 0), (symbol, names.symbols, 1), ("mid", 2)))
    assert [take.knows for take in takes] == [len(known) for known in placed(row).known]


def test_a_take_says_how_many_things_it_knows() -> None:
    every: list[tuple[Any, int]] = [
        (Take("slot", "f"), 1),
        (Take("slot", "symbol"), 2),
        (Take("attribute", "i"), 2),
        (Take("attribute", "called"), 3),
        (Take("known"), 2),
        (Take("listed", "f"), 2),
    ]
    assert [take.knows for take, _ in every] == [knows for _, knows in every]
