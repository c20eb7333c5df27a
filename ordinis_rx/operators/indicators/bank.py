"""The indicators of all symbols of one subscriber, fact by fact and frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Item
from ordinis_rx.frames import Frame, TradeFrame
from ordinis_rx.kernels.bar_order import LEFT_OUT, NEW, standing
from ordinis_rx.operators.indicators.cores import Columns
from ordinis_rx.operators.indicators.plan import Plan, Row
from ordinis_rx.operators.indicators.told import Teller
from ordinis_rx.operators.indicators.track import Track

__all__ = ["Bank"]

_FEW = 12
"""Up to so many rows of a frame are taken one by one: arrays would take longer."""

_SIDES = ("open", "high", "low", "close")


class Bank:
    """What each symbol's indicators have come to.

    *from_bar* is with how many facts of its symbol the first reading is told; *skipped* is told the facts that are left out.
    """

    def __init__(
        self,
        plan: Plan,
        from_bar: int,
        skipped: Callable[[list[Any]], None] | None,
        *,
        remembers: bool = False,
    ) -> None:
        self.plan = plan
        self._from_bar = from_bar
        self._skipped = skipped
        self._remembers = remembers
        self._teller = Teller(plan)
        self.tracks: dict[str, Track] = {}
        self._enter_next = plan.enter_next
        self._reading_of = plan.reading_of
        self._answer = self._of_bar if plan.of_bars else self._of_number

    def step(self, item: Item) -> Item | None:
        """The readings that an item causes."""
        frame = item.of(self.plan.frame.kind)
        if frame is None:
            return None
        if frame.n == 1 and self.plan.of_bars:
            bar = frame.facts[0]
            track = self.tracks.get(bar.symbol)
            if track is not None:
                outputs = self._enter_next(track, bar)
                if outputs is not None:
                    if track.seen < self._from_bar:
                        return None
                    return self._teller.of_facts([self._reading_of(bar, outputs)], frame.names)
        if frame.n <= _FEW:
            return self._of_facts(frame)
        return self._of_columns(frame)

    def _track(self, symbol: str) -> Track:
        track = self.tracks.get(symbol)
        if track is None:
            track = self.tracks[symbol] = Track(self.plan, remembers=self._remembers)
        return track

    # Fact by fact

    def _of_facts(self, frame: Frame) -> Frame | None:
        readings: list[Any] = []
        reading_of, first = self.plan.reading_of, self._from_bar
        out: list[Any] = []
        for fact in frame.facts:
            track = self.tracks.get(fact.symbol) or self._track(fact.symbol)
            outputs = self._answer(track, fact)
            if outputs is None:
                out.append(fact)
            elif track.seen >= first:
                readings.append(reading_of(fact, outputs))
        if out and self._skipped is not None:
            self._skipped(out)
        return self._teller.of_facts(readings, frame.names) if readings else None

    def _of_bar(self, track: Track, bar: Any) -> Row | None:
        """The outputs with this bar; None where it is left out."""
        row: Row = self.plan.row_of(bar)
        total = bar.open + bar.high + bar.low + bar.close + sum(row)
        if total - total != 0.0:  # some number is missing
            return None
        return self._enter_bar(track, row, bar.ts_event, bar.revision)

    def _enter_bar(self, track: Track, row: Row, at: int, revision: int) -> Row | None:
        """The outputs with a bar that has all its numbers; None where it is late, or told before."""
        stands = standing(0.0, 0.0, 0.0, 0.0, at, revision, track.seen, track.at, track.revision)
        if stands == LEFT_OUT:
            return None
        track.at, track.revision = at, revision
        return track.enter(row) if stands == NEW else track.enter_again(row)

    def _of_number(self, track: Track, fact: Any) -> Row | None:
        row: Row = self.plan.row_of(fact)
        total = sum(row)
        if total - total != 0.0 or not self._moves(fact):
            return None
        return track.enter(row)

    def _moves(self, fact: Any) -> bool:
        moves = self.plan.moves
        return self.plan.frame is not TradeFrame or fact.flags & moves != 0

    # By column

    def _of_columns(self, frame: Frame) -> Frame | None:
        plan, n = self.plan, frame.n
        codes = _column(frame, "symbol")
        columns = [_column(frame, word).astype(np.float64, copy=False) for word in plan.columns]
        usable = self._usable(frame, columns)
        outputs = np.empty((plan.width, n))
        known = np.ones(n, np.bool_)
        left_out = np.zeros(n, np.bool_)
        words = frame.names.symbols.words
        first = int(codes[0])
        if usable is None and not (codes != first).any():
            self._of_symbol(words[first], frame, columns, None, outputs, known, left_out)
        else:
            if usable is not None:
                left_out[~usable] = True
            present: list[int] = np.unique(codes).tolist()
            for code in present:
                mine = codes == code
                rows = np.flatnonzero(mine if usable is None else mine & usable)
                if len(rows):
                    self._of_symbol(words[code], frame, columns, rows, outputs, known, left_out)
        if left_out.any():
            known &= ~left_out
            if self._skipped is not None:
                facts = frame.facts
                self._skipped([facts[i] for i in np.flatnonzero(left_out).tolist()])
        if known.all():
            return self._teller.of_columns(frame, None, outputs)
        rows = np.flatnonzero(known)
        return self._teller.of_columns(frame, rows, outputs[:, rows]) if len(rows) else None

    def _usable(self, frame: Frame, columns: Columns) -> NDArray[np.bool_] | None:
        """Which rows have all numbers that count; None: all have."""
        checked = list(columns)
        if self.plan.of_bars:
            checked += [_column(frame, side) for side in _SIDES if side not in self.plan.columns]
        usable: NDArray[np.bool_] | None = None
        # A sum is the cheapest way to see that no number is missing.
        if not all(np.isfinite(column.sum()) for column in checked):
            usable = np.logical_and.reduce([np.isfinite(column) for column in checked])
        if self.plan.frame is TradeFrame:
            moves = (_column(frame, "flags") & int(self.plan.moves)) != 0
            if not moves.all():
                usable = moves if usable is None else usable & moves
        return usable

    def _of_symbol(
        self,
        symbol: str,
        frame: Frame,
        columns: Columns,
        rows: NDArray[np.int64] | None,
        outputs: NDArray[np.float64],
        known: NDArray[np.bool_],
        left_out: NDArray[np.bool_],
    ) -> None:
        """Enter the *rows* of one symbol (None: all), and say in which places something is known, or left out."""
        track = self._track(symbol)
        before = track.seen
        if rows is not None:
            columns = [column[rows] for column in columns]
        n = len(columns[0])
        if not self.plan.of_bars or self._in_order(track, frame, rows):
            room = outputs if rows is None else np.empty((len(outputs), n))
            track.enter_all(columns, room)
            unknown = max(self._from_bar - 1 - before, 0)
            if rows is None:
                known[:unknown] = False
            else:
                outputs[:, rows] = room
                known[rows[:unknown]] = False
            return
        places = range(n) if rows is None else rows.tolist()
        ends, revisions = _column(frame, "ts_event"), _column(frame, "revision")
        for i, row in zip(
            places, zip(*(each.tolist() for each in columns), strict=True), strict=True
        ):
            answer = self._enter_bar(track, row, ends.item(i), revisions.item(i))
            if answer is None:
                left_out[i] = True
            else:
                outputs[:, i] = answer
                known[i] = track.seen >= self._from_bar

    def _in_order(self, track: Track, frame: Frame, rows: NDArray[np.int64] | None) -> bool:
        """Whether all these bars are new; if so, the last of them is the last from now on."""
        ends, revisions = _column(frame, "ts_event"), _column(frame, "revision")
        if rows is not None:
            ends, revisions = ends[rows], revisions[rows]
        if revisions.any() or (ends[1:] < ends[:-1]).any():
            return False
        if track.seen and ends[0] < track.at:
            return False
        track.at, track.revision = ends.item(-1), 0
        return True


def _column(frame: Frame, name: str) -> NDArray[Any]:
    block, j = frame.lookup(name)
    return block.columns[j][: frame.n]
