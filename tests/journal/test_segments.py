from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.events import Trade
from ordinis_rx.frames import TradeFrame
from ordinis_rx.journal.segments import Segment, seal
from ordinis_rx.journal.tables import table_of
from ordinis_rx.testing import a_trade

pa = pytest.importorskip("pyarrow")

FILE = "trade/1970-01-01/0000.arrows"


def a_batch(price: float, at: int) -> object:
    frame = TradeFrame.from_events([a_trade(price, at=at)])
    return table_of(Trade).batch(frame, np.array([at]))


def test_a_segment_is_a_stream_that_any_tool_can_read(tmp_path: Path) -> None:
    segment = Segment(tmp_path, FILE, table_of(Trade), 0)
    first = segment.write(a_batch(1, 5))
    assert (first.rows, first.earliest, first.latest, first.end) == (
        1,
        5,
        5,
        (tmp_path / FILE).stat().st_size,
    )
    segment.write(a_batch(2, 6))
    end = segment.finish()
    os.close(segment.handle)
    assert end.rows == 0
    assert (segment.rows, end.end) == (2, (tmp_path / FILE).stat().st_size)
    table = pa.ipc.open_stream((tmp_path / FILE).read_bytes()).read_all()
    assert table.column("price").to_pylist() == [1.0, 2.0]
    sealed = seal(tmp_path, FILE)
    assert (tmp_path / sealed.into).stat().st_size == sealed.size
    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / sealed.into).column("symbol").to_pylist() == ["A", "A"]
    with pytest.raises(JournalError, match="cannot be written: File exists"):
        Segment(tmp_path, FILE, table_of(Trade), 0)


def test_a_full_disk_takes_back_what_was_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = Segment(tmp_path, FILE, table_of(Trade), 0)
    segment.write(a_batch(1, 5))
    before = (tmp_path / FILE).read_bytes()
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) < 500:
            raise OSError(28, "No space left on device")
        return write(handle, data[:100])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(JournalError, match="No space left on device"):
            segment.write(a_batch(2, 6))
    os.close(segment.handle)
    assert (tmp_path / FILE).read_bytes() == before
