"""What a contender's process does: tell its results, wait until they have been checked, then be timed."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

ROUNDS = range(3, 31)
"""At least and at most, within `ENOUGH` of CPU time, so that what is quick has many chances at a quiet moment."""

ENOUGH = 2_000_000_000
BAR_PARTS = ("symbol", "end", "open", "high", "low", "close", "volume", "vwap")

Columns: TypeAlias = dict[str, NDArray[Any]]
Contender: TypeAlias = Callable[[Columns], Callable[[], Columns]]
"""Makes ready to work on columns; what it gives does the work once, and tells what came of it."""


def perform(work: Mapping[str, Contender]) -> None:
    """Run as ``python -m benchmarks.contenders.NAME WORK DATA RESULTS``."""
    name, data, results = sys.argv[1:]
    with np.load(data) as file:
        columns = dict(file)
    run = work[name](columns)
    np.savez(results, **run())
    print("done", flush=True)
    sys.stdin.readline()
    took: list[int] = []
    while len(took) < ROUNDS.start or (sum(took) < ENOUGH and len(took) < ROUNDS.stop):
        gc.collect()
        began = time.process_time_ns()
        run()
        took.append(time.process_time_ns() - began)
    print(min(took) / len(columns["seq"]), flush=True)


def bar_table(rows: list[tuple[float, ...]]) -> Columns:
    """Bars as columns."""
    parts = np.array(rows, dtype=np.float64).reshape(-1, len(BAR_PARTS)).T
    return {
        part: column.astype(np.int64) if part in ("symbol", "end") else column
        for part, column in zip(BAR_PARTS, parts, strict=True)
    }


def rows_of(columns: Columns, *names: str) -> list[tuple[Any, ...]]:
    """Some of the columns as rows."""
    return list(zip(*(columns[name].tolist() for name in names), strict=True))
