"""From bars into backtrader, as a data feed: recorded ones to test a strategy on, live ones to run it with.

backtrader is no dependency of ours: ``pip install backtrader``. It is loaded by the first call.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from reactivex import Observable

from ordinis_rx.bridges.blocking import BlockingIterator, Source, iter_blocking
from ordinis_rx.bridges.engines import engine, facts_of
from ordinis_rx.events import Bar
from ordinis_rx.timebase import DAY, MICRO, MINUTE, SECOND, Nanos

__all__ = ["to_feed", "to_live_feed"]

_EPOCH: Final = 719_163
"""1970-01-01 as backtrader counts days: the first of January of the year 1 is the first."""

_UNITS: Final = ((DAY, "Days"), (MINUTE, "Minutes"), (SECOND, "Seconds"), (MICRO, "MicroSeconds"))


def to_feed(bars: Iterable[Any] | Source[Any], symbol: str, interval: Nanos, **options: Any) -> Any:
    """The bars of one *symbol* and *interval* (ns) as a backtrader data feed that ends with them, for backtests.

    *bars* are facts, a frame, frames, or a stream that ends, which backtrader then waits for; other facts are passed over.
    *options* go to the feed as they are (``name``, ``fromdate``, ``tz``, ...).

    A bar has the time of its end, as backtrader's own intraday bars have, in UTC, to some ten microseconds: backtrader holds
    times as days in floats. Bars of whole days are told ten microseconds before their end, so that their date is the day
    that they are about. A missing volume stays NaN; ``openinterest`` is 0. What backtrader cannot take is left out and
    counted in ``feed.skipped``: a ``"missing"`` price, and what is ``"late"``, not newer than the bar before it (a revised
    one, too). The error that ends a stream is raised by ``cerebro.run()``. ValueError for an interval without a timeframe.

    >>> import backtrader as bt
    >>> bars = [
    ...     Bar(symbol="A", ts_event=t * MINUTE, interval=MINUTE, open=1.0, high=3.0, low=1.0, close=float(t), volume=5.0)
    ...     for t in range(1, 4)
    ... ]
    >>> class Tell(bt.Strategy):
    ...     def next(self):
    ...         print(self.data.datetime.datetime(0), self.data.close[0])
    >>> cerebro = bt.Cerebro()
    >>> added = cerebro.adddata(to_feed(bars, "A", MINUTE))
    >>> cerebro.addstrategy(Tell)
    0
    >>> ran = cerebro.run()
    1970-01-01 00:01:00 1.0
    1970-01-01 00:02:00 2.0
    1970-01-01 00:03:00 3.0
    """
    streams = isinstance(bars, Observable) or callable(bars)
    given = {**_spec(interval), **options}
    return _feed_class()(dataname=bars, symbol=symbol, streams=streams, **given)


def to_live_feed(source: Source[Any], symbol: str, interval: Nanos, **options: Any) -> Any:
    """As `to_feed`, for a stream that goes on: backtrader is told bar by bar as they come, and need not wait for any.

    The feed subscribes when ``cerebro.run()`` starts it, on a loop in a thread of its own, and lets go when that returns; a
    `feed` is made in that loop, so hand in a function: ``to_live_feed(lambda: feed(...).pipe(...), ...)``. At most 1000 bars
    wait for a slow strategy, the oldest gives way. While the stream is quiet the feed has no bar, and backtrader
    asks again every ``qcheck`` seconds (an option; 0.5). When it completes the feed is over, and with the last feed the run.
    backtrader tells its feeds nothing of a strategy that raises: the stream is then let go of with the feed.
    """
    given = {"qcheck": 0.5, **_spec(interval), **options}
    return _feed_class()(dataname=source, symbol=symbol, streams=True, live=True, **given)


def _spec(interval: Nanos) -> dict[str, Any]:
    frames = engine("backtrader").TimeFrame
    for unit, name in _UNITS:
        if interval > 0 and interval % unit == 0:
            return {
                "interval": interval,
                "timeframe": getattr(frames, name),
                "compression": interval // unit,
            }
    raise ValueError(f"backtrader has bars of whole microseconds, got an interval of {interval} ns")


@functools.cache
def _feed_class() -> Any:
    base = engine("backtrader").feed.DataBase

    class BarFeed(base):  # type: ignore[misc, valid-type]  # it has no types
        """The bars of one symbol and interval, in the lines of backtrader."""

        params = (("symbol", ""), ("interval", 0), ("live", False), ("streams", False))

        def islive(self) -> bool:
            return bool(self.p.live)

        def haslivedata(self) -> bool:
            return self._stream is not None and self._stream.stats.pending > 0

        def start(self) -> None:
            super().start()  # pyright: ignore[reportUnknownMemberType]
            self.skipped: Counter[str] = Counter()
            self._newest = 0
            source = self.p.dataname
            streams = self.p.streams
            self._stream: BlockingIterator[Any] | None = iter_blocking(source) if streams else None
            self._facts: Iterator[Any] = self._stream or facts_of(source)

        def stop(self) -> None:
            super().stop()  # pyright: ignore[reportUnknownMemberType]
            if self._stream is not None:
                self._stream.close()

        def _load(self) -> bool | None:
            while True:
                try:
                    fact = self._next_fact()
                except StopIteration:
                    return False
                if fact is None:
                    return None
                if isinstance(fact, Bar) and self._takes(fact):
                    self._fill(fact)
                    return True

        def _next_fact(self) -> Any:
            if self.p.live and self._stream is not None:
                return self._stream.poll(self._qcheck)
            return next(self._facts)

        def _takes(self, bar: Bar) -> bool:
            if bar.symbol != self.p.symbol or bar.interval != self.p.interval:
                return False
            if math.isnan(bar.open + bar.high + bar.low + bar.close):
                self.skipped["missing"] += 1
            elif bar.ts_event <= self._newest:
                self.skipped["late"] += 1
            else:
                return True
            return False

        def _fill(self, bar: Bar) -> None:
            self._newest = bar.ts_event
            end = bar.ts_event - (10 * MICRO if bar.interval % DAY == 0 else 0)
            lines = self.lines
            lines.datetime[0] = _EPOCH + end / DAY
            lines.open[0], lines.high[0] = bar.open, bar.high
            lines.low[0], lines.close[0] = bar.low, bar.close
            lines.volume[0], lines.openinterest[0] = bar.volume, 0.0

    return BarFeed
