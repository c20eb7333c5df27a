"""The rows of a frame of quotes, or of trades: they stay in its columns, and what those lack lies beside them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from ordinis_rx.columns import Block, Names
from ordinis_rx.consensus.known import Known
from ordinis_rx.events import Quote, Trade
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.kernels.aiming import Source
from ordinis_rx.kernels.consensus_layout import CONSENSUS, QUOTE, TRADE

__all__ = ["AT", "COLUMNS", "KINDS", "NAMES", "SOURCES", "TABLED", "Beside", "Place"]

NAMES = [column.name for column in CONSENSUS.reads]
KINDS = "".join(column.kind for column in CONSENSUS.reads)
AT = {name: j for j, name in enumerate(NAMES)}

_COMMON = ("symbol", "provider", "ts_event", "ts_recv", "seq")
COLUMNS = {
    QUOTE: (*_COMMON, "bid", "ask", "bid_size", "ask_size"),
    TRADE: (*_COMMON, "price", "size", "flags"),
}
"""What is read of a quote, and of a trade."""

TABLED = (("weight", "provider"), ("max_age", "symbol"))
"""Columns of what is known by the codes of another."""

Place: TypeAlias = tuple[Block, int]
"""Where a column lies: a block, and which of its columns."""

SOURCES: dict[int, list[Source]] = {
    kind: [
        (True, FRAMES[of].schema.index[name]) if name in COLUMNS[kind] else (False, j)
        for j, name in enumerate(NAMES)
    ]
    for kind, of in ((QUOTE, Quote), (TRADE, Trade))
}
"""Where the columns lie of a frame that has all of its own in one block: there, or in the block beside it."""


_VIEWS = {kind: [AT[name] for name in names] for kind, names in COLUMNS.items()}
_WRITERS = {
    QUOTE: FRAMES[Quote].schema.writer(COLUMNS[QUOTE]),
    TRADE: FRAMES[Trade].schema.writer(COLUMNS[TRADE]),
}


class Beside:
    """The rows of the frame taken last; the blocks beside it are used again for the next.

    `kind` is that of the rows, `block` the one beside the frame, and `whole` the frame's own, where it has all its columns.
    Facts are written into `block`; then that has all columns, and `has_all` says so.
    """

    __slots__ = ("_blocks", "_filled", "_known", "_places", "block", "has_all", "kind", "whole")

    def __init__(self, known: Known) -> None:
        self._known = known
        self._blocks: dict[int, Block] = {}
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
        kind = QUOTE if frame.kind is Quote else TRADE
        block = self._begin(kind, frame.n)
        self.has_all, self.whole = False, frame.whole
        if frame.whole is None:
            self._places = places = [(block, j) for j in range(len(NAMES))]
            for name in COLUMNS[kind]:
                places[AT[name]] = frame.lookup(name)
        self._tabulate(frame.names, frame.n)

    def write(self, facts: list[Any], names: Names) -> None:
        """Write *facts*, all of them quotes or all of them trades, into `block`."""
        kind = QUOTE if facts[0].__class__ is Quote else TRADE
        views = self._begin(kind, len(facts)).views
        self.has_all, self.whole = True, None
        _WRITERS[kind](facts, [views[j] for j in _VIEWS[kind]], names.symbols, names.providers)
        self._tabulate(names, len(facts))

    def _begin(self, kind: int, rows: int) -> Block:
        self.kind = kind
        self.block = self._block(kind, rows)
        return self.block

    def _block(self, kind: int, rows: int) -> Block:
        """A block with room for *rows* of a kind, in which all is filled that is the same in every row."""
        block = self._blocks.get(kind)
        if block is None or block.capacity < rows:
            block = self._blocks[kind] = Block(KINDS, 2 * rows if block else rows)
            block.columns[AT["kind"]].fill(kind)
            self._fill(block)
        return block

    def _fill(self, block: Block) -> None:
        for (name, _), value in zip(TABLED, self._filled, strict=False):
            if value is not None:
                block.columns[AT[name]].fill(value)

    def _tabulate(self, names: Names, n: int) -> None:
        """Write what is known of the providers and symbols of *n* rows; the new among them have a number by now."""
        known = self._known
        known.tabulate(names)
        if known.fills != self._filled:
            self._filled = known.fills
            for block in self._blocks.values():
                self._fill(block)
        if known.varied:
            for (name, of), values in zip(TABLED, known.tables, strict=True):
                if len(values) > 1:
                    source, k = self.places[AT[of]]
                    out = self.block.columns[AT[name]][:n]
                    np.take(values, source.columns[k][:n], out=out, mode="clip")
