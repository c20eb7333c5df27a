"""One stream out of several: a root of its own, with one order and one `seq` for all."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from operator import itemgetter
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from msgspec.structs import replace
from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable

from ordinis_rx.batches import Batch, Item, item_of
from ordinis_rx.columns import Names
from ordinis_rx.events import Event
from ordinis_rx.frames import Frame
from ordinis_rx.operators.recoding import Recoder
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import Entry, FlowObserver, next_order
from ordinis_rx.typing import A

__all__ = ["merge"]

_ROWS = 1024
"""How many rows of recordings are told as one item."""


def merge(*streams: Observable[A], by: Literal["arrival", "ts_recv"] = "arrival") -> Stream[A]:
    """All facts of *streams* as one stream, with a `seq` of its own; what comes out can be joined (``with_latest``).

    Live streams are merged by arrival, at once; where several come from one source (branches of one ``share()``), an event's
    facts come in the order of the arguments. Recordings are merged by ``by="ts_recv"``: the earliest `ts_recv` first (or
    `ts_event`, where that is missing), ties in the order of the arguments, each stream's own order kept. That takes the next
    fact of every stream to be known, so it holds back what others have told, and a cold stream tells all it has before the
    next one begins: all recordings but the last are held in memory.

    Ends when all have ended, or with the first error; by ``ts_recv`` the error comes in its stream's place. All streams must
    live on one thread: put a ``buffer`` below those that do not.

    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_trade
    >>> nyse = from_events([a_trade(5, ts_recv=10), a_trade(6, ts_recv=40)])
    >>> iex = from_events([a_trade(7, ts_recv=20)])
    >>> _ = merge(nyse, iex, by="ts_recv").subscribe(lambda trade: print(trade.seq, trade.price))
    1 5.0
    2 7.0
    3 6.0
    """
    if by not in ("arrival", "ts_recv"):
        raise ValueError(f"merge: by must be 'arrival' or 'ts_recv', got {by!r}")
    kind = _ByArrival if by == "arrival" else _ByReceipt

    def flow(
        observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        merging = kind(Entry(observer), len(streams))
        for k, stream in enumerate(streams):
            if not merging.upstream.is_disposed:
                merging.upstream.add(flow_of(stream, _Arm(merging, k), scheduler))
        if not streams:
            merging.out.on_completed()
        return merging.upstream

    return Stream(flow)


class _Merging:
    """One subscriber's merge: who is still there, and the way out."""

    def __init__(self, out: Entry, arms: int) -> None:
        self.out = out
        self.upstream = CompositeDisposable()
        self.open = set(range(arms))
        self.names = Names()
        self.seq = 0

    def take(self, item: Item, k: int) -> None:
        raise NotImplementedError

    def end(self, k: int, error: Exception | None) -> None:
        raise NotImplementedError

    def finish(self, error: Exception | None) -> None:
        if error is None:
            self.out.on_completed()
        else:
            self.out.on_error(error)
        self.upstream.dispose()


class _Arm:
    """One input."""

    def __init__(self, merging: _Merging, k: int) -> None:
        self._merging = merging
        self._k = k
        self.exits = merging.out.exits

    def on_item(self, item: Item) -> None:
        self._merging.take(item, self._k)

    def on_error(self, error: Exception) -> None:
        self._merging.end(self._k, error)

    def on_completed(self) -> None:
        self._merging.end(self._k, None)


