"""How a fact becomes a row: where each of its numbers comes from. (What is written, is tested with what writes.)"""

from __future__ import annotations

from typing import Any

import msgspec

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Place, schema_of
from ordinis_rx.consensus.facts import AggregatedQuote
from ordinis_rx.events import Quote, Side, Trade
from ordinis_rx.native.builtin import offset_of
from ordinis_rx.native.rows import Take, placed, row_of

AT = [80, 160, 240, 320, 400, 480]
"""Where columns begin."""


def places(kinds: str) -> list[Place]:
    block = Block(kinds, 1)
    block.addresses = AT
    return [(block, j) for j in range(len(kinds))]


def test_a_field_is_read_where_it_lies_and_coded_by_what_it_is() -> None:
    names, at = Names(), {name: offset_of(Trade, name) for name in Trade.__struct_fields__}
    reads = ("symbol", "provider", "seq", "price", "side", "flags")
    takes, known = row_of(schema_of(Trade), reads, places("iiifii"), names)

    kinds = ["symbol", "code", "i", "f", "code", "i"]
    assert takes == tuple(
        Take("slot", kind, at[name] or 0)  # type: ignore[arg-type]
        for name, kind in zip(reads, kinds, strict=True)
    )
    sides = {side: j for j, side in enumerate(Side)}
    assert known == (
        (names.symbols, AT[0]),
        (names.providers, AT[1]),
        (AT[2],),
        (AT[3],),
        (sides, AT[4]),
        (AT[5],),
    )


def test_a_set_of_providers_is_worked_out_by_its_dictionary() -> None:
    names = Names()
    (take,), ((called, _),) = row_of(
        schema_of(AggregatedQuote), ["providers_used"], places("i"), names
    )

    assert take.kind == "called"
    assert called(["a", "b"]) == 3


def test_what_is_worked_out_of_a_fact_is_asked_for_by_name() -> None:
    row = row_of(schema_of(Quote), ["mid"], places("f"), Names())

    assert row == ((Take("attribute", "f"),), (("mid", AT[0]),))


def test_a_hidden_field_is_asked_for_by_name() -> None:
    class Base(msgspec.Struct, frozen=True, kw_only=True):
        symbol: str

    class Hidden(Base, frozen=True, kw_only=True):
        @property
        def symbol(self) -> str:  # type: ignore[override]
            return "hidden"

    names = Names()
    row = row_of(schema_of(Hidden), ["symbol"], places("i"), names)

    assert row == ((Take("attribute", "symbol"),), (("symbol", names.symbols, AT[0]),))


def test_code_may_serve_every_offset() -> None:
    names = Names()
    row = row_of(schema_of(Quote), ["bid", "symbol", "mid"], places("fif"), names)
    bid, symbol = offset_of(Quote, "bid"), offset_of(Quote, "symbol")

    takes = Take("placed", "f"), Take("placed", "symbol"), Take("attribute", "f")
    assert placed(row) == (takes, ((bid, AT[0]), (symbol, names.symbols, AT[1]), ("mid", AT[2])))
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
