"""Frames and Arrow: polars, DuckDB, pandas and pyarrow read them and are read, bit for bit."""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinis_rx.arrow import pyarrow
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus
from ordinis_rx.consensus.frames import AggregatedQuoteFrame, PanelFrame
from ordinis_rx.errors import MissingExtra
from ordinis_rx.events import EVENT_TYPES, Event
from ordinis_rx.frames import FRAMES, BarFrame, QuoteFrame, TradeFrame
from ordinis_rx.journal.record import record
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_bar,
    a_cancel,
    a_correction,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
)

NOON = 1_700_000_000_123_456_789
EACH: list[Any] = [
    a_trade(9.0, at=NOON, trade_id="x", conditions=("12", "T"), provider="p", venue="ü"),
    a_quote(float("nan"), -0.0, at=NOON, symbol="B"),
    a_bar(at=NOON),
    a_status(at=NOON, message="hello"),
    a_gap(4, NOON, symbols=("A", "B")),
    a_feed_error(at=NOON, raw=b"\x00{"),
    a_heartbeat(at=NOON),
    a_halt(at=NOON, code="T1"),
    a_cancel(at=NOON),
    a_correction(at=NOON),
    a_reading(-0.0, at=NOON, values=(float("inf"), 1.0)),
    AggregatedQuote(
        symbol="A",
        ts_event=NOON,
        price=1.5,
        status=ConsensusStatus.DISPUTED,
        providers_used=("x", "y"),
        stale=("z",),
    ),
]


def test_every_kind_of_event_is_tried_here() -> None:
    assert {type(fact) for fact in EACH} >= set(EVENT_TYPES)


@pytest.mark.parametrize("fact", EACH, ids=lambda fact: type(fact).__name__)
def test_a_frame_of_every_kind_comes_back_from_every_reader(fact: Event) -> None:
    frame = FRAMES[type(fact)].from_events([fact])

    for read in (
        frame,
        frame.to_arrow(),
        frame.to_arrow().to_batches()[0],
        pl.DataFrame(frame),
        pl.DataFrame(frame).lazy().collect(),
        frame.to_arrow().to_pandas(),
        duckdb.sql("select * from frame"),
    ):
        assert type(frame).from_arrow(read).same_as(frame), type(read)


@given(
    st.lists(
        st.builds(
            lambda price, symbol, provider: (price, symbol, provider),
            st.floats(),
            st.text(max_size=2),
            st.sampled_from(["", "p", "q"]),
        ),
        max_size=5,
    )
)
def test_any_trades_come_back_bit_by_bit(rows: list[tuple[float, str, str]]) -> None:
    trades = [a_trade(p, at=n, symbol=s, provider=v) for n, (p, s, v) in enumerate(rows)]
    frame = TradeFrame.from_events(trades)

    assert TradeFrame.from_arrow(frame.to_arrow()).same_as(frame)
    assert TradeFrame.from_arrow(pl.DataFrame(frame)).same_as(frame)


def test_numbers_and_times_lie_where_they_lay() -> None:
    frame = TradeFrame.from_columns(
        symbol=["A", "B"] * 500, ts_event=np.arange(1000), price=np.arange(1000.0), size=1.0
    )

    table = frame.to_arrow()

    for name in ("ts_event", "ts_recv", "seq", "price", "size", "flags"):
        (chunk,) = table[name].chunks
        assert chunk.buffers()[1].address == getattr(frame, name).ctypes.data, name
    assert table["price"].null_count == 0


def test_polars_and_duckdb_compute_with_a_frame_as_it_is() -> None:
    frame = TradeFrame.from_columns(
        symbol=["A", "B", "A"], ts_event=[1, 2, 3], price=[1.0, 5.0, 3.0], size=[2.0, 1.0, 2.0]
    )

    by_polars = pl.DataFrame(frame).group_by("symbol").agg(pl.col("price").mean()).sort("symbol")
    by_duckdb = duckdb.sql("select symbol, avg(price) from frame group by 1 order by 1").fetchall()

    assert by_polars["price"].to_list() == [2.0, 5.0]
    assert by_duckdb == [("A", 2.0), ("B", 5.0)]
    assert pl.DataFrame(frame).schema["ts_event"] == pl.Datetime("ns", "UTC")


