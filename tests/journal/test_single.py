from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.codes import Names
from ordinis_rx.errors import JournalError
from ordinis_rx.events import Trade
from ordinis_rx.frames import TradeFrame
from ordinis_rx.journal import record
from ordinis_rx.journal.single import SingleFile
from ordinis_rx.journal.writer import RecordingWriter
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_quote, a_trade

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


def others(path: Path, folder: Path, name: str, change: Any) -> Path:
    """The table with one column as somebody else has written it again."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    at = table.schema.get_field_index(name)
    column = change(table.column(at))
    pq.write_table(
        table.set_column(at, pa.field(name, column.type), column), folder / "other.parquet"
    )
    return folder / "other.parquet"


@pytest.mark.parametrize(
    ("name", "kind", "complaint"),
    [
        ("ts_event", pa.timestamp("us", "UTC"), r"its 'ts_event' is timestamp\[us, tz=UTC\], not"),
        ("bid", pa.int64(), "its 'bid' is int64, not double; from_parquet reads what others have"),
        ("bid_venue", pa.binary(), "its 'bid_venue' is binary, not string"),
        ("symbol", pa.string(), "its 'symbol' is string, not dictionary"),
    ],
)
def test_a_column_of_another_type_is_named(
    quotes: Path, tmp_path: Path, name: str, kind: Any, complaint: str
) -> None:
    with pytest.raises(JournalError, match=complaint):
        SingleFile(others(quotes, tmp_path, name, lambda column: column.cast(kind)))


def test_other_widths_of_places_and_codes_are_read_as_they_are(
    quotes: Path, tmp_path: Path
) -> None:
    whole = told(quotes)
    for name, kind in (
        ("bid_venue", pa.large_string()),
        ("symbol", pa.dictionary(pa.int8(), pa.string())),
    ):
        other = others(quotes, tmp_path, name, lambda column, kind=kind: column.cast(kind))
        assert told(other) == whole


def test_a_number_that_is_missing_is_damage_that_is_named(quotes: Path, tmp_path: Path) -> None:
    other = others(quotes, tmp_path, "bid", lambda column: pa.chunked_array([[9.0, None]]))
    with pytest.raises(JournalError, match="cannot be read: its 'bid' has nulls"):
        told(other)


def test_flags_that_are_not_known_here_are_refused(tmp_path: Path) -> None:
    record(from_events([a_trade(1), a_trade(2)]), tmp_path / "whole")
    (path,) = (tmp_path / "whole").rglob("*.parquet")
    for strange in (-1, 99):
        flags = pa.chunked_array([pa.array([7, strange], pa.int16())])
        with pytest.raises(
            JournalError, match=f"has the flags {strange}, which are not known here"
        ):
            told(others(path, tmp_path, "flags", lambda column, flags=flags: flags))


@pytest.fixture
def quotes(tmp_path: Path) -> Path:
    facts = [a_quote(9.0, 10.0, symbol="A"), a_quote(4.0, 5.0, symbol="B", bid_venue="D")]
    record(from_events(facts), tmp_path / "whole")
    (path,) = (tmp_path / "whole").rglob("*.parquet")
    return path


def told(path: Path) -> list[Any]:
    return [fact for item in SingleFile(path).items(Names(), 100) for fact in item.facts]


def test_a_bit_that_has_turned_changes_no_fact_or_is_damage(quotes: Path, tmp_path: Path) -> None:
    whole, data = told(quotes), quotes.read_bytes()
    other = tmp_path / "other.parquet"
    damages: list[JournalError] = []
    for at in range(0, len(data), 7):
        turned = bytearray(data)
        turned[at] ^= 1 << at % 8
        other.write_bytes(turned)
        try:
            assert told(other) == whole
        except JournalError as error:
            damages.append(error)
    assert {error.path for error in damages} == {str(other)}


def test_a_kind_that_is_no_text_is_no_kind_of_ours(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    odd = pa.table({"a": [1]}).replace_schema_metadata({"ordinis.kind": b"\x84uote"})
    pq.write_table(odd, tmp_path / "x.parquet")
    with pytest.raises(JournalError, match="is a table of somebody else's"):
        SingleFile(tmp_path / "x.parquet")


def test_a_column_whose_name_is_damaged_is_not_taken_for_one_of_defaults(quotes: Path) -> None:
    quotes.write_bytes(quotes.read_bytes().replace(b"bid_venue", b"bid_venus"))
    with pytest.raises(JournalError, match="it has 'bid_venus', but no 'bid_venue'"):
        SingleFile(quotes)


def test_fewer_rows_than_a_table_counts_are_damage(quotes: Path) -> None:
    table = SingleFile(quotes)
    record(from_events([a_quote(9.0, 10.0)]), quotes.parent / "less")
    (less,) = (quotes.parent / "less").rglob("*.parquet")
    less.replace(quotes)
    with pytest.raises(JournalError, match=r"\.parquet cannot be read: it has 1 of 2 rows"):
        list(table.items(Names(), 100))


def test_a_table_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        SingleFile(tmp_path / "none.parquet")


def test_a_type_of_nothing_but_nulls_that_is_damaged_is_damage(quotes: Path) -> None:
    """Arrow reads such a column without trouble, but ends the process where it is asked for its figures."""
    data = bytearray(quotes.read_bytes())
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    texts = b"\x1c\x15\x0c\x19"  # how what is said of a column of texts begins
    at = data.index(texts, footer)
    while b"ask_venue" not in data[at : at + 40]:
        at = data.index(texts, at + 1)
    data[at + 2] ^= 1 << 6
    quotes.write_bytes(data)
    with pytest.raises(JournalError, match=r"\.parquet cannot be read: column \d+ is of two types"):
        told(quotes)


def test_what_one_flush_leaves_out_and_another_tells_is_as_it_was(tmp_path: Path) -> None:
    columns = {"symbol": "A", "price": 9.0, "size": 1.0}
    flushes = [
        TradeFrame.from_columns(ts_event=[1], **columns),
        TradeFrame.from_columns(ts_event=[2], trade_id=["7"], conditions=[("1", "2")], **columns),
        TradeFrame.from_columns(ts_event=[3], **columns),
    ]
    writer = RecordingWriter(tmp_path / "whole", "parquet", 100, 0)
    for flush in flushes:
        writer.write_item(flush)
    writer.finish()
    writer.close()
    (path,) = (tmp_path / "whole").rglob("*.parquet")

    assert told(path) == [fact for flush in flushes for fact in flush.to_events()]
