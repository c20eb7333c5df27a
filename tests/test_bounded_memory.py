"""However long a stream is, what it takes to replay it stays the same."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from benchmarks.replay import replayed, zscore_and_bars

MIB = 1 << 20

MEASURED = """
from benchmarks.replay import peak_memory, replayed, zscore_and_bars

readings, bars = replayed(zscore_and_bars, 100_000_000, 10_000)
print(readings, bars, round(peak_memory()))
"""


def test_ten_times_the_events_take_no_more_memory() -> None:
    def peak(events: int) -> int:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        readings, bars = replayed(zscore_and_bars, events, 10_000)
        _, most = tracemalloc.get_traced_memory()
        assert readings > events - 50 * 51
        assert bars >= events // 10_000 * 50
        return most - before

    replayed(zscore_and_bars, 10_000, 10_000)  # what is made once is made
    tracemalloc.start()
    try:
        short, long = peak(100_000), peak(1_000_000)
    finally:
        tracemalloc.stop()

    assert long < 16 * MIB
    assert long < short + MIB


@pytest.mark.soak
def test_a_hundred_million_events_take_less_than_a_gigabyte(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], cwd=root, capture_output=True, text=True, check=True
    )

    readings, bars, mib = map(int, done.stdout.split())
    assert readings > 100_000_000 - 50 * 51
    assert bars >= 100_000_000 // 10_000 * 50
    assert mib < 1024
