"""Facts as the rows that a consensus is made of: quotes, trades, losses, time."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Place
from ordinis_rx.consensus.beside import AT, COLUMNS, KIND_OF, KINDS, NAMES, TABLED, Beside
from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.known import Known
from ordinis_rx.events import Event, Gap, Heartbeat, Quote, StatusChange, StreamStatus, Trade
from ordinis_rx.frames import Frame
from ordinis_rx.kernels.consensus_layout import (
    LOST_ALL,
    LOST_ONE,
    LOST_PROVIDERS,
    LOST_SYMBOLS,
)

__all__ = ["Rows", "losses"]

_CODES = {"i": "q", "f": "d"}
_OURS = ("kind", *(name for name, _ in TABLED))
_ROWS = {
    kind: struct.Struct(
        "".join(
            _CODES[code] if name in names or name in _OURS else "8x"
            for name, code in zip(NAMES, KINDS, strict=True)
        )
    )
    for kind, names in COLUMNS.items()
}
"""A row of one quote, or of one trade, written in one call; columns that it lacks are 0."""
_UP = (StreamStatus.CONNECTED, StreamStatus.CONNECTING)


def losses(fact: Event) -> list[tuple[int, str]]:
    """What a change of status, or a gap, makes void: kinds of rows and their symbols."""
    if isinstance(fact, StatusChange):
        return [] if fact.status in _UP else [(LOST_SYMBOLS, "")]
    if isinstance(fact, Gap) and not fact.filled:
        if fact.symbols:
            kind = LOST_ONE if fact.provider else LOST_PROVIDERS
            return [(kind, symbol) for symbol in fact.symbols]
        return [(LOST_SYMBOLS if fact.provider else LOST_ALL, "")]
    return []


def _coded(facts: list[Any]) -> tuple[list[int], list[Any], list[tuple[int, str]]]:
    """What facts are to the kernel, row by row; and of which rows the symbol is another than their fact's."""
    known = [KIND_OF.get(fact.__class__) for fact in facts]
    if None not in known:  # most messages are quotes, trades and the time
        return known, facts, []  # type: ignore[return-value]
    kinds: list[int] = []
    rows: list[Any] = []
    voided: list[tuple[int, str]] = []
    for kind, fact in zip(known, facts, strict=True):
        if kind is not None:
            kinds.append(kind)
            rows.append(fact)
        else:
            for lost, symbol in losses(fact):
                voided.append((len(rows), symbol))
                kinds.append(lost)
                rows.append(fact)
    return kinds, rows, voided


