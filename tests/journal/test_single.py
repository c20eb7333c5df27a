from __future__ import annotations

from pathlib import Path

import pytest

from ordinis_rx.columns import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Trade
from ordinis_rx.journal import record
from ordinis_rx.journal.single import SingleFile
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_trade

pa = pytest.importorskip("pyarrow")


def test_a_table_of_somebody_elses_is_refused_with_advice(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    with pytest.raises(JournalError, match="from_parquet reads it"):
        SingleFile(tmp_path / "x.parquet")
    (tmp_path / "y.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(JournalError, match=r"y\.parquet cannot be read"):
        SingleFile(tmp_path / "y.parquet")


def test_a_table_that_is_damaged_inside_is_named(tmp_path: Path) -> None:
    record(from_events([a_trade(at) for at in range(1000)]), tmp_path / "whole")
    (path,) = (tmp_path / "whole").rglob("*.parquet")
    data = bytearray(path.read_bytes())
    data[4:200] = bytes(196)
    path.write_bytes(data)
    table = SingleFile(path)
    assert (table.kind, table.rows) == (Trade, 1000)
    with pytest.raises(JournalError, match=r"\.parquet cannot be read"):
        list(table.items(Names(), 100))
