"""Tables that any tool can read, and that lose not a bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.events import MOVES_ALL, Bar, Quote, Side, Trade
from ordinis_rx.frames import FRAMES, TradeFrame
from ordinis_rx.journal.arrow_columns import CodeMaps
from ordinis_rx.journal.tables import ARRIVAL, KINDS, table_of
from ordinis_rx.testing import a_trade, difference

pa = pytest.importorskip("pyarrow")


NO_TABLE = {"panel", "agreement", "timeframes"}
"""Rows that hold other facts: what they are made of can be recorded."""


def test_every_kind_but_rows_of_facts_has_a_table_with_its_fields() -> None:
    for name, kind in KINDS.items():
        if name in NO_TABLE:
            continue
        schema = table_of(kind).schema
        fields = set(FRAMES[kind].schema.fields)
        assert set(schema.names) == {ARRIVAL, *fields}
        assert schema.metadata[b"ordinis.kind"] == name.encode()


def test_times_are_timestamps_and_words_are_dictionaries() -> None:
    schema = table_of(Trade).schema
    assert str(schema.field("ts_event").type) == "timestamp[ns, tz=UTC]"
    assert pa.types.is_dictionary(schema.field("symbol").type)
    assert pa.types.is_dictionary(schema.field("side").type)
    assert str(schema.field("conditions").type) == "list<item: string>"
    frame = TradeFrame.from_events([a_trade(9, at=5, side=Side.SELL, symbol="AAPL")])
    (row,) = table_of(Trade).batch(frame, np.array([7])).to_pylist()
    assert (row["symbol"], row["side"], row["price"], row[ARRIVAL]) == ("AAPL", "SELL", 9.0, 7)


def filled(batches: list[Any], names: Names | None = None) -> list[Any]:
    n = sum(batch.num_rows for batch in batches)
    names = names or Names()
    block = Block(TradeFrame.schema.kinds, max(n, 1))
    return table_of(Trade).fill(block, batches, names, CodeMaps()).facts


def test_batches_of_several_dictionaries_become_one_frame() -> None:
    one = [a_trade(1, symbol="A", provider="x"), a_trade(2, symbol="B", provider="y")]
    two = [a_trade(3, symbol="B", provider="y"), a_trade(4, symbol="C", provider="x")]
    batches = [
        table_of(Trade).batch(TradeFrame.from_events(facts), np.arange(2)) for facts in (one, two)
    ]
    names = Names()
    names.symbols["Z"]
    assert difference(filled(batches, names), one + two) == ""


def test_one_batch_of_ours_is_read_where_it_lies() -> None:
    facts = [a_trade(float(price), symbol="AB"[price % 2], at=price) for price in range(1, 9)]
    batch = table_of(Trade).batch(TradeFrame.from_events(facts), np.arange(8))
    room = Block(TradeFrame.schema.kinds, 8)

    frame = table_of(Trade).fill(room, [batch.slice(3)], Names(), CodeMaps())

    lies, j = frame.lookup("price")
    assert lies.addresses[j] == batch.column("price").buffers()[1].address + 3 * 8
    assert lies.views[j].tolist() == [4.0, 5.0, 6.0, 7.0, 8.0]
    assert difference(frame.facts, facts[3:]) == ""
    del batch
    assert difference(frame.copy().facts, facts[3:]) == ""


def test_columns_that_a_batch_lacks_keep_their_defaults() -> None:
    stamps = pa.array([5]).view(pa.timestamp("ns", "UTC"))
    batch = pa.RecordBatch.from_arrays(
        [stamps, pa.array(["A"]).dictionary_encode(), pa.array([1.5]), pa.array([2.0])],
        names=["ts_event", "symbol", "price", "size"],
    )
    (trade,) = filled([batch])
    assert (trade.ts_event, trade.price, trade.provider, trade.side) == (5, 1.5, "", Side.UNKNOWN)
    assert (trade.flags, trade.conditions) == (MOVES_ALL, ())


def test_fields_that_all_have_their_defaults_take_no_room() -> None:
    frame = TradeFrame(Names())
    frame.names.symbols["A"], frame.names.providers[""]
    frame.hold_columns(Block(TradeFrame.schema.kinds, 2), 2)
    batch = table_of(Trade).batch(frame, np.arange(2))
    assert batch.column("trade_id").null_count == 2
    mixed = [
        batch,
        table_of(Trade).batch(TradeFrame.from_events([a_trade(trade_id="7")]), np.arange(1)),
    ]
    assert [trade.trade_id for trade in filled(mixed)] == ["", "", "7"]
    lacking = [batch.drop_columns(["trade_id", "venue"]), *mixed]
    assert [trade.trade_id for trade in filled(lacking)] == ["", "", "", "", "7"]


def test_texts_of_a_frame_out_of_tables_are_a_sequence_made_when_asked_for() -> None:
    batch = table_of(Trade).batch(
        TradeFrame.from_events([a_trade(trade_id="7"), a_trade(trade_id="8")]), np.arange(2)
    )
    block = Block(TradeFrame.schema.kinds, 2)
    texts = table_of(Trade).fill(block, [batch], Names(), CodeMaps())._objects["trade_id"]
    assert (len(texts), list(texts), texts[1], texts[::-1]) == (2, ["7", "8"], "8", ["8", "7"])


def test_kinds_have_the_names_of_their_types() -> None:
    assert (KINDS["trade"], KINDS["quote"], KINDS["bar"]) == (Trade, Quote, Bar)


def test_recorders_of_two_threads_do_not_get_the_words_of_each_other() -> None:
    """The table of a kind is one for all; the other one gets its turn just before the dictionary is taken."""
    columns = {name: TradeFrame.from_events([a_trade(symbol=name)]) for name in ("A", "B")}
    symbols = table_of(Trade)._columns[0]  # pyright: ignore[reportPrivateUsage]

    class Interrupted:
        def astype(self, kind: Any) -> Any:
            symbols.to_arrow(np.zeros(1, np.int64), columns["B"].names)
            return np.zeros(1, kind)

    told = symbols.to_arrow(Interrupted(), columns["A"].names)  # type: ignore[arg-type]

    assert told.to_pylist() == ["A"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "5"),
        ("price", None),
        ("ts_event", 1.5),
        ("ts_event", 10**30),
        ("trade_id", 5),
        ("symbol", 5),
        ("conditions", (5,)),
        ("side", "buy"),
    ],
)
def test_the_field_that_a_table_cannot_hold_is_named(field: str, value: Any) -> None:
    fact = replace(a_trade(), **{field: value})
    told = table_of(Trade).misfit(fact, ValueError("raw"))
    assert str(told).startswith(f"{field} cannot be {value!r} in Trade(")


def test_where_no_field_is_to_blame_the_error_stays_as_it_is() -> None:
    error = ValueError("raw")
    assert table_of(Trade).misfit(a_trade(), error) is error
