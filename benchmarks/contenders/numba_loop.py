"""The limit: one compiled loop over whole columns, written for one purpose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.contenders.loops import BATCH_WORK
from benchmarks.contenders.stage import Columns, Contender, bar_table, perform


def looped(name: str, columns: Columns) -> Callable[[], Columns]:
    make, names = BATCH_WORK[name]
    inputs = [columns[each] for each in names]

    def run() -> Columns:
        told = make()(*inputs)
        return bar_table(told["bars"]) if name == "bars" else told

    return run


WORK: dict[str, Contender] = {name: partial(looped, name) for name in BATCH_WORK}

if __name__ == "__main__":
    perform(WORK)
