"""The indicators of all symbols of one subscriber, fact by fact and frame by frame."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Item
from ordinis_rx.events import Reading
from ordinis_rx.frame import column_of
from ordinis_rx.frames import Frame, ReadingFrame, TradeFrame
from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.misfits import MISFIT
from ordinis_rx.operators.indicators.checkpoint import histories_of, read_histories
from ordinis_rx.operators.indicators.cores import Columns
from ordinis_rx.operators.indicators.plan import Plan
from ordinis_rx.operators.indicators.told import CARRIED, Teller
from ordinis_rx.operators.indicators.track import Row, Track
from ordinis_rx.paving import Paving
from ordinis_rx.stepping import as_far_as_told

__all__ = ["Bank"]

_FEW, _FEW_FACTS = 12, 64
"""Up to so many rows of a frame are taken as facts, one by one: arrays would take longer. The second is where facts are at
hand."""

_FEW_OF_EACH = 40
"""Up to so many rows a symbol, on average, the rows of a frame are entered one by one, and not by column."""

_SIDES = ("open", "high", "low", "close")


class Bank:
    """What each symbol's indicators have come to.

    *from_fact* is with how many facts of its symbol the first reading is told; *skipped* is told the facts left out.
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
        self._from_fact = from_fact
        self._skipped = skipped
        self._remembers = remembers
        self._teller = Teller(plan)
        self.tracks: dict[str, Track] = {}
        self._reads = (*CARRIED, *plan.columns)
        if plan.revises:
            self._reads += ("revision",)
        if plan.of_bars:
            self._reads += _SIDES
        elif plan.frame is TradeFrame:
            self._reads += ("flags",)
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
        if frame.n > few and self._fits_columns(frame):
            return self._of_columns(frame), None
        readings, error = as_far_as_told(self._of_facts, frame)
        return self._teller.of_facts(readings, frame.names) if readings else None, error

    def pave(self, paving: Paving, fail: Callable[[Exception], None]) -> None:
        """Write the way of one fact alone to its reading; what that raises goes to *fail*."""
        self.plan.pave(paving, self.tracks, self._take, fail)

    def save(self) -> bytes:
        """What all symbols were fed with, where that is remembered."""
        return histories_of(self.tracks)

    def take_up(self, saved: bytes) -> None:
        """Feed what `save` gave."""
        for symbol, history in read_histories(saved).items():
            track = self._track(symbol)
            rows = history.table(len(self.plan.columns))
            if len(rows):
                columns = [np.ascontiguousarray(column) for column in rows.T]
                track.enter_all(columns, np.empty((self.plan.width, len(rows))))
            track.at, track.revision, track.name = history.at, history.revision, history.name

    def _track(self, symbol: str) -> Track:
        track = self.tracks.get(symbol)
        if track is None:
            track = self.tracks[symbol] = Track(self.plan, remembers=self._remembers)
        return track

    # Fact by fact

    def _of_facts(self, frame: Frame) -> Iterator[Reading]:
        return (reading for reading in map(self._taking, frame.facts) if reading is not None)

    def _take(self, fact: Any) -> Reading | None:
        """The reading that a fact causes, if any."""
        track = self._track(fact.symbol)
        outputs = self._answer(track, fact)
        if outputs is None:
            if self._skipped is not None:
                self._skipped([fact])
            return None
        if track.seen < self._from_fact:
            return None
        track.plain = track.is_straight
        reading: Reading = self.plan.reading_of(fact, outputs)
        return reading

    def _of_bar(self, track: Track, bar: Any) -> Row | None:
        """The outputs with this bar; None where it is left out."""
        row: Row = self.plan.row_of(bar)
        if not _all_there(bar.open, bar.high, bar.low, bar.close, *row):
            return None
        return self._enter_bar(track, row, bar.ts_event, bar.revision)

    def _enter_bar(self, track: Track, row: Row, at: int, revision: int) -> Row | None:
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
        return self._enter_reading(track, row, reading.ts_event, reading.revision, reading.name)

    def _enter_reading(
        self, track: Track, row: Row, at: int, revision: int, name: str
    ) -> Row | None:
        """As `_enter_bar`; without a revision, or beside one of another name, a reading is one more, whatever its time."""
        if revision > 0 and (name == track.name or at != track.at):
            outputs = self._enter_bar(track, row, at, revision)
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

    # By column

    def _fits_columns(self, frame: Frame) -> bool:
        """Whether all that is read or handed on can be laid out; a fact for which that fails is found one by one."""
        try:
            for name in self._reads:
                frame.lookup(name)
        except MISFIT:
            return False
        return True

    def _of_columns(self, frame: Frame) -> Frame | None:
        plan, n = self.plan, frame.n
        codes = column_of(frame, "symbol")
        columns = [column_of(frame, word).astype(np.float64, copy=False) for word in plan.columns]
        usable = self._usable(frame, columns)
        answers = _Answers(plan.width, n)
        if usable is not None:
            answers.left_out[:] = ~usable
        first = int(codes[0])
        present: list[int] = np.unique(codes).tolist() if (codes != first).any() else [first]
        rows = None if usable is None else np.flatnonzero(usable)
        if len(present) * _FEW_OF_EACH > n and len(present) > 1:
            self._of_rows(frame, columns, range(n) if rows is None else rows.tolist(), answers)
        elif len(present) == 1:
            self._of_symbol(first, frame, columns, rows, answers)
        else:
            for code in present:
                mine = codes == code
                self._of_symbol(
                    code,
                    frame,
                    columns,
                    np.flatnonzero(mine if usable is None else mine & usable),
                    answers,
                )
        if self._skipped is not None and answers.left_out.any():
            self._skipped(frame.facts_at(np.flatnonzero(answers.left_out).tolist()))
        known = answers.known & ~answers.left_out
        if known.all():
            return self._teller.of_columns(frame, None, answers.outputs)
        chosen = np.flatnonzero(known)
        if not len(chosen):
            return None
        return self._teller.of_columns(frame, chosen, answers.outputs[:, chosen])

    def _usable(self, frame: Frame, columns: Columns) -> NDArray[np.bool_] | None:
        """Which rows have all numbers that count; None: all have."""
        checked = list(columns)
        if self.plan.of_bars:
            checked += [column_of(frame, side) for side in _SIDES if side not in self.plan.columns]
        usable: NDArray[np.bool_] | None = None
        # A sum is the cheapest way to see that no number is missing.
        with np.errstate(all="ignore"):
            sums = [column.sum() for column in checked]
        if not np.isfinite(sums).all():
            usable = np.logical_and.reduce([np.isfinite(column) for column in checked])
        if self.plan.frame is TradeFrame:
            moves = (column_of(frame, "flags") & int(self.plan.moves)) != 0
            if not moves.all():
                usable = moves if usable is None else usable & moves
        return usable

    def _of_symbol(
        self,
        code: int,
        frame: Frame,
        columns: Columns,
        rows: NDArray[np.int64] | None,
        answers: _Answers,
    ) -> None:
        """Enter the *rows* of one symbol (None: all)."""
        if rows is not None and not len(rows):
            return
        track = self._track(frame.names.symbols.words[code])
        if self.plan.revises and not self._in_order(track, frame, rows):
            self._of_rows(
                frame, columns, range(frame.n) if rows is None else rows.tolist(), answers
            )
            return
        unknown = max(self._from_fact - 1 - track.seen, 0)
        if rows is None:
            track.enter_all(columns, answers.outputs)
            answers.known[:unknown] = False
        else:
            room = np.empty((self.plan.width, len(rows)))
            track.enter_all([column[rows] for column in columns], room)
            answers.outputs[:, rows] = room
            answers.known[rows[:unknown]] = False
        track.plain = track.is_straight and track.seen >= self._from_fact

    def _of_rows(
        self, frame: Frame, columns: Columns, rows: Sequence[int], answers: _Answers
    ) -> None:
        """Enter *rows*, which have all their numbers, one by one."""
        words, find = frame.names.symbols.words, self.tracks.get
        codes: list[int] = column_of(frame, "symbol").tolist()
        numbers = list(zip(*(column.tolist() for column in columns), strict=True))
        ends, revisions, revises = codes, codes, self.plan.revises
        if revises:
            ends = column_of(frame, "ts_event").tolist()
            revisions = column_of(frame, "revision").tolist()
        named = self.plan.frame is ReadingFrame
        names = list(frame.object_column("name")) if named else [""] * frame.n
        told: list[Row] = []
        places: list[int] = []
        for i in rows:
            track, row = find(words[codes[i]]), numbers[i]
            if track is not None and track.plain and (ends[i] > track.at or not revises):
                if revises:
                    track.at, track.revision, track.name = ends[i], revisions[i], names[i]
                told.append(track.enter_plainly(row))
                places.append(i)
                continue
            track = track or self._track(words[codes[i]])
            answer: Row | None
            if named:
                answer = self._enter_reading(track, row, ends[i], revisions[i], names[i])
            elif revises:
                answer = self._enter_bar(track, row, ends[i], revisions[i])
            else:
                answer = track.enter(row)
            if answer is None:
                answers.left_out[i] = True
            elif track.seen >= self._from_fact:
                track.plain = track.is_straight
                told.append(answer)
                places.append(i)
            else:
                answers.known[i] = False
        width = self.plan.width
        if told:
            table = np.fromiter(chain.from_iterable(told), np.float64, width * len(told))
            answers.outputs[:, places] = table.reshape(-1, width).T

    def _in_order(self, track: Track, frame: Frame, rows: NDArray[np.int64] | None) -> bool:
        """Whether all these facts are new; if so, the last of them is the last from now on."""
        ends, revisions = column_of(frame, "ts_event"), column_of(frame, "revision")
        if rows is not None:
            ends, revisions = ends[rows], revisions[rows]
        if revisions.any():
            return False
        if self.plan.of_bars:
            if (ends[1:] < ends[:-1]).any() or (track.seen and ends[0] < track.at):
                return False
        else:
            last = frame.n - 1 if rows is None else rows.item(-1)
            track.name = next(islice(frame.object_column("name"), last, None))
        track.at, track.revision = ends.item(-1), 0
        return True


class _Answers:
    """What the rows of a frame are answered with: by column, which of them are known, and which are left out."""

    __slots__ = ("known", "left_out", "outputs")

    def __init__(self, width: int, n: int) -> None:
        self.outputs = np.empty((width, n))
        self.known = np.ones(n, np.bool_)
        self.left_out = np.zeros(n, np.bool_)


def _all_there(*numbers: float) -> bool:
    """Whether no number is missing or beyond all bounds; a sum tells it at once, where it is not too large."""
    total = sum(numbers)
    return total - total == 0.0 or all(map(math.isfinite, numbers))
