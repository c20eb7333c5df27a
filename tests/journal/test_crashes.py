"""Recorders that are killed: nothing acknowledged is lost, and what can be read is exact."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ordinis_rx.journal import replay
from ordinis_rx.journal.log import LogReader
from ordinis_rx.testing import difference
from tests.journal.crashing import the_fact, the_record

pytest.importorskip("pyarrow")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

ROOT = Path(__file__).resolve().parents[2]


def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.journal.crashing", str(tmp_path), "20"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    acknowledged = [int(line) for line in done.stdout.split()]
    assert len(acknowledged) == 20
    for n, count in enumerate(acknowledged):
        if n % 2 == 0:
            records = list(LogReader(tmp_path / f"{n}.wire"))
            assert len(records) >= count
            assert records == [the_record(at) for at in range(len(records))]
        else:
            facts: list[Any] = []
            replay(tmp_path / f"{n}").subscribe(facts.append)
            assert len(facts) >= count
            assert difference(facts, [the_fact(at) for at in range(len(facts))]) == ""
    assert sum(acknowledged[1::2]) > 0
