"""One subscriber's kernel at work: points it at the rows that came, and makes a frame of the rows that it wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import indent
from typing import Any

from ordinis_rx.columns import Block, Names
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.kernels.aiming import Aim, aimer
from ordinis_rx.kernels.compiled import prepare
from ordinis_rx.kernels.faults import KernelFault, wrong_count, wrong_row, wrong_stop
from ordinis_rx.kernels.record import FIRST, Call, Kernel, Layout
from ordinis_rx.misfits import MISFIT, before_misfit, misfit
from ordinis_rx.paving import Paving
from ordinis_rx.recipes import Recipe

__all__ = ["AT_ONCE", "MOST_ROOM", "KernelRun"]

AT_ONCE = 1 << 14
"""Rows for which a kernel that writes facts has room: more are taken in turns, since memory that is used again stays in the
cache, and new memory costs more than most kernels do (the system maps a page for every 512 numbers)."""

FEW = 32
"""In frames of so few rows nobody looks which rows a kernel says: a message would cost a tenth more. Checks look always."""

MOST_ROOM = 1 << 20
"""Rows of output; a kernel that wants more for a single row is taken to be faulty."""

_Place = tuple[Block, int]
"""Where a column lies: a block, and which of its columns."""


_LONE = """
try:
    try:
{put}
    except MISFIT as error:
        raise misfit([fact], reads, error) from error
    if run._pointed is not alone:
        look_at_alone()
    if len(symbols) > call.symbols:
        call.grow(len(symbols))
{rest}
except Exception as error:
    fail(error)
    leave
"""
_CHOSEN = """
if not written:
    leave
"""
_ONE = """
if written != 1:
    raise wrong_count(who, written, 1, 1)
"""
_FRAMED = """
if frame.dirty:
    frame.hold([fact])
else:
    frame.held = [fact]
frame.turn = turn = entry.outer or own
if out.dirty:
    out.hold_derived(frame, 1, run._rows, recipe)
else:
    out.held = None
    out.n, out.parent, out.names, out.turn = 1, frame, names, turn
