"""Fewer facts: the latest of each interval, the latest whenever somebody asks, and rows of several symbols on one grid."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar

from msgspec.structs import replace
from reactivex import Observable, abc

from ordinis_rx.batches import Item, item_of
from ordinis_rx.columns import Names
from ordinis_rx.events import Bar, Event, Heartbeat, Quote, Reading, Trade
from ordinis_rx.lifting import Step, each_item, staged
from ordinis_rx.operators.bars import BarsOf, time_bars
from ordinis_rx.operators.clock import moment
from ordinis_rx.operators.pairing import Pairing, paired
from ordinis_rx.timebase import Nanos, check_whole
from ordinis_rx.turns import FlowObserver, Turn
from ordinis_rx.typing import A, Operator

__all__ = ["align", "conflate", "sample_on"]

E = TypeVar("E", bound=Event)

_MARKET = (Quote, Trade, Bar, Reading, Heartbeat)
"""Facts of which only the latest matters to who does not want all of them."""


def conflate(interval: Nanos) -> Operator[E, E]:
    """Of each interval of *interval* nanoseconds (counted from 1970) only the latest fact of each symbol and provider.

    The latest is the one that came last; one that comes late is of the interval that is open then.

    Told when a fact of a later interval comes, or at completion, in the order in which they came; each has the `seq` of the
    fact that ended the interval, so that what goes by `seq` sees it when it was told. While the stream is quiet they are
    held. Time is the highest `ts_event`, where a stamp more than a second after its own `ts_recv` counts as that. Quotes,
    trades, bars, readings and heartbeats are conflated, each kind by itself; statuses, gaps, halts, errors, cancels and
    corrections pass at once, after what is held. After an error what is held is not told.

    >>> from ordinis_rx.testing import a_quote, through
    >>> quotes = [a_quote(bid, 20, at=at) for at, bid in ((1, 9), (4, 8), (12, 7), (31, 6))]
    >>> [(quote.ts_event, quote.bid, quote.seq) for quote in through(conflate(10), quotes)]
    [(4, 8.0, 3), (12, 7.0, 4), (31, 6.0, 4)]
    """
    check_whole("conflate: interval", interval)
    if interval < 1:
        raise ValueError(f"conflate: interval must be at least 1 nanosecond, got {interval}")
    return lambda source: staged(source, lambda observer: _Conflating(observer, interval))


class _Conflating:
    """One subscriber's latest facts of the interval that is open."""

    __slots__ = ("_held", "_interval", "_names", "_observer", "_open", "_seq", "_turn", "exits")

    def __init__(self, observer: FlowObserver, interval: Nanos) -> None:
        self._observer = observer
        self.exits = observer.exits
        self._interval = interval
        self._open: int | None = None
        self._held: dict[tuple[type[Any], str, str], Any] = {}
        self._seq = 0
        self._names = Names()
        self._turn: Turn | None = None

    def on_item(self, item: Item) -> None:
        told: list[Any] = []
        facts: list[Event] = item.facts
        for fact in facts:
            self._seq = fact.seq
            kind = type(fact)
            if kind not in _MARKET:
                self._release(told)
                told.append(fact)
                continue
            now = moment(fact) // self._interval
            if self._open is None or now > self._open:
                self._release(told)
                self._open = now
            key = kind, fact.symbol, fact.provider
            self._held.pop(key, None)  # so that the order is that of the latest
            self._held[key] = fact
        self._turn, self._names = item.turn, item.names
        self._tell(told)

    def on_error(self, error: Exception) -> None:
        self._observer.on_error(error)

    def on_completed(self) -> None:
        told: list[Any] = []
        self._release(told)
        self._tell(told)
        if self._turn is not None and not self._turn.entry.busy:
            self._turn.settle()
        self._observer.on_completed()

    def _release(self, told: list[Any]) -> None:
        seq = self._seq
        told += [
            fact if fact.seq == seq else replace(fact, seq=seq) for fact in self._held.values()
        ]
        self._held.clear()

    def _tell(self, facts: list[Any]) -> None:
        if facts:
            item = item_of(facts, self._names)
            item.turn = self._turn
            self._observer.on_item(item)


