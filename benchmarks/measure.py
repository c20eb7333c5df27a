"""CPU time of contenders, interleaved in one process, and the table of it.

Absolute figures change with the machine and with whatever else runs on it; ratios travel. So every contender's rounds are
spread over the same stretch of time, and the best of them counts.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

__all__ = ["Row", "compare", "plain_call_ns", "show"]

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One contender's best time, in nanoseconds an event."""

    name: str
    ns: float
    note: str = ""


def compare(contenders: Mapping[str, Callable[[], object]], events: int) -> list[Row]:
    """The best CPU time of each contender, in nanoseconds for each of the *events* that a call handles."""
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(ROUNDS):
        for name, run in contenders.items():
            gc.collect()
            began = time.process_time_ns()
            run()
            best[name] = min(best[name], (time.process_time_ns() - began) / events)
    return [Row(name, ns) for name, ns in best.items()]


def plain_call_ns() -> float:
    """What calling an empty Python function from a loop costs here: the yardstick for the absolute figures."""

    def nothing(_: int) -> None:
        return None

    def loop() -> None:
        for i in range(100_000):
            nothing(i)

    return compare({"call": loop}, 100_000)[0].ns


def show(title: str, rows: list[Row], base: str) -> None:
    """Print the rows; ratios are to the row named *base*."""
    unit = next(row.ns for row in rows if row.name == base)
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    table.add_column("ns an event", justify="right")
    table.add_column("ratio", justify="right")
    for row in rows:
        table.add_row(f"{row.name} {row.note}".strip(), _figure(row.ns), f"{row.ns / unit:.2f}")
    Console().print(table)


def _figure(ns: float) -> str:
    return f"{ns:,.0f}" if ns >= 100 else f"{ns:.1f}"
