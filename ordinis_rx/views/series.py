"""What a chart draws: lines, bands, candles and gaps, out of the facts of a stream."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from ordinis_rx.consensus import AggregatedQuote
from ordinis_rx.events import Bar, Event, Gap, Quote, Reading, Trade, TradeFlags
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["Batch", "Plot"]

MOST_GAPS = 100

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

    def __init__(self, shape: str, most: int) -> None:
        self.shape = shape
        self.rows: deque[tuple[float, ...]] = deque(maxlen=most)
        self.new = 0

    def add(self, *row: float) -> None:
        self.rows.append(row)
        self.new = min(self.new + 1, len(self.rows))


class Plot:
    """Takes facts; keeps the newest *most* rows of each series and no more than that.

    Quotes become a line of their mid, trades of their last price, readings of their value; a consensus a line with a band of
    its half-width, and with the providers that were left out, as a number with one bit for each name in the order in which
    they were first left out; bars candles, at their opening. Facts without a number are skipped, and so are kinds that have
    none; a `Gap` is a shade over its time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._series: dict[str, _Series] = {}
        self._gaps: deque[tuple[float, float]] = deque(maxlen=MOST_GAPS)
        self._new_gaps = 0
        self._left_out: dict[str, int] = {}

    def add(self, fact: Event | AggregatedQuote) -> None:
        """Take one fact."""
        match fact:
            case Quote():
                self._point(f"{fact.symbol} {fact.provider} mid", fact.ts_event, fact.mid)
            case Trade() if fact.flags & TradeFlags.LAST:
                self._point(f"{fact.symbol} {fact.provider} price", fact.ts_event, fact.price)
            case Reading():
                self._point(f"{fact.symbol} {fact.name}", fact.ts_event, fact.value)
            case Bar():
                prices = (fact.open, fact.high, fact.low, fact.close)
                self._row(fact.symbol, "candles", fact.ts_open, *prices)
            case AggregatedQuote():
                left_out = sum({self._bit(provider) for provider, _ in fact.reasons})
                band = (fact.price, fact.half_width, float(left_out))
                self._row(f"{fact.symbol} consensus", "band", fact.ts_event, *band)
            case Gap():
                self._gaps.append((fact.ts_from / SECOND, fact.ts_to / SECOND))
                self._new_gaps = min(self._new_gaps + 1, len(self._gaps))
            case _:
                pass

    def news(self) -> Batch | None:
        """What has come since the last call; None where nothing did."""
        batch = self._batch(
            {name: s.new for name, s in self._series.items() if s.new}, self._new_gaps
        )
        for series in self._series.values():
            series.new = 0
        self._new_gaps = 0
        return batch if batch.blocks or batch.told["gaps"] else None

    def whole(self) -> Batch:
        """All that is kept, for a view that has just been opened."""
        return self._batch({n: len(s.rows) for n, s in self._series.items()}, len(self._gaps))

    def _batch(self, counts: dict[str, int], gaps: int) -> Batch:
        told: dict[str, Any] = {
            "most": self._most,
            "series": [],
            "gaps": list(_last(self._gaps, gaps)),
            "left_out": list(self._left_out),
        }
        blocks: list[bytes] = []
        for name, count in counts.items():
            series = self._series[name]
            values = array("d", (x for row in _last(series.rows, count) for x in row))
            told["series"].append({"name": name, "shape": series.shape, "rows": count})
            blocks.append(values.tobytes())
        return Batch(told, blocks)

    def _bit(self, provider: str) -> int:
        place = self._left_out.get(provider)
        if place is None:
            place = min(len(self._left_out), MOST_NAMED - 1)
            if len(self._left_out) < MOST_NAMED:
                self._left_out[provider] = place
        return 1 << place

    def _point(self, name: str, at: Nanos, value: float) -> None:
        self._row(" ".join(name.split()), "line", at, value)

    def _row(self, name: str, shape: str, at: Nanos, *values: float) -> None:
        known = (
            values[:1] if shape == "band" else values
        )  # a price without an interval is one all the same
        if any(value != value for value in known):
            return
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = _Series(shape, self._most)
        series.add(at / SECOND, *values)


def _last(things: deque[Any], count: int) -> Iterator[Any]:
    start = len(things) - count
    return (thing for k, thing in enumerate(things) if k >= start)
