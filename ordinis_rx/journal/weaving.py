"""From tables of several kinds to items of a stream, in the order of arrival."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Batch, Item
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.frames import FRAMES
from ordinis_rx.journal.arrow_columns import CodeMaps
from ordinis_rx.journal.tables import ARRIVAL, table_of

__all__ = ["Weaver"]


class Weaver:
    """Puts batches of several kinds together again, in the order of arrival, as items of about *rows* rows."""

    def __init__(self, names: Names, rows: int) -> None:
        self._names = names
        self._rows = rows
        self._waiting: dict[type[Any], list[Any]] = {}
        self._count = 0
        self._next = 0
        self._blocks: dict[type[Any], Block] = {}
        self._codes = CodeMaps()

    def add(self, taken: list[tuple[type[Any], list[Any]]]) -> Iterator[Item]:
        """Take the batches of one flush, whose rows come after all that came before; the items that are complete."""
        for kind, batches in taken:
            self._waiting.setdefault(kind, []).extend(batches)
            self._count += sum(batch.num_rows for batch in batches)
        for bound in self._bounds() if self._count >= 2 * self._rows else ():
            yield from self._items(self._until(bound))
        if self._count >= self._rows:
            yield from self.rest()

    def rest(self) -> Iterator[Item]:
        """All that waits."""
        waiting, self._waiting, self._count = self._waiting, {}, 0
        yield from self._items(waiting)

    def _bounds(self) -> list[int]:
        """The arrivals at which items of the right size begin; rows of one `seq` are not parted."""
        batches = [batch for batches in self._waiting.values() for batch in batches]
        arrival = np.concatenate([_numbers(batch, ARRIVAL) for batch in batches])
        order = np.argsort(arrival, kind="stable")
        arrival = arrival[order]
        seq = np.concatenate([_numbers(batch, "seq") for batch in batches])[order]
        firsts = np.flatnonzero(seq[1:] != seq[:-1]) + 1
        at = np.searchsorted(firsts, np.arange(self._rows, len(seq), self._rows))
        ends = np.unique(firsts[at[at < len(firsts)]])
        bounds: list[int] = arrival[ends].tolist()
        return bounds

    def _until(self, bound: int) -> dict[type[Any], list[Any]]:
        """Take what arrived before *bound*."""
        taken: dict[type[Any], list[Any]] = {}
        for kind, batches in self._waiting.items():
            before, after = _split(batches, bound)
            if before:
                taken[kind] = before
                self._count -= sum(batch.num_rows for batch in before)
            self._waiting[kind] = after
        return taken

    def _items(self, window: dict[type[Any], list[Any]]) -> Iterator[Item]:
        window = {kind: window[kind] for kind in FRAMES if window.get(kind)}
        if len(window) > 1:
            for bound in _turns(window):
                now: dict[type[Any], list[Any]] = {}
                for kind, batches in window.items():
                    now[kind], window[kind] = _split(batches, bound)
                yield self._item({kind: batches for kind, batches in now.items() if batches})
            window = {kind: batches for kind, batches in window.items() if batches}
        if window:
            yield self._item(window)

    def _item(self, window: dict[type[Any], list[Any]]) -> Item:
        frames = [
            table_of(kind).fill(self._block(kind, batches), batches, self._names, self._codes)
            for kind, batches in window.items()
        ]
        return frames[0] if len(frames) == 1 else Batch.of_frames(frames, self._names)

    def _block(self, kind: type[Any], batches: list[Any]) -> Block:
        wanted = sum(batch.num_rows for batch in batches)
        block = self._blocks.get(kind)
        if block is None or block.capacity < wanted:
            block = self._blocks[kind] = Block(FRAMES[kind].schema.kinds, wanted)
        return block


def _numbers(batch: Any, name: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = batch.column(name).to_numpy()
    return found


def _split(batches: list[Any], bound: int) -> tuple[list[Any], list[Any]]:
    """What arrived before *bound*, and the rest."""
    before: list[Any] = []
    for at, batch in enumerate(batches):
        arrival = _numbers(batch, ARRIVAL)
        if arrival[-1] < bound:
            before.append(batch)
            continue
        end = int(np.searchsorted(arrival, bound))
        if end:
            before.append(batch.slice(0, end))
        return before, [batch.slice(end), *batches[at + 1 :]]
    return before, []


def _turns(window: dict[type[Any], list[Any]]) -> list[int]:
    """Where an item must end, because an item tells its kinds in the order of `seq`, and these came otherwise."""
    arrivals: list[NDArray[np.int64]] = []
    seqs: list[NDArray[np.int64]] = []
    ranks: list[NDArray[np.int64]] = []
    for rank, batches in enumerate(window.values()):
        for batch in batches:
            arrivals.append(_numbers(batch, ARRIVAL))
            seqs.append(_numbers(batch, "seq"))
            ranks.append(np.full(len(seqs[-1]), rank, np.int64))
    arrival = np.concatenate(arrivals)
    order = np.argsort(arrival, kind="stable")
    seq, rank_of = np.concatenate(seqs)[order], np.concatenate(ranks)[order]
    back = (seq[1:] < seq[:-1]) | ((seq[1:] == seq[:-1]) & (rank_of[1:] < rank_of[:-1]))
    bounds: list[int] = arrival[order[1:]][back].tolist()
    return bounds