def test_several_chunks_and_other_types_of_the_same_are_read() -> None:
    frame = pl.concat(
        [
            pl.DataFrame({"symbol": ["A"], "ts_event": [1], "bid": [9], "ask": [None]}),
            pl.DataFrame({"symbol": ["B"], "ts_event": [2], "bid": [8], "ask": [None]}),
        ],
        rechunk=False,
    ).with_columns(pl.col("ts_event").cast(pl.Datetime("us")), pl.col("bid").cast(pl.Int16))

    quotes = QuoteFrame.from_arrow(frame.with_columns(pl.col("ask").cast(pl.Float32)))

    assert quotes.ts_event.tolist() == [1_000, 2_000]
    assert quotes.bid.tolist() == [9.0, 8.0]
    assert np.isnan(quotes.ask).all()


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_dates_begin_at_midnight_as_they_do_in_columns(kind: Any) -> None:
    days = pa.array([dt.date(1969, 12, 31), dt.date(2024, 1, 2)], kind)
    table = pa.table(
        {"symbol": ["A", "A"], "ts_event": days, "price": [1.0, 2.0], "size": [1.0, 1.0]}
    )

    told = TradeFrame.from_arrow(table)
    of_polars = TradeFrame.from_arrow(pl.from_arrow(table))

    midnights = [-86_400_000_000_000, 1_704_153_600_000_000_000]
    assert told.ts_event.tolist() == of_polars.ts_event.tolist() == midnights
    for wrong, error, what in [
        (None, TypeError, r"row 1 is None, which is no whole number"),
        (dt.date(9999, 1, 1), ValueError, r".+ out of bounds timestamp: 253370764800"),
    ]:
        odd = pa.array([dt.date(2024, 1, 1), wrong], kind)
        with pytest.raises(error, match=r"Trade column ts_event: " + what):
            TradeFrame.from_arrow(table.set_column(1, "ts_event", odd))


def test_decimals_are_numbers() -> None:
    prices = pa.array([Decimal("101.07"), None, Decimal("-2.25")], pa.decimal128(9, 2))
    table = pa.table(
        {"symbol": ["A"] * 3, "ts_event": [1, 2, 3], "price": prices, "size": [1.0] * 3}
    )

    trades = TradeFrame.from_arrow(table)

    assert trades.price.tolist()[::2] == [101.07, -2.25]  # to the last bit
    assert np.isnan(trades.price[1])


def test_a_null_is_nan_and_an_unknown_word_is_empty() -> None:
    table = pa.table(
        {
            "symbol": pa.array(["A", None, "B"]).dictionary_encode(),
            "ts_event": [1, 2, 3],
            "price": pa.array([1.0, None, 3.0]),
            "size": pa.array([1, None, 3], pa.int32()),
            "venue": [None, "N", None],
        }
    )

    trades = TradeFrame.from_arrow(table)

    assert np.isnan(trades.price).tolist() == [False, True, False]
    assert np.isnan(trades.size).tolist() == [False, True, False]
    assert [(t.symbol, t.venue) for t in trades.facts] == [("A", ""), ("", "N"), ("B", "")]


GOOD: dict[str, Any] = {"symbol": ["A", "B"], "ts_event": [1, 2], "price": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("ts_event", pa.array([1, None]), "row 1 is None, which is no whole number"),
        ("ts_event", pa.array([None, 1], pa.timestamp("us")), "row 0 is None"),
        ("ts_event", pa.array([0, 2**60], pa.timestamp("s")), "out of bounds"),
        ("ts_event", pa.array([2, 1]), "falls from 2 to 1 at row 1"),
        ("price", pa.array(["1", "2"]), "wants numbers"),
        ("price", pa.array([b"1", b"2"]), "wants numbers"),
        ("seq", pa.array([1, 2**64 - 1], pa.uint64()), "takes more than 64 bits"),
        ("side", pa.array(["BUY", "LEFT"]), "row 1 is 'LEFT'"),
        ("symbol", pa.array([1, 2]), "row 0 is 1, which is no text"),
        ("conditions", pa.array([[1], [2]]), "wants several texts"),
        ("prize", pa.array([1, 2]), "there is none"),
    ],
)
def test_what_is_wrong_is_told_by_column(column: str, values: Any, told: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^Trade column {column}: .*{told}"):
        TradeFrame.from_arrow(pa.table({**GOOD, "size": [1.0, 1.0], column: values}))


def test_a_column_that_is_there_twice_is_refused() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["price", "price"])

    with pytest.raises(ValueError, match=r"^Bar column price: is there twice$"):
        BarFrame.from_arrow(table)


