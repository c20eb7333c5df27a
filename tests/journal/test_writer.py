"""Where rows go: one folder a kind and date, one flush in the log for all kinds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.batches import item_of
from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.frames import TradeFrame
from ordinis_rx.journal import replay
from ordinis_rx.journal import writer as writer_module
from ordinis_rx.journal.log import LogReader
from ordinis_rx.journal.manifest import LOG, Flush, Sealed, unpacked
from ordinis_rx.journal.writer import RecordingWriter
from ordinis_rx.testing import a_quote, a_trade, difference
from ordinis_rx.timebase import DAY

pytest.importorskip("pyarrow")


def entries(folder: Path) -> list[Flush | Sealed]:
    return [unpacked(record, folder) for record in LogReader(folder / LOG)]


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


def test_nothing_is_imported_while_a_stream_waits_for_its_first_facts_to_be_written(
    tmp_path: Path,
) -> None:
    # pandas, which Arrow imports at its first use, can take seconds: as long a connection would not be read.
    script = """
import sys
from ordinis_rx.journal.writer import RecordingWriter
from ordinis_rx.testing import a_quote, a_status, a_trade
writer = RecordingWriter(sys.argv[1], "parquet", 1_000, 0)
before = set(sys.modules)
writer.write_facts([a_status(), a_quote(), a_trade()])
print(sorted({name.split(".")[0] for name in set(sys.modules) - before}))
writer.close()
"""
    command = [sys.executable, "-c", script, str(tmp_path / "recording")]
    assert subprocess.check_output(command, text=True).strip() == "[]"


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


def test_the_names_of_new_files_go_to_the_disk_with_them(tmp_path: Path) -> None:
    """A file on the disk whose folder is not is no file after a loss of power."""
    folder = tmp_path / "recording"
    writer = RecordingWriter(folder, "arrow", 100, started=5)
    writer.write_facts([a_trade(1, at=7)])
    written, handles = writer.unsynced()
    synced = {(os.fstat(handle).st_dev, os.fstat(handle).st_ino) for handle in handles}
    writer.sync(written, handles)
    day = folder / "trade/1970-01-01"
    for path in (day / "0000.arrows", day, day.parent, folder, tmp_path):
        assert (path.stat().st_dev, path.stat().st_ino) in synced
    assert writer.acknowledged == 1
    writer.write_facts([a_trade(2, at=8)])
    written, handles = writer.unsynced()
    assert len(handles) == 1  # nothing new but rows
    writer.sync(written, handles)
    writer.close()


def test_a_history_of_many_days_takes_few_handles(tmp_path: Path) -> None:
    """There is a file for each date: of daily bars, as many as rows."""
    story = [a_trade(day, at=day * DAY, seq=day + 1) for day in range(100)]
    writer = RecordingWriter(tmp_path, "arrow", 100, started=5)
    before = len(os.listdir("/dev/fd"))
    writer.write_facts(story)
    assert len(os.listdir("/dev/fd")) - before < 80
    writer.finish()
    assert writer.acknowledged == 100
    writer.close()
    assert len(os.listdir("/dev/fd")) == before - 1  # the log is closed, too
    told: list[Any] = []
    replay(tmp_path).subscribe(told.append)
    assert difference(told, story) == ""


def test_a_folder_that_may_not_be_read_can_be_recorded_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = os.open

    def secretive(path: Any, flags: int, *mode: int) -> int:
        if Path(path) == tmp_path:
            raise PermissionError(13, "Permission denied")
        return open_(path, flags, *mode)

    monkeypatch.setattr(os, "open", secretive)
    writer = RecordingWriter(tmp_path / "recording", "arrow", 100, started=5)
    writer.write_facts([a_trade(1, at=7)])
    writer.finish()
    assert writer.acknowledged == 1
    writer.close()


def test_handles_that_cannot_be_had_acknowledge_nothing_and_lose_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RecordingWriter(tmp_path, "arrow", 1, started=5)
    writer.write_facts([a_trade(1, at=7)])
    writer.write_facts([a_trade(2, at=8), a_quote(at=8)])  # the first file is full, and finished
    full = (tmp_path / "trade/1970-01-01/0000.arrows").stat()

    def none_left(handle: int) -> int:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(os, "dup", none_left)
        with pytest.raises(JournalError, match="cannot be written: Too many open files"):
            writer.unsynced()
    assert writer.acknowledged == 0
    written, handles = writer.unsynced()
    assert full.st_ino in {os.fstat(handle).st_ino for handle in handles}
    writer.sync(written, handles)
    assert writer.acknowledged == 3
    writer.close()


def test_a_folder_whose_name_cannot_be_put_on_the_disk_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RecordingWriter(tmp_path, "arrow", 100, started=5)

    def none_left(folder: Path) -> list[int]:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(writer_module, "folder_handle", none_left)
    with pytest.raises(JournalError, match="cannot be written: Too many open files"):
        writer.write_facts([a_trade(1, at=7)])
    writer.close()


def test_frames_of_several_kinds_are_one_flush_in_the_order_of_their_seq(tmp_path: Path) -> None:
    facts = [a_trade(1, seq=1), a_quote(1, 2, seq=2), a_trade(2, seq=3), a_quote(2, 3, seq=4)]
    writer = RecordingWriter(tmp_path, "arrow", 100, started=5)
    writer.write_item(item_of(facts, Names()))
    writer.finish()
    writer.close()
    told: list[Any] = []
    replay(tmp_path).subscribe(told.append, told.append)
    assert difference(told, facts) == ""
    assert len(entries(tmp_path)) == 3  # the flush, and the end of each file


def test_a_fact_with_fields_of_other_types_is_named_by_what_cannot_hold_it(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path, "arrow", 100, started=5)
    odd: Any = (1, "a")
    with pytest.raises(JournalError, match="cannot hold a fact: "):
        writer.write_facts([a_trade(1, conditions=odd)])
    assert writer.written == 0
    writer.close()


@pytest.mark.parametrize("failure", [ValueError("no such type"), OSError(28, "No space left")])
def test_parquet_that_fails_in_any_way_leaves_the_arrow_file_and_a_warning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(writer_module, "seal", fail)
    writer = RecordingWriter(tmp_path, "parquet", 100, started=5)
    writer.write_facts([a_trade(1, at=7)])
    writer.finish()
    writer.close()
    assert writer.acknowledged == 1
    assert "the recording stays in Arrow files" in caplog.text
    assert (tmp_path / "trade/1970-01-01/0000.arrows").exists()


def test_columns_with_something_that_fits_in_no_table_are_written_up_to_it(tmp_path: Path) -> None:
    trades = [a_trade(at, seq=at) for at in range(4)]
    frame = TradeFrame.from_events(trades)
    for name in frame.schema.index:
        frame.lookup(name)
    assert frame.block is not None
    frame.hold_columns(frame.block, 4, {"trade_id": ["a", "b", 5, "d"]})
    writer = RecordingWriter(tmp_path, "arrow", 100, started=5)
    with pytest.raises(JournalError, match="trade_id cannot be 5 in Trade"):
        writer.write_item(frame)
    assert (writer.written, writer.acknowledged) == (2, 2)
    writer.close()
