"""Kernels in a pipeline: whole recordings, a vendor's message of 25 rows, one live fact; compiled and as Python."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from reactivex import Observable

from benchmarks.market import EVENTS, in_frames, quotes, trades
from benchmarks.measure import ROUNDS, Row, compare, show
from ordinis_rx import journal
from ordinis_rx import operators as oo
from ordinis_rx.batches import Item
from ordinis_rx.consensus import consensus
from ordinis_rx.endings import on_trampoline
from ordinis_rx.events import Quote, Trade
from ordinis_rx.frames import QuoteFrame, TradeFrame
from ordinis_rx.kernels.compiled import uncompiled
from ordinis_rx.multicast import Hot, share
from ordinis_rx.stream import flow_of, from_items
from ordinis_rx.timebase import SECOND

LIVE = 10_000
"""Facts that are pushed one by one."""
AS_PYTHON = 10_000

Pipe = Callable[[Observable[Any]], list[Observable[Any]]]


class Counter:
    """The end of a flow: counts rows, as frames or as facts."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, _: object) -> None:
        self.rows += 1

    def on_item(self, item: Item) -> None:
        self.rows += item.n

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        """The rows say how far it went."""

    def exits(self, found: set[int]) -> None:
        """Rows are counted as columns: no end in plain Rx."""


def one(operator: Callable[[Observable[Any]], Observable[Any]]) -> Pipe:
    return lambda source: [source.pipe(operator)]


def chain(source: Observable[Any]) -> list[Observable[Any]]:
    """Filtered, shared, and made into bars and a consensus."""
    shared = source.pipe(oo.zscore_filter(50, of="mid"), share())
    return [shared.pipe(oo.time_bars(SECOND, of="mid")), shared.pipe(consensus())]


OF_TRADES: dict[str, Pipe] = {
    "z-score filter, window 50": one(oo.zscore_filter(50)),
    "1 s bars": one(oo.time_bars(SECOND)),
    "reorder, 1 s late at most": one(oo.reorder(SECOND)),
}
OF_QUOTES: dict[str, Pipe] = {
    "consensus of 5 providers": one(consensus()),
    "z-score -> share -> (bars, consensus)": chain,
}
STATEFUL: dict[str, tuple[type[Any], Any]] = {
    "zscore_filter(50)": (Trade, lambda: oo.zscore_filter(50)),
    "rolling_zscore(50)": (Trade, lambda: oo.rolling_zscore(50)),
    "ema(span=20)": (Trade, lambda: oo.ema(span=20)),
    "vwap()": (Trade, lambda: oo.vwap()),
    "time_bars(1 s)": (Trade, lambda: oo.time_bars(SECOND)),
    "hampel_filter(25)": (Trade, lambda: oo.hampel_filter(25)),
    "consensus()": (Quote, lambda: consensus()),
}
FRAME: dict[type[Any], tuple[type[Any], Callable[[int], Any]]] = {
    Trade: (TradeFrame, trades),
    Quote: (QuoteFrame, quotes),
}


def drain(pipe: Pipe, source: Observable[Any]) -> None:
    """Run *source* through *pipe*, to its end."""
    counters: list[Counter] = []

    def connect() -> None:
        for branch in pipe(source):
            counters.append(Counter())
            flow_of(branch, counters[-1])

    on_trampoline(connect)
    assert all(counter.rows for counter in counters)


def drain_as_python(pipe: Pipe, source: Observable[Any]) -> None:
    with uncompiled():
        drain(pipe, source)


def recorded(folder: Path) -> dict[str, Observable[Any]]:
    """The quotes in memory, and recordings of them."""
    source = from_items(in_frames(QuoteFrame, quotes()))
    sources: dict[str, Observable[Any]] = {"": source}
    for form in ("arrow", "parquet"):
        with journal.record(source, folder / form, format=form) as recorder:  # type: ignore[arg-type]
            pass
        assert recorder.written == EVENTS
        sources[f", from {'Arrow IPC' if form == 'arrow' else 'Parquet zstd'}"] = journal.replay(
            folder / form, progress=False
        )
    return sources