"""
_ALL = """
told = all_of(fact, names, written) if written or stop[0] != 1 else ()
"""


class KernelRun:
    """A kernel with its record, its state and the output that it uses again for every frame."""

    __slots__ = (
        "_aim",
        "_alone",
        "_argument",
        "_call",
        "_constants",
        "_cramped",
        "_fits",
        "_frame",
        "_index",
        "_input",
        "_keeps",
        "_kernel",
        "_kinds",
        "_layout",
        "_out",
        "_own",
        "_places",
        "_pointed",
        "_put",
        "_reads",
        "_recipe",
        "_room",
        "_row",
        "_rows",
        "_schema",
        "_where",
        "_write",
        "expands",
        "kind",
        "makes",
        "name",
        "read",
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
        self._layout = layout
        self.expands = layout.expands
        """Whether a row may become several, so that `rows_of` has to be asked."""
        self._call = Call(layout, params)
        self._kernel, self._argument = prepare(kernel, self._call)
        # A column that the layout reads twice, in two slots, is looked up and written once.
        self._reads = tuple(dict.fromkeys(c.name for c in layout.reads if reads.kind_of(c.name)))
        self._constants = [c for c in layout.reads if c.name not in self._reads]
        index = reads.schema.index
        self._index = index if index.keys() >= set(self._reads) else None
        order = [*self._reads, *(c.name for c in self._constants)]
        self._where = [order.index(column.name) for column in layout.reads]
        kinds = {column.name: column.kind for column in layout.reads}
        self._kinds = "".join(kinds[name] for name in order)
        self._write = reads.schema.writer(self._reads)
        alone = self._new_input(1)
        self._alone = [(alone, j) for j in range(len(order))]
        self._schema = reads.schema
        self._put = reads.schema.row_writer(self._reads, alone)
        """Writes a fact that comes alone, into an input of one row."""
        self._recipe = recipe
        self._keeps = recipe.derive is None
        self._out = out(Names())
        self._rows: Any = None
        self._row: Any = None
        """The numbers of the rows that caused what it wrote, if it tells them; as an array, and to look single ones up."""
        self._cramped = False
        """Whether it took no row in the last round, though it wrote some."""
        self._frame: Frame | None = None
        self._places: Block | list[_Place] = self._alone
        """What the kernel shall see: columns from here and there, or a block to `_aim` at."""
        self._pointed: Block | list[_Place] | None = None
        self._aim = self._aimer()
        self._make_input(1)
        self._make_room(1)

    def lone(self, frame: Frame) -> Frame | None:
        """What the kernel, one that does not expand, makes of the one fact that *frame* rests on; None: nothing.

        As `rows_of` does, in fewer calls: live, most frames are one fact.
        """
        facts: Any = frame.held
        names = frame.names
        symbols = names.symbols
        try:
            self._put(facts[0], symbols, names.providers)
        except MISFIT as error:
            raise misfit(frame.facts, self._reads, error) from error
        if self._pointed is not self._alone:
            self._look_at_alone()
        call = self._call
        if len(symbols) > call.symbols:
            call.grow(len(symbols))
        written = self._kernel(1, self._argument)
        if written == 1:
            if self._keeps:
                return frame
            out = self._out
            if out.dirty:
                out.hold_derived(frame, 1, self._rows, self._recipe)
            else:
                out.held = None
                out.n, out.parent, out.names, out.turn = 1, frame, names, frame.turn
            return out
        if written == 0 and self._rows is not None:
            return None
        return self._frame_of(frame, written, 0, 1)

    def rows_of(self, frame: Frame, at: int, end: int | None = None) -> tuple[Frame, int]:
        """What the kernel makes of the rows of *frame* from *at* on (up to *end*), and how far it came.

        That is no further than to a fact that does not fit into the columns; the next call says so.
        """
        if at == 0 or frame is not self._frame:
            self._frame = frame
            try:
                if frame.rests_on_facts:
                    self._take(frame)
                else:
                    block = frame.whole
                    if block is None or block is not self._pointed or frame.n > self._fits:
                        self._locate(frame)
                    else:  # the block of the last frame, filled anew
                        self._places = block
            except MISFIT as error:
                return self._rows_that_fit(frame, at, end, error)
        if at or self._places is not self._pointed:
            self._point(at)
        left = (frame.n if end is None else end) - at
        if left > self._room or left > AT_ONCE:
            left = self._at_once(left)
            if left > self._room:
                self._make_room(left)
        call = self._call
        symbols = frame.names.symbols
        if len(symbols) > call.symbols:
            call.grow(len(symbols))
        if not self.expands:
            written = self._kernel(left, self._argument)
            if written == left == frame.n and self._keeps:  # most filters keep most rows
                return frame, at + left
            return self._frame_of(frame, written, at, left), at + left
        stop = call.stop
        if self._cramped:
            self._make_more_room()
            self._cramped = False
        while True:
            stop[0] = left
            written = self._kernel(left, self._argument)
            took = stop[0]
            if not 0 <= took <= left:
                raise wrong_stop(self.name, took, left)
            if took and not written:  # most rows end no bar; nobody looks into a frame without rows
                self._out.n = 0
                return self._out, at + took
            if took or written:
                self._cramped = not took and self._wants_room(written)
                return self._frame_of(frame, written, at, self._room), at + took
            self._make_more_room()

    @property
    def derives(self) -> bool:
        """Whether it makes one fact of another, of which a frame can be told that rests on the other."""
        return not self.expands and not self._keeps

    def pave(self, paving: Paving, fail: Callable[[Exception], None]) -> None:
        """Write the way of one fact alone through the kernel; what that raises goes to *fail*.

        What the kernel makes of it is the fact from there on; or, where it expands, `told` holds all that.
        """
        if self.expands:
            self._pave(paving, fail, "stop[0] = 1", _ALL)
            return
        making, known = self._recipe.deriving_one or ("fact", {})
        made = f"{self._recipe.reading_one}\nmade = {making}" if known else ""
        self._pave(paving, fail, "", _ONE + made, **known)

    def pave_framed(
        self,
        paving: Paving,
        fail: Callable[[Exception], None],
        on_item: Callable[[Frame], None],
    ) -> None:
        """The same of one that `derives`; what it makes is handed to *on_item* as a frame, which is less than a fact."""
        entry = paving.entry
        frame = FRAMES[self.kind](paving.names)
        known = {"entry": entry, "frame": frame, "own": entry.own, "recipe": self._recipe}
        self._pave(paving, fail, "", _ONE + _FRAMED, **known)
        paving.write("on_item(out)", on_item=on_item, out=self._out)

    def _pave(
        self,
        paving: Paving,
        fail: Callable[[Exception], None],
        before: str,
        rest: str,
        **known: Any,
    ) -> None:
        names = paving.names
        put, more = self._schema.row_writing(self._reads, self._alone[0][0])
        chosen = _CHOSEN if self._rows is not None and not self.expands else ""
        rest = f"{before}\nwritten = kernel(1, argument)\n{chosen}{rest}"
        paving.write(
            _LONE.format(put=indent(put, " " * 8), rest=indent(rest, " " * 4)),
            **known,
            **more,
            MISFIT=MISFIT,
            all_of=self._all_of,
            alone=self._alone,
            argument=self._argument,
            call=self._call,
            fail=fail,
            kernel=self._kernel,
            look_at_alone=self._look_at_alone,
            misfit=misfit,
            names=names,
            out=self._out,
            providers=names.providers,
            reads=self._reads,
            run=self,
            stop=self._call.stop,
            symbols=names.symbols,
            who=self.name,
            wrong_count=wrong_count,
        )

    def _look_at_alone(self) -> None:
        """Let the kernel see a fact that comes alone."""
        self._places = self._alone
        self._point(0)

    def _all_of(self, fact: Any, names: Names, written: int) -> list[Any]:
        """All that the kernel tells of the lone *fact*, coded by *names*, of which it has written some."""
        frame = FRAMES[self.kind](names)
        frame.hold([fact])
        made: list[Any] = []
        stop = self._call.stop
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
            written = self._kernel(1, self._argument)

    def state(self, name: str) -> Any:
        """The numbers of the kernel's state column *name*, which must not be one that grows with the symbols."""
        return memoryview(self._call.state(name))  # type: ignore[arg-type]

    @property
    def label(self) -> str:
        """The kernel and its parameters."""
        call, layout = self._call, self._layout
        numbers = enumerate(layout.params, layout.first_param)
        return " ".join([self.name, *(f"{each.name}={call.cells[k]}" for k, each in numbers)])

    @property
    def call(self) -> Call:
        """The record that the kernel works on, with its state."""
        return self._call

    def _take(self, frame: Frame) -> None:
        """Write what the kernel reads of facts, and only that, into an input of our own."""
        names = frame.names
        facts: Any = frame.held
        if frame.n == 1:
            self._put(facts[0], names.symbols, names.providers)
            self._places = self._alone
            return
        if frame.n > self._input.capacity:
            self._make_input(2 * frame.n)
        self._write(facts, self._input.views[: len(self._reads)], names.symbols, names.providers)
        self._places = self._own

    def _rows_that_fit(
        self, frame: Frame, at: int, end: int | None, error: Exception
    ) -> tuple[Frame, int]:
        """As `rows_of`, of the rows before the first that cannot be written; raises why it cannot, where that comes next.

        What cannot be written may also be a row that was left out above.
        """
        facts = frame.facts[at:end]
        fitting = before_misfit(facts, self._reads, frame.names)
        if not fitting or (frame.rests_on_facts and len(fitting) == frame.n):
            raise misfit(facts[:1], self._reads, error) from error
        part = FRAMES[self.kind](frame.names)
        part.hold(fitting)
        part.turn = frame.turn
        out, reached = self.rows_of(part, 0)
        return out, at + reached

    def _at_once(self, rows: int) -> int:
        """How many of so many rows the kernel takes at once; all where what it tells may be the rows of the whole frame."""
        return rows if self._keeps or self._rows is None else min(rows, AT_ONCE)

    def _locate(self, frame: Frame) -> None:
        """Find the columns to read, in a frame that has some."""
        rows = self._at_once(frame.n)
        if rows > self._fits:
            self._make_input(2 * rows)
        if frame.whole is not None and self._aim is not None:
            self._places = frame.whole
        else:
            constants = self._own[len(self._reads) :]
            self._places = [*map(frame.lookup, self._reads), *constants]

    def _point(self, at: int) -> None:
        """Let the kernel see the places found, from row *at* on; what is the same in every row, from its beginning."""
        call, places = self._call, self._places
        if isinstance(places, Block):
            assert self._aim is not None
            lies = [first + 8 * at for first in places.addresses] if at else places.addresses
            self._aim(lies, self._input.addresses)
            self._pointed = None if at else places
            return
        constants = len(self._reads)
        seen = [(*places[j], at if j < constants else 0) for j in self._where]
        if self._argument is not call:  # machine code looks at the record alone
            record = call.record
            for slot, (block, k, first) in enumerate(seen, FIRST):
                record[slot] = block.addresses[k] + 8 * first
        else:
            for slot, (block, k, first) in enumerate(seen, FIRST):
                view = block.views[k]
                call.point(slot, block.addresses[k] + 8 * first, view[first:] if first else view)
        self._pointed = None if at else places

    def _new_input(self, capacity: int) -> Block:
        """A block for what the kernel reads, in which the columns that are the same in every row are filled."""
        block = Block(self._kinds, capacity)
        for j, column in enumerate(self._constants, len(self._reads)):
            block.columns[j].fill(column.default)
        return block

    def _make_input(self, capacity: int) -> None:
        self._input = self._new_input(capacity)
        self._own = [(self._input, j) for j in range(len(self._kinds))]
        self._fits = capacity if self._constants else 1 << 62
        self._pointed = None

    def _aimer(self) -> Aim | None:
        """What points machine code at a block that has every column: a message by column, in one call.

        None where the kernel runs as Python, or reads numbers that are worked out of columns.
        """
        index = self._index
        if index is None or self._argument is self._call:
            return None
        sources = [
            (True, index[column.name]) if column.name in index else (False, k)
            for column, k in zip(self._layout.reads, self._where, strict=True)
        ]
        return aimer(self._call, sources)

    def _make_room(self, rows: int) -> None:
        """Have an output of at least *rows* rows; what the last one held has been handed on."""
        self._room = rows
        out = self._out
        out.dirty = True
        if any(self._recipe.filled):
            out.block = Block(out.schema.kinds, rows)
            self.read = out.block.reader(self._recipe.first)
            for j, value in self._recipe.fixed.items():
                out.block.columns[j].fill(value)
        for slot, column in enumerate(self._layout.writes, self._layout.first_write):
            if column.name == "row":
                block, k = Block("i", rows), 0
                self._rows, self._row = block.columns[0], block.views[0]
            else:
                assert out.block is not None
                block, k = out.block, out.schema.index[column.name]
            self._call.point(slot, block.addresses[k], block.views[k])
        self._call.room(rows)

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
        rows = self._rows
        if not 0 <= written <= most or (rows is None and written != frame.n):
            raise wrong_count(self.name, written, frame.n, most)
        if most > FEW and written and rows is not None:
            first, last, given = self._row[0], self._row[written - 1], frame.n - at
            if first < 0 or last >= given:  # that they rise between is for checks to find out
                row, place = (first, 0) if first < 0 else (last, written - 1)
                raise wrong_row(self.name, row, place, given)
        if rows is not None and at:
            rows[:written] += at
        self._out.hold_derived(frame, written, rows, self._recipe)
        return self._out
