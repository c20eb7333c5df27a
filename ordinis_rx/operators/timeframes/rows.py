"""Rows of several timeframes, symbol by symbol, out of trades, quotes or bars."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Literal

from reactivex import Observable

from ordinis_rx.batches import Item
from ordinis_rx.calendars import sessions
from ordinis_rx.checks import check_flag, check_is
from ordinis_rx.events import Bar, Event, Trade
from ordinis_rx.hearing import hears
from ordinis_rx.operators.bars import BarsOf, time_bars
from ordinis_rx.operators.side import SideOutput, check_side
from ordinis_rx.operators.timeframes.choosing import Choosing
from ordinis_rx.operators.timeframes.facts import TimeframeBars
from ordinis_rx.operators.timeframes.folding import (
    Folding,
    Held,
    has_ends,
    has_range,
    is_whole,
    moves,
)
from ordinis_rx.operators.timeframes.spans import borders_of, parse_all, unit_of
from ordinis_rx.stepping import Telling, staged, telling
from ordinis_rx.timebase import Nanos, seconds
from ordinis_rx.typing import Operator

__all__ = ["timeframes"]

_log = logging.getLogger(__name__)


def timeframes(
    *names: str,
    calendar: str | None = None,
    forming: bool = False,
    of: BarsOf | Literal["bar"] | None = None,
    lateness: Nanos = 0,
    flush_after: Nanos | None = None,
    late: SideOutput[Event] | None = None,
    skipped: SideOutput[Bar] | None = None,
) -> Operator[Event, TimeframeBars]:
    """The bars of several timeframes (``"1m", "5m", "1h", "1w"``) out of one stream, a row for each bar of the shortest.

    Each row has the last **closed** bar of every timeframe as of its own end, ``row.of("5m")``: a bar that ends later than
    the row is never in it. With *forming* the bar that is not over yet is told apart from it, ``row.forming("5m")``, made of
    what had happened by then. ``row.new("5m")`` are the bars closed since the symbol's last row, each told once; a row told
    again has those alone that end with it, told again too.

    A longer timeframe is a whole number of the shortest. Bars count from 1970 UTC, weeks from Monday; with a *calendar*
    (``"XNYS"``; extra ``calendars``) from the opening of each session: the last bar of a session ends with its close, a day
    is a session, and what happens outside of sessions is left out.

    It takes the trades of the stream, or its bars, whichever comes first; *of* says which (``"trade"``, ``"bar"``, or the
    price of quotes as in `time_bars`). Trades become bars by `time_bars` with *lateness*, *flush_after* and *late*, and time
    is what it is there. Bars may be as long as the shortest timeframe or shorter; a row is told with the bar that ends it,
    or with the symbol's next one where the last bars of it are missing. Bars that lie in none, overlap the one before or
    come late are left out, and go to *skipped*. So does one that lacks a price: it makes no row, but what it has (a volume,
    a high and a low) is in the bars that it lies in. A bar told again with a higher `revision` takes the place of the last
    one, and so does its row, unless it has lost a price. While the stream is quiet nothing is told. Without *skipped*, the
    log says once of each reason why bars lie in none: too long, across a border, outside of sessions, without an interval.

    Raises ValueError for names that are no timeframes or do not fit into one another, `MissingExtra` without the calendars.

    >>> from ordinis_rx.testing import a_bar, through
    >>> from ordinis_rx.timebase import MINUTE
    >>> minutes = [a_bar(close, at=n * MINUTE, interval=MINUTE) for n, close in enumerate((10, 12, 11), 1)]
    >>> for row in through(timeframes("1m", "2m", forming=True), minutes):
    ...     print(row.bar.close, row.of("2m") and row.of("2m").close, row.forming("2m") and row.forming("2m").close)
    10.0 None 10.0
    12.0 12.0 None
    11.0 12.0 11.0
    """
    check_side("timeframes: late", late)
    check_side("timeframes: skipped", skipped)
    check_flag("timeframes: forming", forming)
    check_is("timeframes: calendar", calendar, str | None, "a name, 'XNYS' say")
    days = None if calendar is None else sessions(calendar)
    spans = parse_all("timeframes", names, days)
    borders = tuple(borders_of("timeframes", span, days) for span in spans)

    def make() -> Telling:
        return _Rows(Folding(names, borders, forming=forming), skipped).step

    folded = hears(telling(make), Bar, tells=TimeframeBars)
    if of is not None and not isinstance(of, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"timeframes: of must be 'trade', 'bar' or a price of quotes, got {of!r}")
    if of == "bar":
        return folded
    unit = unit_of("timeframes", spans[0], days)
    of_trades = time_bars(unit, lateness, of=of or "trade", flush_after=flush_after, late=late)
    if of is not None:
        return lambda source: folded(of_trades(source))

    def of_either(source: Observable[Event]) -> Observable[TimeframeBars]:
        return folded(staged(source, lambda observer: Choosing(observer, of_trades)))

    return hears(of_either, Bar, Trade, tells=TimeframeBars)


class _Rows:
    """One subscriber's symbols."""

    __slots__ = (
        "_before",
        "_folding",
        "_held",
        "_last",
        "_skipped",
        "_warned",
    )

    def __init__(self, folding: Folding, skipped: SideOutput[Bar] | None) -> None:
        self._folding = folding
        self._skipped = skipped
        self._warned = set[str]()
        self._last: dict[str, Bar] = {}
        self._before: dict[str, Held] = {}
        self._held: dict[str, Held] = {}

    def step(self, item: Item) -> Iterator[TimeframeBars]:
        frame = item.of(Bar)
        for bar in () if frame is None else frame.facts:
            told: list[Any] = []
            if not self._enter(bar, told) and self._skipped is not None:
                self._skipped.tell([bar])
            yield from told

    def _enter(self, bar: Bar, told: list[Any]) -> bool:
        """Add *bar*, and what it tells; False where it is left out, or counts only for what it has."""
        folding, symbol = self._folding, bar.symbol
        last = self._last.get(symbol)
        why = folding.misfit(bar)
        if why:
            self._warn(bar, why)
            return False
        whole = is_whole(bar)
        if not moves(bar):
            return False
        if last is not None and bar.revision > 0 and bar.ts_event == last.ts_event:
            # A bar told again that has lost a price would take it back from a row that was told.
            keeps = has_ends(bar) >= has_ends(last) and has_range(bar) >= has_range(last)
            fits = bar.interval == last.interval and keeps
            if not fits or bar.revision <= last.revision:
                return False
            before = self._before[symbol]
        elif last is not None and bar.ts_open < last.ts_event:
            return False
        else:
            before, row = folding.before(self._held.get(symbol) or folding.start(), bar)
            if row is not None:
                told.append(row)
        self._last[symbol] = bar
        self._held[symbol], row = folding.add(before, bar)
        if row is not None:
            told.append(row)
            before = folding.told(before)  # the same bar, told again, does not tell of them again
        self._before[symbol] = before
        return whole

    def _warn(self, bar: Bar, why: str) -> None:
        """Say once of each reason why bars fit in nowhere: otherwise they would all be left out, in silence."""
        if self._skipped is None and why not in self._warned:
            self._warned.add(why)
            _log.warning(
                "timeframes left out a bar of %s of %g s, which %s; hand it a SideOutput as skipped to see such bars",
                bar.symbol,
                seconds(bar.interval),
                why,
            )
