"""Columns that users bring: what is taken, and how what is wrong is told."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from ordinis_rx.columns import schema_of
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.construction import built
from ordinis_rx.event_json import from_json, to_json
from ordinis_rx.events import Halt, Reading, Side, Trade, TradeFlags
from ordinis_rx.frames import FRAMES, HaltFrame, ReadingFrame, TradeFrame
from ordinis_rx.testing import a_trade


def trades(**columns: Any) -> TradeFrame:
    return TradeFrame.from_columns(
        **{"symbol": ["A", "B"], "ts_event": [1, 2], "price": [3.0, 4.0], "size": [5.0, 6.0]}
        | columns
    )


TOO_FAR = 2**63


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("prize", [1.0, 2.0], "there is none; there are symbol ts_event ts_recv"),
        ("price", [1.0], "has 1 rows, but symbol has 2"),
        ("price", [[1.0], [2.0]], "wants one dimension, got 2"),
        ("price", [[1.0], [2.0, 3.0]], "wants a value a row"),
        ("price", ["1", "2"], "wants numbers, got <U1"),
        ("price", [True, False], "wants numbers, got bool"),
        ("price", [1.0, "x"], "wants numbers"),
        ("price", [1.0, {}], "row 1 is {}, which is no number"),
        ("price", [1j, 2.0], "wants numbers, got complex128"),
        ("price", [1, 2**53 + 1], "row 1 is 9007199254740993, which no float is"),
        ("price", [None, 2**53 + 1], "row 1 is 9007199254740993, which no float is"),
        ("price", np.array([0, 2**64 - 1], np.uint64), "row 1 is 18446744073709551615"),
        ("price", np.datetime64("2024-01-01"), "wants numbers, got datetime64"),
        ("ts_event", [1, None], "row 1 is None, which is no whole number"),
        ("ts_event", [1.0, math.nan], "row 1 is nan, which is not exactly a whole number"),
        ("ts_event", [1.0, math.inf], "row 1 is inf"),
        ("ts_event", [0.5, 1.0], "row 0 is 0.5"),
        ("ts_event", [0.0, 1.7e18], r"row 1 is 1.7e\+18"),
        ("ts_event", ["1", "2"], "wants whole nanoseconds or datetime64, got <U1"),
        ("ts_event", [True, False], "wants whole nanoseconds or datetime64, got bool"),
        (
            "ts_event",
            [datetime(2024, 1, 2)] * 2,
            "row 0 is 2024-01-02 00:00:00, and a datetime must have a zone",
        ),
        ("ts_event", [1, TOO_FAR + 2**64], "row 1 is 27670116110564327424, which takes more"),
        ("ts_event", np.array([1, TOO_FAR], np.uint64), "row 1 is 9223372036854775808"),
        (
            "ts_event",
            [2, 1],
            "sort the rows by it, or number them in seq if they came in this order$",
        ),
        ("ts_recv", [2, 1], "sort the rows by it, or number them in .*, or leave ts_recv out$"),
        ("seq", [2, 1], "falls from 2 to 1 at row 1; sort the rows by it, or leave seq out$"),
        ("ts_event", np.array(["2024", "NaT"], "M8[s]"), "row 1 is NaT"),
        ("ts_event", np.array(["2024", "9999"], "M8[Y]"), "row 1 is 9999"),
        ("seq", np.array(["2024", "2025"], "M8[s]"), "wants whole numbers, got datetime64"),
        ("symbol", ["A", 5], "row 1 is 5, which is no text"),
        ("symbol", 5, "row 0 is 5, which is no text"),
        ("symbol", ([0, 2], ["A", "B"]), "row 1 is code 2, but there are 2 names"),
        ("symbol", ([0, -1], ["A", "B"]), "row 1 is code -1"),
        ("symbol", ([0, 1], ["A", 7]), "its names hold 7, which is no text"),
        ("side", ["BUY", "LEFT"], "row 1 is 'LEFT', not one of UNKNOWN BUY SELL"),
        ("side", [0, 3], "row 1 is 3, not one of 0 to 2"),
        ("flags", [1, 32], "row 1 is 32, not one of 0 to 31"),
        ("venue", ["N", b"N"], "row 1 is b'N', and wants str"),
        ("venue", object(), "wants a value a row"),
        ("conditions", ["I", "T"], "row 0 is 'I', and wants several texts"),
        ("conditions", [["I"], [5]], r"row 1 is \[5\], and wants several texts"),
    ],
)
def test_what_is_wrong_is_told_by_kind_column_and_row(column: str, values: Any, told: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^Trade column {column}: .*{told}"):
        trades(**{column: values})


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match=r"^Trade column price: is missing$"):
        TradeFrame.from_columns(symbol=["A"], ts_event=[1], size=[1.0])


def test_what_is_left_out_has_its_default() -> None:
    (first, _) = trades().facts

    assert first == Trade(symbol="A", ts_event=1, price=3.0, size=5.0)


def test_a_lone_value_stands_for_all_rows() -> None:
    frame = trades(symbol="X", provider="p", size=1, side="SELL", venue="N", flags=TradeFlags.LAST)

    assert {(t.symbol, t.provider, t.size, t.side, t.venue, t.flags) for t in frame.facts} == {
        ("X", "p", 1.0, Side.SELL, "N", TradeFlags.LAST)
    }
    assert len(TradeFrame.from_columns(symbol="A", ts_event=1, price=2.0, size=3.0)) == 1


def test_a_number_that_is_missing_is_nan_and_a_text_is_empty() -> None:
    frame = trades(
        price=[None, 4], venue=[None, "N"], provider=[None, "p"], conditions=[None, ["I"]]
    )

    first, second = frame.facts
    assert math.isnan(first.price)
    assert (first.venue, first.provider, first.conditions) == ("", "", ())
    assert (second.price, second.venue, second.provider, second.conditions) == (4, "N", "p", ("I",))


def test_what_pandas_has_for_a_missing_text_is_one() -> None:
    pandas = pytest.importorskip("pandas")
    for none in (math.nan, None):
        made = trades(
            venue=pandas.Series([none, "N"]),
            symbol=pandas.Series(["A", none]),
            provider=pandas.Categorical(["p", none]),
            side=pandas.Series(["BUY", none]),
            conditions=[none, ["I"]],
        )
        assert [fact.symbol for fact in made.facts] == ["A", ""]
        assert [(fact.venue, fact.provider, fact.side, fact.conditions) for fact in made.facts] == [
            ("", "p", Side.BUY, ()),
            ("N", "", Side.UNKNOWN, ("I",)),
        ]


def test_a_masked_number_is_missing() -> None:
    masked = np.ma.MaskedArray([1.0, 2.0], mask=[True, False])

    assert np.isnan(trades(price=masked).price).tolist() == [True, False]
    with pytest.raises(TypeError, match="row 0 is None"):
        trades(ts_event=np.ma.MaskedArray([1, 2], mask=[True, False]))


def test_times_are_those_of_pandas_too_and_of_datetimes_with_a_zone() -> None:
    pandas = pytest.importorskip("pandas")
    index = pandas.date_range("2024-01-02T14:30", periods=2, freq="s", tz="America/New_York")
    wanted = [1_704_223_800_000_000_000, 1_704_223_801_000_000_000]
    naive = pandas.Series(index.tz_convert("UTC").tz_localize(None))
    for given in (
        index,
        pandas.Series(index),
        naive,
        naive.astype("M8[us]"),
        index.to_pydatetime(),
    ):
        assert trades(ts_event=given).ts_event.tolist() == wanted
    with pytest.raises(ValueError, match="row 1 is NaT"):
        trades(ts_event=pandas.Series([index[0], None]))
    fine = index + pandas.Timedelta(123, "ns")
    for exact in (fine, list(fine)):
        assert trades(ts_event=exact).ts_event.tolist() == [moment + 123 for moment in wanted]
    assert trades(ts_event=fine[0]).ts_event.tolist() == [wanted[0] + 123] * 2


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", None])
def test_times_that_64_bits_of_nanoseconds_cannot_hold_are_told_by_row(zone: str | None) -> None:
    pandas = pytest.importorskip("pandas")
    index = pandas.DatetimeIndex(["2024-01-01", "2300-01-01"], dtype="M8[us]").tz_localize(zone)
    for given in (index, pandas.Series(index)):
        with pytest.raises(ValueError, match=r"row 1 is 2300-01-01T0.*, which nanoseconds cannot"):
            trades(ts_event=given)


@pytest.mark.parametrize(
    ("size", "unit"), [(1, "seconds"), (1_000, "milliseconds"), (1_000_000, "microseconds")]
)
def test_times_that_look_like_another_unit_are_doubted(
    size: int, unit: str, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1_709_906_400
    assert trades(ts_event=[now * size, (now + 5) * size]).ts_event[0] == now * size
    assert caplog.messages == [
        f"Trade column ts_event begins with {now * size}: times are nanoseconds; are these {unit}?"
    ]
    caplog.clear()
    for times in ([now * 10**9] * 2, [0, now * size], [1, 2], []):
        TradeFrame.from_columns(symbol="A", ts_event=times, price=1.0, size=1.0)
    assert caplog.messages == []


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "u8", "f4", "f8", "O"])
def test_numbers_of_any_width_are_taken_where_nothing_is_lost(dtype: str) -> None:
    frame = trades(price=np.array([1, 2], dtype), ts_event=np.array([3, 4], dtype))

    assert (frame.price.tolist(), frame.ts_event.tolist()) == ([1.0, 2.0], [3, 4])
    assert (frame.price.dtype, frame.ts_event.dtype) == (np.float64, np.int64)


@pytest.mark.parametrize("given", [["BUY", "SELL"], [Side.BUY, Side.SELL], np.array([1, 2])])
def test_members_are_given_by_name_as_such_or_by_code(given: Any) -> None:
    assert [trade.side for trade in trades(side=given).facts] == [Side.BUY, Side.SELL]


def test_a_member_that_is_not_given_is_the_default() -> None:
    assert [trade.side for trade in trades(side=[None, "BUY"]).facts] == [Side.UNKNOWN, Side.BUY]


@pytest.mark.parametrize("given", [[True, False], np.array([1, 0])])
def test_truths_are_given_as_such_or_as_numbers(given: Any) -> None:
    frame = HaltFrame.from_columns(symbol="A", ts_event=[1, 2], halted=given)

    assert frame.facts == [
        Halt(symbol="A", ts_event=1, halted=True),
        Halt(symbol="A", ts_event=2, halted=False),
    ]


def test_times_may_be_datetimes_of_any_unit() -> None:
    frame = trades(ts_event=np.array(["1970-01-01T00:00:01", "1970-01-01T00:00:02"], "M8[ms]"))

    assert frame.ts_event.tolist() == [1_000_000_000, 2_000_000_000]


def test_rows_numbered_by_seq_may_be_late_in_time() -> None:
    assert trades(seq=[1, 2], ts_event=[9, 3]).ts_event.tolist() == [9, 3]
    assert trades(ts_recv=[7, 7], ts_event=[9, 3]).ts_event.tolist() == [9, 3]


def test_readings_may_have_several_values_each() -> None:
    frame = ReadingFrame.from_columns(
        symbol="A", ts_event=[1, 2], value=0.5, name="bands", values=[(1, None), ()]
    )

    first, second = frame.facts
    assert (first.values[0], math.isnan(first.values[1]), second.values) == (1.0, True, ())
    assert isinstance(first, Reading)
    with pytest.raises(TypeError, match="Reading column values: wants numbers"):
        ReadingFrame.from_columns(symbol="A", ts_event=[1], value=0.5, values=[("x",)])


def test_sets_of_providers_are_given_by_their_names() -> None:
    frame = AggregatedQuoteFrame.from_columns(
        symbol="A", ts_event=[1, 2], providers_used=[["y", "x"], None], status=["OK", "DEGRADED"]
    )

    assert [quote.providers_used for quote in frame.facts] == [("x", "y"), ()]
    with pytest.raises(TypeError, match="AggregatedQuote column providers_used: row 0 is 3"):
        AggregatedQuoteFrame.from_columns(symbol="A", ts_event=[1], providers_used=[3])


def test_what_was_given_may_change_afterwards() -> None:
    price = np.array([1.0, 2.0])
    frame = trades(price=price)

    price[:] = 0.0

    assert frame.price.tolist() == [1.0, 2.0]


def test_no_rows_are_a_frame_of_none() -> None:
    for frame in FRAMES.values():
        columns = {name: [] for name in frame.schema.required}

        assert built(schema_of(frame.kind), columns).n == 0


@pytest.mark.parametrize("kind", ["string", "object"])
def test_what_pandas_has_for_a_missing_text_is_missing(kind: str) -> None:
    pd = pytest.importorskip("pandas")
    texts = pd.Series(["N", pd.NA], dtype=kind)

    made = TradeFrame.from_columns(
        symbol="A", ts_event=[1, 2], price=[1.0, 2.0], size=1.0, venue=texts, provider=texts
    )

    assert [(trade.venue, trade.provider) for trade in made.to_events()] == [("N", "N"), ("", "")]


def test_texts_of_numpy_are_texts_like_any() -> None:
    names, codes = np.unique(np.array(["B", "A"]), return_inverse=True)
    texts = list(np.array(["x", "y"]))
    for symbol in ((codes, names), list(names[codes])):
        frame = trades(symbol=symbol, trade_id=texts, conditions=[(text,) for text in texts])
        assert [from_json(to_json(fact)) for fact in frame.to_events()] == [
            a_trade(3.0, at=1, size=5.0, symbol="B", trade_id="x", conditions=("x",)),
            a_trade(4.0, at=2, size=6.0, symbol="A", trade_id="y", conditions=("y",)),
        ]
