"""A kernel under watch, as Python: what it may not do is an error here, where machine code writes where it should not.

Its state has room for the symbols there are and no more, so that a row beyond is seen with one symbol as with a thousand.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ordinis_rx.kernels.faults import KernelFault, wrong_row, wrong_stop
from ordinis_rx.kernels.record import FIRST, Call, Column, Kernel

__all__ = ["watched"]


def watched(kernel: Kernel, call: Call) -> Callable[[int, Any], int]:
    """*kernel* as Python on *call*, raising `KernelFault` for what it may not do."""
    layout, name = call.layout, kernel.__name__
    call.watch(lambda column, view: _State(name, column, call, view))
    rows = next((j for j, c in enumerate(layout.writes, layout.first_write) if c.name == "row"), -1)

    reads = range(FIRST, layout.first_write)

    def run(n: int, call: Call) -> int:
        for slot in reads:  # others read these, too
            call.cells[slot] = call.cells[slot].toreadonly()
        try:
            written: Any = kernel(n, call)
        except (IndexError, TypeError) as error:
            # Of a slot of another layout, a row that there is not, a column that is only read.
            why = f"would reach as machine code what is not its own: {error}"
            raise KernelFault(name, why) from error
        if type(written) is not int:
            raise KernelFault(name, f"returned {written!r}, not how many rows it wrote")
        if layout.expands and not 0 <= call.stop[0] <= n:
            raise wrong_stop(name, call.stop[0], n)
        if rows >= 0:
            last = 0
            for at, row in enumerate(call.cells[rows][: max(written, 0)]):
                if not 0 <= row < n:
                    raise wrong_row(name, row, at, n)
                if row < last:
                    raise KernelFault(name, f"wrote row {row} at {at}, after row {last}: rows rise")
                last = row
        return written

    return run


class _State:
    """A state column that lets nobody beyond its rows, nor before them."""

    __slots__ = ("_call", "_column", "_kernel", "_view")

    def __init__(self, kernel: str, column: Column, call: Call, view: Any) -> None:
        self._kernel, self._column, self._call, self._view = kernel, column, call, view

    def __len__(self) -> int:
        return len(self._view)

    def __getitem__(self, row: object) -> Any:
        return self._view[self._checked(row)]

    def __setitem__(self, row: object, value: Any) -> None:
        self._view[self._checked(row)] = value

    def _checked(self, index: Any) -> int:
        try:
            row = operator.index(index)
        except TypeError:
            one = (
                f"one index, symbol * {self._column.rows} + k"
                if self._column.per_symbol
                else "one index"
            )
            raise KernelFault(
                self._kernel,
                f"indexed its state {self._column.name} by {index!r}: a column has {one}",
            ) from None
        if not 0 <= row < len(self._view):
            whose = f" of {self._call.symbols} symbols" if self._column.per_symbol else ""
            raise KernelFault(
                self._kernel,
                f"asked for row {row} of its state {self._column.name}, which has {len(self._view)} rows{whose}",
            )
        return row
