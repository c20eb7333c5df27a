"""Recorders of facts: what they tell, when they end, and what becomes of a full disk."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import reactivex
from msgspec.structs import replace

from ordinis_rx.errors import JournalError
from ordinis_rx.journal import record, replay
from ordinis_rx.multicast import Hot
from ordinis_rx.operators import mid
from ordinis_rx.stream import Stream, from_events
from ordinis_rx.testing import a_quote, a_trade, difference
from ordinis_rx.timebase import MILLI

pytest.importorskip("pyarrow")


def heard(path: Path) -> list[Any]:
    told: list[Any] = []
    replay(path).subscribe(told.append, told.append)
    return told


def test_a_cold_stream_has_been_recorded_when_it_returns(tmp_path: Path) -> None:
    ends: list[Exception | None] = []
    recorder = record(from_events([a_trade(at) for at in range(5)]), tmp_path, on_end=ends.append)
    assert (recorder.written, recorder.acknowledged, recorder.error) == (5, 5, None)
    assert ends == [None]
    assert repr(recorder) == f"<Recorder {tmp_path.name} ended, 5 facts>"
    recorder.close()
    assert ends == [None]


def test_a_hot_stream_is_recorded_until_it_is_closed_and_goes_on(tmp_path: Path) -> None:
    hot = Hot()
    ear: list[Any] = []
    hot.stream.subscribe(ear.append)
    with record(hot.stream, tmp_path, sync_every=None) as recorder:
        hot.push([a_trade(1, seq=1)])
        assert (recorder.written, recorder.acknowledged) == (0, 0)
    hot.push([a_trade(2, seq=2)])
    assert [fact.price for fact in heard(tmp_path)] == [1]
    assert len(ear) == 2
    assert recorder.acknowledged == 1


def test_columns_are_recorded_as_well_as_facts(tmp_path: Path) -> None:
    quotes = from_events([a_quote(at, at + 2) for at in range(3000)], rows=1500)
    mids = quotes.pipe(mid())
    wanted: list[Any] = []
    mids.subscribe(wanted.append)
    record(mids, tmp_path)
    assert difference(heard(tmp_path), wanted) == ""


def test_facts_of_a_plain_observable_are_numbered_and_recorded(tmp_path: Path) -> None:
    record(reactivex.of(a_trade(1), a_trade(2)), tmp_path)
    assert [fact.seq for fact in heard(tmp_path)] == [1, 2]


def test_the_error_of_a_stream_is_raised_and_what_came_before_is_kept(tmp_path: Path) -> None:
    failing = reactivex.concat(reactivex.of(a_trade(1)), reactivex.throw(OSError("gone")))
    with pytest.raises(OSError, match="gone"):
        record(failing, tmp_path)
    assert [fact.price for fact in heard(tmp_path)] == [1]


def test_what_waits_goes_to_the_disk_in_time(tmp_path: Path) -> None:
    hot = Hot()
    with record(hot.stream, tmp_path, sync_every=MILLI) as recorder:
        hot.push([a_trade(1, seq=1)])
        for _ in range(5000):
            if recorder.acknowledged:
                break
            threading.Event().wait(0.001)
        assert recorder.acknowledged == 1


def test_what_is_on_the_disk_already_is_not_put_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hot = Hot()
    synced: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(handle) or fsync(handle))
    with record(hot.stream, tmp_path, sync_every=None) as recorder:
        hot.push([a_trade(1, seq=1)])
        recorder._sync()
        once = len(synced)
        recorder._sync()
        assert (recorder.acknowledged, len(synced)) == (1, once)
    assert once > 0


def test_a_full_disk_ends_the_recording_with_a_typed_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hot = Hot()
    ends: list[Exception | None] = []
    recorder = record(hot.stream, tmp_path, sync_every=None, rows=1, on_end=ends.append)
    ear: list[Any] = []
    hot.stream.subscribe(ear.append)
    hot.push([a_trade(1, seq=1)])
    write = os.write
    left = 100

    def filling(handle: int, data: bytes) -> int:
        nonlocal left
        if not left:
            raise OSError(28, "No space left on device")
        written = write(handle, data[:left])
        left -= written
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", filling)
        hot.push([a_trade(2, seq=2)])
    hot.push([a_trade(3, seq=3)])
    assert len(ear) == 3
    assert isinstance(recorder.error, JournalError)
    assert ends == [recorder.error]
    with pytest.raises(JournalError, match="No space left on device"):
        recorder.close()
    stream = replay(tmp_path)
    told: list[Any] = []
    stream.subscribe(told.append)
    assert [fact.price for fact in told] == [1]
    assert not stream.loss


def test_a_disk_that_fails_later_ends_it_at_the_next_fact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hot = Hot()
    recorder = record(hot.stream, tmp_path, sync_every=MILLI)
    failed = threading.Event()

    def broken(handle: int) -> None:
        failed.set()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    hot.push([a_trade(1, seq=1)])
    assert failed.wait(5)
    while recorder.error is None:
        threading.Event().wait(0.001)
    hot.push([a_trade(2, seq=2)])
    assert hot.hub.branches == ()
    with pytest.raises(JournalError, match="Input/output error"):
        recorder.close()


def test_parquet_that_cannot_be_written_leaves_the_arrow_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from ordinis_rx.journal import segments

    def full(*_: Any) -> None:
        raise JournalError("x.parquet", "cannot be written: No space left on device")

    monkeypatch.setattr(segments, "ParquetFile", full)
    story = [a_trade(1, seq=1), a_trade(2, seq=2)]
    record(from_events(story), tmp_path)
    assert "the recording stays in Arrow files" in caplog.text
    assert [path.suffix for path in tmp_path.rglob("0*")] == [".arrows"]
    assert difference(heard(tmp_path), story) == ""


def test_what_exists_is_not_written_over_and_bad_values_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(JournalError, match="is not empty, and is not written over"):
        record(from_events([]), tmp_path)
    with pytest.raises(JournalError, match="cannot be written"):
        record(from_events([]), tmp_path / "notes.txt")
    with pytest.raises(ValueError, match="rows must be 1 or more rows, got 0"):
        record(from_events([]), tmp_path / "a", rows=0)
    with pytest.raises(ValueError, match="rows_per_file must be 1 or more rows, got 0"):
        record(from_events([]), tmp_path / "a", rows_per_file=0)
    with pytest.raises(ValueError, match="format must be one of 'parquet', 'arrow', got 'csv'"):
        record(from_events([]), tmp_path / "a", format="csv")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="rows must be a whole number of rows, got '5'"):
        record(from_events([]), tmp_path / "a", rows="5")  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"sync_every must be a whole number of nanoseconds, .* got 0\.2"
    ):
        record(from_events([]), tmp_path / "a", sync_every=0.2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="record: path is empty"):
        record(from_events([]), "")
    with pytest.raises(TypeError, match="record: on_end must be a function, got 5"):
        record(from_events([]), tmp_path / "b", on_end=5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"sync_every must be 1 or more nanoseconds, .* got 0"):
        record(from_events([]), tmp_path / "b", sync_every=0)


def test_a_fact_that_no_table_can_hold_is_named(tmp_path: Path) -> None:
    from ordinis_rx.consensus.facts import Panel

    with pytest.raises(JournalError, match="cannot hold Panel facts: entries has no column"):
        record(from_events([Panel(symbol="A", ts_event=1, entries=())]), tmp_path)


def test_a_text_that_no_file_can_hold_costs_nothing_before_it(tmp_path: Path) -> None:
    hot = Hot()
    recorder = record(hot.stream, tmp_path, sync_every=None)
    hot.push([a_trade(1, seq=1), a_trade(2, seq=2), a_trade(3, seq=3, symbol="\ud800")])

    with pytest.raises(JournalError, match=r"cannot hold a fact: symbol cannot be '.ud800'"):
        recorder.close()
    assert recorder.written == 2


@pytest.mark.parametrize("closing", ["close", "end"])
def test_a_fact_that_fits_in_no_table_ends_the_recording_behind_those_before_it(
    tmp_path: Path, closing: str
) -> None:
    hot = Hot()
    ends: list[Exception | None] = []
    recorder = record(hot.stream, tmp_path, sync_every=None, on_end=ends.append)
    story = [a_trade(at, seq=at, trade_id=str(at)) for at in range(1, 10)]
    wrong = replace(story[6], price="7")
    hot.push([*story[:6], wrong, *story[7:]])
    if closing == "end":
        hot.complete()
    with pytest.raises(JournalError, match=r"cannot hold a fact: price cannot be '7' in Trade\("):
        recorder.close()
    assert ends == [recorder.error]
    assert (recorder.written, recorder.acknowledged) == (6, 6)
    stream = replay(tmp_path)
    told: list[Any] = []
    stream.subscribe(told.append)
    assert difference(told, story[:6]) == ""
    assert not stream.loss


def test_a_fact_that_fits_in_no_table_is_told_though_nobody_waits_for_it(tmp_path: Path) -> None:
    hot = Hot()
    recorder = record(hot.stream, tmp_path, sync_every=MILLI)
    hot.push([a_trade(1, seq=1), replace(a_trade(2, seq=2), trade_id=2)])
    while recorder.error is None:
        threading.Event().wait(0.001)
    assert recorder.acknowledged == 1
    hot.push([a_trade(3, seq=3)])
    assert hot.hub.branches == ()
    with pytest.raises(JournalError, match="trade_id cannot be 2"):
        recorder.close()
    assert [fact.price for fact in heard(tmp_path)] == [1]


def test_closing_does_not_raise_what_ended_the_stream(tmp_path: Path) -> None:
    hot = Hot()
    recorder = record(hot.stream, tmp_path)
    hot.push([a_trade(1, seq=1)])
    hot.error(JournalError("another", "is gone"))
    recorder.close()
    assert isinstance(recorder.error, JournalError)
    assert [fact.price for fact in heard(tmp_path)] == [1]


def test_a_fact_that_comes_while_another_thread_closes_is_not_written_behind_the_end(
    tmp_path: Path,
) -> None:
    hot = Hot()
    recorder = record(hot.stream, tmp_path, rows=1, sync_every=None)
    hot.push([a_trade(1, seq=1)])

    class Overtaken:
        """A lock that the other thread gets first."""

        def __enter__(self) -> None:
            recorder._lock = lock
            recorder.close()
            lock.acquire()

        def __exit__(self, *_: object) -> None:
            lock.release()

    lock, recorder._lock = recorder._lock, Overtaken()  # type: ignore[assignment]
    hot.push([a_trade(2, seq=2)])
    assert recorder.error is None
    assert recorder.written == recorder.acknowledged == 1
    stream = replay(tmp_path)
    told: list[Any] = []
    stream.subscribe(told.append)
    assert [fact.price for fact in told] == [1]
    assert not stream.loss


def test_a_stream_that_cannot_be_listened_to_leaves_an_ended_recording(tmp_path: Path) -> None:
    ends: list[Exception | None] = []

    class Broken(Stream[Any]):
        def __init__(self) -> None:
            super().__init__(self._refuse)

        def _refuse(self, *_: object) -> Any:
            raise LookupError("no such stream")

    with pytest.raises(LookupError, match="no such stream"):
        record(Broken(), tmp_path, on_end=ends.append)
    assert ends == [None]
    assert heard(tmp_path) == []


def test_a_sync_that_comes_behind_the_end_does_nothing(tmp_path: Path) -> None:
    hot = Hot()
    recorder = record(hot.stream, tmp_path, sync_every=None)
    hot.push([a_trade(1, seq=1)])
    recorder.close()
    recorder._sync()
    assert recorder.written == recorder.acknowledged == 1


FORGETFUL = """
import os, sys
from ordinis_rx.journal import record
from ordinis_rx.multicast import Hot
from ordinis_rx.testing import a_trade
hot = Hot()
recorder = record(hot.stream, sys.argv[1], sync_every=None)
hot.push([a_trade(1, seq=1)])
child = os.fork() if hasattr(os, "fork") else 0
if child:
    os.waitpid(child, 0)
    hot.push([a_trade(2, seq=2)])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no forks")
def test_a_program_that_ends_without_a_close_loses_nothing_and_its_forks_end_nothing(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORGETFUL, str(tmp_path / "day")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == ""
    assert [fact.seq for fact in heard(tmp_path / "day")] == [1, 2]