class Rows:
    """The rows of one item, in a block that is used again for the next; those of one frame stay in its own columns."""

    __slots__ = ("_taken_of", "_takers", "beside", "block", "known", "n", "one")

    def __init__(self, config: AggregationConfig) -> None:
        self.known = Known(config)
        self.beside = Beside(self.known)
        """Where the rows of all lie but of a fact that comes alone."""
        self.one = self.block = Block(KINDS, 1)
        """Where a fact lies that comes alone."""
        self._takers: dict[type[Any], Callable[[Any], None]] = {}
        self._taken_of: Names | None = None
        self.n = 0

    def take(self, item: Item) -> int:
        """Hold the rows of *item*, in the order of `seq`; gives how many."""
        if item.rests_on_facts:
            self._of_facts(item.facts, item.names)
        elif isinstance(item, Frame) and (item.kind is Quote or item.kind is Trade):
            self._of_frame(item)
        else:
            self._of_columns(item)
        return self.n

    @property
    def stay(self) -> bool:
        """Whether the next rows may lie where these do."""
        return self.block is not self.beside.block or self.beside.has_all

    @property
    def places(self) -> list[Place]:
        """Where each column of the rows lies."""
        if self.block is self.beside.block:
            return self.beside.places
        return [(self.block, j) for j in range(len(NAMES))]

    def value(self, name: str, row: int) -> Any:
        """What the column *name* says in a row."""
        block, j = self.places[AT[name]]
        return block.views[j][row]

    def taker(self, kind: type[Any], names: Names) -> Callable[[Any], None]:
        """What holds one fact of *kind* alone, a quote or a trade."""
        if names is not self._taken_of:
            self._taken_of = names
            self._takers.clear()
        taker = self._takers.get(kind)
        if taker is None:
            taker = self._takers[kind] = self._taker(kind, names)
        return taker

    def _taker(self, kind: type[Any], names: Names) -> Callable[[Any], None]:
        known, one, code = self.known, self.one, KIND_OF[kind]
        symbols, providers = names.symbols, names.providers
        weights, ages = known.weights, known.ages
        # Live, one fact at a time, all of a row is written in one call: its columns lie side by side.
        memory: Any = memoryview(one.data)  # type: ignore[arg-type]
        pack = _ROWS[code].pack_into

        def take(fact: Any) -> None:
            symbol, provider = symbols[fact.symbol], providers[fact.provider]
            if known.names is not names:
                known.learn(names)
            try:
                weight, age = weights[provider], ages[symbol]
            except IndexError:  # one of them is new
                known.learn(names)
                weight, age = weights[provider], ages[symbol]
            if kind is Quote:
                pack(
                    memory, 0, code,
                    symbol, provider, fact.ts_event, fact.ts_recv, fact.bid, fact.ask, fact.bid_size, fact.ask_size,
                    weight, age, fact.seq,
                )  # fmt: skip
            else:
                pack(
                    memory, 0, code,
                    symbol, provider, fact.ts_event, fact.ts_recv, fact.price, fact.size, fact.flags, weight, age, fact.seq,
                )  # fmt: skip
            self.block = one

        return take

    def _of_facts(self, facts: list[Any], names: Names) -> None:
        self.n = len(facts)
        kind = facts[0].__class__ if facts else None
        if kind is Quote or kind is Trade:
            if len(facts) == 1:
                self.taker(kind, names)(facts[0])
                return
            if len(set(map(type, facts))) == 1:
                self.beside.write(facts, names)
                self.block = self.beside.block
                return
        self._mix(facts, names, 0)
        self.beside.complete(names, self.n)

    def _mix(self, facts: list[Any], names: Names, others: int) -> None:
        """Write facts of any kinds, with room for *others*."""
        kinds, rows, voided = _coded(facts)
        self.n = len(rows)
        self.block = self.beside.mix(kinds, rows, names, self.n + others)
        for i, symbol in voided:
            self.block.views[AT["symbol"]][i] = names.symbols[symbol]

    def _of_frame(self, frame: Frame) -> None:
        self.n = frame.n
        if frame.n:
            self.beside.take(frame)
            self.block = self.beside.block

    def _of_columns(self, item: Item) -> None:
        parts: list[tuple[int, Frame]] = []
        rare: list[Any] = []
        for frame in item.frames():
            if frame.kind is Quote or frame.kind is Trade:
                parts.append((KIND_OF[frame.kind], frame))
            elif frame.kind in (StatusChange, Gap, Heartbeat):
                rare += frame.facts
        # The rare ones first, through facts: they may need several rows each.
        rare.sort(key=lambda fact: fact.seq)
        self._mix(rare, item.names, sum(frame.n for _, frame in parts))
        first = at = self.n
        columns = self.block.columns
        for kind, frame in parts:
            part = slice(at, at + frame.n)
            columns[AT["kind"]][part] = kind
            for name in COLUMNS[kind]:
                columns[AT[name]][part] = getattr(frame, name)
            at += frame.n
        self.n = at
        self.beside.complete(item.names, at)
        if (first > 0) + len(parts) > 1:
            self._sort(first)

    def _sort(self, rare: int) -> None:
        """By `seq`; of equal ones quotes first, then trades, then the rare ones, as kinds are ordered."""
        seq = self.block.columns[AT["seq"]][: self.n]
        order = np.concatenate([np.arange(rare, self.n), np.arange(rare)])
        order = order[np.argsort(seq[order], kind="stable")]
        for column in self.block.columns:
            column[: self.n] = column[: self.n][order]