class _ByArrival(_Merging):
    """Tells what a turn brought when it ends: by then it is all there, and its order does not hang on who was told first."""

    def __init__(self, out: Entry, arms: int) -> None:
        super().__init__(out, arms)
        self._turns: dict[Entry, _Gathering] = {}
        self._recoders: dict[int, Recoder] = {}
        self._ended = False
        self._error: Exception | None = None

    def take(self, item: Item, k: int) -> None:
        root = item.turn.entry
        gathering = self._turns.get(root)
        if gathering is None:
            gathering = self._turns[root] = _Gathering(self)
        part = list(item.facts) if item.rests_on_facts else item.copy()
        gathering.arrived.append((k, part))
        item.turn.settle_later(gathering)

    def tell(self, arrived: list[_Part]) -> None:
        """Number what a turn brought, and tell it."""
        if len(arrived) > 1 and len({k for k, _ in arrived}) > 1:
            rows = [
                (fact.seq, k, fact)
                for k, part in arrived
                for fact in (part if isinstance(part, list) else part.facts)
            ]
            rows.sort(key=itemgetter(0, 1))
            self.out.on_item(self._renumbered(fact for _, _, fact in rows))
        else:
            for k, part in arrived:
                if isinstance(part, list):
                    self.out.on_item(self._renumbered(part))
                else:
                    self.out.on_item(self._recoded(part, k))
        if self._ended and not self._unsettled():
            self.finish(self._error)

    def end(self, k: int, error: Exception | None) -> None:
        self.open.discard(k)
        if self._ended or (error is None and self.open):
            return
        self._ended, self._error = True, error
        if not self._unsettled():
            self.finish(error)

    def _unsettled(self) -> bool:
        return any(gathering.arrived for gathering in self._turns.values())

    def _renumbered(self, facts: Iterable[Event]) -> Item:
        told: list[Event] = []
        before: int | None = None
        for fact in facts:
            if fact.seq != before:  # rows of one seq are one event, and stay so
                before = fact.seq
                self.seq += 1
            told.append(fact if before == self.seq else replace(fact, seq=self.seq))
        return item_of(told, self.names)

    def _recoded(self, item: Item, k: int) -> Item:
        recoder = self._recoders.get(k)
        if recoder is None or recoder.theirs is not item.names:
            recoder = self._recoders[k] = Recoder(item.names, self.names)
        frames = item.frames()
        order = np.unique(np.concatenate([frame.seq for frame in frames]), return_inverse=True)
        numbers = self.seq + 1 + order[1]
        self.seq += len(order[0])
        out: list[Frame] = []
        for frame in frames:
            out.append(recoder.recoded(frame, numbers[: frame.n]))
            numbers = numbers[frame.n :]
        return out[0] if isinstance(item, Frame) else Batch.of_frames(out, self.names)


_Part: TypeAlias = tuple[int, list[Event] | Item]
"""What one input brought: its number, and facts, or columns of our own."""


class _Gathering:
    """What the turns of one root bring to a merge; a join, so that it is settled when a turn ends."""

    def __init__(self, merging: _ByArrival) -> None:
        self._merging = merging
        self.order = next_order()
        self.arrived: list[_Part] = []

    def settle(self) -> None:
        arrived, self.arrived = self.arrived, []
        self._merging.tell(arrived)


class _Held(NamedTuple):
    """A fact that waits for its turn."""

    at: Nanos
    fact: Event


class _ByReceipt(_Merging):
    """Tells the earliest fact as soon as every stream that may still tell one has a fact waiting."""

    def __init__(self, out: Entry, arms: int) -> None:
        super().__init__(out, arms)
        self._waiting: list[deque[_Held]] = [deque() for _ in range(arms)]
        self._errors: dict[int, Exception] = {}
        self._silent = set(range(arms))
        """The streams that are open and have nothing waiting."""
        self._heads: list[tuple[Nanos, int]] = []
        self._before: tuple[int, int] | None = None

    def take(self, item: Item, k: int) -> None:
        waiting = self._waiting[k]
        had_none = not waiting
        waiting.extend(_Held(fact.ts_recv or fact.ts_event, fact) for fact in item.facts)
        if had_none and waiting:
            heapq.heappush(self._heads, (waiting[0].at, k))
            self._silent.discard(k)
            self._advance()

    def end(self, k: int, error: Exception | None) -> None:
        self.open.discard(k)
        if error is not None:
            self._errors[k] = error
        if k in self._silent:
            self._silent.discard(k)
            if error is not None:
                self.finish(error)
                return
        self._advance()

    def _advance(self) -> None:
        told: list[Event] = []
        error: Exception | None = None
        while error is None and self._heads and not self._silent:
            if self.upstream.is_disposed:
                return
            _, k = heapq.heappop(self._heads)
            waiting = self._waiting[k]
            fact = waiting.popleft().fact
            if (k, fact.seq) != self._before:
                self._before = k, fact.seq
                self.seq += 1
                if len(told) >= _ROWS:
                    self.out.on_item(item_of(told, self.names))
                    told = []
            told.append(replace(fact, seq=self.seq))
            if waiting:
                heapq.heappush(self._heads, (waiting[0].at, k))
            elif k in self.open:
                self._silent.add(k)
            else:
                error = self._errors.get(k)
        if told:
            self.out.on_item(item_of(told, self.names))
        if error is not None or not (self.open or self._heads):
            self.finish(error)
