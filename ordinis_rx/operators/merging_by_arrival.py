"""Merging what is live: by turns, as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import TypeAlias

import numpy as np
from msgspec.structs import replace

from ordinis_rx.batches import Batch, Item, item_of
from ordinis_rx.entries import Entry
from ordinis_rx.events import Event
from ordinis_rx.frames import Frame
from ordinis_rx.framing import concatenated
from ordinis_rx.operators.merging_arms import Merging
from ordinis_rx.operators.recoding import Recoder

__all__ = ["ByArrival"]


class ByArrival(Merging):
    """Tells what a turn brought when it ends: by then it is all there, and its order does not hang on who was told first."""

    def __init__(self, out: Entry, arms: int) -> None:
        super().__init__(out, arms)
        self._turns: dict[Entry, _Gathering] = {}
        self._recoders: dict[int, Recoder] = {}
        self._ended = False
        self._error: Exception | None = None
        self._before: int | None = None
        """The number that the last row of a turn had: of one cause there may be several parts."""

    def take(self, item: Item, k: int) -> None:
        """Keep the item until its turn ends."""
        root = item.turn.entry
        gathering = self._turns.get(root)
        if gathering is None:
            gathering = self._turns[root] = _Gathering(self)
        part = list(item.facts) if item.rests_on_facts else item.copy()
        gathering.arrived.append((k, part))
        item.turn.settle_later(gathering)

    def tell(self, arrived: list[_Part]) -> None:
        """Number what a turn brought, and tell it."""
        if len(arrived) > 1 and len({k for k, _ in arrived}) > 1:
            rows = [
                (fact.seq, k, fact)
                for k, part in arrived
                for fact in (part if isinstance(part, list) else part.facts)
            ]
            rows.sort(key=itemgetter(0, 1))
            self._before = None
            self.out.on_item(self._renumbered(fact for _, _, fact in rows))
        else:
            self._before = None
            k = arrived[0][0]
            for part in _whole_causes([part for _, part in arrived]):
                if isinstance(part, list):
                    self.out.on_item(self._renumbered(part))
                else:
                    self.out.on_item(self._recoded(part, k))
        if self._ended and not self._unsettled():
            self.finish(self._error)

    def end(self, k: int, error: Exception | None) -> None:
        """End with the first error, or when all have ended, after what is not settled yet."""
        self.open.discard(k)
        if self._ended or (error is None and self.open):
            return
        self._ended, self._error = True, error
        if not self._unsettled():
            self.finish(error)

    def _unsettled(self) -> bool:
        return any(gathering.arrived for gathering in self._turns.values())

    def _renumbered(self, facts: Iterable[Event]) -> Item:
        told: list[Event] = []
        before = self._before
        for fact in facts:
            if fact.seq != before:  # rows of one seq are one event, and stay so
                before = fact.seq
                self.seq += 1
            told.append(fact if before == self.seq else replace(fact, seq=self.seq))
        self._before = before
        return item_of(told, self.names)

    def _recoded(self, item: Item, k: int) -> Item:
        recoder = self._recoders.get(k)
        if recoder is None or recoder.theirs is not item.names:
            recoder = self._recoders[k] = Recoder(item.names, self.names)
        frames = item.frames()
        seqs, order = np.unique(
            np.concatenate([frame.seq for frame in frames]), return_inverse=True
        )
        first = self.seq if seqs[0] == self._before else self.seq + 1
        numbers = first + order
        self.seq = first + len(seqs) - 1
        self._before = int(seqs[-1])
        out: list[Frame] = []
        for frame in frames:
            out.append(recoder.recoded(frame, numbers[: frame.n]))
            numbers = numbers[frame.n :]
        return out[0] if isinstance(item, Frame) else Batch.of_frames(out, self.names)


_Rows: TypeAlias = list[Event] | Item
"""Facts, or columns of our own."""

_Part: TypeAlias = tuple[int, _Rows]
"""What one input brought: its number, and rows."""


def _whole_causes(parts: list[_Rows]) -> Iterator[_Rows]:
    """*parts* of one input, in their order; those over which the rows of one cause are spread as one.

    A kernel tells what it has no room for in several parts, which would be turns of their own below.
    """
    run = parts[:1]
    for part in parts[1:]:
        if _ends(run[-1])[1] != _ends(part)[0]:
            yield _as_one(run)
            run = []
        run.append(part)
    yield _as_one(run)


def _ends(part: _Rows) -> tuple[int, int]:
    """The first and the last `seq`."""
    if isinstance(part, list):
        return part[0].seq, part[-1].seq
    numbers = [frame.seq for frame in part.frames()]
    return min(int(each[0]) for each in numbers), max(int(each[-1]) for each in numbers)


def _as_one(run: list[_Rows]) -> _Rows:
    if len(run) == 1:
        return run[0]
    frames = [part for part in run if isinstance(part, Frame)]
    if len(frames) == len(run) and len({frame.kind for frame in frames}) == 1:
        return concatenated(frames)
    return [fact for part in run for fact in (part if isinstance(part, list) else part.facts)]


class _Gathering:
    """What the turns of one root bring to a merge; a join, so that it is settled when a turn ends."""

    def __init__(self, merging: ByArrival) -> None:
        self._merging = merging
        self.order = merging.order
        self.arrived: list[_Part] = []

    def settle(self) -> None:
        arrived, self.arrived = self.arrived, []
        self._merging.tell(arrived)
