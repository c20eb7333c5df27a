"""Replay by column: what an event costs against how many come in one frame, and how much memory a long one takes."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from reactivex import Observable
from rich.console import Console

from benchmarks.measure import Row, compare, show
from ordinis_rx import operators as oo
from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.endings import on_trampoline
from ordinis_rx.frames import TradeFrame
from ordinis_rx.multicast import share
from ordinis_rx.stream import Stream, flow_of, from_items
from ordinis_rx.timebase import MICRO, SECOND

SYMBOLS = 50
CHUNK = 10_000
"""Events that are made at once, at most; the number of events is a multiple of it."""
LONG = 10_000_000
SIZES = {(1, 25): 50_000, (1_000, 10_000): 2_000_000}
"""Rows in a frame, and how many events are replayed in such frames."""
STEP = 100 * MICRO
"""Between two events: ten thousand a second."""

Branches = Callable[[Observable[Any]], list[Observable[Any]]]


class Part(Block):
    """Some rows of a larger block."""

    def __init__(self, whole: Block, start: int, rows: int) -> None:
        self.capacity = rows
        self.columns = [column[start : start + rows] for column in whole.columns]
        self.views = [view[start : start + rows] for view in whole.views]
        self.addresses = [address + 8 * start for address in whole.addresses]


def synthetic(events: int, rows: int) -> Stream[Any]:
    """Trades of 50 symbols, in frames of *rows* rows that lie in one block, which is filled again and again."""

    def make(names: Names) -> Iterator[Item]:
        # A hundred frames at once where they are small: more would not stay in the cache.
        chunk = min(CHUNK, 100 * rows)
        frame, block = TradeFrame(names), Block(TradeFrame.schema.kinds, chunk)
        column = {name: block.columns[j] for name, j in frame.schema.index.items()}
        for n in range(SYMBOLS):
            _ = names.symbols[f"S{n}"]
        _ = names.providers["synthetic"]
        at = np.arange(chunk)
        column["symbol"][:] = at % SYMBOLS
        column["size"].fill(1.0)
        column["flags"].fill(7)
        column["price"][:] = 100.0 + np.sin(at)
        parts = [Part(block, start, min(rows, chunk - start)) for start in range(0, chunk, rows)]
        for first in range(1, events + 1, chunk):
            np.add(at, first, out=column["seq"])
            np.multiply(column["seq"], STEP, out=column["ts_event"])
            for part in parts:
                frame.hold_columns(part, part.capacity)
                yield frame

    return from_items(make)


class Counter:
    """The end of a flow: counts rows."""

    def __init__(self) -> None:
        self.rows = 0
        self.ended = False

    def on_item(self, item: Item) -> None:
        self.rows += item.n

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        self.ended = True

    def exits(self, found: set[int]) -> None:
        """Rows are counted as columns: no end in plain Rx."""


def source_alone(source: Observable[Any]) -> list[Observable[Any]]:
    return [source]


def zscore(source: Observable[Any]) -> list[Observable[Any]]:
    return [source.pipe(oo.rolling_zscore(50))]


def bars(source: Observable[Any]) -> list[Observable[Any]]:
    return [source.pipe(oo.time_bars(SECOND))]


def zscore_and_bars(source: Observable[Any]) -> list[Observable[Any]]:
    """Both, of one source that is shared."""
    shared = source.pipe(share())
    return [shared.pipe(oo.rolling_zscore(50)), shared.pipe(oo.time_bars(SECOND))]


WORK: dict[str, Branches] = {
    "the source alone": source_alone,
    "rolling z-score, window 50": zscore,
    "1 s bars": bars,
    "shared: z-score and bars": zscore_and_bars,
}


def replayed(branches: Branches, events: int, rows: int) -> list[int]:
    """How many rows came out of each branch of a replay of that many events."""
    counters: list[Counter] = []

    def connect() -> None:
        for branch in branches(synthetic(events, rows)):
            counters.append(Counter())
            flow_of(branch, counters[-1])

    on_trampoline(connect)
    assert all(counter.ended for counter in counters)
    return [counter.rows for counter in counters]


def peak_memory() -> float:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def by_size() -> None:
    for title, branches in WORK.items():
        rows: list[Row] = []
        for sizes, events in SIZES.items():
            # As many events as make the cost of subscribing, some ms, one that does not count.
            replays = {f"{n:,} rows": partial(replayed, branches, events, n) for n in sizes}
            rows += compare(replays, events)
        show(f"Replay by column, {title}", rows, base=rows[-1].name)


def long() -> None:
    before = peak_memory()
    began = time.process_time_ns()
    scores, told = replayed(zscore_and_bars, LONG, 10_000)
    ns = (time.process_time_ns() - began) / LONG
    Console().print(
        f"{LONG:,} events through z-score and bars, to {scores:,} readings and {told:,} bars: {ns:.1f} ns an event;"
        f" peak memory {peak_memory():.0f} MiB, {before:.0f} before"
    )


def main() -> None:
    """Time it, and print the tables."""
    by_size()
    long()
