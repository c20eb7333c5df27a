"""csp by its own operators: demultiplex by symbol, `csp.stats` for each.

csp's window has the present number in it, so that it is asked for one tick earlier. Bars are asked for by a timer; an
interval that ends at a moment has that moment in it, where ours has not: no event here is at one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import csp
import numpy as np
from csp import stats

from benchmarks.contenders.stage import Columns, Contender, bar_table, perform

WINDOW, THRESHOLD = 50, 5.0
SECOND = timedelta(seconds=1)


def bounds(columns: Columns) -> tuple[datetime, datetime]:
    """The full seconds around the data."""
    at = columns["ts_event"]
    first, last = int(at[0]) // 10**9, int(at[-1]) // 10**9 + 1
    epoch = datetime(1970, 1, 1)
    return epoch + timedelta(seconds=first), epoch + timedelta(seconds=last)


def by_symbol(columns: Columns, name: str) -> Any:
    at = columns["ts_event"].astype("datetime64[ns]")
    keys = list(range(50))
    symbol = csp.curve(int, (at, columns["symbol"]))
    return csp.demultiplex(csp.curve(float, (at, columns[name])), symbol, keys)


def zscore(columns: Columns) -> Callable[[], Columns]:
    seq_at = columns["ts_event"]

    @csp.graph
    def graph() -> None:
        for symbol, price in by_symbol(columns, "price").items():
            mean = csp.delay(stats.mean(price, WINDOW), 1)
            deviation = csp.delay(stats.stddev(price, WINDOW), 1)
            within = csp.abs(price - mean) <= THRESHOLD * deviation
            csp.add_graph_output(str(symbol), csp.filter(within, price))

    def run() -> Columns:
        begin, end = bounds(columns)
        told = csp.run(graph, starttime=begin, endtime=end, output_numpy=True)
        at = np.sort(np.concatenate([times for times, _ in told.values()]).astype(np.int64))
        return {"seq": columns["seq"][np.searchsorted(seq_at, at)]}

    return run


def bars(columns: Columns) -> Callable[[], Columns]:
    worth = {**columns, "worth": columns["price"] * columns["size"]}

    @csp.graph
    def graph() -> None:
        tick = csp.timer(SECOND)
        prices = by_symbol(worth, "price")
        sizes = by_symbol(worth, "size")
        worths = by_symbol(worth, "worth")
        for symbol, price in prices.items():
            window = {"interval": SECOND, "trigger": tick}
            volume = stats.sum(sizes[symbol], **window)
            told = {
                "open": stats.first(price, **window),
                "high": stats.max(price, **window),
                "low": stats.min(price, **window),
                "close": stats.last(price, **window),
                "volume": volume,
                "vwap": stats.sum(worths[symbol], **window) / volume,
            }
            for part, series in told.items():
                csp.add_graph_output(f"{symbol} {part}", series)

    def run() -> Columns:
        begin, end = bounds(columns)
        told = csp.run(graph, starttime=begin, endtime=end, output_numpy=True)
        rows: list[Any] = []
        for symbol in range(50):
            at = told[f"{symbol} open"][0].astype(np.int64) // 10**9
            parts = [
                told[f"{symbol} {part}"][1]
                for part in ("open", "high", "low", "close", "volume", "vwap")
            ]
            rows.append(np.column_stack([np.full(len(at), symbol), at, *parts]))
        return bar_table(np.concatenate(rows))  # type: ignore[arg-type]

    return run


WORK: dict[str, Contender] = {"zscore": zscore, "bars": bars}

if __name__ == "__main__":
    perform(WORK)
