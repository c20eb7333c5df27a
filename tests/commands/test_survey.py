from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ordinis_rx.commands.survey import survey
from ordinis_rx.errors import JournalError
from ordinis_rx.events import GapReason
from ordinis_rx.journal import record
from ordinis_rx.journal.log import LogWriter
from ordinis_rx.journal.wire import WireHeader, packed_message, packed_names
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_gap, a_heartbeat, a_trade
from ordinis_rx.timebase import SECOND

pytest.importorskip("pyarrow")


def test_facts_are_counted_by_kind_and_symbol_with_their_rates_and_gaps(tmp_path: Path) -> None:
    story = [a_trade(1, at=n * SECOND, symbol="AB"[n % 2]) for n in range(5)]
    gap = a_gap(1, 2, reason=GapReason.STALLED, filled=True, provider="p")
    record(from_events([*story, gap, a_heartbeat(at=7)]), tmp_path, wall=lambda: 42)
    found = survey(tmp_path)
    rows = {row.kind: row for row in found.kinds}
    assert (found.format, found.started, found.count, found.lost_bytes) == ("facts", 42, 7, 0)
    trade = rows["trade"]
    assert (trade.count, trade.first, trade.last, trade.rate) == (5, 0, 4 * SECOND, 1.0)
    assert rows["heartbeat"].rate == 0.0
    assert (found.symbols, found.symbols_in_all) == ({"A": 3, "B": 2}, 2)
    assert [(g.provider, g.reason, g.filled) for g in found.gaps] == [("p", "stalled", True)]
    (table,) = tmp_path.rglob("trade/*/*.parquet")
    assert survey(table).kinds == (trade,)


def test_messages_are_counted_by_direction(tmp_path: Path) -> None:
    path = tmp_path / "x.wire"
    header = WireHeader(provider="sim", started=3)
    with LogWriter(path, msgspec.msgpack.encode(header)) as log:
        log.append(packed_names({"a": "b"}))
        log.append(packed_message("out", 1, 1, b"hello"))
        log.append(packed_message("in", 2, 1, b"world"))
        log.append(packed_message("in", SECOND + 2, 1, b"world"))
    path.write_bytes(path.read_bytes() + b"xyz")
    found = survey(path)
    assert (found.format, found.provider, found.started, found.count) == ("wire", "sim", 3, 3)
    rows = {row.kind: (row.count, row.rate) for row in found.kinds}
    assert rows == {"messages in": (2, 1.0), "messages out": (1, 0.0)}
    assert (found.lost_bytes, found.bytes) == (3, path.stat().st_size)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"has no journal\.log"):
        survey(tmp_path)
    (tmp_path / "x").write_text("something else")
    with pytest.raises(JournalError, match="is no recording"):
        survey(tmp_path / "x")
