"""The indicators of all symbols of one subscriber: what each has come to, and the answer to each fact."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ordinis_rx.batches import Item
from ordinis_rx.events import Reading
from ordinis_rx.frames import Frame, ReadingFrame, TradeFrame
from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.operators.indicators.by_column import ByColumn
from ordinis_rx.operators.indicators.checkpoint import histories_of, read_histories
from ordinis_rx.operators.indicators.plan import Plan
from ordinis_rx.operators.indicators.told import Teller
from ordinis_rx.operators.indicators.track import Row, Track
from ordinis_rx.paving import Paving
from ordinis_rx.stepping import as_far_as_told

__all__ = ["Bank"]

_FEW, _FEW_FACTS = 12, 64
"""Up to so many rows of a frame are taken as facts, one by one: arrays would take longer. The second is where facts are at
hand."""


class Bank:
    """What each symbol's indicators have come to.

    *from_fact* is with how many facts of its symbol the first reading is told; *skipped* is told the facts left out. Frames
    of many rows are answered by column (`ByColumn`).
    """

    def __init__(
        self,
        plan: Plan,
        from_fact: int,
        skipped: Callable[[list[Any]], None] | None,
        *,
        remembers: bool = False,
    ) -> None:
        self.plan = plan
        self.from_fact = from_fact
        self.skipped = skipped
        self._remembers = remembers
        self.teller = Teller(plan)
        self.tracks: dict[str, Track] = {}
        self._by_column = ByColumn(self)
        self._answer: Callable[[Track, Any], Row | None] = self._of_number
        if plan.of_bars:
            self._answer = self._of_bar
        elif plan.frame is ReadingFrame:
            self._answer = self._of_reading
        self._taking = plan.taking(self.tracks, self._take) if plan.of_bars else self._take

    def step(self, item: Item) -> tuple[Item | None, Exception | None]:
        """The readings that an item causes, up to a fact at which that fails, and why it does."""
        frame = item.of(self.plan.frame.kind)
        if frame is None:
            return None, None
        few = _FEW_FACTS if frame.rests_on_facts else _FEW
        if frame.n > few and self._by_column.fits(frame):
            return self._by_column.answer(frame), None
        readings, error = as_far_as_told(self._of_facts, frame)
        return self.teller.of_facts(readings, frame.names) if readings else None, error

    def pave(self, paving: Paving, fail: Callable[[Exception], None]) -> None:
        """Write the way of one fact alone to its reading; what that raises goes to *fail*."""
        self.plan.pave(paving, self.tracks, self._take, fail)

    def save(self) -> bytes:
        """What all symbols were fed with, where that is remembered."""
        return histories_of(self.tracks)

    def take_up(self, saved: bytes) -> None:
        """Feed what `save` gave."""
        for symbol, history in read_histories(saved).items():
            track = self.track(symbol)
            rows = history.table(len(self.plan.columns))
            if len(rows):
                columns = [np.ascontiguousarray(column) for column in rows.T]
                track.enter_all(columns, np.empty((self.plan.width, len(rows))))
            track.at, track.revision, track.name = history.at, history.revision, history.name

    def track(self, symbol: str) -> Track:
        """What *symbol* has come to, nothing at first."""
        track = self.tracks.get(symbol)
        if track is None:
            track = self.tracks[symbol] = Track(self.plan, remembers=self._remembers)
        return track

    # Fact by fact

    def _of_facts(self, frame: Frame) -> Iterator[Reading]:
        return (reading for reading in map(self._taking, frame.facts) if reading is not None)

    def _take(self, fact: Any) -> Reading | None:
        """The reading that a fact causes, if any."""
        track = self.track(fact.symbol)
        outputs = self._answer(track, fact)
        if outputs is None:
            if self.skipped is not None:
                self.skipped([fact])
            return None
        if track.seen < self.from_fact:
            return None
        track.plain = track.is_straight
        reading: Reading = self.plan.reading_of(fact, outputs)
        return reading

    def _of_bar(self, track: Track, bar: Any) -> Row | None:
        """The outputs with this bar; None where it is left out."""
        row: Row = self.plan.row_of(bar)
        if not _all_there(bar.open, bar.high, bar.low, bar.close, *row):
            return None
        return self.enter_bar(track, row, bar.ts_event, bar.revision)

    def enter_bar(self, track: Track, row: Row, at: int, revision: int) -> Row | None:
        """The outputs with a bar that has all its numbers; None where it is late, or told before."""
        stands = standing(0.0, 0.0, 0.0, 0.0, at, revision, track.seen, track.at, track.revision)
        if stands == LEFT_OUT:
            return None
        track.at, track.revision = at, revision
        outputs: Row = track.enter(row) if stands == NEW else track.enter_again(row)
        return outputs

    def _of_reading(self, track: Track, reading: Reading) -> Row | None:
        """The outputs with this reading; None where it is left out."""
        row: Row = self.plan.row_of(reading)
        if not _all_there(*row):
            return None
        return self.enter_reading(track, row, reading.ts_event, reading.revision, reading.name)

    def enter_reading(
        self, track: Track, row: Row, at: int, revision: int, name: str
    ) -> Row | None:
        """As `enter_bar`; without a revision, or beside one of another name, a reading is one more, whatever its time."""
        if revision > 0 and (name == track.name or at != track.at):
            outputs = self.enter_bar(track, row, at, revision)
        else:
            track.at, track.revision = at, revision
            outputs = track.enter(row)
        if outputs is not None:
            track.name = name
        return outputs

    def _of_number(self, track: Track, fact: Any) -> Row | None:
        row: Row = self.plan.row_of(fact)
        if not _all_there(*row) or not self._moves(fact):
            return None
        outputs: Row = track.enter(row)
        return outputs

    def _moves(self, fact: Any) -> bool:
        moves = self.plan.moves
        return self.plan.frame is not TradeFrame or fact.flags & moves != 0


def _all_there(*numbers: float) -> bool:
    """Whether no number is missing or beyond all bounds; a sum tells it at once, where it is not too large."""
    total = sum(numbers)
    return total - total == 0.0 or all(map(math.isfinite, numbers))
