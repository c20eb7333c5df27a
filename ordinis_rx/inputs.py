"""Where a kernel sees the columns that it reads: in a frame's own block, here and there, or in an input of ours."""

from __future__ import annotations

from typing import Any

from ordinis_rx.columns import Block, Place
from ordinis_rx.frames import Frame
from ordinis_rx.kernels.aiming import Aim, aimer
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.transposing import FactWriter

__all__ = ["Inputs"]


class Inputs:
    """What the kernel of *call* reads of facts of one kind; as machine code, where it is *compiled*."""

    __slots__ = (
        "_aim",
        "_call",
        "_compiled",
        "_constants",
        "_input",
        "_kinds",
        "_own",
        "_where",
        "_writer",
        "alone",
        "block",
        "fits",
        "places",
        "pointed",
        "put",
        "reads",
        "schema",
    )

    def __init__(self, call: Call, reads: type[Frame], *, compiled: bool) -> None:
        layout = call.layout
        self._call = call
        self._compiled = compiled
        # A column that the layout reads twice, in two slots, is looked up and written once.
        self.reads = tuple(dict.fromkeys(c.name for c in layout.reads if reads.kind_of(c.name)))
        """The fields that are read; and the `schema` of the facts that have them."""
        self.schema = reads.schema
        self._constants = [c for c in layout.reads if c.name not in self.reads]
        order = [*self.reads, *(c.name for c in self._constants)]
        self._where = [order.index(column.name) for column in layout.reads]
        kinds = {column.name: column.kind for column in layout.reads}
        self._kinds = "".join(kinds[name] for name in order)
        self._writer: FactWriter | None = None
        self.block = self._new_input(1)
        """An input of one row, into which `put` writes a fact that comes alone; and its places, to look at."""
        self.alone = [(self.block, j) for j in range(len(order))]
        self.put = reads.schema.row_writer(self.reads, self.block)
        self.places: Block | list[Place] = self.alone
        """What the kernel shall see: columns from here and there, or a block to aim at; and what it sees now."""
        self.pointed: Block | list[Place] | None = None
        self._aim = self._aimer()
        self._make_input(1)

    def take(self, frame: Frame) -> None:
        """Write what the kernel reads of facts, and only that, into an input of our own."""
        names = frame.names
        facts: Any = frame.held
        if frame.n == 1:
            self.put(facts[0], names.symbols, names.providers)
            self.places = self.alone
            return
        if frame.n > self._input.capacity:
            self._make_input(2 * frame.n)
        writer = self._writer
        if writer is None or writer.names is not names:
            places = self._own[: len(self.reads)]
            writer = FactWriter(self.schema, self.reads, places, names, native=self._compiled)
            self._writer = writer
        writer.write(facts)
        self.places = self._own

    def locate(self, frame: Frame, rows: int) -> None:
        """Find the columns to read, so many rows at once, in a frame that has some."""
        if rows > self.fits:
            self._make_input(2 * rows)
        if frame.whole is not None and self._aim is not None:
            self.places = frame.whole
        else:
            constants = self._own[len(self.reads) :]
            self.places = [*map(frame.lookup, self.reads), *constants]

    def look_at_alone(self) -> None:
        """Let the kernel see a fact that comes alone."""
        self.places = self.alone
        self.point(0)

    def point(self, at: int) -> None:
        """Let the kernel see the places found, from row *at* on; what is the same in every row, from its beginning."""
        call, places = self._call, self.places
        if isinstance(places, Block):
            assert self._aim is not None
            lies = [first + 8 * at for first in places.addresses] if at else places.addresses
            self._aim(lies, self._input.addresses)
            self.pointed = None if at else places
            return
        constants = len(self.reads)
        seen = [(*places[j], at if j < constants else 0) for j in self._where]
        if self._compiled:  # machine code looks at the record alone
            record = call.record
            for slot, (block, k, first) in enumerate(seen, FIRST):
                record[slot] = block.addresses[k] + 8 * first
        else:
            for slot, (block, k, first) in enumerate(seen, FIRST):
                view = block.views[k]
                call.point(slot, block.addresses[k] + 8 * first, view[first:] if first else view)
        self.pointed = None if at else places

    def _new_input(self, capacity: int) -> Block:
        """A block for what the kernel reads, in which the columns that are the same in every row are filled."""
        block = Block(self._kinds, capacity)
        for j, column in enumerate(self._constants, len(self.reads)):
            block.columns[j].fill(column.default)
        return block

    def _make_input(self, capacity: int) -> None:
        self._input = self._new_input(capacity)
        self._own = [(self._input, j) for j in range(len(self._kinds))]
        self._writer = None
        self.fits = capacity if self._constants else 1 << 62
        """Rows for which there are columns that a frame does not have."""
        self.pointed = None

    def _aimer(self) -> Aim | None:
        """What points machine code at a block that has every column: a message by column, in one call.

        None where the kernel runs as Python, or reads numbers that are worked out of columns.
        """
        index = self.schema.index
        if not self._compiled or not index.keys() >= set(self.reads):
            return None
        sources = [
            (True, index[column.name]) if column.name in index else (False, k)
            for column, k in zip(self._call.layout.reads, self._where, strict=True)
        ]
        return aimer(self._call, sources)
