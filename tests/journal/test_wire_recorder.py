"""Recording the wire: every message, no key, and an error where the disk is full."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.journal import record_wire
from ordinis_rx.journal.wire import Message, WireReader
from ordinis_rx.taps import WireFrame
from tests.transport import KEY, Ear, PolygonVendor, a_feed, status, trade
from tests.virtual import in_virtual_time, settled


def read(path: Path) -> list[Any]:
    with WireReader(path) as reader:
        return list(reader)


@in_virtual_time
async def test_both_directions_are_recorded_without_the_login(tmp_path: Path) -> None:
    vendor = PolygonVendor(acks="whole")
    events = a_feed(vendor)
    recorder = record_wire(events, tmp_path / "x.wire", sync_every=None, sync_records=1)
    wire = Ear().to(events.wire)
    assert vendor.dials == []
    Ear().to(events)
    await settled()
    vendor.line.say(trade(), trade(price=101))
    vendor.line.say(status("odd", f"your key is {KEY}"))
    await settled()
    assert recorder.written == recorder.acknowledged == len(wire.facts)
    await events.close()
    assert repr(recorder) == f"<WireRecorder x.wire ended, {recorder.written} messages>"
    messages = read(tmp_path / "x.wire")
    assert [(m.direction, m.ts_recv, m.data) for m in messages] == wire.facts
    assert messages[0].data == b"(login)"
    assert KEY.encode() not in (tmp_path / "x.wire").read_bytes()


@in_virtual_time
async def test_a_message_carries_the_number_of_its_first_fact(tmp_path: Path) -> None:
    vendor = PolygonVendor(acks="whole")
    events = a_feed(vendor)
    record_wire(events, tmp_path / "x.wire", sync_every=None)
    ear = Ear().to(events)
    await settled()
    vendor.line.say(trade(), trade(price=101))
    vendor.line.say(trade(price=102))
    await settled()
    await events.close()
    told = {m.seq for m in read(tmp_path / "x.wire") if b'"ev":"T"' in m.data}
    seqs = [fact.seq for fact in ear.facts if hasattr(fact, "price")]
    assert told == {seqs[0], seqs[2]}


@in_virtual_time
async def test_the_names_in_force_are_noted_when_they_change(tmp_path: Path) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor, {"apple": "AAPL"})
    record_wire(events, tmp_path / "x.wire", sync_every=None)
    Ear().to(events)
    await settled()
    await events.add({"micro": "MSFT"})
    await events.remove("apple")  # some data may be under way: it keeps its name
    await settled()
    await events.close()
    entries = read(tmp_path / "x.wire")
    assert [e.names for e in entries if not isinstance(e, Message)] == [
        {"AAPL": "apple"},
        {"AAPL": "apple", "MSFT": "micro"},
    ]


@in_virtual_time
async def test_a_full_disk_ends_the_recording_and_not_the_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = PolygonVendor()
    events = a_feed(vendor)
    ends: list[Exception | None] = []
    recorder = record_wire(events, tmp_path / "x.wire", sync_every=None, on_end=ends.append)
    ear = Ear().to(events)
    await settled()
    before = recorder.written

    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        vendor.line.say(trade())
        await settled()
    vendor.line.say(trade(price=101))
    await settled()
    assert ear.prices == [100, 101]
    assert ends == [recorder.error]
    with pytest.raises(JournalError, match="No space left on device"):
        recorder.close()
    await events.close()
    assert len(read(tmp_path / "x.wire")) == before


@in_virtual_time
async def test_closing_ends_it_once_and_a_bad_policy_is_refused(tmp_path: Path) -> None:
    events = a_feed(PolygonVendor())
    with pytest.raises(ValueError, match="sync_records must be 1 or more messages, got 0"):
        record_wire(events, tmp_path / "x.wire", sync_records=0)
    with pytest.raises(ValueError, match="record_wire: path is empty"):
        record_wire(events, "")
    with pytest.raises(TypeError, match="record_wire: on_end must be a function, got 5"):
        record_wire(events, tmp_path / "x.wire", on_end=5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="record_wire: feed must be a feed, whose wire can be"):
        record_wire(events.wire, tmp_path / "x.wire")  # type: ignore[arg-type]
    ends: list[Exception | None] = []
    with record_wire(events, tmp_path / "x.wire", sync_every=None, on_end=ends.append) as recorder:
        pass
    recorder.close()
    assert ends == [None]
    with pytest.raises(JournalError, match="exists already"):
        record_wire(events, tmp_path / "x.wire")
    await events.close()


@in_virtual_time
async def test_a_disk_that_fails_at_the_end_is_told_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = a_feed(PolygonVendor())
    ends: list[Exception | None] = []
    recorder = record_wire(events, tmp_path / "x.wire", sync_every=None, on_end=ends.append)
    Ear().to(events)
    await settled()

    def broken(handle: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        with pytest.raises(JournalError, match=r"x\.wire cannot be written: Input/output error"):
            recorder.close()
    assert ends == [recorder.error]
    assert (recorder.written > 0, recorder.acknowledged) == (True, 0)
    await events.close()
    assert len(read(tmp_path / "x.wire")) > 0  # what had been handed to the system is there


@in_virtual_time
async def test_a_message_that_comes_while_another_thread_closes_is_not_written_behind_the_end(
    tmp_path: Path,
) -> None:
    events = a_feed(PolygonVendor())
    recorder = record_wire(events, tmp_path / "x.wire", sync_every=None)
    Ear().to(events)
    await settled()
    recorder.close()
    written, messages = recorder.written, read(tmp_path / "x.wire")
    recorder._on_message(WireFrame("in", 1, b"late"))
    assert (recorder.written, recorder.error) == (written, None)
    assert read(tmp_path / "x.wire") == messages
    await events.close()
