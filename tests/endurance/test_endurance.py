"""A feed over real sockets for a long time, and over very many connections: nothing grows, nothing is lost in silence."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.endurance.listener import slope
from tests.endurance.station import FRAMES_A_SECOND, MISSED
from tests.figures import record
from tests.sizes import size

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000
RATE = 5_000
LONG_SECONDS = 1_200
"""A shorter run says nothing of what memory does in an hour."""

linux = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="Linux is asked for memory"
)


@contextmanager
def a_station(rate: int, frames: int) -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.endurance.station", f"--rate={rate}", f"--frames={frames}"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as station:
        assert station.stdout is not None
        yield int(station.stdout.readline())


def listened(rate: int, frames: int, *options: str) -> dict[str, Any]:
    """What a listener in a process of its own tells; all that can be wrong in a short run is looked at."""
    with a_station(rate, frames) as port:
        done = subprocess.run(
            [sys.executable, "-m", "tests.endurance.listener", str(port), *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["silent"] == told["disorder"] == told["tasks_left"] == 0, told
    assert told["lost"] in (MISSED * (told["connects"] - 1), MISSED * (told["connects"] - 2)), told
    for kind in ("descriptors", "threads", "tasks"):
        before, later = told[kind]
        assert later <= before + 2, (kind, told)  # one connection may go while the next one comes
    return told


@linux
@pytest.mark.deep
def test_a_few_seconds_of_many_reconnects_leave_nothing_behind() -> None:
    told = listened(RATE, FRAMES_A_SECOND, "--seconds=5")
    assert told["connects"] >= 2
    assert told["growth"] < 2 * MEGABYTE


@linux
@pytest.mark.soak
def test_half_an_hour_of_reconnects_leaves_nothing_behind() -> None:
    seconds = size("SECONDS")
    told = listened(RATE, 10 * FRAMES_A_SECOND, f"--seconds={seconds}")
    long = seconds >= LONG_SECONDS
    grown = told["growth_an_hour" if long else "growth"] / MEGABYTE
    assert grown < (1 if long else 2), told
    assert told["connects"] >= seconds // 20  # a busy machine is late with everything
    assert told["events"] >= 0.5 * RATE * seconds
    before, later = told["descriptors"]
    record(
        "soak, a reconnect every 10 s",
        f"{grown:+.2f} MB{'/h' if long else ''} after warm-up; {later} file descriptors at most, {before} before; "
        f"all {told['lost']:,} losses told",
        f"{seconds / 60:g} min, {told['events'] / told['seconds']:,.0f} events/s, "
        f"{told['connects']:,} connections",
    )


@linux
@pytest.mark.parametrize(
    "connections",
    [
        pytest.param(60, marks=pytest.mark.deep, id="60"),
        pytest.param(None, marks=pytest.mark.soak, id="10000"),
    ],
)
def test_very_many_connections_leave_nothing_behind(connections: int | None) -> None:
    count = connections or size("CONNECTIONS")
    told = listened(50, 1, f"--connections={count}", "--symbols=3")
    assert told["growth"] < MEGABYTE
    record(
        "soak, connect cycles",
        f"{told['growth'] / MEGABYTE:+.2f} MB after warm-up; file descriptors flat; "
        f"all {told['lost']:,} losses told",
        f"{told['connects']:,} connections in {told['seconds']:.0f} s",
    )


def test_a_slope_is_that_of_the_line_through_the_samples() -> None:
    assert slope([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) == pytest.approx(2.0)
    assert slope([(5.0, 1.0)]) == 0.0
