from __future__ import annotations

import json
from pathlib import Path

import pytest

from ordinis_rx.cli import main
from ordinis_rx.journal import record
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_gap, a_trade
from ordinis_rx.timebase import SECOND

pytest.importorskip("pyarrow")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    story = [a_trade(1, at=0, symbol="AAPL"), a_gap(0, SECOND), a_trade(2, at=-(2**63))]
    record(from_events(story), tmp_path / "rec")
    return tmp_path / "rec"


def test_tables_tell_kinds_symbols_and_gaps(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(folder)]) == 0
    out = capsys.readouterr().out
    for word in ("trade", "2 symbols", "AAPL", "1 gap", "disconnected", "1970-01-01 00:00:00"):
        assert word in out


def test_json_tells_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["count"], found["gaps_in_all"]) == (3, 1)


def test_damage_is_told_and_ends_in_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = folder / "journal.log"
    log.write_bytes(log.read_bytes() + b"half")
    assert main(["inspect", str(folder)]) == 1
    assert "damaged: 4 bytes lost" in capsys.readouterr().out
    assert main(["inspect", str(folder / "missing")]) == 1
    assert "cannot be read: No such file" in capsys.readouterr().err
