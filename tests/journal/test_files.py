"""Files of a recording: nothing reaches Arrow that is not what was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ordinis_rx.events import Trade
from ordinis_rx.frames import TradeFrame
from ordinis_rx.journal.files import Damaged, Files
from ordinis_rx.journal.manifest import Part, Sealed
from ordinis_rx.journal.segments import Segment, seal
from ordinis_rx.journal.tables import table_of
from ordinis_rx.testing import a_trade

pytest.importorskip("pyarrow")

FILE = "trade/1970-01-01/0000.arrows"


def written(folder: Path) -> list[Part]:
    segment = Segment(folder, FILE, table_of(Trade), 0)
    parts = []
    for at in (0, 1):
        frame = TradeFrame.from_events([a_trade(at, seq=1 + at)])
        parts.append(segment.write(table_of(Trade).batch(frame, np.array([at]))))
    return [*parts, segment.finish()]


def prices(batches: list[Any]) -> list[float]:
    return [price for batch in batches for price in batch.column("price").to_pylist()]


def test_parts_are_taken_in_order(tmp_path: Path) -> None:
    parts = written(tmp_path)
    files = Files(tmp_path, dict)
    assert [prices(files.take(part)) for part in parts] == [[0.0], [1.0], []]
    files.close()


@pytest.mark.parametrize("sealed", [False, True])
def test_a_part_after_those_that_were_skipped_is_checked_and_read_as_ever(
    tmp_path: Path, sealed: bool
) -> None:
    first, last, end = written(tmp_path)
    seals = {FILE: seal(tmp_path, FILE)} if sealed else {}
    files = Files(tmp_path, lambda: seals)
    files.skip(first)
    assert prices(files.take(last)) == [1.0]
    files.skip(end)
    assert files._open == files._skipped == {}


def test_a_file_of_which_all_is_skipped_is_never_opened(tmp_path: Path) -> None:
    parts = written(tmp_path)
    (tmp_path / FILE).unlink()
    files = Files(tmp_path, dict)
    for part in parts:
        files.skip(part)
    assert files._open == files._skipped == {}
    files.skip(parts[0])
    with pytest.raises(Damaged, match="cannot be read"):
        files.take(parts[1])
    files.close()


def test_a_flipped_bit_at_every_byte_of_the_tail_is_found_before_arrow_sees_it(
    tmp_path: Path,
) -> None:
    first, last, _ = written(tmp_path)
    path = tmp_path / FILE
    whole = path.read_bytes()
    for at in range(first.end, last.end):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        files = Files(tmp_path, dict)
        assert prices(files.take(first)) == [0.0]
        with pytest.raises(Damaged, match=r"0000\.arrows does not match its checksum"):
            files.take(last)
        files.close()


def test_a_cut_at_every_byte_of_the_tail_is_found(tmp_path: Path) -> None:
    first, last, _ = written(tmp_path)
    path = tmp_path / FILE
    whole = path.read_bytes()
    for size in range(first.end, last.end):
        path.write_bytes(whole[:size])
        files = Files(tmp_path, dict)
        assert prices(files.take(first)) == [0.0]
        with pytest.raises(Damaged, match=r"0000\.arrows ends early"):
            files.take(last)
        files.close()
    path.write_bytes(b"")
    with pytest.raises(Damaged, match="cannot be read"):
        Files(tmp_path, dict).take(first)


def test_a_sealed_file_is_read_by_the_same_parts(tmp_path: Path) -> None:
    parts = written(tmp_path)
    sealed = {FILE: seal(tmp_path, FILE)}
    files = Files(tmp_path, lambda: sealed)
    assert [prices(files.take(part)) for part in parts[:2]] == [[0.0], [1.0]]
    with pytest.raises(Damaged, match="has become a file with fewer rows"):
        files.take(parts[1])
    files.close()
    target = tmp_path / sealed[FILE].into
    target.write_bytes(target.read_bytes()[:-1])
    with pytest.raises(Damaged, match=r"0000\.parquet does not match its checksum"):
        Files(tmp_path, lambda: sealed).take(parts[0])
    target.unlink()
    with pytest.raises(Damaged, match="No such file"):
        Files(tmp_path, lambda: sealed).take(parts[0])


def test_a_file_that_is_sealed_before_it_is_opened_is_read_from_where_it_stands_now(
    tmp_path: Path,
) -> None:
    parts = written(tmp_path)
    sealed: dict[str, Sealed] = {}
    files = Files(tmp_path, sealed.copy)

    sealed[FILE] = seal(tmp_path, FILE)
    (tmp_path / FILE).unlink()

    assert [prices(files.take(part)) for part in parts] == [[0.0], [1.0], []]
    files.close()
