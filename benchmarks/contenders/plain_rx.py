"""The same as a composition of RxPY's own operators: group_by a symbol, scan, filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from benchmarks.contenders.by_hand import Newest, OpenBar, Window
from benchmarks.contenders.stage import Columns, Contender, bar_table, perform, rows_of


def heard(rows: list[tuple[Any, ...]], of_symbol: Callable[[Any], Observable[Any]]) -> list[Any]:
    """What comes of rows, the second part of which is a symbol, when each symbol's go their own way."""
    found: list[Any] = []
    rx.from_iterable(rows).pipe(
        ops.group_by(lambda row: row[1]), ops.flat_map(of_symbol)
    ).subscribe(found.append)
    return found


def zscore(columns: Columns) -> Callable[[], Columns]:
    rows = rows_of(columns, "seq", "symbol", "price")

    def of_symbol(group: Any) -> Observable[Any]:
        window = Window()
        return group.pipe(ops.filter(lambda row: window.keeps(row[2])))

    return lambda: {"seq": np.array([row[0] for row in heard(rows, of_symbol)])}


def bars(columns: Columns) -> Callable[[], Columns]:
    rows = rows_of(columns, "ts_event", "symbol", "price", "size")

    def of_symbol(group: Any) -> Observable[Any]:
        bar = OpenBar(group.key)
        return group.pipe(
            ops.map(lambda row: bar.step(row[0], row[2], row[3])),
            ops.filter(lambda told: told is not None),
        )

    return lambda: bar_table(heard(rows, of_symbol))


def consensus(columns: Columns) -> Callable[[], Columns]:
    rows = rows_of(columns, "provider", "symbol", "bid", "ask")

    def of_symbol(group: Any) -> Observable[Any]:
        newest = Newest()
        return group.pipe(
            ops.map(lambda row: (row[0], (row[2] + row[3]) / 2)),
            ops.map(lambda told: newest.price(*told)),
        )

    return lambda: {"price": np.array(heard(rows, of_symbol))}


WORK: dict[str, Contender] = {"zscore": zscore, "bars": bars, "consensus": consensus}

if __name__ == "__main__":
    perform(WORK)
