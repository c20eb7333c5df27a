"""The indicators of all symbols, frame by frame: the rows of a symbol at once, or one by one where there are few of each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.frame import column_of
from ordinis_rx.frames import Frame, ReadingFrame, TradeFrame
from ordinis_rx.misfits import MISFIT
from ordinis_rx.operators.indicators.cores import Columns
from ordinis_rx.operators.indicators.told import CARRIED
from ordinis_rx.operators.indicators.track import Row, Track

if TYPE_CHECKING:
    from ordinis_rx.operators.indicators.bank import Bank

__all__ = ["ByColumn"]

_FEW_OF_EACH = 40
"""Up to so many rows a symbol, on average, the rows of a frame are entered one by one, and not by column."""

_SIDES = ("open", "high", "low", "close")


class ByColumn:
    """What answers the frames of a *bank*."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._plan = plan = bank.plan
        self._names: list[str] = []
        """Of the rows of the frame that is answered, where they have any."""
        self._reads = (*CARRIED, *plan.columns)
        if plan.revises:
            self._reads += ("revision",)
        if plan.of_bars:
            self._reads += _SIDES
        elif plan.frame is TradeFrame:
            self._reads += ("flags",)

    def fits(self, frame: Frame) -> bool:
        """Whether all that is read or handed on can be laid out; a fact for which that fails is found one by one."""
        try:
            for name in self._reads:
                frame.lookup(name)
        except MISFIT:
            return False
        return True

    def answer(self, frame: Frame) -> Frame | None:
        """The readings that the rows of *frame* cause; None where there are none."""
        plan, n = self._plan, frame.n
        is_named = plan.frame is ReadingFrame
        self._names = list(frame.object_column("name")) if is_named else [""] * n
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
        if self._bank.skipped is not None and answers.left_out.any():
            self._bank.skipped(frame.facts_at(np.flatnonzero(answers.left_out).tolist()))
        known = answers.known & ~answers.left_out
        if known.all():
            return self._bank.teller.of_columns(frame, None, answers.outputs)
        chosen = np.flatnonzero(known)
        if not len(chosen):
            return None
        return self._bank.teller.of_columns(frame, chosen, answers.outputs[:, chosen])

    def _usable(self, frame: Frame, columns: Columns) -> NDArray[np.bool_] | None:
        """Which rows have all numbers that count; None: all have."""
        checked = list(columns)
        if self._plan.of_bars:
            checked += [column_of(frame, side) for side in _SIDES if side not in self._plan.columns]
        usable: NDArray[np.bool_] | None = None
        # A sum is the cheapest way to see that no number is missing.
        with np.errstate(all="ignore"):
            sums = [column.sum() for column in checked]
        if not np.isfinite(sums).all():
            usable = np.logical_and.reduce([np.isfinite(column) for column in checked])
        if self._plan.frame is TradeFrame:
            moves = (column_of(frame, "flags") & int(self._plan.moves)) != 0
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
        track = self._bank.track(frame.names.symbols.words[code])
        if self._plan.revises and not self._in_order(track, frame, rows):
            self._of_rows(
                frame, columns, range(frame.n) if rows is None else rows.tolist(), answers
            )
            return
        unknown = max(self._bank.from_fact - 1 - track.seen, 0)
        if rows is None:
            track.enter_all(columns, answers.outputs)
            answers.known[:unknown] = False
        else:
            room = np.empty((self._plan.width, len(rows)))
            track.enter_all([column[rows] for column in columns], room)
            answers.outputs[:, rows] = room
            answers.known[rows[:unknown]] = False
        track.plain = track.is_straight and track.seen >= self._bank.from_fact

    def _of_rows(
        self, frame: Frame, columns: Columns, rows: Sequence[int], answers: _Answers
    ) -> None:
        """Enter *rows*, which have all their numbers, one by one."""
        words, find = frame.names.symbols.words, self._bank.tracks.get
        codes: list[int] = column_of(frame, "symbol").tolist()
        numbers = list(zip(*(column.tolist() for column in columns), strict=True))
        ends, revisions, revises = codes, codes, self._plan.revises
        if revises:
            ends = column_of(frame, "ts_event").tolist()
            revisions = column_of(frame, "revision").tolist()
        named, names = self._plan.frame is ReadingFrame, self._names
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
            track = track or self._bank.track(words[codes[i]])
            answer: Row | None
            if named:
                answer = self._bank.enter_reading(track, row, ends[i], revisions[i], names[i])
            elif revises:
                answer = self._bank.enter_bar(track, row, ends[i], revisions[i])
            else:
                answer = track.enter(row)
            if answer is None:
                answers.left_out[i] = True
            elif track.seen >= self._bank.from_fact:
                track.plain = track.is_straight
                told.append(answer)
                places.append(i)
            else:
                answers.known[i] = False
        width = self._plan.width
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
        if self._plan.of_bars:
            if (ends[1:] < ends[:-1]).any() or (track.seen and ends[0] < track.at):
                return False
        else:
            track.name = self._names[-1 if rows is None else rows.item(-1)]
        track.at, track.revision = ends.item(-1), 0
        return True


class _Answers:
    """What the rows of a frame are answered with: by column, which of them are known, and which are left out."""

    __slots__ = ("known", "left_out", "outputs")

    def __init__(self, width: int, n: int) -> None:
        self.outputs = np.empty((width, n))
        self.known = np.ones(n, np.bool_)
        self.left_out = np.zeros(n, np.bool_)
