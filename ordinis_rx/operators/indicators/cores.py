"""What computes an indicator, bar by bar.

A core is an indicator of one symbol. It answers each row of its inputs with its number, or with a tuple where it has
several, and with NaN until it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answer", "Columns", "Core", "columns_of"]

Answer: TypeAlias = Any
"""A float, or a tuple of floats where there are several outputs."""

Columns: TypeAlias = Sequence[NDArray[np.float64]]
"""One array an input, or an output."""


class Core(Protocol):
    """An indicator of one symbol."""

    @property
    def update(self) -> Callable[..., Answer]:
        """The next row of inputs in, its answer out."""
        ...

    @property
    def peek(self) -> Callable[..., Answer]:
        """What `update` would answer; nothing changes."""
        ...

    def fill(self, columns: Columns) -> Columns:
        """The next rows in, by column; one array an output out."""
        ...

    def copy(self) -> Core:
        """Another that has seen the same, and goes on by itself."""
        ...


def columns_of(answers: Iterable[Answer], rows: int, outputs: int) -> Columns:
    """The answers to so many rows by column.

    >>> [column.tolist() for column in columns_of([(1.0, 2.0), (3.0, 4.0)], 2, 2)]
    [[1.0, 3.0], [2.0, 4.0]]
    """
    numbers = answers if outputs == 1 else chain.from_iterable(answers)
    table = np.fromiter(numbers, np.float64, rows * outputs)
    return [table] if outputs == 1 else list(table.reshape(rows, outputs).T)
