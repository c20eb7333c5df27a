"""The consensus as one step on rows: the kernel at work for one subscriber."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.batches import Item
from ordinis_rx.columns import Block
from ordinis_rx.consensus.config import AggregationConfig
from ordinis_rx.consensus.facts import AggregatedQuote, Reject
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.consensus.meter import ConsensusMeter
from ordinis_rx.consensus.numbers import REASONS, kernel_params
from ordinis_rx.consensus.outliers import log_move
from ordinis_rx.consensus.rows import COLUMNS, Rows
from ordinis_rx.consensus.warnings import Doubts
from ordinis_rx.kernels.compiled import prepare
from ordinis_rx.kernels.consensus import fold_reports
from ordinis_rx.kernels.consensus_layout import CONSENSUS, QUOTE
from ordinis_rx.kernels.record import FIRST, Call
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.turns import FlowObserver

__all__ = ["Fused"]

_SCHEMA = AggregatedQuoteFrame.schema
_AT = {column.partition(":")[0]: j for j, column in enumerate(COLUMNS.split())}
_OWN = ("row", "moved", "moved_bps", "verdict")
_CARRIED = ("ts_event", "ts_recv", "provider", "seq")
_CARRIED_AT = tuple((_SCHEMA.index[name], _AT[name]) for name in _CARRIED)


class Fused:
    """An observer of events that tells answers."""

    __slots__ = (
        "_call",
        "_carried",
        "_config",
        "_doubts",
        "_ended",
        "_frame",
        "_meter",
        "_observer",
        "_out",
        "_own",
        "_pointed",
        "_rejects",
        "_room",
        "_rows",
        "_run",
        "_verdicts",
    )

    def __init__(
        self,
        observer: FlowObserver,
        config: AggregationConfig,
        rejects: SideOutput[Reject] | None,
        meter: ConsensusMeter | None,
    ) -> None:
        self._observer = observer
        self._config = config
        self._rejects = rejects
        self._meter = meter
        self._doubts = Doubts(config)
        self._rows = Rows(config)
        self._call = Call(CONSENSUS, kernel_params(config, metered=meter is not None))
        self._run = prepare(fold_reports, self._call)
        self._frame: AggregatedQuoteFrame | None = None
        self._pointed: Block | None = None
        self._ended = False
        self._make_room(1)
        if meter is not None:
            meter.watch(self._call)

    def on_item(self, item: Item) -> None:
        """Tell the answers that *item* leads to."""
        if self._ended:
            return
        try:
            n = self._rows.take(item)
        except Exception as error:
            self._ended = True
            self._observer.on_error(error)
            return
        if n == 0:
            return
        if len(item.names.symbols) > self._call.symbols:
            self._call.grow(len(item.names.symbols))
        if self._meter is not None:
            self._meter.names = item.names
        at = 0
        while at < n:
            answers, took = self._fold(at, n - at, item)
            if answers is not None:
                self._observer.on_item(answers)
            at += took

    def on_error(self, error: Exception) -> None:
        """Pass the end on."""
        self._doubts.at_the_end()
        self._observer.on_error(error)

    def on_completed(self) -> None:
        """Pass the end on."""
        self._doubts.at_the_end()
        self._observer.on_completed()

    def exits(self, found: set[int]) -> None:
        """Pass the question on."""
        self._observer.exits(found)

    def _fold(self, at: int, left: int, item: Item) -> tuple[AggregatedQuoteFrame | None, int]:
        """The answers that the rows from *at* on lead to, and how many of the *left* rows were taken."""
        if left > self._room:
            self._make_room(left)
        if at or self._pointed is not self._rows.block:
            self._point(at)
        run, argument = self._run
        stop = self._call.stop
        stop[0] = left
        written = run(left, argument)
        while not stop[0]:
            self._make_room(2 * self._room)
            stop[0] = left
            written = run(left, argument)
        took = stop[0]
        if took > 1 or self._verdicts[0] or self._doubts.any:
            self._look_back(at, took, item)
        return self._frame_of(written, at, item) if written else None, took

    def _point(self, at: int) -> None:
        """Let the kernel see the rows from *at* on."""
        block = self._rows.block
        for j in range(len(CONSENSUS.reads)):
            view = block.views[j]
            self._call.point(FIRST + j, block.addresses[j] + 8 * at, view[at:] if at else view)
        self._pointed = None if at else block
        self._carry()

    def _carry(self) -> None:
        """Find what each answer has from the row that led to it: the columns to write, and those to read."""
        to, source = self._out.views, self._rows.block.views
        self._carried = [(to[j], source[k]) for j, k in _CARRIED_AT]

    def _make_room(self, rows: int) -> None:
        """Have room for so many answers."""
        self._room = rows
        self._out = Block(_SCHEMA.kinds, rows)
        self._own = Block("iifi", rows)
        self._verdicts = self._own.views[_OWN.index("verdict")]
        fixed = _SCHEMA.index["method"]
        self._out.columns[fixed].fill(_SCHEMA.code("method", self._config.method))
        for slot, column in enumerate(CONSENSUS.writes, CONSENSUS.first_write):
            if column.name in _OWN:
                block, j = self._own, _OWN.index(column.name)
            else:
                block, j = self._out, _SCHEMA.index[column.name]
            self._call.point(slot, block.addresses[j], block.views[j])
        self._call.room(rows)
        self._carry()

    def _frame_of(self, written: int, at: int, item: Item) -> AggregatedQuoteFrame:
        """The answers as a frame; times, provider and `seq` are those of the row that led to each."""
        block, out = self._rows.block, self._out
        if written == 1:
            row = self._own.views[0][0] + at
            for to, source in self._carried:
                to[0] = source[row]
        else:
            rows = self._own.columns[0][:written] + at
            for to, source in _CARRIED_AT:
                out.columns[to][:written] = block.columns[source][rows]
        frame = self._frame
        if frame is None or frame.names is not item.names:
            frame = self._frame = AggregatedQuoteFrame(item.names)
        frame.hold_columns(out, written)
        frame.turn = item.turn
        if written == 1:
            if self._own.views[1][0]:
                self._log_move(0, frame)
        else:
            for k in np.flatnonzero(self._own.columns[1][:written]).tolist():
                self._log_move(k, frame)
        return frame

    def _log_move(self, k: int, frame: AggregatedQuoteFrame) -> None:
        """Say who is excluded, or used again."""
        answer: AggregatedQuote = frame.facts[k]
        moved = frame.names.providers.words.named(self._own.views[1][k])
        away: float = self._own.views[2][k]
        for provider in moved:
            excluded = provider in answer.outliers_excluded
            log_move(answer.symbol, provider, excluded, away, alone=len(moved) == 1)

    def _look_back(self, at: int, took: int, item: Item) -> None:
        """Tell what was refused, and warn of settings that make no sense with these providers."""
        views, block = self._own.views, self._rows.block
        if self._doubts.any:
            self._doubts.look(item.names.providers.words, block.views[_AT["ts_event"]][at])
        if took == 1:
            refused = [0] if views[3][0] else []
        else:
            verdicts: NDArray[np.int64] = self._own.columns[3][:took]
            refused = np.flatnonzero(verdicts).tolist()
        if not refused or (self._rejects is None and self._meter is None):
            return
        told = [self._reject(k, at + k, item) for k in refused]
        if self._meter is not None:
            self._meter.refuse(told)
        if self._rejects is not None:
            self._rejects.tell(told)

    def _reject(self, k: int, row: int, item: Item) -> Reject:
        views, names = self._rows.block.views, item.names
        symbol: int = views[_AT["symbol"]][row]
        provider: int = views[_AT["provider"]][row]
        quoted = views[_AT["kind"]][row] == QUOTE
        bid, ask = views[_AT["bid"]][row], views[_AT["ask"]][row]
        value = (bid + ask) / 2 if quoted else views[_AT["price"]][row]
        return Reject(
            symbol=names.symbols.words[symbol],
            ts_event=views[_AT["ts_event"]][row],
            ts_recv=views[_AT["ts_recv"]][row],
            provider=names.providers.words[provider],
            seq=views[_AT["seq"]][row],
            reason=REASONS[self._own.views[3][k]],
            value=value,
        )
