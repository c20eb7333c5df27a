"""What a recording of the wire says, message by message."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.journal.log import LogWriter
from ordinis_rx.journal.wire import (
    Message,
    Renamed,
    WireHeader,
    WireReader,
    packed_message,
    packed_names,
)


def a_recording(path: Path, *records: bytes, version: int = 1) -> Path:
    header = WireHeader(provider="sim", started=7, version=version)
    with LogWriter(path, msgspec.msgpack.encode(header)) as log:
        for record in records:
            log.append(record)
    return path


def test_messages_and_names_come_back_as_they_were(tmp_path: Path) -> None:
    path = a_recording(
        tmp_path / "x.wire",
        packed_names({"X:BTC-USD": "BTC"}),
        packed_message("out", 2**62, 1, b""),
        packed_message("in", -5, 3, b"\x00<>n\xff"),
    )
    with WireReader(path) as reader:
        assert reader.header == WireHeader(provider="sim", started=7)
        assert list(reader) == [
            Renamed({"X:BTC-USD": "BTC"}),
            Message("out", 2**62, 1, b""),
            Message("in", -5, 3, b"\x00<>n\xff"),
        ]
        assert not reader.loss


def test_what_is_no_recording_of_a_wire_is_refused(tmp_path: Path) -> None:
    LogWriter(tmp_path / "other", b"something").close()
    with pytest.raises(JournalError, match="other is no recording of a wire"):
        WireReader(tmp_path / "other")
    with pytest.raises(JournalError, match="has version 2, newer than 1"):
        WireReader(a_recording(tmp_path / "new.wire", version=2))


def test_a_damaged_header_leaves_nothing_but_the_count(tmp_path: Path) -> None:
    path = a_recording(tmp_path / "x.wire", packed_message("in", 1, 1, b"data"))
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with WireReader(path) as reader:
        assert (reader.header, list(reader)) == (None, [])
        assert reader.loss.bytes == len(data) - 8


@pytest.mark.parametrize("record", [b"", b"?", b"<1234", b"n\xc1", b"n\x01", b"?" + bytes(16)])
def test_a_whole_record_that_nobody_here_writes_is_a_typed_error(
    tmp_path: Path, record: bytes
) -> None:
    path = a_recording(tmp_path / "x.wire", packed_message("in", 1, 1, b"data"), record)
    with WireReader(path) as reader:
        entries = iter(reader)
        assert next(entries) == Message("in", 1, 1, b"data")
        with pytest.raises(JournalError, match=r"x\.wire has a record that is not known here"):
            next(entries)
