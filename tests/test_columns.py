"""Facts by column: blocks, and the way there and back."""

from __future__ import annotations

import math
import struct
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, schema_of
from ordinis_rx.events import (
    EVENT_TYPES,
    Bar,
    Event,
    Gap,
    GapReason,
    Halt,
    Heartbeat,
    Quote,
    Side,
    Trade,
    TradeFlags,
)


def test_a_block_is_one_allocation_of_zeroed_columns() -> None:
    block = Block("ifi", 4)

    assert [column.dtype.kind for column in block.columns] == ["i", "f", "i"]
    assert [column.tolist() for column in block.columns] == [[0] * 4] * 3
    assert np.diff(block.addresses).tolist() == [32, 32]
    assert [column.ctypes.data for column in block.columns] == block.addresses


@pytest.mark.parametrize("capacity", [9, 1000, 4096, 16_384, 10_000])
def test_columns_of_many_rows_begin_an_odd_number_of_cache_lines_apart(capacity: int) -> None:
    block = Block("iffi", capacity)
    first, step = block.addresses[0], np.diff(block.addresses).tolist()

    assert first % 64 == 0
    assert step == [step[0]] * 3
    assert step[0] % 128 == 64
    assert 0 <= step[0] - 8 * capacity < 128
    assert [len(column) for column in block.columns] == [capacity] * 4
    assert len(block.data) * 8 == 4 * step[0]


@pytest.mark.parametrize("capacity", [1, 2, 1000])
def test_the_first_row_of_a_block_is_read_whole_whatever_its_capacity(capacity: int) -> None:
    block = Block("ifi", capacity)
    for column in block.columns:
        column.fill(9)
    for view, value in zip(block.views, (-(1 << 63), 0.1, (1 << 63) - 1), strict=True):
        view[0] = value

    assert block.reader()() == (-(1 << 63), 0.1, (1 << 63) - 1)
    assert [type(value) for value in block.reader()()] == [int, float, int]


def test_the_views_of_a_block_show_the_memory_of_its_columns() -> None:
    block = Block("if", 2)

    block.views[0][1], block.views[1][0] = 7, 0.5

    assert block.columns[0].tolist() == [0, 7]
    assert block.columns[1].tolist() == [0.5, 0.0]


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_every_field_is_either_a_column_or_an_object(kind: type[Event]) -> None:
    schema = schema_of(kind)

    assert sorted([*schema.index, *schema.objects]) == sorted(kind.__struct_fields__)
    assert len(schema.kinds) == len(schema.index)


def test_enumerations_and_truth_are_codes_and_read_back_as_themselves() -> None:
    trades = [
        Trade(symbol="A", ts_event=1, price=1.0, size=1.0, side=side, flags=flags)
        for side, flags in [(Side.SELL, TradeFlags(0)), (Side.UNKNOWN, TradeFlags(31))]
    ]
    gap = Gap(ts_event=1, ts_from=0, ts_to=1, reason=GapReason.REPORTED, filled=True)
    halt = Halt(symbol="A", ts_event=1, halted=True)

    for facts in (trades, [gap], [halt]):
        back = through_columns(facts)

        assert back == facts
    assert type(through_columns(trades)[0].flags) is TradeFlags
    assert through_columns([halt])[0].halted is True


def test_only_the_fields_named_are_written() -> None:
    schema, names = schema_of(Quote), Names()
    bid, symbol = Block("f", 2), Block("i", 2)
    quotes = [Quote(symbol=s, ts_event=1, bid=b, ask=9.0) for s, b in (("B", 1.5), ("A", 2.5))]

    schema.writer(("bid", "symbol"))(
        quotes, (bid.views[0], symbol.views[0]), names.symbols, names.providers
    )

    assert bid.columns[0].tolist() == [1.5, 2.5]
    assert symbol.columns[0].tolist() == [0, 1]
    assert names.symbols.words == ["B", "A"]
    assert names.providers.words == []


