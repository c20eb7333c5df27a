from __future__ import annotations

import pytest

from ordinis_rx.events import Bar, Trade
from ordinis_rx.journal.adapting import Adapter
from ordinis_rx.journal.fitting import Unfit
from ordinis_rx.timebase import MILLI

pa = pytest.importorskip("pyarrow")


def an_adapter(**options: object) -> Adapter:
    given = {
        "kind": Trade,
        "columns": {"ts_event": "t"},
        "found": ["t", "symbol", "price", "size"],
        "constants": {},
    }
    return Adapter(**{**given, **options})  # type: ignore[arg-type]


def a_batch(stamp: object, **more: object) -> object:
    columns = {"t": [stamp], "symbol": ["A"], "price": [1.5], "size": [2]} | more
    return pa.RecordBatch.from_pydict(columns)


def test_rows_are_numbered_from_where_they_stand_in_the_file() -> None:
    fitting = an_adapter(unit=MILLI).fitting(a_batch(7), 41)
    (row,) = fitting.to_pylist()
    assert (row["arrival"], row["seq"], row["price"], row["size"]) == (41, 42, 1.5, 2.0)
    assert fitting.column("ts_event").view("int64").to_pylist() == [7 * MILLI]


def test_what_does_not_fit_is_named_by_column_and_row() -> None:
    with pytest.raises(Unfit, match="column 't' has no times, but bool"):
        an_adapter().fitting(a_batch(True), 0)
    with pytest.raises(Unfit, match="column 'side', row 8: 'LEFT' is none of"):
        an_adapter(found=["t", "symbol", "price", "size", "side"]).fitting(
            a_batch(1, side=["left"]), 7
        )


def test_whole_numbers_of_another_size_fit_and_their_gaps_do_not() -> None:
    bars = an_adapter(kind=Bar, found=["t", "symbol", "trade_count"])
    counts = pa.array([3], pa.int8())
    batch = pa.RecordBatch.from_pydict({"t": [1], "symbol": ["A"], "trade_count": counts})
    assert bars.fitting(batch, 0).column("trade_count").to_pylist() == [3]
    gap = pa.RecordBatch.from_pydict(
        {"t": [1], "symbol": ["A"], "trade_count": pa.array([None], pa.int8())}
    )
    with pytest.raises(Unfit, match="column 'trade_count', row 5: there is no value"):
        bars.fitting(gap, 4)


def test_a_column_of_a_type_that_is_no_number_is_refused_though_it_has_no_values() -> None:
    nothing = pa.array([None], pa.list_(pa.int64()))
    with pytest.raises(Unfit, match=r"column 'price': Unsupported cast"):
        an_adapter().fitting(a_batch(1, price=nothing), 0)
