"""csp, event by event, into one node written in Python: what is computed by hand, as a node of a graph.

The rows lie ready as Python objects, and csp ticks their numbers out of an array, its quickest source.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import csp
import numpy as np
from csp import ts

from benchmarks.contenders.by_hand import STEPS
from benchmarks.contenders.stage import Columns, Contender, perform

BEGIN = np.datetime64("2024-01-01T00:00:00", "ns")


@csp.node
def stepping(number: ts[int], work: object) -> None:
    if csp.ticked(number):
        work(number)  # type: ignore[operator]


def by_node(name: str) -> Contender:
    def ready(columns: Columns) -> Callable[[], Columns]:
        make, names = STEPS[name]
        rows: list[tuple[Any, ...]] = list(
            zip(*(columns[each].tolist() for each in names), strict=True)
        )
        numbers = np.arange(len(rows))
        at = BEGIN + (numbers + 1).astype("timedelta64[us]")

        def run() -> Columns:
            step, told = make()

            def work(number: int) -> None:
                step(*rows[number])

            def graph() -> None:
                stepping(csp.curve(int, (at, numbers)), work)

            csp.run(csp.graph(graph), starttime=datetime(2024, 1, 1), endtime=timedelta(hours=1))
            return told()

        return run

    return ready


WORK: dict[str, Contender] = {f"live_{name}": by_node(name) for name in STEPS}

if __name__ == "__main__":
    perform(WORK)
