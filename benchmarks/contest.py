"""The same work by other means: csp, polars, plain RxPY, streamz, Python by hand, a compiled loop; and ours.

Each contender has a process of its own. Its results are held against ours before it is timed: what z-score filters keep
after each symbol's first 51 numbers must be the same rows; bars the same to 1 part in 10^9, but for the last second, which
some leave open; prices within 2 basis points, as our rule weighs who is left out in its own way; scores and averages to 1
part in 10^6. Peers that are slow get fewer of the same events.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.contenders.stage import BAR_PARTS, Columns
from benchmarks.entrants import Skipped, measured
from benchmarks.market import EVENTS, SYMBOLS, quotes, trades
from benchmarks.measure import Row, show
from scripts.apart import ROOT, NotInstalled, interpreter_with

PEERS = Path(sys.prefix) / "peers"
"""The environment of those that ours could not hold."""

SLOW = 100_000
WARM = 51


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who takes part: a module of `benchmarks.contenders`, on how many events, in which environment."""

    name: str
    module: str
    events: int = EVENTS
    apart: bool = False


ENTRANTS = (
    Entrant("ordinis_rx", "ours"),
    Entrant("ordinis_rx, fact by fact", "ours_live", SLOW),
    Entrant("one numba loop over whole columns", "numba_loop"),
    Entrant("csp, batches into a hand-written node", "csp_batches", apart=True),
    Entrant("csp, demultiplex and csp.stats", "csp_stats", SLOW * 2, apart=True),
    Entrant("csp, a node in Python", "csp_nodes", SLOW, apart=True),
    Entrant("polars group_by", "polars_bars"),
    Entrant("plain RxPY", "plain_rx", SLOW),
    Entrant("streamz", "streamz_pipes", SLOW, apart=True),
    Entrant("Python by hand", "by_hand", SLOW),
)
TITLES = {
    "zscore": "z-score filter, window 50",
    "bars": "1 s OHLCV and VWAP bars",
    "consensus": "consensus of 5 providers, every update answered",
    "live_consensus": "one event: consensus of 5 providers, every update answered",
    "live_bars": "one event: 1 s OHLCV and VWAP bars",
    "live_scores": "one event: z-score of the hundred before it, and an EMA",
}
BY_COLUMN, ONE_BY_ONE = (
    ("zscore", "bars", "consensus"),
    ("live_consensus", "live_bars", "live_scores"),
)
TAKES = {
    "ours_live": ONE_BY_ONE,
    "csp_nodes": ONE_BY_ONE,
    "by_hand": (*BY_COLUMN, *ONE_BY_ONE),
    "csp_stats": ("zscore", "bars"),
    "polars_bars": ("bars",),
}


def peers_python() -> Path:
    """The interpreter of the peers' environment, which is made where there is none."""
    try:
        return interpreter_with(PEERS, ROOT / "benchmarks" / "peers.txt")
    except NotInstalled as reason:
        raise Skipped(f"its environment could not be made: {reason}") from reason


def compete(
    entrant: Entrant, work: str, folder: Path, ours: Columns | None
) -> tuple[float, Columns]:
    """What an event costs the entrant, in nanoseconds, and its results, which have been checked against ours."""
    python = peers_python() if entrant.apart else Path(sys.executable)
    results = folder / "results.npz"
    # csp warns of each array that it cannot remember a graph by.
    command = [str(python), "-W", "ignore", "-m", f"benchmarks.contenders.{entrant.module}"]
    command += [work, str(folder / f"{work}-{entrant.events}.npz"), str(results)]

    def check(told: Columns) -> str:
        return "" if ours is None else differs(work, entrant.events, ours, told)

    return measured(command, results, check)


def differs(work: str, events: int, ours: Columns, theirs: Columns) -> str:
    """In what the results differ by more than they may; empty where they do not."""
    if work == "zscore":
        symbol = trades()["symbol"][:events]
        warm = np.zeros(events + 1, np.bool_)
        for s in range(SYMBOLS):
            warm[np.flatnonzero(symbol == s)[WARM:] + 1] = True
        mine = ours["seq"][ours["seq"] <= events]
        kept = [np.sort(seq[warm[seq]]) for seq in (mine, theirs["seq"])]
        return "" if np.array_equal(*kept) else f"{kept[1].size} rows kept, not {kept[0].size}"
    if work.endswith("scores"):
        for name, column in ours.items():
            if not np.allclose(column, theirs[name], rtol=1e-6, atol=1e-6):
                return f"numbers of {name}"
        return ""
    if work.endswith("bars"):
        last = min(int(ours["end"].max()), int(theirs["end"].max()))
        mine, other = sorted_bars(ours, last), sorted_bars(theirs, last)
        if mine.shape != other.shape:
            return f"{len(other)} bars, not {len(mine)}"
        return "" if np.allclose(mine, other, rtol=1e-9, atol=0.0) else "numbers of bars"
    mine = ours["price"][:events]
    if mine.shape != theirs["price"].shape:
        return f"{theirs['price'].size} prices, not {mine.size}"
    worst = float(np.max(np.abs(theirs["price"] / mine - 1.0)))
    return "" if worst <= 2e-4 else f"prices {1e4 * worst:.2f} basis points apart"


def sorted_bars(bars: Columns, last: int) -> Any:
    """The bars before the interval that ends at *last*, by symbol and time, one a row."""
    table = np.column_stack([bars[part] for part in BAR_PARTS])
    table = table[(table[:, 1] < last) & (table[:, 6] > 0)]
    return table[np.lexsort((table[:, 1], table[:, 0]))]


def main() -> None:
    """A table for each kind of work."""
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for work, title in TITLES.items():
            columns = quotes() if work.endswith("consensus") else trades()
            for events in {entrant.events for entrant in ENTRANTS}:
                part = {each: column[:events] for each, column in columns.items()}
                np.savez(folder / f"{work}-{events}.npz", **part)
            rows: list[Row] = []
            ours: Columns | None = None
            for entrant in ENTRANTS:
                if work not in TAKES.get(entrant.module, BY_COLUMN):
                    continue
                try:
                    ns, told = compete(entrant, work, folder, ours)
                except Skipped as reason:
                    console.print(f"{title}: {entrant.name} left out, {reason}")
                    continue
                ours = ours or told
                rows.append(Row(entrant.name, ns))
            show(title, rows, base=rows[0].name)
