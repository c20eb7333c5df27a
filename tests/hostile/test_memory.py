"""Consumers that have stopped reading: what waits for them is bounded, and what gave way is counted to the last event."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.figures import record

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1 << 20

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is asked of Linux"
)


@pytest.mark.parametrize(
    "events",
    [
        40_000,
        pytest.param(300_000, marks=pytest.mark.deep),
        pytest.param(5_000_000, marks=pytest.mark.soak),
    ],
)
def test_stalled_consumers_cost_a_bounded_memory_and_every_event_is_accounted_for(
    events: int,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.stalled", str(events)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert told["bytes"] <= 64 * MEBIBYTE
    assert len(told["counts"]) == 5
    for name, (got, received, delivered, dropped, conflated, pending, peak) in told[
        "counts"
    ].items():
        assert received == events, name
        assert got == delivered, name
        assert pending == 0, name
        assert received == got + dropped + conflated, name
        assert peak <= 1000, name
    assert told["counts"]["CONFLATE"][0] == 100  # the newest of each symbol
    record(
        "memory",
        f"{told['bytes'] / MEBIBYTE:.1f} MiB more; in = delivered + dropped + conflated, exactly",
        f"{events:,} events, 5 stalled consumers",
    )
