"""Put facts back into the order in which they happened."""

from __future__ import annotations

import heapq
import logging
from itertools import count

from msgspec.structs import replace
from reactivex import Observable, abc

from ordinis_rx.batches import Item, item_of
from ordinis_rx.checks import check_duration
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.events import Event, Heartbeat
from ordinis_rx.misfits import MISFIT, misfit
from ordinis_rx.operators.event_time import OURS, moment
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.operators.waiting import Waiting
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import Operator

__all__ = ["reorder"]

_log = logging.getLogger(__name__)

FEW = 256
"""Rows of columns that are sooner sorted as facts: beside them, what waits is looked through and moved."""


def reorder(lateness: Nanos, late: SideOutput[Event] | None = None) -> Operator[Event, Event]:
    """Tell facts by (`ts_event`, `seq`), each held back until time has got *lateness* nanoseconds past it.

    Time is the highest `ts_event` seen (see below), so a recording gives what its live stream gave. While the stream is
    quiet, facts are held until the next one, or a `Heartbeat`, moves time; at the end, be it completion or error, what is
    held is told first. What comes later than that goes to the side output *late*; without one, the first late fact of a
    subscription is logged as a warning. Raises ValueError when *lateness* is negative.

    Statuses, gaps and feed errors are told by our clock, not the venue's: they move no time and are never late, but stay
    behind all that has happened before they came. A `ts_event` more than a second after its own `ts_recv` counts as
    `ts_recv`, so that one wild stamp does not make all that follows late.

    What is told is a stream of its own: `seq` is given anew. A fact costs the logarithm of how many wait; large frames of
    columns are sorted by a kernel, and what waits is moved once a frame.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [trade.ts_event for trade in through(reorder(5), [a_trade(at=t) for t in (1, 4, 2, 9, 3, 8)])]
    [1, 2, 4, 8, 9]
    """
    check_duration("reorder: lateness", lateness, least=0)
    check_side("reorder: late", late)

    def operator(source: Observable[Event]) -> Stream[Event]:
        def flow(
            observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            return flow_of(source, _Reordering(observer, lateness, late), scheduler)

        return Stream(flow)

    return operator


class _Reordering:
    """One subscriber's facts that wait for time to pass them: in a heap, or by column while large frames come."""

    __slots__ = (
        "_arrivals",
        "_held",
        "_late",
        "_lateness",
        "_names",
        "_now",
        "_out",
        "_seq",
        "_waiting",
        "_warned",
    )

    def __init__(
        self, observer: FlowObserver, lateness: Nanos, late: SideOutput[Event] | None
    ) -> None:
        self._out = Entry(observer)
        self._lateness = lateness
        self._late = late
        self._warned = late is not None
        self._names = Names()
        self._held: list[tuple[Nanos, int, int, Event]] = []
        self._waiting = Waiting(lateness)
        self._arrivals = count()
        self._now: Nanos | None = None
        self._seq = 0

    def on_item(self, item: Item) -> None:
        if item.rests_on_facts or item.n < FEW:
            self._take_facts(item.facts)
        else:
            self._take_columns(item)

    def _take_columns(self, item: Item) -> None:
        if self._held:
            self._waiting.hold([(at, fact) for at, _, _, fact in sorted(self._held)], self._names)
            self._held.clear()
        passed = self._waiting.take(item.frames(), self._now, self._names, self._seq + 1)
        self._now = passed.now
        if passed.late:
            self._tell_late(passed.late)
        if passed.item is not None:
            self._seq += passed.item.n
            self._out.on_item(passed.item)

    def _take_facts(self, facts: list[Event]) -> None:
        self._hold_as_facts()
        held, now = self._held, self._now
        ready: list[Event] = []
        late: list[Event] = []
        try:
            for fact in facts:
                try:
                    kind = type(fact)
                    if kind in OURS:
                        if now is None or not held:
                            ready.append(fact)
                            continue
                        at = now
                    else:
                        at = moment(fact)
                        if now is None or at > now:
                            now = at
                        elif kind is Heartbeat:
                            at = now
                        elif at < now - self._lateness:
                            late.append(fact)
                            continue
                    heapq.heappush(held, (at, fact.seq, next(self._arrivals), fact))
                    while held and held[0][0] <= now - self._lateness:
                        ready.append(heapq.heappop(held)[3])
                except MISFIT as error:
                    held[:] = [each for each in held if each[3] is not fact]
                    raise misfit([fact], ("ts_event", "ts_recv", "seq"), error) from error
        finally:
            self._now = now
            if late:
                self._tell_late(late)
            self._tell(ready)

    def _hold_as_facts(self) -> None:
        if len(self._waiting):
            self._held = [
                (at, fact.seq, k, fact) for k, (at, fact) in enumerate(self._waiting.let_go())
            ]
            self._arrivals = count(len(self._held))

    def on_error(self, error: Exception) -> None:
        self._flush()
        self._out.on_error(error)

    def on_completed(self) -> None:
        self._flush()
        self._out.on_completed()

    def exits(self, found: set[int]) -> None:
        self._out.exits(found)

    def _flush(self) -> None:
        self._hold_as_facts()
        rest = [fact for _, _, _, fact in sorted(self._held)]
        self._held.clear()
        self._tell(rest)

    def _tell(self, facts: list[Event]) -> None:
        if facts:
            told = [replace(fact, seq=seq) for seq, fact in enumerate(facts, self._seq + 1)]
            self._seq += len(told)
            self._out.on_item(item_of(told, self._names))

    def _tell_late(self, facts: list[Event]) -> None:
        if self._late is not None:
            self._late.tell(facts)
        if not self._warned:
            self._warned = True
            _log.warning(
                "reorder left out a %s of %s, more than %d ns late; hand it a SideOutput to see such facts",
                type(facts[0]).__name__,
                facts[0].symbol or "no symbol",
                self._lateness,
            )
