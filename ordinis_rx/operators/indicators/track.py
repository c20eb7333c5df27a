"""What is asked about the rows of one symbol, whose last row may be told again.

A handle of TA-Lib's cannot go back. So copies are made now and then, and the rows since are kept: for a row that is told
again, the copies are brought up to the row before it. From then on the last row of that symbol is only shown to the cores,
and entered when the next one comes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import islice
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.operators.indicators.cores import Columns, Core

__all__ = ["COPY_EVERY", "Asked", "Row", "Track"]

COPY_EVERY = 64
"""Rows between two copies of the cores of a symbol: so many at most are entered again when a row is told again."""

Row: TypeAlias = tuple[float, ...]
"""The numbers of a fact that are read, or the outputs for it."""


class Asked(Protocol):
    """Several cores that are asked in one go."""

    def cores(self) -> Sequence[Core]:
        """The state of one symbol before its first row."""
        ...

    @property
    def update(self) -> Any:
        """``update(cores, row)`` enters a row and gives their answer."""
        ...

    @property
    def peek(self) -> Any:
        """``peek(cores, row)`` gives the answer that `update` would give."""
        ...

    def fill(self, cores: Sequence[Core], columns: Columns, out: NDArray[np.float64]) -> None:
        """Enter the next rows, given by column, and write the outputs into the rows of *out*."""
        ...

    def spread(self, answer: Any) -> Sequence[float]:
        """An answer as one number an output."""
        ...


class Track:
    """One symbol of one subscriber: of its last fact when that was and what it is called, how many there were, the cores.

    With *remembers* all rows are kept, which is what a checkpoint is made of.
    """

    __slots__ = (
        "_asked",
        "_before",
        "_copies",
        "_shown",
        "at",
        "cores",
        "history",
        "name",
        "plain",
        "revision",
        "tail",
    )

    def __init__(self, asked: Asked, *, remembers: bool = False) -> None:
        self.at = self.revision = 0
        self.name = ""
        self.history: array[float] | None = array("d") if remembers else None
        self._asked = asked
        self.cores: Sequence[Core] = asked.cores()
        self._copies: Sequence[Core] = asked.cores()
        self._before = 0
        self.tail: list[Row] = []
        self._shown: Row | None = None
        self.plain = False
        """Whether a new row only has to be entered, kept in the `tail`, and answered: set by whoever holds the track."""

    @property
    def seen(self) -> int:
        """How many rows there were."""
        return self._before + len(self.tail)

    @property
    def is_straight(self) -> bool:
        """Whether a new row only has to be entered and be kept in the `tail`."""
        return self._shown is None and self.history is None

    def enter(self, row: Row) -> Any:
        """The answer with this row as the next."""
        if self.history is not None:
            self.history.extend(row)
        if self._shown is None:
            return self.enter_plainly(row)
        self._before += 1
        self._asked.update(self.cores, self._shown)
        self._shown = row
        return self._asked.peek(self.cores, row)

    def enter_plainly(self, row: Row) -> Any:
        """The answer with this row as the next, where the last one was never told again."""
        if len(self.tail) == COPY_EVERY:
            self.copy()
        self.tail.append(row)
        return self._asked.update(self.cores, row)

    def enter_again(self, row: Row) -> Any:
        """The answer with this row in place of the last."""
        asked = self._asked
        if self.history is not None:
            del self.history[-len(row) :]
            self.history.extend(row)
        if self._shown is None:
            self.cores, self._copies = self._copies, ()
            for entered in islice(self.tail, len(self.tail) - 1):
                asked.update(self.cores, entered)
            self._before += len(self.tail)
            self.tail.clear()
        self._shown = row
        self.plain = False
        return asked.peek(self.cores, row)

    def enter_all(self, columns: Columns, out: NDArray[np.float64]) -> None:
        """Enter the next rows, given by column, and write their outputs into the rows of *out*."""
        n, asked = len(columns[0]), self._asked
        if self._shown is not None:
            for i, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
                out[:, i] = asked.spread(self.enter(row))
            return
        if self.history is not None:
            self.history.frombytes(np.column_stack(columns).tobytes())
        if n > 1:
            asked.fill(self.cores, [column[:-1] for column in columns], out[:, :-1])
            self.copy()
            self._before += n - 1
        last = tuple(column.item(n - 1) for column in columns)
        out[:, n - 1] = asked.spread(self.enter_plainly(last))

    def copy(self) -> None:
        """Copy the cores as they are, and begin a new tail."""
        self._copies = [core.copy() for core in self.cores]
        self._before += len(self.tail)
        self.tail.clear()
