"""The same as a streamz pipeline: its own filter, map and accumulate, with a state for each symbol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from streamz import Stream

from benchmarks.contenders.by_hand import Newest, OpenBar, Window
from benchmarks.contenders.stage import Columns, Contender, bar_table, perform, rows_of


def told_by(pipe: Callable[[Any], Any], rows: list[tuple[Any, ...]]) -> list[Any]:
    source = Stream()
    found: list[Any] = []
    pipe(source).sink(found.append)
    for row in rows:
        source.emit(row)
    return found


def zscore(columns: Columns) -> Callable[[], Columns]:
    rows = rows_of(columns, "seq", "symbol", "price")

    def run() -> Columns:
        windows: defaultdict[int, Window] = defaultdict(Window)
        kept = told_by(lambda s: s.filter(lambda row: windows[row[1]].keeps(row[2])), rows)
        return {"seq": np.array([row[0] for row in kept])}

    return run


def bars(columns: Columns) -> Callable[[], Columns]:
    rows = rows_of(columns, "symbol", "ts_event", "price", "size")

    def run() -> Columns:
        open_bars = {symbol: OpenBar(symbol) for symbol in {row[0] for row in rows}}
        told = told_by(
            lambda s: s.map(lambda row: open_bars[row[0]].step(*row[1:])).filter(
                lambda bar: bar is not None
            ),
            rows,
        )
        return bar_table(told)

    return run


def consensus(columns: Columns) -> Callable[[], Columns]:
    rows = rows_of(columns, "symbol", "provider", "bid", "ask")

    def run() -> Columns:
        newest: defaultdict[int, Newest] = defaultdict(Newest)
        prices = told_by(
            lambda s: s.map(lambda row: newest[row[0]].price(row[1], (row[2] + row[3]) / 2)), rows
        )
        return {"price": np.array(prices)}

    return run


WORK: dict[str, Contender] = {"zscore": zscore, "bars": bars, "consensus": consensus}

if __name__ == "__main__":
    perform(WORK)