def sample_on(ticks: Observable[Any]) -> Operator[A, A]:
    """The latest fact about a symbol whenever *ticks* tells one about that symbol; a tick about none asks for all.

    Each fact is told once at most, with the times and `seq` of the tick, since that is what it is the latest as of; a tick
    without news is silent. Both must come from one root (see `with_latest`); what has the same cause as a tick is there for
    it. Ends with *ticks*, or with the first error.

    >>> from ordinis_rx.multicast import share
    >>> from ordinis_rx.operators import heartbeats, quotes
    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_heartbeat, a_quote
    >>> told = [a_quote(9, 11), a_quote(8, 11), a_heartbeat(at=1), a_heartbeat(at=2), a_quote(7, 11), a_heartbeat(at=3)]
    >>> events = from_events(told).pipe(share())
    >>> _ = events.pipe(quotes(), sample_on(events.pipe(heartbeats()))).subscribe(lambda q: print(q.bid, q.ts_event))
    8.0 1
    7.0 3
    """

    def operator(source: Observable[A]) -> Observable[A]:
        return paired(_Sampling, "sample_on", looked_up=source, looking=ticks)

    return operator


class _Sampling(Pairing):
    """One subscriber's facts that have not been asked for yet."""

    def __init__(self, observer: abc.ObserverBase[Any], who: str) -> None:
        super().__init__(observer, who)
        self._latest: dict[str, Any] = {}

    def keep(self, fact: Any) -> None:
        self._latest.pop(fact.symbol, None)
        self._latest[fact.symbol] = fact

    def look(self, fact: Any, turn: Turn) -> None:
        symbols = [fact.symbol] if fact.symbol else list(self._latest)
        for symbol in symbols:
            latest = self._latest.pop(symbol, None)
            if latest is not None:
                at = max(latest.ts_event, fact.ts_event)
                now = replace(latest, ts_event=at, ts_recv=fact.ts_recv, seq=fact.seq)
                self.tell(now, turn, fact.seq)


def align(
    interval: Nanos,
    symbols: Iterable[str],
    of: BarsOf = "trade",
    lateness: Nanos = 0,
    flush_after: Nanos | None = None,
) -> Operator[Event, Reading]:
    """The last prices of several symbols side by side, one reading at the end of every interval.

    Its `values` are the prices as of then, in the order of *symbols*, NaN for one that has had none yet; its `value` is how
    many of them had news in the interval. The intervals, their times, and when they are told are those of `time_bars`.

    >>> from ordinis_rx.testing import a_trade, through
    >>> trades = [a_trade(10, at=1), a_trade(50, at=12, symbol="B"), a_trade(11, at=25)]
    >>> for row in through(align(10, ["A", "B"]), trades):
    ...     print(row.ts_event, row.values, row.value)
    10 (10.0, nan) 1.0
    20 (10.0, 50.0) 1.0
    30 (11.0, 50.0) 1.0
    """
    if isinstance(symbols, str):
        raise TypeError(f"align: symbols must be several names, got {symbols!r}")
    places = {symbol: place for place, symbol in enumerate(symbols)}
    if not places:
        raise ValueError("align: symbols must be at least one name, got none")

    def make() -> Step:
        latest = [math.nan] * len(places)

        def step(item: Item) -> Item | None:
            bars: list[Bar] = item.facts
            rows: list[Any] = []
            for end, told in groupby(bars, attrgetter("ts_event")):
                of_ours = [bar for bar in told if bar.symbol in places]
                if not of_ours:
                    continue
                for bar in of_ours:
                    if not math.isnan(bar.close):
                        latest[places[bar.symbol]] = bar.close
                row = Reading(
                    symbol="",
                    ts_event=end,
                    ts_recv=of_ours[-1].ts_recv,
                    seq=of_ours[-1].seq,
                    name="align",
                    value=float(sum(bar.trade_count > 0 for bar in of_ours)),
                    values=tuple(latest),
                )
                rows.append(row)
            return item_of(rows, item.names) if rows else None

        return step

    bars = time_bars(interval, lateness, fill=True, of=of, flush_after=flush_after)
    return lambda source: each_item(make)(bars(source))
