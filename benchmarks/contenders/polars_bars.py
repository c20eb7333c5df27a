"""Bars by polars: group_by symbol and second, on one thread, of columns that are in memory."""

from __future__ import annotations

import os
from collections.abc import Callable

os.environ["POLARS_MAX_THREADS"] = "1"  # CPU time is what counts, and the others have one, too

import polars as pl

from benchmarks.contenders.stage import BAR_PARTS, Columns, Contender, perform

INTERVAL = 1_000_000_000


def bars(columns: Columns) -> Callable[[], Columns]:
    table = pl.DataFrame({name: columns[name] for name in ("symbol", "ts_event", "price", "size")})
    price, size = pl.col("price"), pl.col("size")

    def run() -> Columns:
        told = table.group_by("symbol", (pl.col("ts_event") // INTERVAL + 1).alias("end")).agg(
            open=price.first(),
            high=price.max(),
            low=price.min(),
            close=price.last(),
            volume=size.sum(),
            vwap=(price * size).sum() / size.sum(),
        )
        return {part: told[part].to_numpy() for part in BAR_PARTS}

    return run


WORK: dict[str, Contender] = {"bars": bars}

if __name__ == "__main__":
    perform(WORK)
