"""Where rows go: one folder a kind and date, one flush in the log for all kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from ordinis_rx.journal.log import LogReader
from ordinis_rx.journal.manifest import LOG, Flush, Sealed, unpacked
from ordinis_rx.journal.writer import RecordingWriter
from ordinis_rx.testing import a_quote, a_trade
from ordinis_rx.timebase import DAY

pytest.importorskip("pyarrow")


def entries(folder: Path) -> list[Flush | Sealed]:
    return [unpacked(record) for record in LogReader(folder / LOG)]


def test_a_flush_holds_all_kinds_and_numbers_them_as_they_came(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path, "arrow", 100, started=5)
    writer.write_facts([a_trade(1, at=7), a_quote(at=3), a_trade(2, at=5)])
    assert (writer.written, writer.acknowledged) == (3, 0)
    writer.sync(*writer.unsynced())
    assert writer.acknowledged == 3
    writer.close()
    (flush,) = entries(tmp_path)
    assert isinstance(flush, Flush)
    assert [(part.file, part.rows, part.earliest, part.latest) for part in flush.parts] == [
        ("trade/1970-01-01/0000.arrows", 2, 5, 7),
        ("quote/1970-01-01/0000.arrows", 1, 3, 3),
    ]


def test_files_end_when_they_are_full_and_when_the_day_of_arrival_is_over(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path, "parquet", 2, started=5)
    for at in range(3):
        writer.write_facts([a_trade(at, at=0, ts_recv=1 + at)])
    writer.write_facts([a_trade(9, at=0, ts_recv=DAY)])
    writer.finish()
    writer.close()
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("0*"))
    assert files == [
        "trade/1970-01-01/0000.parquet",
        "trade/1970-01-01/0001.parquet",
        "trade/1970-01-02/0000.parquet",
    ]
    assert sum(isinstance(entry, Sealed) for entry in entries(tmp_path)) == 3
