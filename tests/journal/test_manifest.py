from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.journal.manifest import Flush, Part, Sealed, file_of, kind_of, unpacked


@pytest.mark.parametrize(
    "entry",
    [
        Flush(7, [Part("trade/1970-01-01/0000.arrows", 90, 1, 2, -5, 2**62)]),
        Sealed("a.arrows", "a.parquet", 9, 2**32 - 1),
    ],
)
def test_entries_come_back_as_they_were(entry: Flush | Sealed) -> None:
    assert unpacked(msgspec.msgpack.encode(entry), Path()) == entry


def test_files_are_by_kind_and_date_of_any_time() -> None:
    assert file_of("quote", -106752, 12) == "quote/1677-09-21/0012.arrows"
    assert kind_of(file_of("quote", 106751, 0)) == "quote"


@pytest.mark.parametrize("record", [b"", b"\xc1", b"\x90", b"\x91\xa1?", b"\x93\xa1f\x01\x02"])
def test_a_record_that_nobody_here_writes_is_a_typed_error(record: bytes) -> None:
    with pytest.raises(
        JournalError, match=r"^day/journal\.log has a record that is not known here"
    ):
        unpacked(record, Path("day/journal.log"))
