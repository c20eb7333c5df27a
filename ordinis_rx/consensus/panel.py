"""The second step of a consensus: the newest word of each provider, as long as it is fresh."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ordinis_rx.checks import check_duration, check_is
from ordinis_rx.codes import Codes
from ordinis_rx.consensus.facts import Entry, Panel, Report, ReportKind
from ordinis_rx.consensus.scratch import scratch
from ordinis_rx.hearing import hears
from ordinis_rx.kernels.abreast import (
    ASKS,
    BIDS,
    LEVELS,
    LOST_SET,
    REPORTER,
    SLOT_OF,
    SLOTS,
    SPOILS_AT,
    STALE_SET,
    WIDE,
)
from ordinis_rx.kernels.panel import (
    CODE,
    ENTRY,
    QUOTE_AT,
    SEEN_AT,
    STAMP,
    SUCCESS,
    TRADE_AT,
    VOLUME,
    close_up,
    fresh,
    lose,
    slot_of,
    write_quote,
    write_trade,
)
from ordinis_rx.kernels.reports import believed, stamp_of
from ordinis_rx.stepping import Telling, telling
from ordinis_rx.timebase import MINUTE, SECOND, Nanos
from ordinis_rx.typing import Operator

__all__ = ["panel"]

_EVERYWHERE = (ReportKind.LOST_SYMBOLS, ReportKind.LOST_ALL, ReportKind.TIME)
_ANYBODY = (ReportKind.LOST_PROVIDERS, ReportKind.LOST_ALL)


def panel(
    max_age: Nanos = 5 * SECOND,
    *,
    max_age_by_symbol: Mapping[str, Nanos] | None = None,
    idle: Nanos = 30 * MINUTE,
) -> Operator[Report, Panel]:
    """The newest word of every provider on a symbol, as far as it is fresh: a `Panel` for each report that tells something.

    A report of a quote or a trade leads to one panel, of its symbol; where the provider's last quote (or trade) is newer, to
    none. A report of a loss leads to one panel of each symbol of which it takes a word away, and one of the time (`TIME`,
    from a heartbeat) to one of each symbol of which a word has become too old since.

    Fresh is what is at most *max_age* nanoseconds old (for some symbols: *max_age_by_symbol*) and was not lost since. The
    clock is that of the reports, `Report.clock`: while the stream is quiet nothing becomes too old, and nothing is told. A
    provider's quote goes before its last trade while both are fresh. A provider that has not spoken of a symbol for more
    than *idle* nanoseconds is forgotten there.

    Raises TypeError for a duration that is not whole and for a *max_age_by_symbol* that is no mapping, ValueError for a
    duration that is not positive; a 63rd provider of a symbol ends the stream with ValueError.

    >>> from ordinis_rx.consensus.validate import validate
    >>> from ordinis_rx.testing import a_quote, through
    >>> told = [a_quote(9.0, 11.0, provider="a"), a_quote(10.0, 12.0, provider="b")]
    >>> panels = through(lambda events: events.pipe(validate(), panel()), told)
    >>> [[entry.price for entry in each.entries] for each in panels]
    [[10.0], [10.0, 11.0]]
    """
    wanted = "a mapping, {'AAPL': 9 * SECOND} say"
    check_is("panel: max_age_by_symbol", max_age_by_symbol or {}, Mapping, wanted)
    ages = dict(max_age_by_symbol or {})
    for what, duration in (("max_age", max_age), ("idle", idle), *ages.items()):
        check_duration(f"panel: {what}", duration)

    def make() -> Telling:
        panels = _Panels(max_age, ages, idle)
        return lambda item: (each for report in item.facts for each in panels.told_by(report))

    return hears(telling(make), Report, tells=Panel)


class _Symbol:
    """What is known of one symbol."""

    __slots__ = ("count", "entry", "expires", "limit", "stamp")

    def __init__(self, limit: Nanos) -> None:
        self.count = 0
        self.limit = limit
        self.expires: Nanos = 0
        self.entry = [0.0] * (SLOTS * ENTRY)
        self.stamp = [0] * (SLOTS * STAMP)

    def forget(self, now: Nanos, idle: Nanos) -> bool:
        """Drop the providers that have been idle; whether there were any."""
        slot, before = 0, self.count
        while slot < self.count:
            if now - self.stamp[slot * STAMP + SEEN_AT] > idle:
                close_up(self.entry, 0, ENTRY, slot, self.count)
                close_up(self.stamp, 0, STAMP, slot, self.count)
                self.count -= 1
            else:
                slot += 1
        return self.count != before


class _Panels:
    """One subscriber's panels."""

    __slots__ = ("_codes", "_idle", "_max_age", "_max_ages", "_symbols")

    def __init__(self, max_age: Nanos, max_ages: dict[str, Nanos], idle: Nanos) -> None:
        self._max_age = max_age
        self._max_ages = max_ages
        self._idle = idle
        self._codes = Codes()
        self._symbols: dict[str, _Symbol] = {}

    def told_by(self, report: Report) -> Iterator[Panel]:
        """The panels that *report* leads to."""
        kind = report.kind
        if kind is ReportKind.QUOTE or kind is ReportKind.TRADE:
            told = self._write(report)
            if told is not None:
                yield told
            return
        names = list(self._symbols) if kind in _EVERYWHERE else [report.symbol]
        for name in names:
            known = self._symbols.get(name)
            if known is not None:
                if self._touch(known, report):
                    yield self._panel(name, known, report, -1)
                if known.count == 0 and kind in _EVERYWHERE:
                    del self._symbols[name]

    def _touch(self, known: _Symbol, report: Report) -> bool:
        touched = known.forget(report.clock, self._idle)
        if report.kind is ReportKind.TIME:
            return touched or report.clock > known.expires
        code = self._codes[report.provider]
        for slot in range(known.count):
            if known.stamp[slot * STAMP + CODE] == code or report.kind in _ANYBODY:
                touched = lose(known.stamp, slot * STAMP) or touched
        return touched

    def _write(self, report: Report) -> Panel | None:
        known = self._symbols.get(report.symbol)
        if known is None:
            limit = self._max_ages.get(report.symbol, self._max_age)
            known = self._symbols[report.symbol] = _Symbol(limit)
        known.forget(report.clock, self._idle)
        entry, stamp, code = known.entry, known.stamp, self._codes[report.provider]
        slot = slot_of(stamp, 0, known.count, code)
        at = believed(report.ts_event, report.ts_recv)
        new = slot == known.count
        if slot == SLOTS:
            raise ValueError(
                f"a panel of {report.symbol} has no place for {report.provider!r};"
                f" {SLOTS} can be folded into a price"
            )
        if new:
            stamp[slot * STAMP + CODE] = code
            stamp[slot * STAMP + SEEN_AT] = at
            known.count += 1
        e, s = slot * ENTRY, slot * STAMP
        if report.kind is ReportKind.QUOTE:
            newer = write_quote(
                entry, e, stamp, s, at, report.clock, report.price, report.bid, report.ask
            )
        else:
            newer = write_trade(entry, e, stamp, s, at, report.clock, report.price, report.size)
        entry[e + SUCCESS] = report.success
        return self._panel(report.symbol, known, report, slot, newcomer=new) if newer else None

    def _panel(
        self, symbol: str, known: _Symbol, report: Report, mine: int, *, newcomer: bool = False
    ) -> Panel:
        words, count = self._codes.words, known.count
        lane, number = scratch.lane, scratch.number
        n = fresh(
            known.entry, 0, known.stamp, 0, count, report.clock, known.limit, mine, lane, number, 0
        )  # fmt: skip
        known.expires = number[SPOILS_AT]
        entries: list[Entry] = []
        reporter = -1
        for g in range(n):
            slot, at = number[SLOT_OF + g * WIDE], g * WIDE
            bid = lane[BIDS + at]
            told_at = known.stamp[slot * STAMP + (QUOTE_AT if bid == bid else TRADE_AT)]
            if g == number[REPORTER] and (report.kind is ReportKind.QUOTE or bid != bid):
                reporter = g
            entries.append(
                Entry(
                    provider=words[known.stamp[slot * STAMP + CODE]],
                    price=lane[LEVELS + at],
                    bid=bid,
                    ask=lane[ASKS + at],
                    volume=known.entry[slot * ENTRY + VOLUME],
                    age=report.clock - told_at,
                    success=known.entry[slot * ENTRY + SUCCESS],
                )
            )
        return Panel(
            symbol=symbol,
            ts_event=stamp_of(report.clock, report.ts_event, report.ts_recv),
            ts_recv=report.ts_recv,
            provider=report.provider,
            seq=report.seq,
            entries=tuple(entries),
            reporter=reporter,
            newcomer=newcomer,
            clock=report.clock,
            stale=words.sets[number[STALE_SET]],
            lost=words.sets[number[LOST_SET]],
        )
