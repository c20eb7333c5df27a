"""One subscriber's kernel at work: points it at the rows that came, and makes a frame of the rows that it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ordinis_rx.columns import Block, Names
from ordinis_rx.frames import Frame
from ordinis_rx.kernels.compiled import prepare
from ordinis_rx.kernels.record import FIRST, Call, Kernel, Layout
from ordinis_rx.recipes import Recipe

__all__ = ["MOST_ROOM", "KernelRun"]

MOST_ROOM = 1 << 20
"""Rows of output; a kernel that wants more for a single row is taken to be faulty."""

_Place = tuple[Block, int]
"""Where a column lies: a block, and which of its columns."""


class KernelRun:
    """A kernel with its record, its state and the output that it uses again for every frame."""

    __slots__ = (
        "_argument",
        "_block",
        "_block_places",
        "_call",
        "_constants",
        "_derives",
        "_expands",
        "_frame",
        "_input",
        "_keeps",
        "_kernel",
        "_layout",
        "_out",
        "_own",
        "_places",
        "_pointed",
        "_reads",
        "_recipe",
        "_room",
        "_rows",
        "_views",
        "_where",
        "_write",
        "kind",
        "name",
    )

    def __init__(
        self,
        kernel: Kernel,
        layout: Layout,
        reads: type[Frame],
        out: type[Frame],
        params: Sequence[float],
        recipe: Recipe,
    ) -> None:
        self.name: str = kernel.__name__
        self.kind = reads.kind
        self._layout = layout
        self._expands = layout.expands
        self._call = Call(layout, params)
        self._kernel, self._argument = prepare(kernel, self._call)
        # A column that the layout reads twice, in two slots, is looked up and written once.
        self._reads = tuple(dict.fromkeys(c.name for c in layout.reads if reads.kind_of(c.name)))
        self._constants = [c for c in layout.reads if c.name not in self._reads]
        self._derives = not reads.derived.keys().isdisjoint(self._reads)
        order = [*self._reads, *(c.name for c in self._constants)]
        self._where = [order.index(column.name) for column in layout.reads]
        self._write = reads.schema.writer(self._reads)
        self._recipe = recipe
        self._keeps = recipe.derive is None
        self._out = out(Names())
        self._rows: Any = None
        self._frame: Frame | None = None
        self._places: list[_Place] = []
        self._pointed: list[_Place] | None = None
        self._block: Block | None = None
        self._block_places: list[_Place] = []
        self._make_input(1)
        self._make_room(1)

    def rows_of(self, frame: Frame, at: int, end: int | None = None) -> tuple[Frame, int]:
        """What the kernel makes of the rows of *frame* from *at* on (up to *end*), and how far it came."""
        if at == 0 or frame is not self._frame:
            self._frame = frame
            if not frame.rests_on_facts:
                self._locate(frame)
            else:  # only what the kernel reads is written, into an input of our own
                if frame.n > self._input.capacity:
                    self._make_input(2 * frame.n)
                self._places = self._own
                names = frame.names
                try:
                    self._write(frame.held, self._views, names.symbols, names.providers)
                except (TypeError, ValueError, OverflowError, KeyError) as error:
                    raise self._complaint(frame) from error
        if at or self._places is not self._pointed:
            self._point(at)
        left = (frame.n if end is None else end) - at
        if left > self._room:
            self._make_room(left)
        call = self._call
        symbols = len(frame.names.symbols)
        if symbols > call.symbols:
            call.grow(symbols)
        if not self._expands:
            written = self._kernel(left, self._argument)
            if written == left == frame.n and self._keeps:  # most filters keep most rows
                return frame, at + left
            return self._frame_of(frame, written, at, left), at + left
        while True:
            call.stop[0] = left
            written = self._kernel(left, self._argument)
            took = call.stop[0]
            if took or written:
                return self._frame_of(frame, written, at, self._room), at + took
            if self._room >= MOST_ROOM:
                raise RuntimeError(
                    f"kernel {self.name} wants more than {MOST_ROOM} rows of output for one row"
                )
            self._make_room(2 * self._room)

    def state(self, name: str) -> Any:
        """The numbers of the kernel's state column *name*, which must not be one that grows with the symbols."""
        return memoryview(self._call.state(name))  # type: ignore[arg-type]

    def _locate(self, frame: Frame) -> None:
        """Find the columns to read, in a frame that has some."""
        if self._constants and frame.n > self._input.capacity:
            self._make_input(2 * frame.n)
        block = None if self._derives else frame.whole()
        if block is None or block is not self._block:
            constants = self._own[len(self._reads) :]
            self._places = [*map(frame.lookup, self._reads), *constants]
            self._block, self._block_places = block, self._places
        self._places = self._block_places

    def _complaint(self, frame: Frame) -> TypeError:
        """Which field of which fact could not be written."""
        names = Names()
        for fact in frame.facts:
            for j, name in enumerate(self._reads):
                try:
                    frame.schema.writer((name,))(
                        [fact], [self._input.views[j]], names.symbols, names.providers
                    )
                except (TypeError, ValueError, OverflowError, KeyError):
                    return TypeError(f"{name} cannot be {getattr(fact, name)!r} in {fact!r}")
        return TypeError(f"facts that cannot be read by column: {frame.facts!r}")

    def _point(self, at: int) -> None:
        """Let the kernel see the places found, from row *at* on."""
        call, places = self._call, self._places
        if self._argument is not call:  # machine code looks at the record alone
            record = call.record
            for slot, j in enumerate(self._where, FIRST):
                block, k = places[j]
                record[slot] = block.addresses[k] + 8 * at
        else:
            for slot, j in enumerate(self._where, FIRST):
                block, k = places[j]
                view = block.views[k]
                call.point(slot, block.addresses[k] + 8 * at, view[at:] if at else view)
        self._pointed = None if at else places

    def _make_input(self, capacity: int) -> None:
        kinds = {column.name: column.kind for column in self._layout.reads}
        order = [*self._reads, *(column.name for column in self._constants)]
        self._input = Block("".join(kinds[name] for name in order), capacity)
        for j, column in enumerate(self._constants, len(self._reads)):
            self._input.columns[j].fill(column.default)
        self._own = [(self._input, j) for j in range(len(order))]
        self._views = self._input.views[: len(self._reads)]
        self._places = self._own
        self._pointed = self._block = None

    def _make_room(self, rows: int) -> None:
        """Have an output of at least *rows* rows; what the last one held has been handed on."""
        self._room = rows
        out = self._out
        if any(self._recipe.filled):
            out.block = Block(out.schema.kinds, rows)
            for j, value in self._recipe.fixed.items():
                out.block.columns[j].fill(value)
        for slot, column in enumerate(self._layout.writes, self._layout.first_write):
            if column.name == "row":
                block, k = Block("i", rows), 0
                self._rows = block.columns[0]
            else:
                assert out.block is not None
                block, k = out.block, out.schema.index[column.name]
            self._call.point(slot, block.addresses[k], block.views[k])
        self._call.room(rows)

    def _frame_of(self, frame: Frame, written: int, at: int, most: int) -> Frame:
        rows = self._rows
        if not 0 <= written <= most:
            raise RuntimeError(f"kernel {self.name} wrote {written} rows, with room for {most}")
        if (
            not written and self._expands
        ):  # most rows end no bar; nobody looks into a frame without rows
            self._out.n = 0
            return self._out
        if rows is None:
            if written != frame.n:
                raise RuntimeError(
                    f"kernel {self.name} wrote {written} rows for {frame.n}, and no row:i"
                )
        elif at:
            rows[:written] += at
        self._out.hold_derived(frame, written, rows, self._recipe)
        return self._out
