from __future__ import annotations

import io
import os
import zlib
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.errors import JournalError
from ordinis_rx.journal import parquet
from ordinis_rx.journal.parquet import ParquetFile

pa = pytest.importorskip("pyarrow")

SCHEMA = pa.schema([("a", pa.int64()), ("b", pa.float64()), ("c", pa.string())]) if pa else None


def batch(n: int) -> Any:
    return pa.RecordBatch.from_pydict(
        {"a": range(n), "b": [0.5] * n, "c": ["x"] * n}, schema=SCHEMA
    )


def test_a_whole_file_has_its_name_and_its_checksum(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    target = tmp_path / "x.parquet"
    with ParquetFile(target, SCHEMA) as file:
        file.write(batch(3))
        file.write(batch(250_000))
        assert not target.exists()
        file.write(batch(2))
    data = target.read_bytes()
    assert (file.size, file.checksum) == (len(data), zlib.crc32(data))
    assert pq.read_table(target).num_rows == 250_005
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("rows", [3, 250_000])
def test_after_an_error_there_is_no_file(tmp_path: Path, rows: int) -> None:
    with pytest.raises(RuntimeError), ParquetFile(tmp_path / "x.parquet", SCHEMA) as file:  # noqa: PT012
        file.write(batch(rows))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_typed_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with (
        pytest.raises(JournalError, match=r"x\.parquet cannot be written: No space left"),
        ParquetFile(tmp_path / "x.parquet", SCHEMA) as file,
    ):
        file.write(batch(3))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(JournalError, match="cannot be written"):
        ParquetFile(tmp_path / "missing" / "x.parquet", SCHEMA)


def test_a_disk_that_fills_up_in_the_midst_is_a_typed_error_too(tmp_path: Path) -> None:
    class Full:
        def write_table(self, table: Any) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None: ...

    with (  # noqa: PT012
        pytest.raises(JournalError, match=r"x\.parquet cannot be written: No space left"),
        ParquetFile(tmp_path / "x.parquet", SCHEMA) as file,
    ):
        file._writer = Full()
        file.write(batch(250_000))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_to_the_last_byte_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, data: Any, /) -> int:
            raise OSError(28, "No space left on device")

    def opened(path: Path, mode: str) -> Any:
        return io.BufferedWriter(Full(path, mode))

    monkeypatch.setattr(parquet, "open", opened, raising=False)
    with (
        pytest.raises(JournalError, match=r"x\.parquet cannot be written: No space left"),
        ParquetFile(tmp_path / "x.parquet", SCHEMA) as file,
    ):
        file.write(batch(3))
    assert list(tmp_path.iterdir()) == []


def test_a_file_whose_last_group_is_full_has_no_empty_one(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    with ParquetFile(tmp_path / "x.parquet", SCHEMA) as file:
        file.write(batch(250_000))
    assert pq.ParquetFile(tmp_path / "x.parquet").num_row_groups == 1


def test_prices_that_come_again_stand_in_a_dictionary_and_computed_numbers_do_not(
    tmp_path: Path,
) -> None:
    import pyarrow.parquet as pq

    schema = pa.schema([("tick", pa.float64()), ("mean", pa.float64())])
    columns = {"tick": [k % 7 / 4 for k in range(1000)], "mean": [k / 7 for k in range(1000)]}
    with ParquetFile(tmp_path / "x.parquet", schema) as file:
        file.write(pa.RecordBatch.from_pydict(columns, schema=schema))

    group = pq.ParquetFile(tmp_path / "x.parquet").metadata.row_group(0)
    assert "RLE_DICTIONARY" in group.column(0).encodings
    assert "RLE_DICTIONARY" not in group.column(1).encodings
    assert pq.read_table(tmp_path / "x.parquet").to_pydict() == columns


def test_a_file_of_no_rows_is_a_whole_file(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    with ParquetFile(tmp_path / "x.parquet", SCHEMA):
        pass
    assert pq.read_table(tmp_path / "x.parquet").num_rows == 0
