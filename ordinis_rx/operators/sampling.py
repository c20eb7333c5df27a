"""Fewer facts: the latest whenever somebody asks, and rows of several symbols on one grid."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

from msgspec.structs import replace
from reactivex import Observable, abc

from ordinis_rx.batches import Item, item_of
from ordinis_rx.checks import check_several, check_stream, check_words
from ordinis_rx.events import Bar, Event, Reading
from ordinis_rx.operators.bars import BarsOf, time_bars
from ordinis_rx.operators.pairing import Pairing, paired
from ordinis_rx.operators.side import SideOutput
from ordinis_rx.stepping import Step, each_item
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import Turn
from ordinis_rx.typing import A, Operator

__all__ = ["align", "sample_on"]


def sample_on(ticks: Observable[Any]) -> Operator[A, A]:
    """The latest fact about a symbol whenever *ticks* tells one about that symbol; a tick about none asks for all.

    Each fact is told once at most: with the `seq` and `ts_recv` of the tick, and the later `ts_event` of the two. A tick
    without news is silent, and between ticks nothing is told. Both must come from one root (see `with_latest`). If one event
    updates both, the source is updated before the tick asks. The latest is what came last: late facts are not sorted.

    Ends with *ticks*, or with the first error of either; what nobody asked for by then is not told. Raises TypeError where
    *ticks* is no stream; inputs of different roots end the stream with ValueError.

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

    check_stream("sample_on", ticks)

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
    *,
    late: SideOutput[Event] | None = None,
) -> Operator[Event, Reading]:
    """The last prices of several symbols side by side, one reading at the end of every interval.

    Its `values` are the prices as of then, in the order of *symbols*, NaN for one that has had none yet; where there are two
    or more each is found by its symbol, too (``row.AAPL``, ``col("AAPL")`` in a rule). Its `value` is how many of them had
    news in the interval: another price, or whatever the bar of the interval counts (an odd lot, too). The intervals, their
    times, when they are told, what is *late*, and errors are those of `time_bars`. Raises ValueError without *symbols*,
    TypeError where they are not several names.

    >>> from ordinis_rx.testing import a_trade, through
    >>> trades = [a_trade(10, at=1), a_trade(50, at=12, symbol="B"), a_trade(11, at=25)]
    >>> for row in through(align(10, ["A", "B"]), trades):
    ...     print(row.ts_event, row.values, row.value)
    10 (10.0, nan) 1.0
    20 (10.0, 50.0) 1.0
    30 (11.0, 50.0) 1.0
    """
    check_several("align: symbols", symbols, "['AAPL', 'MSFT']")
    names = list(symbols)
    check_words("align: symbols", names, "['AAPL', 'MSFT']")
    if not names:
        raise ValueError("align: symbols must be at least one name, got none")
    places = {symbol: place for place, symbol in enumerate(names)}
    if twice := [symbol for place, symbol in enumerate(names) if places[symbol] != place]:
        raise ValueError(f"align: symbols must be named once each, got {twice[0]!r} twice")

    # So a reading names its values; a lone one has no name, and neither have symbols that would be taken for two.
    name = ",".join(names) if len(names) > 1 and not any("," in each for each in names) else "align"

    def make() -> Step:
        latest = [math.nan] * len(places)

        def step(item: Item) -> Item | None:
            bars: list[Bar] = item.facts
            rows: list[Any] = []
            for end, told in groupby(bars, attrgetter("ts_event")):
                of_ours = [bar for bar in told if bar.symbol in places]
                if not of_ours:
                    continue
                news = 0
                for bar in of_ours:
                    place, close = places[bar.symbol], bar.close
                    known = math.isnan(close) or close == latest[place]
                    news += bar.trade_count > 0 or not known
                    if not known:
                        latest[place] = close
                row = Reading(
                    symbol="",
                    ts_event=end,
                    ts_recv=of_ours[-1].ts_recv,
                    seq=of_ours[-1].seq,
                    name=name,
                    value=float(news),
                    values=tuple(latest),
                )
                rows.append(row)
            return item_of(rows, item.names) if rows else None

        return step

    bars = time_bars(interval, lateness, fill=True, of=of, flush_after=flush_after, late=late)
    return lambda source: each_item(make)(bars(source))
