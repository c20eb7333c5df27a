"""A kernel at work without any stream: columns in, columns out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from ordinis_rx.kernels.compiled import prepare
from ordinis_rx.kernels.record import FIRST, Call, Kernel, Layout

Columns = dict[str, Any]


class Bench:
    """One kernel with its state; `columns` that are not given have their default."""

    def __init__(self, kernel: Kernel, layout: Layout, params: Sequence[float]) -> None:
        self.call = Call(layout, params)
        self.layout = layout
        self.call.grow(16)
        self.kept: dict[int, Any] = {}  # what the record points at
        self.function, self.argument = prepare(kernel, self.call)

    def __call__(self, *, whole: bool = False, **columns: Any) -> Columns:
        """What the kernel writes, or with *whole* the columns that it writes to, with all their room."""
        n = max(len(column) for column in columns.values())
        for slot, column in enumerate(self.layout.reads, FIRST):
            kind = np.int64 if column.kind == "i" else np.float64
            given = columns.get(column.name)
            if given is None:
                given = np.full(n, 0 if column.default is None else column.default)
            array = self.kept[slot] = np.ascontiguousarray(given, kind)
            self.call.point(slot, array.ctypes.data, memoryview(array))  # type: ignore[arg-type]
        out: Columns = {}
        for slot, column in enumerate(self.layout.writes, self.layout.first_write):
            array = self.kept[slot] = np.zeros(n, np.int64 if column.kind == "i" else np.float64)
            out[column.name] = array
            self.call.point(slot, array.ctypes.data, memoryview(array))  # type: ignore[arg-type]
        self.call.room(n)
        self.call.stop[0] = n
        written = self.function(n, self.argument)
        return out if whole else {name: array[:written] for name, array in out.items()}


@pytest.fixture
def bench() -> Callable[[Kernel, Layout, Sequence[float]], Bench]:
    """Makes a kernel ready to be handed columns, again and again."""
    return Bench


@pytest.fixture
def on_one_symbol() -> Callable[..., Columns]:
    """What a kernel makes of numbers of one symbol, from scratch."""

    def run(
        kernel: Kernel, layout: Layout, params: Sequence[float], columns: Mapping[str, Any]
    ) -> Columns:
        return Bench(kernel, layout, params)(**columns)

    return run
