"""One subscriber's kernel at work: runs it over the rows that came, and makes a frame of the rows that it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.inputs import Inputs
from ordinis_rx.kernels.compiled import prepare
from ordinis_rx.kernels.faults import KernelFault, wrong_count, wrong_row, wrong_stop
from ordinis_rx.kernels.record import Call, Kernel, Layout
from ordinis_rx.misfits import MISFIT, before_misfit, misfit
from ordinis_rx.recipes import Recipe

__all__ = ["AT_ONCE", "MOST_ROOM", "KernelRun"]

AT_ONCE = 1 << 14
"""Rows for which a kernel that writes facts has room: more are taken in turns, since memory that is used again stays in the
cache, and new memory costs more than most kernels do (the system maps a page for every 512 numbers)."""

FEW = 32
"""In frames of so few rows nobody looks which rows a kernel says: a message would cost a tenth more. Checks look always."""

MOST_ROOM = 1 << 20
"""Rows of output; a kernel that wants more for a single row is taken to be faulty."""


class KernelRun:
    """A kernel with its record, its state and the output that it uses again for every frame."""

    __slots__ = (
        "_cramped",
        "_frame",
        "_keeps",
        "_room",
        "_row",
        "argument",
        "call",
        "expands",
        "inputs",
        "kernel",
        "kind",
        "makes",
        "name",
        "out",
        "recipe",
        "rows",
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
        """What it reads, and `makes` what it tells."""
        self.makes = out.kind
        self.expands = layout.expands
        """Whether a row may become several, so that `rows_of` has to be asked."""
        self.call = Call(layout, params)
        """The record that the kernel works on, with its state; `kernel` and `argument` are what runs, and with what."""
        self.kernel, self.argument = prepare(kernel, self.call)
        self.inputs = Inputs(self.call, reads, compiled=self.argument is not self.call)
        self.recipe = recipe
        """What its rows are made of, and `out` the frame that they are told in."""
        self.out = out(Names())
        self._keeps = recipe.derive is None
        self.rows: Any = None
        self._row: Any = None
        """The numbers of the rows that caused what it wrote, if it tells them; as an array, and to look single ones up."""
        self._cramped = False
        """Whether it took no row in the last round, though it wrote some."""
        self._frame: Frame | None = None
        self._make_room(1)

    def written_of(self, fact: Any, names: Names) -> int:
        """How many rows the kernel writes of *fact* alone, coded by *names*."""
        inputs, call, symbols = self.inputs, self.call, names.symbols
        try:
            inputs.put(fact, symbols, names.providers)
        except MISFIT as error:
            raise misfit([fact], inputs.reads, error) from error
        if inputs.pointed is not inputs.alone:
            self.look_at_alone()
        if len(symbols) > call.symbols:
            call.grow(len(symbols))
        return self.kernel(1, self.argument)

    def lone(self, frame: Frame) -> Frame | None:
        """What the kernel, one that does not expand, makes of the one fact that *frame* rests on; None: nothing.

        As `rows_of` does, in fewer calls: live, most frames are one fact.
        """
        facts: Any = frame.held
        names = frame.names
        written = self.written_of(facts[0], names)
        if written == 1:
            if self._keeps:
                return frame
            out = self.out
            if out.dirty:
                out.hold_derived(frame, 1, self.rows, self.recipe)
            else:
                out.held = None
                out.n, out.parent, out.names, out.turn = 1, frame, names, frame.turn
            return out
        if written == 0 and self.rows is not None:
            return None
        return self._frame_of(frame, written, 0, 1)

    def rows_of(self, frame: Frame, at: int, end: int | None = None) -> tuple[Frame, int]:
        """What the kernel makes of the rows of *frame* from *at* on (up to *end*), and how far it came.

        That is no further than to a fact that does not fit into the columns; the next call says so.
        """
        inputs = self.inputs
        if at == 0 or frame is not self._frame:
            self._frame = frame
            try:
                if frame.rests_on_facts:
                    inputs.take(frame)
                else:
                    block = frame.whole
                    if block is None or block is not inputs.pointed or frame.n > inputs.fits:
                        inputs.locate(frame, self._at_once(frame.n))
                    else:  # the block of the last frame, filled anew
                        inputs.places = block
            except MISFIT as error:
                return self._rows_that_fit(frame, at, end, error)
        if at or inputs.places is not inputs.pointed:
            inputs.point(at)
        left = (frame.n if end is None else end) - at
        if left > self._room or left > AT_ONCE:
            left = self._at_once(left)
            if left > self._room:
                self._make_room(left)
        call = self.call
        symbols = frame.names.symbols
        if len(symbols) > call.symbols:
            call.grow(len(symbols))
        if not self.expands:
            written = self.kernel(left, self.argument)
            if written == left == frame.n and self._keeps:  # most filters keep most rows
                return frame, at + left
            return self._frame_of(frame, written, at, left), at + left
        stop = call.stop
        if self._cramped:
            self._make_more_room()
            self._cramped = False
        while True:
            stop[0] = left
            written = self.kernel(left, self.argument)
            took = stop[0]
            if not 0 <= took <= left:
                raise wrong_stop(self.name, took, left)
            if took and not written:  # most rows end no bar; nobody looks into a frame without rows
                self.out.n = 0
                return self.out, at + took
            if took or written:
                self._cramped = not took and self._wants_room(written)
                return self._frame_of(frame, written, at, self._room), at + took
            self._make_more_room()

    def look_at_alone(self) -> None:
        """Have all as it stays as long as facts come alone: the kernel sees one row, of which it takes one."""
        self.inputs.look_at_alone()
        self.call.stop[0] = 1

    @property
    def derives(self) -> bool:
        """Whether it makes one fact of another, of which a frame can be told that rests on the other."""
        return not self.expands and not self._keeps

    def made_of(self, fact: Any, names: Names) -> Any:
        """The one fact that the kernel makes of *fact*, coded by *names*, of which it has written a row."""
        derive = self.recipe.derive_one
        assert derive is not None
        assert self.out.block is not None
        return derive(fact, self.out.block.views, names)

    def all_of(self, fact: Any, names: Names, written: int) -> list[Any]:
        """All that the kernel tells of the lone *fact*, coded by *names*, of which it has written some."""
        stop = self.call.stop
        if not written and stop[0] == 1:
            return []
        frame = FRAMES[self.kind](names)
        frame.hold([fact])
        made: list[Any] = []
        while True:
            if not 0 <= stop[0] <= 1:
                raise wrong_stop(self.name, stop[0], 1)
            if written:
                made += self._frame_of(frame, written, 0, self._room).facts
            if stop[0]:
                return made
            if self._wants_room(written):
                self._make_more_room()
            stop[0] = 1
            written = self.kernel(1, self.argument)

    def state(self, name: str) -> Any:
        """The numbers of the kernel's state column *name*, which must not be one that grows with the symbols."""
        return memoryview(self.call.state(name))  # type: ignore[arg-type]

    @property
    def label(self) -> str:
        """The kernel, its parameters, and the numbers that it reads, of what."""
        call, layout = self.call, self.call.layout
        params = enumerate(layout.params, layout.first_param)
        given = [f"{each.name}={call.cells[k]}" for k, each in params]
        numbers = dict.fromkeys(
            each.name
            for each in layout.reads
            if each.kind == "f" and each.name in self.inputs.schema.index
        )
        return " ".join([self.name, *given, "of", self.kind.__name__, *numbers])

    def _rows_that_fit(
        self, frame: Frame, at: int, end: int | None, error: Exception
    ) -> tuple[Frame, int]:
        """As `rows_of`, of the rows before the first that cannot be written; raises why it cannot, where that comes next.

        What cannot be written may also be a row that was left out above.
        """
        facts = frame.facts[at:end]
        fitting = before_misfit(facts, self.inputs.reads, frame.names)
        if not fitting or (frame.rests_on_facts and len(fitting) == frame.n):
            raise misfit(facts[:1], self.inputs.reads, error) from error
        part = FRAMES[self.kind](frame.names)
        part.hold(fitting)
        part.turn = frame.turn
        out, reached = self.rows_of(part, 0)
        return out, at + reached

    def _at_once(self, rows: int) -> int:
        """How many of so many rows the kernel takes at once; all where what it tells may be the rows of the whole frame."""
        return rows if self._keeps or self.rows is None else min(rows, AT_ONCE)

    def _make_room(self, rows: int) -> None:
        """Have an output of at least *rows* rows; what the last one held has been handed on."""
        self._room = rows
        out, layout = self.out, self.call.layout
        out.dirty = True
        if any(self.recipe.filled):
            out.block = Block(out.schema.kinds, rows)
            for j, value in self.recipe.fixed.items():
                out.block.columns[j].fill(value)
        for slot, column in enumerate(layout.writes, layout.first_write):
            if column.name == "row":
                block, k = Block("i", rows), 0
                self.rows, self._row = block.columns[0], block.views[0]
            else:
                assert out.block is not None
                block, k = out.block, out.schema.index[column.name]
            self.call.point(slot, block.addresses[k], block.views[k])
        self.call.room(rows)

    def _wants_room(self, written: int) -> bool:
        """Whether a kernel that took no row is short of room: half of it is empty, or it is less than for a usual frame.

        Who fills it again and again, many bars of a long silence say, has enough.
        """
        return 2 * written < self._room or self._room < AT_ONCE

    def _make_more_room(self) -> None:
        if self._room >= MOST_ROOM:
            raise KernelFault(self.name, f"wants more than {MOST_ROOM} rows of output for one row")
        self._make_room(2 * self._room)

    def _frame_of(self, frame: Frame, written: int, at: int, most: int) -> Frame:
        rows = self.rows
        if not 0 <= written <= most or (rows is None and written != frame.n):
            raise wrong_count(self.name, written, frame.n, most)
        if most > FEW and written and rows is not None:
            first, last, given = self._row[0], self._row[written - 1], frame.n - at
            if first < 0 or last >= given:  # that they rise between is for checks to find out
                row, place = (first, 0) if first < 0 else (last, written - 1)
                raise wrong_row(self.name, row, place, given)
        if rows is not None and at:
            rows[:written] += at
        self.out.hold_derived(frame, written, rows, self.recipe)
        return self.out