def in_large_frames() -> None:
    told = from_items(in_frames(TradeFrame, trades()))
    work = {name: partial(drain, pipe, told) for name, pipe in OF_TRADES.items()}
    with tempfile.TemporaryDirectory() as folder:
        for where, source in recorded(Path(folder)).items():
            for name, pipe in OF_QUOTES.items():
                if not where or pipe is chain:
                    work[name + where] = partial(drain, pipe, source)
        rows = compare(work, EVENTS)
    show("A million events of 50 symbols, frames of 10,000 rows", rows, base=rows[0].name)


def as_python() -> None:
    told = from_items(in_frames(TradeFrame, trades(AS_PYTHON)))
    quoted = from_items(in_frames(QuoteFrame, quotes(AS_PYTHON)))
    work = {
        name: partial(drain_as_python, pipe, source)
        for source, pipes in ((told, OF_TRADES), (quoted, OF_QUOTES))
        for name, pipe in pipes.items()
    }
    rows = compare(work, AS_PYTHON)
    show("The same kernels as Python, without numba", rows, base=rows[0].name)


def facts_of(kind: type[Any]) -> list[Any]:
    frame, columns = FRAME[kind]
    found: list[Any] = []
    from_items(in_frames(frame, columns(LIVE * ROUNDS))).subscribe(found.append)
    return found


def pushed(facts: list[Any], operator: Any, rows: int, *, frames: bool) -> Callable[[], None]:
    """Push the next facts into a hub, *rows* at a time, through the operator (None: through nothing) to a counter."""
    source = Hot()
    stream = source.stream if operator is None else source.stream.pipe(operator())
    counter = Counter()
    flow_of(stream, counter) if frames else stream.subscribe(counter)
    waves = iter([facts[first : first + LIVE] for first in range(0, len(facts), LIVE)])

    def run() -> None:
        before = counter.rows
        wave = next(waves)
        for first in range(0, LIVE, rows):
            source.push(wave[first : first + rows])
        assert counter.rows > before

    return run


def live(rows: int, title: str, *, frames: bool) -> None:
    """A table of what each operator adds to what the hub takes."""
    told = {kind: facts_of(kind) for kind in FRAME}
    work = {"the hub alone": pushed(told[Trade], None, rows, frames=frames)}
    for name, (kind, operator) in STATEFUL.items():
        work[name] = pushed(told[kind], operator, rows, frames=frames)
    hub, *found = compare(work, LIVE)
    added = [Row(row.name, row.ns - hub.ns) for row in found]
    show(title, [hub, *added], base=hub.name)


def by_message() -> None:
    """Frames of 25 rows: what each operator adds to what the source takes; it is subscribed to anew in each round.

    A message that has just come lies in the cache. So the rows of each are copied into one block, as a decoder uses its own
    again; the source bears that.
    """
    events = 100_000
    alone = from_items(in_frames(TradeFrame, trades(events), 25, into_one=True))
    work: dict[str, Callable[[], None]] = {
        "the source alone": partial(drain, lambda source: [source], alone)
    }
    for name, (kind, operator) in STATEFUL.items():
        frame, columns = FRAME[kind]
        source = from_items(in_frames(frame, columns(events), 25, into_one=True))
        work[name] = partial(drain, one(operator()), source)
    source, *found = compare(work, events)
    added = [Row(row.name, row.ns - source.ns) for row in found]
    title = "Messages of 25 rows by column, what each operator adds"
    show(title, [source, *added], base=source.name)


def main() -> None:
    """The tables of this page."""
    in_large_frames()
    as_python()
    by_message()
    live(25, "Messages of 25 facts, what each operator adds", frames=True)
    live(3, "Messages of 3 facts, facts out, what each operator adds", frames=False)
    live(1, "One fact at a time, to frames, what each operator adds", frames=True)
    live(1, "One fact in, facts out, what each operator adds", frames=False)
    with uncompiled():
        live(1, "One fact in, facts out, as Python, what each operator adds", frames=False)
