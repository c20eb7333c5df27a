"""Where the rows of a consensus lie: a frame's stay in its columns, with what they lack beside them; facts are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ordinis_rx.codes import Codes, Names
from ordinis_rx.columns import Block, Place
from ordinis_rx.consensus.known import Known
from ordinis_rx.events import Heartbeat, Quote, Trade
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.kernels.aiming import Source
from ordinis_rx.kernels.compiled import is_compiling
from ordinis_rx.kernels.consensus_layout import CONSENSUS, QUOTE, TIME, TRADE
from ordinis_rx.transposing import FactWriter

__all__ = ["AT", "COLUMNS", "KINDS", "KIND_OF", "NAMES", "SOURCES", "TABLED", "Beside"]

NAMES = [column.name for column in CONSENSUS.reads]
KINDS = "".join(column.kind for column in CONSENSUS.reads)
AT = {name: j for j, name in enumerate(NAMES)}

KIND_OF: dict[type[Any], int] = {Quote: QUOTE, Trade: TRADE, Heartbeat: TIME}
"""What a fact is to the kernel, where it is a row of its own."""

_COMMON = ("symbol", "provider", "ts_event", "ts_recv", "seq")
COLUMNS = {
    QUOTE: (*_COMMON, "bid", "ask", "bid_size", "ask_size"),
    TRADE: (*_COMMON, "price", "size", "flags"),
}
"""What is read of a quote, and of a trade."""

TABLED = (("weight", "provider"), ("max_age", "symbol"))
"""Columns of what is known by the codes of another."""

_QUOTED_OR_TRADED: dict[int, type[Any]] = {QUOTE: Quote, TRADE: Trade}

SOURCES: dict[int, list[Source]] = {
    kind: [
        (True, FRAMES[of].schema.index[name]) if name in COLUMNS[kind] else (False, j)
        for j, name in enumerate(NAMES)
    ]
    for kind, of in _QUOTED_OR_TRADED.items()
}
"""Where the columns lie of a frame that has all of its own in one block: there, or in the block beside it."""


_MIXED = -1
"""The block of rows of several kinds."""


def _write(
    kinds: Sequence[int],
    facts: Sequence[Any],
    views: Sequence[Any],
    symbols: Codes,
    providers: Codes,
) -> None:
    """Write facts of any kinds, and what each is to the kernel, into the first rows of *views*."""
    (
        codes, of_symbol, of_provider, events, arrivals, price, bid, ask, bid_size, ask_size, size, flags, _, _, seqs,
    ) = views  # fmt: skip
    for i, kind, fact in zip(range(len(kinds)), kinds, facts, strict=True):
        codes[i] = kind
        of_symbol[i], of_provider[i] = symbols[fact.symbol], providers[fact.provider]
        events[i], arrivals[i], seqs[i] = fact.ts_event, fact.ts_recv, fact.seq
        if kind == QUOTE:
            bid[i], ask[i], bid_size[i], ask_size[i] = (
                fact.bid,
                fact.ask,
                fact.bid_size,
                fact.ask_size,
            )
        elif kind == TRADE:
            price[i], size[i], flags[i] = fact.price, fact.size, fact.flags


class Beside:
    """The rows of the item taken last; the blocks beside frames are used again for the next.

    `kind` is that of a frame's rows, `block` the one beside it, and `whole` the frame's own, where it has all its columns.
    Facts are written into `block`; then that has all columns, and `has_all` says so.
    """

    __slots__ = (
        "_blocks",
        "_filled",
        "_known",
        "_places",
        "_writers",
        "block",
        "has_all",
        "kind",
        "whole",
    )

    def __init__(self, known: Known) -> None:
        self._known = known
        self._blocks: dict[int, Block] = {}
        self._writers: dict[int, FactWriter] = {}
        self._filled: list[float | None] = []
        """What the blocks are filled with."""
        self._places: list[Place] = []
        self.kind = QUOTE
        self.block = Block(KINDS, 1)
        self.has_all = False
        self.whole: Block | None = None

    @property
    def places(self) -> list[Place]:
        """Where each column of the rows lies."""
        if self.whole is not None:
            return [(self.whole if inside else self.block, j) for inside, j in SOURCES[self.kind]]
        if self.has_all:
            return [(self.block, j) for j in range(len(NAMES))]
        return self._places

    def take(self, frame: Frame) -> None:
        """Leave the rows of *frame*, which has some, and in columns, where they are."""
        kind = KIND_OF[frame.kind]
        block = self._begin(kind, frame.n)
        self.has_all, self.whole = False, frame.whole
        if frame.whole is None:
            self._places = places = [(block, j) for j in range(len(NAMES))]
            for name in COLUMNS[kind]:
                places[AT[name]] = frame.lookup(name)
        self.complete(frame.names, frame.n)

    def write(self, facts: list[Any], names: Names) -> None:
        """Write *facts*, all of them quotes or all of them trades, into `block`."""
        kind = KIND_OF[facts[0].__class__]
        block = self._begin(kind, len(facts))
        self.has_all, self.whole = True, None
        writer = self._writers.get(kind)
        if writer is None or writer.names is not names:
            schema, reads = FRAMES[_QUOTED_OR_TRADED[kind]].schema, COLUMNS[kind]
            places = [(block, AT[name]) for name in reads]
            writer = FactWriter(schema, reads, places, names, native=is_compiling())
            self._writers[kind] = writer
        writer.write(facts)
        self.complete(names, len(facts))

    def mix(self, kinds: Sequence[int], facts: Sequence[Any], names: Names, room: int) -> Block:
        """Write facts of any *kinds* into `block`, which has *room* for others, too; `complete` has to follow."""
        block = self._begin(_MIXED, room)
        self.has_all, self.whole = True, None
        _write(kinds, facts, block.views, names.symbols, names.providers)
        return block

    def _begin(self, kind: int, rows: int) -> Block:
        """Have in `block` room for *rows* of a kind, with all filled in that is the same in every row."""
        block = self._blocks.get(kind)
        if block is None or block.capacity < rows:
            block = self._blocks[kind] = Block(KINDS, 2 * rows if block else max(rows, 1))
            self._writers.pop(kind, None)
            block.columns[AT["kind"]].fill(kind)
            self._fill(block)
        self.kind, self.block = kind, block
        return block

    def _fill(self, block: Block) -> None:
        for (name, _), value in zip(TABLED, self._filled, strict=False):
            if value is not None:
                block.columns[AT[name]].fill(value)

    def complete(self, names: Names, n: int) -> None:
        """Write what is known of the providers and symbols of *n* rows; the new among them have a number by now."""
        if n == 0:
            return
        known = self._known
        known.tabulate(names)
        if known.fills != self._filled:
            self._filled = known.fills
            for block in self._blocks.values():
                self._fill(block)
        if None not in known.fills:
            return
        for (name, of), values in zip(TABLED, known.tables, strict=True):
            if len(values) > 1:
                source, k = self.places[AT[of]]
                out = self.block.columns[AT[name]][:n]
                np.take(values, source.columns[k][:n], out=out, mode="clip")
