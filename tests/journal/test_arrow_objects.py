"""Texts and several values a row out of Arrow; whole tables are tested with `tables`."""

from __future__ import annotations

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.events import Trade
from ordinis_rx.journal.arrow_objects import objects_of

pa = pytest.importorskip("pyarrow")


def test_what_no_batch_tells_is_no_column() -> None:
    ids = objects_of("trade_id", Trade, str)
    without = pa.RecordBatch.from_pydict({"price": [1.0, 2.0]})
    told = pa.RecordBatch.from_pydict({"trade_id": ["7"]})

    assert ids.of([without], "") is None
    assert list(ids.of([without, told], "") or ()) == ["", "", "7"]


def test_a_null_among_values_is_the_default_of_the_field() -> None:
    ids = objects_of("trade_id", Trade, str)
    codes = objects_of("conditions", Trade, tuple[str, ...])
    told = pa.RecordBatch.from_pydict(
        {"trade_id": [None, "7", None], "conditions": [["1", "2"], None, []]}
    )

    assert list(ids.of([told], "") or ()) == ["", "7", ""]
    assert list(codes.of([told.slice(1)], ("?",)) or ()) == [("?",), ()]


def test_a_field_of_a_type_without_a_column_is_refused_by_name() -> None:
    with pytest.raises(JournalError, match="cannot hold Trade facts: odd has no column"):
        objects_of("odd", Trade, object)