def test_what_is_no_arrow_is_refused() -> None:
    with pytest.raises(TypeError, match="from_arrow wants something with an Arrow C stream, got"):
        TradeFrame.from_arrow([1, 2])


def test_what_has_no_arrow_type_says_so() -> None:
    with pytest.raises(TypeError, match="Panel facts have no Arrow table: entries holds"):
        PanelFrame.from_events([]).to_arrow()


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    frame = TradeFrame.from_events([])

    doors = (
        pyarrow,
        frame.to_arrow,
        frame.__arrow_c_stream__,
        lambda: TradeFrame.from_arrow(frame),
    )
    for door in doors:
        with pytest.raises(MissingExtra, match=r"needs pyarrow: pip install 'ordinis-rx\[arrow\]'"):
            door()


def test_a_text_in_another_encoding_is_told_with_its_column() -> None:
    raw = pa.array([b"caf\xe9"], pa.binary())
    symbol = pa.StringArray.from_buffers(1, *raw.buffers()[1:])
    table = pa.table({"symbol": symbol, "ts_event": [1], "price": [1.0], "size": [1.0]})
    with pytest.raises(ValueError, match=r"^Trade column symbol: 'utf-8' codec"):
        TradeFrame.from_arrow(table)


def test_an_old_pandas_index_is_no_column() -> None:
    table = pd.DataFrame({**GOOD, "size": [1.0, 2.0]})

    assert TradeFrame.from_arrow(table).price.tolist() == [1.0, 2.0]
    assert AggregatedQuoteFrame.schema.kind is AggregatedQuote


def test_the_tables_of_a_recording_are_frames_again(tmp_path: Path) -> None:
    trades = [a_trade(price, at=at, seq=at) for at, price in enumerate([9.0, 8.0], 1)]
    record(from_events(trades), tmp_path / "day")

    table = pl.read_parquet(tmp_path / "day" / "trade" / "**" / "*.parquet")

    assert "arrival" in table.columns
    assert TradeFrame.from_arrow(table).to_events() == trades


def test_rows_of_pandas_that_were_chosen_of_others_are_read() -> None:
    frame = pd.DataFrame(
        {"symbol": ["A", "B", "A"], "ts_event": [1, 2, 3], "price": 1.0, "size": 1.0}
    )

    assert TradeFrame.from_arrow(frame[frame.symbol == "A"]).ts_event.tolist() == [1, 3]
    both = frame.set_index([["x", "y", "z"], [3, 2, 1]])
    assert TradeFrame.from_arrow(both).n == 3


@pytest.mark.parametrize("form", ["text", "coded", "coded by null", "pandas"])
def test_a_null_symbol_is_empty_in_every_form_as_in_columns(form: str) -> None:
    symbols = pa.array(["A", None])
    if form == "coded":
        symbols = symbols.dictionary_encode()
    elif form == "coded by null":
        symbols = pa.DictionaryArray.from_arrays(pa.array([0, 1]), symbols)
    numbers = {"ts_event": [1, 2], "price": [1.0, 2.0], "size": [1.0, 1.0]}
    table = pa.table({"symbol": symbols, "provider": symbols, **numbers})

    made = [
        TradeFrame.from_arrow(table.to_pandas() if form == "pandas" else table),
        TradeFrame.from_columns(symbol=["A", None], provider=["A", None], **numbers),
    ]

    for frame in made:
        assert [(trade.symbol, trade.provider) for trade in frame.facts] == [("A", "A"), ("", "")]
