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
from tests import figures
from tests.journal.crashing import the_fact, the_record

pytest.importorskip("pyarrow")
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "kills",
    [12, pytest.param(50, marks=pytest.mark.deep), pytest.param(500, marks=pytest.mark.soak)],
)
def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, kills: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.journal.crashing", str(tmp_path), str(kills)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60 + 5 * kills,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    acknowledged = [int(line) for line in done.stdout.split()]
    assert len(acknowledged) == kills
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
    figures.record(
        "journal", "0 acknowledged facts lost, every readable prefix exact", f"{kills} kills"
    )


FULL = """
import resource, signal, sys
from ordinis_rx.errors import JournalError
from ordinis_rx.journal import record
from ordinis_rx.multicast import Hot
from tests.journal.crashing import the_fact

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[3])
hot = Hot()
recorder = record(hot.stream, sys.argv[1], rows=40, format=sys.argv[2], sync_every=None)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
told = 0
while recorder.error is None:
    hot.push([the_fact(told)])
    told += 1
assert isinstance(recorder.error, JournalError)
try:
    recorder.close()
except JournalError as error:
    print(recorder.written, told, error.reason, sep="|")
"""


@pytest.mark.parametrize(("format", "limit"), [("parquet", 3_000), ("arrow", 40_000)])
def test_a_file_that_may_not_grow_ends_the_recording_with_a_typed_error_and_an_exact_prefix(
    tmp_path: Path, format: str, limit: int
) -> None:
    folder = tmp_path / "full"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder), format, str(limit)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written, told, reason = done.stdout.strip().split("|")

    assert reason == "cannot be written: File too large"
    facts: list[Any] = []
    stream = replay(folder)
    stream.subscribe(facts.append)
    assert len(facts) == int(written) < int(told)
    assert difference(facts, [the_fact(at) for at in range(len(facts))]) == ""
