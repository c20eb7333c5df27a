"""Rows of several timeframes, symbol by symbol, out of trades, quotes or bars."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec
from reactivex import Observable

from ordinis_rx.batches import Item
from ordinis_rx.calendars import sessions
from ordinis_rx.checks import check_flag, check_is
from ordinis_rx.events import Bar, Event, Trade
from ordinis_rx.hearing import hears
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.operators.bars import BarsOf, Partial, time_bars
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
from ordinis_rx.remembering import remembered_telling
from ordinis_rx.stepping import Telling, staged
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
    partial: Partial | None = None,
    late: SideOutput[Event] | None = None,
    skipped: SideOutput[Bar] | None = None,
    memory: OperatorMemory | None = None,
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
    price of quotes as in `time_bars`). Trades become bars by `time_bars` with *lateness*, *flush_after*, *partial* and
    *late*, and time is what it is there. Bars may be as long as the shortest timeframe or shorter; a row is told with the
    bar that ends it, or with the symbol's next one where the last bars of it are missing. Bars that lie in none, overlap the
    one before or come late are left out, and go to *skipped*. So does one that lacks a price: it makes no row, but what it
    has (a volume, a high and a low) is in the bars that it lies in. A bar told again with a higher `revision` takes the
    place of the last one, and so does its row, unless it has lost a price. While the stream is quiet nothing is told.
    Without *skipped*, the log says once of each reason why bars lie in none: too long, across a border, outside of sessions,
    without an interval.

    With *memory* the bars of all timeframes can be saved and taken up again (see `OperatorMemory`), so that a day at whose
    noon the program has stopped is told whole. It wants *of*: what happens to come first may be another kind the next time.

    Raises ValueError for names that are no timeframes or do not fit into one another and a *memory* without *of*, TypeError
    for what is no such memory, `MissingExtra` without the calendars.

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

    check_memory("timeframes", memory)
    if memory is not None and of is None:
        raise ValueError("timeframes: memory wants of='trade', of='bar' or a price of quotes")
    label = " ".join(["timeframes", *names, calendar or "", "forming" if forming else ""]).strip()

    def make() -> Telling:
        return _Rows(Folding(names, borders, forming=forming), skipped, memory, label).step

    folded = hears(remembered_telling(make, memory, TimeframeBars), Bar, tells=TimeframeBars)
    if of is not None and not isinstance(of, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"timeframes: of must be 'trade', 'bar' or a price of quotes, got {of!r}")
    if of == "bar":
        return folded
    unit = unit_of("timeframes", spans[0], days)
    of_trades = time_bars(
        unit,
        lateness,
        of=of or "trade",
        flush_after=flush_after,
        partial=partial,
        late=late,
        memory=None if memory is None else memory.part("bars"),
    )
    if of is not None:
        return lambda source: folded(of_trades(source))

    def of_either(source: Observable[Event]) -> Observable[TimeframeBars]:
        return folded(staged(source, lambda observer: Choosing(observer, of_trades)))

    return hears(of_either, Bar, Trade, tells=TimeframeBars)


class _Known(NamedTuple):
    """What is known of a symbol: its last bar, and what is held before that and with it."""

    last: Bar
    before: Held
    now: Held


class _Rows:
    """One subscriber's symbols. With a *memory* it goes on where that was saved, and can be saved as *label*."""

    __slots__ = ("_folding", "_known", "_skipped", "_warned")

    def __init__(
        self,
        folding: Folding,
        skipped: SideOutput[Bar] | None,
        memory: OperatorMemory | None,
        label: str,
    ) -> None:
        self._folding = folding
        self._skipped = skipped
        self._warned = set[str]()
        saved = None if memory is None else memory.attach(label, self._save)
        self._known: dict[str, _Known] = (
            {} if saved is None else msgspec.msgpack.decode(saved, type=dict[str, _Known])
        )

    def _save(self) -> bytes:
        return msgspec.msgpack.encode(self._known)

    def step(self, item: Item) -> Iterator[TimeframeBars]:
        frame = item.of(Bar)
        for bar in () if frame is None else frame.facts:
            told: list[Any] = []
            if not self._enter(bar, told) and self._skipped is not None:
                self._skipped.tell([bar])
            yield from told

    def _enter(self, bar: Bar, told: list[Any]) -> bool:
        """Add *bar*, and what it tells; False where it is left out, or counts only for what it has."""
        folding, known = self._folding, self._known.get(bar.symbol)
        why = folding.misfit(bar)
        if why:
            self._warn(bar, why)
            return False
        if not moves(bar):
            return False
        if known is not None and bar.revision > 0 and bar.ts_event == known.last.ts_event:
            # A bar told again that has lost a price would take it back from a row that was told.
            last = known.last
            keeps = has_ends(bar) >= has_ends(last) and has_range(bar) >= has_range(last)
            fits = bar.interval == last.interval and keeps
            if not fits or bar.revision <= last.revision:
                return False
            before = known.before
        elif known is not None and bar.ts_open < known.last.ts_event:
            return False
        else:
            before, row = folding.before(folding.start() if known is None else known.now, bar)
            if row is not None:
                told.append(row)
        now, row = folding.add(before, bar)
        if row is not None:
            told.append(row)
            before = folding.told(before)  # the same bar, told again, does not tell of them again
        self._known[bar.symbol] = _Known(bar, before, now)
        return is_whole(bar)

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
