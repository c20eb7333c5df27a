"""What a chart draws: lines, bands, candles and gaps, out of the facts of a stream."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.events import Bar, Event, Gap, Quote, Reading, Trade, TradeFlags
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["Batch", "Plot"]

MOST_GAPS = 100

_LAST = int(TradeFlags.LAST)

MOST_NAMED = 52
"""Providers that are told apart where they are left out: as many as a float has bits for; the last bit is for all others."""


class Batch(NamedTuple):
    """What is new: a description in JSON's terms, and for each series of it one block of 64-bit floats, row after row.

    A row begins with the time in seconds since 1970.
    """

    told: dict[str, Any]
    blocks: list[bytes]


class _Series:
    """The newest rows of one series."""

    def __init__(self, name: str, shape: str, most: int) -> None:
        self.name = name
        self.shape = shape
        self.most = most
        self.rows: deque[tuple[float, ...]] = deque(maxlen=most)
        self.new = 0

    def add(self, row: tuple[float, ...]) -> None:
        self.rows.append(row)
        if self.new < self.most:
            self.new += 1


class Plot:
    """Takes facts; keeps the newest *most* rows of each series and no more than that.

    Quotes become a line of their mid, trades of their last price, readings of their value; a consensus a line with a band of
    its half-width, and with the providers that were left out, as a number with one bit for each name in the order in which
    they were first left out; bars candles, at their opening. Facts without a number are skipped, and so are kinds that have
    none; a `Gap` is a shade over its time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._series: dict[tuple[str, str, str], _Series] = {}
        self._gaps: deque[tuple[float, float]] = deque(maxlen=MOST_GAPS)
        self._new_gaps = 0
        self._left_out: dict[str, int] = {}

    def add(self, fact: Event | AggregatedQuote) -> None:
        """Take one fact."""
        match fact:
            case Quote():
                self._point(fact.symbol, fact.provider, "mid", fact.ts_event, fact.mid)
            case Trade():
                if int.__and__(fact.flags, _LAST):  # a tenth of what & of flags costs
                    self._point(fact.symbol, fact.provider, "price", fact.ts_event, fact.price)
            case Reading():
                self._point(fact.symbol, "", fact.name, fact.ts_event, fact.value)
            case Bar():
                prices = (fact.open, fact.high, fact.low, fact.close)
                if not any(price != price for price in prices):
                    series = self._of(fact.symbol, "", "", "candles")
                    series.add((fact.ts_open / SECOND, *prices))
            case AggregatedQuote():
                if fact.has_price:
                    left_out = sum({self._bit(provider) for provider, _ in fact.reasons})
                    series = self._of(fact.symbol, "", "consensus", "band")
                    band = (fact.price, fact.half_width, float(left_out))
                    series.add((fact.ts_event / SECOND, *band))
            case Gap():
                self._gaps.append((fact.ts_from / SECOND, fact.ts_to / SECOND))
                self._new_gaps = min(self._new_gaps + 1, len(self._gaps))
            case _:
                pass

    def news(self) -> Batch | None:
        """What has come since the last call; None where nothing did."""
        fresh = [(series, series.new) for series in self._series.values() if series.new]
        batch = self._batch(fresh, self._new_gaps)
        for series in self._series.values():
            series.new = 0
        self._new_gaps = 0
        return batch if batch.blocks or batch.told["gaps"] else None

    def whole(self) -> Batch:
        """All that is kept, for a view that has just been opened."""
        return self._batch([(s, len(s.rows)) for s in self._series.values()], len(self._gaps))

    def _batch(self, counts: list[tuple[_Series, int]], gaps: int) -> Batch:
        told: dict[str, Any] = {
            "most": self._most,
            "series": [],
            "gaps": list(_last(self._gaps, gaps)),
            "left_out": list(self._left_out),
        }
        blocks: list[bytes] = []
        for series, count in counts:
            values = array("d", chain.from_iterable(_last(series.rows, count)))
            told["series"].append({"name": series.name, "shape": series.shape, "rows": count})
            blocks.append(values.tobytes())
        return Batch(told, blocks)

    def _bit(self, provider: str) -> int:
        place = self._left_out.get(provider)
        if place is None:
            place = min(len(self._left_out), MOST_NAMED - 1)
            if len(self._left_out) < MOST_NAMED:
                self._left_out[provider] = place
        return 1 << place

    def _point(self, symbol: str, provider: str, what: str, at: Nanos, value: float) -> None:
        if value == value:
            self._of(symbol, provider, what, "line").add((at / SECOND, value))

    def _of(self, symbol: str, provider: str, what: str, shape: str) -> _Series:
        series = self._series.get((symbol, provider, what))
        if series is None:
            name = " ".join(part for part in (symbol, provider, what) if part)
            series = self._series[symbol, provider, what] = _Series(name, shape, self._most)
        return series


def _last(things: deque[Any], count: int) -> Iterator[Any]:
    return islice(things, len(things) - count, None)