def test_a_code_stands_for_a_value_in_its_column() -> None:
    assert schema_of(Trade).code("side", Side.SELL) == list(Side).index(Side.SELL)
    assert schema_of(Trade).code("flags", TradeFlags.LAST) == 1
    assert schema_of(Halt).code("halted", True) == 1
    assert schema_of(Bar).code("interval", 60) == 60


def through_columns(facts: list[Any]) -> list[Any]:
    schema, names = schema_of(type(facts[0])), Names()
    block = Block(schema.kinds, len(facts))
    schema.writer(tuple(schema.index))(facts, block.views, names.symbols, names.providers)
    objects = [[getattr(fact, name) for fact in facts] for name in schema.objects]
    columns = [column.tolist() for column in block.columns]
    return schema.build(columns, objects, names.symbols.words, names.providers.words)


@given(
    st.lists(
        st.tuples(
            st.text(max_size=3), st.integers(-(2**63), 2**63 - 1), st.floats(), st.integers(0, 4)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_numbers_pass_through_columns_bit_by_bit(rows: list[Any]) -> None:
    facts = [
        Trade(symbol=word, ts_event=stamp, seq=stamp, price=number, size=-number, provider=word)
        for word, stamp, number, _ in rows
    ]

    back = through_columns(facts)

    assert list(map(bits, back)) == list(map(bits, facts))


def bits(trade: Trade) -> tuple[Any, ...]:
    numbers = struct.pack("dd", trade.price, trade.size)
    return trade.symbol, trade.provider, trade.ts_event, trade.seq, numbers


def test_a_fact_without_objects_needs_none() -> None:
    beat = Heartbeat(symbol="A", ts_event=5, ts_recv=6, provider="sim", seq=7)

    assert schema_of(Heartbeat).objects == []
    assert through_columns([beat]) == [beat]


def test_a_fact_that_comes_alone_is_written_into_the_first_row() -> None:
    schema, names, block = schema_of(Trade), Names(), Block("iffi", 1)
    write = schema.row_writer(("symbol", "price", "size", "side"), block)

    write(
        Trade(symbol="A", ts_event=1, price=9.5, size=2, side=Side.SELL),
        names.symbols,
        names.providers,
    )

    assert block.reader()() == (0, 9.5, 2.0, list(Side).index(Side.SELL))
    assert names.symbols.words == ["A"]


def test_many_numbers_of_a_fact_are_written_in_one_call() -> None:
    schema, names, block = schema_of(Trade), Names(), Block("iiiffif", 2)
    fields = ("symbol", "provider", "ts_event", "price", "size", "side")
    write = schema.row_writer(fields, block)
    block.views[6][0] = 7.0

    write(
        Trade(symbol="A", ts_event=-5, provider="p", price=-0.0, size=2, side=Side.SELL),
        names.symbols,
        names.providers,
    )

    assert block.reader()() == (0, 0, -5, 0.0, 2.0, list(Side).index(Side.SELL), 7.0)
    assert math.copysign(1, block.views[3][0]) == -1


def test_a_number_that_takes_more_than_64_bits_is_refused() -> None:
    schema, names, block = schema_of(Trade), Names(), Block("if", 1)
    write = schema.row_writer(("seq", "price"), block)
    odd = Trade(symbol="A", ts_event=1, seq=1 << 70, price=9.5, size=2.0)

    with pytest.raises(ValueError, match="invalid value"):
        write(odd, names.symbols, names.providers)

    assert block.reader()() == (0, 0.0)


def test_a_fact_of_more_required_fields_than_one_call_should_take_is_made() -> None:
    names = [f"a{k}" for k in range(20)]
    kind = msgspec.defstruct(
        "Wide", [("symbol", str), *((name, float) for name in names)], kw_only=True
    )
    schema = schema_of(kind)
    (told,) = schema.build([[0], *([float(k)] for k in range(20))], [], ["A"], [])

    assert told == kind(symbol="A", **{name: float(k) for k, name in enumerate(names)})
