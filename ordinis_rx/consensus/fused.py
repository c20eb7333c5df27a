"""The consensus as one step on rows: the kernel at work for one subscriber."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block
from ordinis_rx.consensus.beside import COLUMNS, KIND_OF, SOURCES
from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.facts import AggregatedQuote, Reject
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.consensus.lanes import LONE, METERED, LoneReport
from ordinis_rx.consensus.meter import ConsensusMeter
from ordinis_rx.consensus.numbers import REASONS, kernel_params
from ordinis_rx.consensus.outliers import log_move, moves_are_logged
from ordinis_rx.consensus.rows import Rows
from ordinis_rx.consensus.warnings import Doubts
from ordinis_rx.events import Quote, Trade
from ordinis_rx.kernels.abreast import WIDE
from ordinis_rx.kernels.aiming import Aim, aimer
from ordinis_rx.kernels.compiled import is_compiling, prepare
from ordinis_rx.kernels.consensus import fold_reports
from ordinis_rx.kernels.consensus_layout import CONSENSUS, MOVED_NOW, QUOTE, REFUSED_NOW
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.misfits import misfit
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.paving import Paving
from ordinis_rx.turns import FlowObserver, Turn

__all__ = ["Fused"]

_SCHEMA = AggregatedQuoteFrame.schema
_OWN = ("moved", "moved_bps", "verdict")
AT_ONCE = 1 << 11
"""Rows that are taken in at once: answers have twice the columns of other facts, and so many stay in the cache of a core."""


class Fused:
    """An observer of events that tells answers."""

    __slots__ = (
        "_aims",
        "_beside",
        "_ended",
        "_frame",
        "_meter",
        "_moves",
        "_observer",
        "_own",
        "_pointed",
        "_rejects",
        "_room",
        "_verdicts",
        "call",
        "config",
        "doubts",
        "notes",
        "out",
        "rows",
        "run",
    )

    def __init__(
        self,
        observer: FlowObserver,
        config: AggregationConfig,
        rejects: SideOutput[Reject] | None,
        meter: ConsensusMeter | None,
    ) -> None:
        self._observer = observer
        self.config = config
        self._rejects = rejects
        self._meter = meter
        self.doubts = Doubts(config)
        self.rows = Rows(config)
        # In Python nothing is won by taking a step for many answers at once.
        abreast = WIDE if is_compiling() else 1
        params = kernel_params(config, metered=meter is not None, abreast=abreast)
        self.call = Call(CONSENSUS, params)
        """The record that the kernel works on; `run` is the kernel, and what it is handed; `notes`, what it notes for us."""
        self.run = prepare(fold_reports, self.call)
        self.notes: Any = memoryview(self.call.state("notes"))  # type: ignore[arg-type]
        self._frame: AggregatedQuoteFrame | None = None
        self._aims: dict[int, Aim] = {}
        self._pointed: Block | None = None
        """The block that the kernel sees, and `_beside` the one that what this lacks lies in, if it is a frame's."""
        self._beside: Block | None = None
        self._ended = False
        self._make_room(1)
        if meter is not None:
            meter.watch(self.call)

    def on_item(self, item: Item) -> None:
        """Tell the answers that *item* leads to."""
        if self._ended:
            return
        try:
            n = self.rows.take(item)
        except Exception as error:
            rested = item.rests_on_facts  # as it will when its facts are looked at
            before = self._before_misfit(item)
            if before.n < item.n or rested:
                if 0 < before.n < item.n:
                    self.on_item(before)
                self._fail(error, item)
            else:  # what did not fit was left out above
                self.on_item(before)
            return
        if n == 0:
            return
        if len(item.names.symbols) > self.call.symbols:
            self.call.grow(len(item.names.symbols))
        if self._meter is not None:
            self._meter.learn(self.call, item.names)
        at = 0
        while at < n:
            written, took = self._fold(at, min(n - at, AT_ONCE), item.names)
            if written:
                self._observer.on_item(self._frame_of(written, item.names, item.turn))
            at += took

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one report alone; what else there is comes in frames."""
        if kind is not Quote and kind is not Trade:
            paving.into_frame(self, kind)
            return
        lone = LoneReport(self, kind, paving.names)
        paving.write(
            LONE if self._meter is None else METERED + LONE,
            call=self.call,
            doubts=self.doubts,
            known=self.rows.known,
            meter=self._meter,
            names=paving.names,
            one=self.rows.one,
            point_at_one=self._point_at_one,
            slowly=lone.take,
            stage=self,
            take=lone.taking(),
        )
        paving.into(self._observer, AggregatedQuote)

    def _before_misfit(self, item: Item) -> Item:
        """The facts of an item that cannot be taken before the first that is why."""
        before = list(takewhile(lambda fact: self._takes(fact, item.names), item.facts))
        part = item_of(before, item.names)
        part.turn = item.turn
        return part

    def _takes(self, fact: Any, names: Names) -> bool:
        try:
            self.rows.take(item_of([fact], names))
        except Exception:
            return False
        return True

    def refuse(self, error: Exception, fact: Any, names: Names) -> None:
        """End the stream with *error*, which came of *fact*."""
        self._fail(error, item_of([fact], names))

    def _fail(self, error: Exception, item: Item) -> None:
        """End the stream with *error*, or with what of *item* was the cause."""
        self._ended = True
        for kind, code in KIND_OF.items():
            facts = [fact for fact in item.facts if type(fact) is kind]
            error = misfit(facts, COLUMNS.get(code, ()), error)
        self._observer.on_error(error)

    def on_error(self, error: Exception) -> None:
        """Pass the end on."""
        self.doubts.at_the_end()
        self._observer.on_error(error)

    def on_completed(self) -> None:
        """Pass the end on."""
        self.doubts.at_the_end()
        self._observer.on_completed()

    def exits(self, found: set[int]) -> None:
        """Ask those below where facts leave for plain Rx."""
        self._observer.exits(found)

    def _fold(self, at: int, left: int, names: Names) -> tuple[int, int]:
        """How many answers the rows from *at* on lead to, and how many of the *left* rows were taken."""
        if left > self._room:
            self._make_room(left)
        self._point(at)
        run, argument = self.run
        stop = self.call.stop
        stop[0] = left
        written = run(left, argument)
        while not stop[0]:
            self._make_room(2 * self._room)
            stop[0] = left
            written = run(left, argument)
        took = stop[0]
        if self.notes[REFUSED_NOW] or self.doubts.any:
            self.look_back(at, took, names)
        return written, took

    def _point(self, at: int) -> None:
        """Let the kernel see the rows from *at* on."""
        rows, call = self.rows, self.call
        block, stay = rows.block, rows.stay
        whole = None if stay else rows.beside.whole
        compiled = self.run[1] is not call  # machine code looks at the record alone
        if at == 0 and compiled and whole is not None:
            if whole is not self._pointed or block is not self._beside:
                self._aim_at(whole, block)
            return
        if at == 0 and stay and block is self._pointed:
            return
        for slot, (lies, j) in enumerate(rows.places, FIRST):
            address = lies.addresses[j] + 8 * at
            if compiled:
                call.record[slot] = address
            else:
                view = lies.views[j]
                call.point(slot, address, view[at:] if at else view)
        self._pointed = block if stay and at == 0 else None

    def _point_at_one(self) -> None:
        """Let the kernel see a fact that comes alone."""
        self.rows.block = self.rows.one
        self._point(0)

    def _aim_at(self, whole: Block, beside: Block) -> None:
        """Let machine code see the columns of a frame where they are, and ours beside them."""
        kind = self.rows.beside.kind
        aim = self._aims.get(kind)
        if aim is None:
            aim = self._aims[kind] = aimer(self.call, SOURCES[kind])
        aim(whole.addresses, beside.addresses)
        self._pointed, self._beside = whole, beside

    def _make_room(self, rows: int) -> None:
        """Have room for so many answers."""
        self._room = rows
        self.out = Block(_SCHEMA.kinds, rows)
        self._own = Block("ifi", rows)
        self._moves = self._own.views[_OWN.index("moved")]
        self._verdicts = self._own.views[_OWN.index("verdict")]
        fixed = _SCHEMA.index["method"]
        self.out.columns[fixed].fill(_SCHEMA.code("method", self.config.method))
        for slot, column in enumerate(CONSENSUS.writes, CONSENSUS.first_write):
            if column.name in _OWN:
                block, j = self._own, _OWN.index(column.name)
            else:
                block, j = self.out, _SCHEMA.index[column.name]
            self.call.point(slot, block.addresses[j], block.views[j])
        self.call.room(rows)

    def _frame_of(self, written: int, names: Names, turn: Turn) -> AggregatedQuoteFrame:
        """The answers as a frame."""
        frame = self._frame
        if frame is None or frame.names is not names:
            frame = self._frame = AggregatedQuoteFrame(names)
        frame.hold_columns(self.out, written)
        frame.turn = turn
        if self.notes[MOVED_NOW] and moves_are_logged():
            self.log_moves(written, names)
        return frame

    def log_moves(self, written: int, names: Names) -> None:
        """Say who is excluded, or used again; of columns, since facts of all answers would cost more than the answers do."""
        symbols, sets = names.symbols.words, names.providers.words.sets
        codes: Any = self.out.views[_SCHEMA.index["symbol"]]
        out: Any = self.out.views[_SCHEMA.index["outliers_excluded"]]
        for k in np.flatnonzero(self._own.columns[0][:written]).tolist():
            code: int = codes[k]
            moved, excluded, away = sets[self._moves[k]], sets[out[k]], self._own.views[1][k]
            for provider in moved:
                log_move(symbols[code], provider, provider in excluded, away, alone=len(moved) == 1)

    def look_back(self, at: int, took: int, names: Names) -> None:
        """Tell what was refused, and warn of settings that make no sense with these providers."""
        if self.doubts.any:
            ts_event = self.rows.value("ts_event", at)
            self.doubts.look(names.providers.words, ts_event)
        if not self.notes[REFUSED_NOW] or (self._rejects is None and self._meter is None):
            return
        verdicts: NDArray[np.int64] = self._own.columns[2][:took]
        told = [self._reject(k, at + k, names) for k in np.flatnonzero(verdicts).tolist()]
        if self._meter is not None:
            self._meter.refuse(self.call, told)
        if self._rejects is not None:
            self._rejects.tell(told)

    def _reject(self, k: int, row: int, names: Names) -> Reject:
        value = self.rows.value
        quoted = value("kind", row) == QUOTE
        price = (value("bid", row) + value("ask", row)) / 2 if quoted else value("price", row)
        symbol: int = value("symbol", row)
        provider: int = value("provider", row)
        return Reject(
            symbol=names.symbols.words[symbol],
            ts_event=value("ts_event", row),
            ts_recv=value("ts_recv", row),
            provider=names.providers.words[provider],
            seq=value("seq", row),
            reason=REASONS[self._verdicts[k]],
            value=price,
        )
