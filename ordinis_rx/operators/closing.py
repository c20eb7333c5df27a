"""A kernel that tells later: what it holds is told when a later fact, a heartbeat or the end of the stream closes it."""

from __future__ import annotations

import logging
import math
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

from ordinis_rx.batches import Item
from ordinis_rx.codes import Names
from ordinis_rx.events import Event, Heartbeat
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.kernel_lanes import pave
from ordinis_rx.kernels.buckets import ENDED
from ordinis_rx.kernels.figures import FAR
from ordinis_rx.operators.event_time import moment
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.paving import Paving
from ordinis_rx.running import KernelRun
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import FlowObserver, Turn

__all__ = ["ClosingKernel"]

_log = logging.getLogger(__name__)


class _Cause(NamedTuple):
    """What matters of a fact for those that it causes."""

    ts_recv: Nanos
    seq: int


_HEARD = """
if stage._ended:
    leave
stage._turn, stage._names, stage._last = entry.outer or own, names, fact
"""
_REFUSED = """
if refused[0]:
    tell_refused(fact)
"""


class ClosingKernel:
    """One subscriber's kernel, and all that moves its time.

    The kernel sees a heartbeat as a row that lacks all numbers, `patience` earlier than it is (None: it sees none), and the
    end of the stream as such a row while its state *clock* has `ENDED`. Rows that it could not use stand in its state
    *late*, how many and then which; they are told to the side output, or the first of them to the log.
    """

    __slots__ = (
        "_ended",
        "_last",
        "_late",
        "_names",
        "_observer",
        "_patience",
        "_places",
        "_reads",
        "_refused",
        "_rows",
        "_run",
        "_turn",
        "_warned",
        "_who",
    )

    def __init__(
        self,
        observer: FlowObserver,
        run: KernelRun,
        who: str,
        patience: Nanos | None,
        late: SideOutput[Event] | None,
    ) -> None:
        self._observer = observer
        self._run = run
        self._who = who
        self._patience = patience
        self._late = late
        self._refused: memoryview[int] = run.state("late")
        self._reads = FRAMES[run.kind]
        index = self._reads.schema.index
        self._places = index["ts_recv"], index["seq"]
        """Where these two lie in a block that holds every column."""
        self._last: Any = None
        """The last fact, or what of it makes a `_Cause`, which only the end needs."""
        self._rows: Frame | None = None
        self._turn: Turn | None = None
        self._names = Names()
        self._warned = False
        self._ended = False

    def on_item(self, item: Item) -> None:
        """Let the kernel see the rows of *item* that concern it."""
        if self._patience is None and item.__class__ is self._reads:  # live, most are
            self._turn, self._names = item.turn, item.names
            rows: Any = item
            self._advance(rows, 0, rows.n)
            if rows.held:
                self._last = rows.held[-1]
            else:
                self._remember(rows)
            return
        frame = item.of(self._run.kind)
        beats = None if self._patience is None else item.of(Heartbeat)
        if frame is None and beats is None:
            return
        self._turn, self._names = item.turn, item.names
        if beats is not None:
            self._interleave(frame, beats)
        elif frame is not None:
            self._advance(frame, 0, frame.n)
            self._remember(frame)

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone; heartbeats that move time come in frames."""
        run, entry = self._run, paving.entry
        if kind is not run.kind:
            if self._patience is not None and kind is Heartbeat:
                paving.into_frame(self, kind)
            return
        paving.write(_HEARD, entry=entry, names=paving.names, own=entry.own, stage=self)
        pave(run, paving, self._fail, [run.call.state("late").ctypes.data])
        paving.write(_REFUSED, refused=self._refused, tell_refused=self._tell_alone)
        paving.into(self._observer, run.makes, of="told" if run.expands else "")

    def exits(self, found: set[int]) -> None:
        """Ask those below where facts leave for plain Rx."""
        self._observer.exits(found)

    def on_error(self, error: Exception) -> None:
        """Pass the error on; what is held is not whole, and stays untold."""
        self._ended = True
        self._observer.on_error(error)

    def on_completed(self) -> None:
        """Tell what is held, and the end."""
        if self._ended:
            return
        turn = self._turn
        if turn is not None:
            last = self._last
            self._run.state("clock")[ENDED] = 1
            self._blank(0, _Cause(*last) if type(last) is tuple else last)
            if not turn.entry.busy:
                turn.settle()
        if not self._ended:
            self._ended = True
            self._observer.on_completed()

    def _interleave(self, frame: Frame | None, beats: Frame) -> None:
        """The rows in the order of `seq`; a heartbeat comes after a fact of the same."""
        at = 0
        assert self._patience is not None
        for beat in beats.facts:
            if frame is not None:
                block, k = frame.lookup("seq")
                until = bisect_right(block.views[k], beat.seq, hi=frame.n)
                self._advance(frame, at, until)
                at = until
            when = moment(beat)
            if -FAR < when < FAR:
                self._blank(when - self._patience, beat)
            self._last = beat
        if frame is not None and at < frame.n:
            self._advance(frame, at, frame.n)
            self._remember(frame)

    def _blank(self, at: Nanos, cause: Any) -> None:
        """Let the kernel see a row without numbers at that time, caused by that fact."""
        kind, rows = self._run.kind, self._rows
        if rows is None or rows.names is not self._names:
            rows = self._rows = FRAMES[kind](self._names)
        fields: dict[str, Any] = dict.fromkeys(rows.schema.required, math.nan)
        if "interval" in fields:
            fields["interval"] = 0
        fields.update(symbol="", ts_event=at, ts_recv=cause.ts_recv, seq=cause.seq)
        rows.turn = self._turn
        rows.hold([kind(**fields)])
        self._advance(rows, 0, 1)

    def _remember(self, frame: Frame) -> None:
        """Keep what matters of the last fact, if there is one, for the end."""
        if not frame.n:
            return
        if frame.held is not None:
            self._last = frame.held[-1]
            return
        received = seqs = frame.whole
        j, k = self._places
        if received is None or seqs is None:
            (received, j), (seqs, k) = frame.lookup("ts_recv"), frame.lookup("seq")
        at = frame.n - 1
        self._last = received.views[j][at], seqs.views[k][at]

    def _advance(self, frame: Frame, at: int, end: int) -> None:
        """Run the kernel over rows *at* to *end* of *frame*, and hand on what it tells."""
        run = self._run
        while at < end and not self._ended:
            try:
                out, reached = run.rows_of(frame, at, end)
            except Exception as error:
                self._fail(error)
                return
            if self._refused[0]:
                self._tell_refused(frame.facts_at, at)
            if out.n:
                self._observer.on_item(out)
            at = reached

    def _fail(self, error: Exception) -> None:
        error.add_note(f"in kernel {self._run.name}, at a {self._run.kind.__name__}")
        self.on_error(error)

    def _tell_alone(self, refused: Any) -> None:
        self._tell_refused(lambda _: [refused], 0)

    def _tell_refused(self, facts_at: Callable[[list[int]], list[Any]], at: int) -> None:
        rows = [at + row for row in self._refused[1 : 1 + self._refused[0]]]
        self._refused[0] = 0
        if self._late is not None:
            self._late.tell(facts_at(rows))
        elif not self._warned:
            self._warn(*facts_at(rows[:1]))

    def _warn(self, refused: Any) -> None:
        self._warned = True
        _log.warning(
            "%s left out a %s of %s that came after its bar, or fits into none; hand it a SideOutput to see such facts",
            self._who,
            type(refused).__name__,
            refused.symbol or "no symbol",
        )
