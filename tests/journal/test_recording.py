"""Recordings of facts: exact as far as they can be read, whatever has befallen their files."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ordinis_rx.codes import Names
from ordinis_rx.consensus.facts import AggregatedQuote, ConsensusStatus
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Event, GapReason, Side, StreamStatus, TradeFlags
from ordinis_rx.journal import recording as recording_module
from ordinis_rx.journal.log import LogReader, LogWriter
from ordinis_rx.journal.manifest import LOG
from ordinis_rx.journal.record import record
from ordinis_rx.journal.recording import Recording
from ordinis_rx.journal.replay import replay
from ordinis_rx.journal.writer import RecordingWriter
from ordinis_rx.multicast import Hot
from ordinis_rx.stream import from_events
from ordinis_rx.testing import (
    a_bar,
    a_cancel,
    a_correction,
    a_feed_error,
    a_gap,
    a_halt,
    a_heartbeat,
    a_quote,
    a_reading,
    a_status,
    a_trade,
    difference,
)
from ordinis_rx.timebase import DAY
from tests.heard import heard, replayed

pytest.importorskip("pyarrow")

NAN = math.nan

ODD: list[Any] = [
    a_trade(NAN, seq=1, size=-0.0, venue="X", trade_id="ü", conditions=("@", "I"), side=Side.SELL),
    a_quote(NAN, -0.0, seq=2, symbol="B", bid_venue="é", ask_venue=""),
    a_trade(math.inf, seq=3, at=-5, size=5e-324, flags=TradeFlags(0), provider="p"),
    a_status(StreamStatus.RECONNECTING, seq=4, message="again", attempt=3),
    a_gap(1, 2, seq=5, reason=GapReason.STALLED, symbols=("A", "B"), filled=True),
    a_feed_error("odd", seq=6, raw=b"\x00\xff", message="m"),
    a_heartbeat(seq=7, at=2**63 - 1),
    a_halt(False, seq=8, code="c", reason="r"),
    a_cancel("7", seq=9, action="void"),
    a_correction(seq=10, conditions=("a",)),
    a_bar(NAN, seq=11, revision=2, trade_count=5),
    a_reading(NAN, seq=12, name="x", values=(NAN, -0.0, 1.5)),
    AggregatedQuote(
        symbol="A",
        ts_event=1,
        seq=13,
        status=ConsensusStatus.DISPUTED,
        providers_used=("b", "a"),
        lost=("c",),
        price=1.5,
    ),
    a_trade(1.0, seq=2**62, at=-(2**63)),
]


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_every_kind_of_fact_comes_back_bit_for_bit_in_the_order_of_arrival(
    tmp_path: Path, format: Any
) -> None:
    *others, answer, last = ODD
    wanted = [*others, replace(answer, providers_used=("a", "b")), last]  # a set, told in order
    record(from_events(ODD), tmp_path, format=format)
    assert difference(replayed(tmp_path), wanted) == ""
    files = {path.suffix for path in tmp_path.rglob("*/*/*")}
    assert files == {".arrows" if format == "arrow" else ".parquet"}


numbers = st.floats(width=64)
stamps = st.integers(-(2**63), 2**63 - 1)
facts = st.one_of(
    st.builds(
        a_trade,
        numbers,
        at=stamps,
        symbol=st.sampled_from("ABC"),
        size=numbers,
        conditions=st.lists(st.text("xyz", max_size=2), max_size=2).map(tuple),
        trade_id=st.text(max_size=3),
    ),
    st.builds(a_quote, numbers, numbers, at=stamps, symbol=st.sampled_from("AB")),
    st.builds(a_reading, numbers, values=st.lists(numbers, max_size=3).map(tuple)),
    st.builds(a_heartbeat, at=stamps),
)


@given(st.lists(facts, max_size=30), st.integers(1, 7), st.integers(1, 9), st.booleans())
def test_any_story_comes_back_whatever_it_was_cut_into(
    tmp_path_factory: pytest.TempPathFactory,
    story: list[Event],
    rows_in: int,
    rows_out: int,
    parquet: bool,
) -> None:
    folder = tmp_path_factory.mktemp("recording")
    wanted: list[Any] = []
    stream = from_events(story, rows=rows_in)
    stream.subscribe(wanted.append)
    record(stream, folder, format="parquet" if parquet else "arrow", rows=4, rows_per_file=5)
    assert difference(replayed(folder, rows=rows_out), wanted) == ""
    shutil.rmtree(folder)


def test_facts_whose_seq_does_not_rise_keep_their_order_all_the_same(tmp_path: Path) -> None:
    story = [
        a_trade(1, seq=9),
        a_quote(seq=3),
        a_quote(seq=9),
        a_trade(2, seq=9),
        a_trade(3, seq=1),
    ]
    hot = Hot()
    with record(hot.stream, tmp_path, sync_every=None):
        hot.push(story)
    assert difference(replayed(tmp_path), story) == ""


def test_rows_that_share_a_seq_stay_in_one_item(tmp_path: Path) -> None:
    story = [a_trade(at, seq=1 + at // 4) for at in range(20)]
    hot = Hot()
    with record(hot.stream, tmp_path, sync_every=None):
        hot.push(story)
    sizes = [
        [fact.seq for fact in item.facts] for item in Recording(tmp_path).items(Names(), rows=5)
    ]
    assert [sorted(set(seqs)) for seqs in sizes] == [[1, 2], [3], [4], [5]]


def test_a_date_once_begun_is_not_gone_back_to(tmp_path: Path) -> None:
    story = [a_trade(1, at=DAY * day + at, seq=1 + at) for at, day in enumerate((0, 0, 1, 0, 2))]
    record(from_events(story), tmp_path, format="arrow")
    assert [f.parent.name for f in sorted(tmp_path.rglob("*.arrows"))] == [
        "1970-01-01",
        "1970-01-02",
        "1970-01-03",
    ]
    assert difference(replayed(tmp_path), story) == ""


def unfinished(folder: Path) -> list[Any]:
    """A recording as a process leaves it that was killed: three flushes of a trade and a quote."""
    story = [
        fact
        for seq in (1, 3, 5)
        for fact in (a_trade(seq, seq=seq, symbol=f"S{seq}"), a_quote(seq=seq + 1))
    ]
    hot = Hot()
    recorder = record(hot.stream, folder, format="arrow", sync_every=None, rows=2)
    for at in (0, 2, 4):
        hot.push(story[at : at + 2])
    left = folder.with_name("left")
    shutil.copytree(folder, left)
    recorder.close()
    return story


def part_of(told: list[Any], story: list[Any]) -> bool:
    """Whether *told* is what was flushed, up to some flush but not the last."""
    return len(told) in (0, 2, 4) and not difference(told, story[: len(told)])


@pytest.mark.parametrize(
    ("file", "step"),
    [
        ("trade/1970-01-01/0000.arrows", 29),
        ("quote/1970-01-01/0000.arrows", 31),
        (LOG, 1),
        pytest.param("trade/1970-01-01/0000.arrows", 1, marks=pytest.mark.deep),
        pytest.param("quote/1970-01-01/0000.arrows", 1, marks=pytest.mark.deep),
    ],
)
def test_cut_anywhere_the_readable_prefix_is_exact_and_the_loss_is_told(
    tmp_path: Path, file: str, step: int
) -> None:
    story = unfinished(tmp_path / "whole")
    folder = tmp_path / "left"
    assert difference(replayed(folder), story) == ""
    path = folder / file
    data = path.read_bytes()
    lengths: list[int] = []
    for size in range(len(data) - 1, 8, -step):
        path.write_bytes(data[:size])
        stream = replay(folder)
        told = heard(stream)
        assert part_of(told, story)
        assert stream.loss.bytes > 0
        assert stream.loss.reason
        lengths.append(len(told))
    assert lengths == sorted(lengths, reverse=True)
    assert set(lengths) == {0, 2, 4}


@pytest.mark.parametrize(
    ("file", "step"),
    [
        ("trade/1970-01-01/0000.arrows", 29),
        ("quote/1970-01-01/0000.arrows", 31),
        (LOG, 1),
        pytest.param("trade/1970-01-01/0000.arrows", 1, marks=pytest.mark.deep),
        pytest.param("quote/1970-01-01/0000.arrows", 1, marks=pytest.mark.deep),
    ],
)
def test_a_flipped_bit_anywhere_is_found_and_ends_the_prefix(
    tmp_path: Path, file: str, step: int
) -> None:
    story = unfinished(tmp_path / "whole")
    folder = tmp_path / "left"
    path = folder / file
    data = path.read_bytes()
    for at in range(len(data) - 1, 8, -step):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        stream = replay(folder)
        told = heard(stream)
        assert part_of(told, story)
        assert stream.loss.bytes > 0


def test_a_flipped_bit_in_a_parquet_file_is_found(tmp_path: Path) -> None:
    story = [a_trade(at, seq=at + 1) for at in range(20)]
    record(from_events(story, rows=10), tmp_path, rows=10, rows_per_file=10)
    first, second = sorted(tmp_path.rglob("*.parquet"))
    data = second.read_bytes()
    for at in range(0, len(data), 97):
        damaged = bytearray(data)
        damaged[at] ^= 4
        second.write_bytes(damaged)
        stream = replay(tmp_path)
        told = heard(stream)
        assert difference(told, story[:10]) == ""
        assert stream.loss.bytes >= len(data)
    first.unlink()
    assert replayed(tmp_path) == []


@pytest.mark.parametrize("pauses", [1, 2])
def test_rows_that_a_recorder_at_work_has_yet_to_tell_the_log_of_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pauses: int
) -> None:
    writer = RecordingWriter(tmp_path, "arrow", 100, started=0)
    writer.write_facts([a_trade(1.0, seq=1)])
    notes, paused = list[Any](), list[float]()
    monkeypatch.setattr(writer, "_note", notes.append)
    writer.write_facts([a_trade(2.0, seq=2), a_quote(seq=3)])
    monkeypatch.undo()

    def pause(seconds: float) -> None:
        paused.extend([seconds] if seconds else ())
        if len(paused) == pauses and notes:
            writer._note(notes.pop())

    monkeypatch.setattr(recording_module, "sleep", pause)
    assert replayed(tmp_path, strict=True) == [a_trade(1.0, seq=1)]
    assert len(paused) == pauses
    assert len(replayed(tmp_path, strict=True)) == 3
    writer.close()


def test_rows_that_the_log_does_not_know_of_are_lost(tmp_path: Path) -> None:
    story = unfinished(tmp_path / "whole")
    path = tmp_path / "left/trade/1970-01-01/0000.arrows"
    path.write_bytes(path.read_bytes() + b"half a batch")
    stream = replay(tmp_path / "left")
    told = heard(stream)
    assert difference(told, story) == ""
    assert stream.loss.bytes == 12
    assert "the log does not know of" in stream.loss.reason


def test_a_newer_format_is_refused_and_a_strange_folder_too(tmp_path: Path) -> None:
    import msgspec

    from ordinis_rx.journal.manifest import RecordingHeader

    header = RecordingHeader(started=1, version=9)
    LogWriter(tmp_path / LOG, msgspec.msgpack.encode(header)).close()
    with pytest.raises(JournalError, match="has version 9, newer than 1"):
        replay(tmp_path)
    (tmp_path / LOG).unlink()
    LogWriter(tmp_path / LOG, b"header").close()
    with pytest.raises(JournalError, match="is no recording of facts"):
        replay(tmp_path)


def test_a_kind_that_is_not_known_here_ends_what_can_be_read(tmp_path: Path) -> None:
    story = [a_trade(at, seq=at + 1) for at in range(3)]
    record(from_events(story), tmp_path, format="arrow")
    log = LogReader(tmp_path / LOG)
    header, flushes = log.header, [*log]
    (tmp_path / LOG).unlink()
    assert header is not None
    with LogWriter(tmp_path / LOG, header) as rewritten:
        for content in flushes:
            rewritten.append(content.replace(b"trade/", b"trude/"))
    stream = replay(tmp_path)
    told = heard(stream)
    assert told == []
    assert "trude/1970-01-01/0000.arrows is of a kind that is not known here" in stream.loss.reason


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_a_recording_that_goes_on_while_it_is_read_is_whole(tmp_path: Path, format: Any) -> None:
    hot = Hot()
    story = [a_trade(n, at=n, seq=n) for n in range(1, 21)]
    told: list[Any] = []

    def hear(fact: Any) -> None:
        told.append(fact)
        if len(told) == 1:
            hot.push(story[7:])
            recorder.close()  # waits until the files are what they are to be

    recorder = record(hot.stream, tmp_path, rows=1, rows_per_file=2, format=format, sync_every=None)
    hot.push(story[:7])
    stream = replay(tmp_path, rows=1)
    stream.subscribe(hear, told.append)

    assert difference(told, story[:7]) == ""
    assert not stream.loss
    assert difference(replayed(tmp_path), story) == ""
    told.clear()
    stream.subscribe(told.append, told.append)
    assert difference(told, story) == ""
    assert not stream.loss
