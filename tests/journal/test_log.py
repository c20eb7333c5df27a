"""The log: any prefix can be read, what cannot is told, and nothing half-written is taken for whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.journal import log as log_module
from ordinis_rx.journal.log import MAGIC, LogReader, LogWriter, is_log

RECORDS = [b"", b"a", b"some bytes", bytes(range(256))]


def written(path: Path, records: list[bytes] = RECORDS) -> bytes:
    with LogWriter(path, b"header") as log:
        for record in records:
            log.append(record)
    return path.read_bytes()


def read(path: Path) -> tuple[bytes | None, list[bytes], int]:
    reader = LogReader(path)
    return reader.header, list(reader), reader.loss.bytes


def ends(records: list[bytes]) -> list[int]:
    """Where the header ends, and each record."""
    at = len(MAGIC) + 8 + len(b"header")
    found = [at]
    for record in records:
        at += 8 + len(record)
        found.append(at)
    return found


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    written(path)
    assert read(path) == (b"header", RECORDS, 0)
    assert is_log(path)


def test_a_log_cut_at_any_byte_is_a_shorter_log_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    whole = written(path)
    marks = ends(RECORDS)
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        header, records, lost = read(path)
        complete = sum(mark <= size for mark in marks)
        assert header == (b"header" if complete else None)
        assert records == RECORDS[: max(complete - 1, 0)]
        start = marks[complete - 1] if complete else len(MAGIC) if size >= len(MAGIC) else 0
        assert lost == size - start


def test_a_flipped_bit_anywhere_ends_the_log_before_its_record(tmp_path: Path) -> None:
    path = tmp_path / "log"
    whole = written(path)
    marks = ends(RECORDS)
    for at in range(len(MAGIC), len(whole)):
        for bit in (0, 7):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << bit
            path.write_bytes(damaged)
            header, records, lost = read(path)
            complete = sum(mark <= at for mark in marks)
            assert header == (b"header" if complete else None)
            assert records == RECORDS[: max(complete - 1, 0)]
            assert lost == len(whole) - (marks[complete - 1] if complete else len(MAGIC))


def test_garbage_behind_a_log_is_lost_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(written(path) + b"\xff" * 40)
    reader = LogReader(path)
    assert list(reader) == RECORDS
    assert reader.loss.bytes == 40
    assert "impossible length" in str(reader.loss)


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"something else entirely")
    with pytest.raises(JournalError, match=r"notes\.txt is no recording"):
        LogReader(path)
    with pytest.raises(JournalError, match="cannot be read: No such file"):
        LogReader(tmp_path / "missing")
    assert not is_log(path)
    assert not is_log(tmp_path / "missing")


def test_a_file_that_exists_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "log"
    before = written(path)
    with pytest.raises(JournalError, match="exists already"):
        LogWriter(path, b"other")
    with pytest.raises(JournalError, match="cannot be written: No such file"):
        LogWriter(tmp_path / "missing" / "log", b"header")
    assert path.read_bytes() == before


def test_only_what_is_on_the_disk_is_acknowledged(tmp_path: Path) -> None:
    with LogWriter(tmp_path / "log", b"") as log:
        log.append(b"one")
        log.append(b"two")
        assert (log.written, log.acknowledged) == (2, 0)
        log.sync()
        log.append(b"three")
        assert (log.written, log.acknowledged) == (3, 2)
    with pytest.raises(JournalError, match="is closed"):
        log.append(b"four")


def test_a_full_disk_is_an_error_that_leaves_no_half_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    log = LogWriter(path, b"header")
    log.append(b"one")
    before = path.read_bytes()
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) > 5:
            return write(handle, data[:5])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(JournalError, match="log cannot be written: No space left on device"):
            log.append(b"t")
    assert path.read_bytes() == before
    with pytest.raises(JournalError, match="No space left"):
        log.append(b"two")
    with pytest.raises(JournalError, match="No space left"):
        log.sync()
    log.close()
    assert read(path) == (b"header", [b"one"], 0)


def test_a_failing_disk_acknowledges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogWriter(tmp_path / "log", b"header")
    log.append(b"one")

    def broken(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(JournalError, match="Input/output error"):
        log.sync()
    assert log.acknowledged == 0
    log.close()


def test_a_log_that_cannot_begin_leaves_no_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    close = os.close

    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    def noted(handle: int) -> None:
        closed.append(handle)
        close(handle)

    monkeypatch.setattr(os, "write", full)
    monkeypatch.setattr(os, "close", noted)
    with pytest.raises(JournalError, match="log cannot be written: No space left on device"):
        LogWriter(tmp_path / "log", b"header")
    assert len(closed) == 1


def test_a_half_record_that_cannot_be_taken_back_is_told_by_its_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    log = LogWriter(path, b"header")
    log.append(b"one")
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) > 5:
            return write(handle, data[:5])
        raise OSError(28, "No space left on device")

    def fails(handle: int, size: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        patched.setattr(os, "ftruncate", fails)
        with pytest.raises(JournalError, match="No space left on device"):
            log.append(b"t")
    log.close()
    assert read(path) == (b"header", [b"one"], 5)


def test_a_record_beyond_all_measure_is_refused_and_nothing_of_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "MOST", 10)
    with LogWriter(tmp_path / "log", b"header") as log:
        log.append(b"0123456789")
        with pytest.raises(JournalError, match="log takes records of at most 10 bytes"):
            log.append(b"0123456789a")
        assert log.written == 1
    log.close()  # again, which changes nothing
    assert read(tmp_path / "log") == (b"header", [b"0123456789"], 0)


def test_where_the_system_has_no_handles_of_folders_none_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (handle,) = log_module.folder_handle(tmp_path)
    os.close(handle)
    monkeypatch.setattr(os, "name", "nt")
    assert log_module.folder_handle(tmp_path) == []
