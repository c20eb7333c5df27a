"""csp at its best: batches of 10,000 rows tick into one hand-written node, which runs a compiled loop of ours over each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import csp
import numpy as np
from csp import ts

from benchmarks.contenders.loops import BATCH_WORK
from benchmarks.contenders.stage import Columns, Contender, bar_table, perform

ROWS = 10_000
BEGIN = datetime(2024, 1, 1)


@csp.node
def worked(batch: ts[object], loop: object) -> ts[object]:
    if csp.ticked(batch):
        return loop(*batch)  # type: ignore[operator]


def batched(name: str, columns: Columns) -> Callable[[], Columns]:
    make, names = BATCH_WORK[name]
    events = len(columns["seq"])
    batches = [
        tuple(columns[each][first : first + ROWS] for each in names)
        for first in range(0, events, ROWS)
    ]
    ticks = [(timedelta(milliseconds=n + 1), batch) for n, batch in enumerate(batches)]

    def run() -> Columns:
        def graph() -> None:
            csp.add_graph_output("told", worked(csp.curve(object, ticks), make()))

        told = csp.run(csp.graph(graph), starttime=BEGIN, endtime=timedelta(hours=1))["told"]
        parts: list[dict[str, Any]] = [part for _, part in told]
        whole = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        return bar_table(whole["bars"]) if name == "bars" else whole

    return run


WORK: dict[str, Contender] = {name: partial(batched, name) for name in BATCH_WORK}

if __name__ == "__main__":
    perform(WORK)
