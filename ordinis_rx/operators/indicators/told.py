"""Many readings at once: a frame of them, out of arrays of outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.frames import Frame, ReadingFrame
from ordinis_rx.operators.indicators.plan import Plan
from ordinis_rx.recipes import Recipe

__all__ = ["CARRIED", "Teller"]

CARRIED = ("symbol", "ts_event", "ts_recv", "provider", "seq")
"""What a reading has of the fact that caused it."""


class Teller:
    """One subscriber's readings; the frame and its memory are used again for every item."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._out = ReadingFrame(Names())
        # Of readings of readings, what else those say is none of ours.
        own: dict[str, Any] = {"name": plan.name, "values": ()}
        if not plan.revises:
            own["revision"] = 0
        self._recipe = Recipe(plan.frame.schema, ReadingFrame.schema, ["value"], own)
        self._block = Block(ReadingFrame.schema.kinds, 1)

    def of_facts(self, readings: list[Any], names: Names) -> Frame:
        """A frame of these readings."""
        out = self._out
        out.names = names
        out.hold(readings)
        return out

    def of_columns(
        self, frame: Frame, rows: NDArray[np.int64] | None, outputs: NDArray[np.float64]
    ) -> Frame:
        """A frame of readings of *rows* of *frame* (None: of all), whose numbers are the columns of *outputs*."""
        n = outputs.shape[1]
        if self._block.capacity < n:
            self._block = Block(ReadingFrame.schema.kinds, 2 * n)
        out, block = self._out, self._block
        index = ReadingFrame.schema.index
        block.columns[index["value"]][:n] = outputs[0]
        if self._plan.single:
            out.block = block
            out.hold_derived(frame, n, rows, self._recipe)
            return out
        if not self._plan.revises:
            block.columns[index["revision"]][:n] = 0
        for name in (*CARRIED, "revision") if self._plan.revises else CARRIED:
            source, k = frame.lookup(name)
            column = source.columns[k][: frame.n]
            block.columns[index[name]][:n] = column if rows is None else column[rows]
        out.names = frame.names
        objects: dict[str, Sequence[Any]] = {
            "name": [self._plan.name] * n,
            "values": _Tuples(outputs),
        }
        out.hold_columns(block, n, objects)
        return out


class _Tuples(Sequence[tuple[float, ...]]):
    """The columns of an array as tuples, made when somebody asks."""

    def __init__(self, outputs: NDArray[np.float64]) -> None:
        self._outputs = outputs

    @overload
    def __getitem__(self, place: int) -> tuple[float, ...]: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[float, ...]]: ...

    def __getitem__(self, place: int | slice) -> Any:
        chosen = self._outputs[:, place]
        if isinstance(place, int):
            return tuple(chosen.tolist())
        return list(zip(*chosen.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self._outputs[0])

    def __iter__(self) -> Iterator[tuple[float, ...]]:
        return zip(*self._outputs.tolist(), strict=True)
