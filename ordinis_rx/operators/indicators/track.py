"""The indicators of one symbol, whose last row may be told again.

A handle of TA-Lib's cannot go back. So copies are made now and then, and the rows since are kept: for a row that is told
again, the copies are brought up to the row before it. From then on the last row of that symbol is only shown to the cores,
and entered when the next one comes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.operators.indicators.cores import Columns, Core
from ordinis_rx.operators.indicators.plan import COPY_EVERY, Plan, Row

__all__ = ["Track"]


class Track:
    """One symbol of one subscriber: when its last bar ended, how many there were, and what they made of the indicators.

    With *remembers* all rows are kept, which is what a checkpoint is made of.
    """

    __slots__ = (
        "_copies",
        "_plan",
        "_shown",
        "at",
        "cores",
        "history",
        "plain",
        "revision",
        "seen",
        "tail",
    )

    def __init__(self, plan: Plan, *, remembers: bool = False) -> None:
        self.at = self.revision = self.seen = 0
        self.history: array[float] | None = array("d") if remembers else None
        self._plan = plan
        self.cores: Sequence[Core] = plan.cores()
        self._copies: Sequence[Core] = plan.cores()
        self.tail: list[Row] = []
        self._shown: Row | None = None
        self.plain = not remembers
        """Whether a new row only has to be entered, and be kept in the `tail`."""

    def enter(self, row: Row) -> Row:
        """The outputs with this row as the next."""
        self.seen += 1
        if self.history is not None:
            self.history.extend(row)
        if self._shown is not None:
            self._plan.update(self.cores, self._shown)
            self._shown = row
            outputs: Row = self._plan.peek(self.cores, row)
            return outputs
        self._keep(row)
        outputs = self._plan.update(self.cores, row)
        return outputs

    def enter_again(self, row: Row) -> Row:
        """The outputs with this row in place of the last."""
        plan = self._plan
        if self.history is not None:
            del self.history[-len(row) :]
            self.history.extend(row)
        if self._shown is None:
            self.cores, self._copies = self._copies, ()
            for entered in islice(self.tail, len(self.tail) - 1):
                plan.update(self.cores, entered)
            self.tail.clear()
        self._shown = row
        self.plain = False
        outputs: Row = plan.peek(self.cores, row)
        return outputs

    def enter_all(self, columns: Columns, out: NDArray[np.float64]) -> None:
        """Enter the next rows, given by column, and write their outputs into the rows of *out*."""
        n = len(columns[0])
        if self._shown is not None:
            for i, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
                out[:, i] = self.enter(row)
            return
        self.seen += n
        if self.history is not None:
            self.history.frombytes(np.column_stack(columns).tobytes())
        if n > 1:
            self._plan.fill(self.cores, [column[:-1] for column in columns], out[:, :-1])
        last = tuple(column.item(n - 1) for column in columns)
        if n > 1:
            self.copy()
        self._keep(last)
        out[:, n - 1] = self._plan.update(self.cores, last)

    def copy(self) -> None:
        """Copy the cores as they are, and begin a new tail."""
        self._copies = [core.copy() for core in self.cores]
        self.tail.clear()

    def _keep(self, row: Row) -> None:
        if len(self.tail) == COPY_EVERY:
            self.copy()
        self.tail.append(row)
