"""The bars of several timeframes out of the bars of one symbol, one after the other.

What is held is immutable: who wants to take a bar back holds on to what was held before it.
"""

from __future__ import annotations

from math import isfinite

import msgspec

from ordinis_rx.calendars import Session
from ordinis_rx.events import NAN, Bar
from ordinis_rx.operators.timeframes.facts import TimeframeBars
from ordinis_rx.operators.timeframes.spans import Borders
from ordinis_rx.timebase import Nanos

__all__ = ["Bucket", "Folding", "Held", "has_ends", "has_range", "is_whole", "moves"]


def is_whole(bar: Bar) -> bool:
    """Whether *bar* has all its prices."""
    return has_ends(bar) and has_range(bar)


def moves(bar: Bar) -> bool:
    """Whether *bar* has anything that a longer one is made of."""
    told = isfinite(bar.close) or isfinite(bar.vwap) or bar.trade_count > 0
    return told or has_ends(bar) or has_range(bar)


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """A bar in the making. Its arithmetic is that of `resample`, to the last bit, also of bars that lack a price."""

    begin: Nanos
    end: Nanos
    open: float = NAN
    high: float = NAN
    low: float = NAN
    close: float = NAN
    volume: float = 0.0
    base: float = 0.0
    worth: float = 0.0
    weight: float = 0.0
    plain: bool = True
    """Whether every average that was weighed in lay in the range of its own bar."""
    trades: int = 0
    provider: str = ""

    @classmethod
    def of(cls, span: Session, bar: Bar) -> Bucket:
        """One that *bar* begins."""
        return cls(*span).plus(bar)

    @property
    def is_whole(self) -> bool:
        """Whether it has all its prices."""
        return self.close == self.close and self.high == self.high

    def plus(self, bar: Bar) -> Bucket:
        """The same with one more bar."""
        opening, high, low, close = self.open, self.high, self.low, self.close
        volume, base, worth, weight = self.volume, self.base, self.worth, self.weight
        plain = self.plain
        if has_ends(bar):
            opening = opening if opening == opening else bar.open
            close = bar.close
        if has_range(bar):
            high = high if high >= bar.high else bar.high
            low = low if low <= bar.low else bar.low
        else:
            plain = False
        amount, average = bar.volume, bar.vwap
        if _has_volume(bar):
            volume += amount
            if isfinite(average):
                if weight == 0.0:
                    base = average
                weight += amount
                worth += (average - base) * amount
                plain = plain and bar.low <= average <= bar.high
        return Bucket(
            self.begin,
            self.end,
            opening,
            high,
            low,
            close,
            volume,
            base,
            worth,
            weight,
            plain,
            self.trades + bar.trade_count,
            bar.provider,
        )

    def bar(self, cause: Bar, end: Nanos, revision: int = 0) -> Bar:
        """As a bar that ends at *end*, and is told with *cause*."""
        vwap = NAN
        if self.weight > 0.0:
            vwap = self.base + self.worth / self.weight
            if self.plain:  # rounding must not put it outside the prices that it is an average of
                vwap = min(max(vwap, self.low), self.high)
        return Bar(
            symbol=cause.symbol,
            ts_event=end,
            ts_recv=cause.ts_recv,
            provider=self.provider,
            seq=cause.seq,
            interval=end - self.begin,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            volume=self.volume,
            vwap=vwap,
            trade_count=self.trades,
            revision=revision,
        )


def has_ends(bar: Bar) -> bool:
    """Whether *bar* says where it began and ended."""
    return isfinite(bar.open) and isfinite(bar.close)


def has_range(bar: Bar) -> bool:
    """Whether *bar* says how far it reached."""
    return isfinite(bar.high) and isfinite(bar.low)


def _has_volume(bar: Bar) -> bool:
    """Whether it counts: without any price, be it an average one, a volume moves nothing."""
    return bar.volume > 0.0 and isfinite(bar.volume) and (isfinite(bar.close) or isfinite(bar.vwap))


class Held(msgspec.Struct, frozen=True):
    """What is held of one symbol, by timeframe."""

    buckets: tuple[Bucket | None, ...]
    closed: tuple[Bar | None, ...]
    since: tuple[tuple[Bar, ...], ...]


class Folding:
    """How bars become rows of several timeframes."""

    __slots__ = ("_borders", "_forming", "_names", "_nothing")

    def __init__(
        self, names: tuple[str, ...], borders: tuple[Borders, ...], *, forming: bool
    ) -> None:
        self._names = names
        self._borders = borders
        self._forming = forming
        self._nothing: tuple[tuple[Bar, ...], ...] = ((),) * len(names)

    def start(self) -> Held:
        """Nothing held."""
        none = (None,) * len(self._names)
        return Held(none, none, self._nothing)

    def misfit(self, bar: Bar) -> str:
        """Why there is no bar of the shortest timeframe that *bar* lies wholly in; empty where there is one."""
        if bar.interval <= 0:
            return "has no interval"
        span = self._borders[0](bar.ts_open)
        if span is None:
            return "begins outside of all sessions"
        if bar.ts_event <= span.close:
            return ""
        name = self._names[0]
        longer = bar.interval > span.close - span.open
        return f"is longer than one of {name}" if longer else f"lies across a border of {name}"

    def told(self, held: Held) -> Held:
        """What is held once a row has told of the bars that are over."""
        return Held(held.buckets, held.closed, self._nothing)

    def before(self, held: Held, bar: Bar) -> tuple[Held, TimeframeBars | None]:
        """What is over when *bar* begins, and the row that it makes."""
        row = None
        shortest = held.buckets[0]
        if shortest is not None and shortest.end <= bar.ts_open:
            held, row = self._tell(held, shortest, bar, 0)
        return self._close(held, bar.ts_open, bar, 0), row

    def add(self, held: Held, bar: Bar) -> tuple[Held, TimeframeBars | None]:
        """What is held with *bar*, and the row where it is the last of the shortest timeframe's bar."""
        buckets: list[Bucket | None] = []
        for bucket, borders in zip(held.buckets, self._borders, strict=True):
            if bucket is None:
                span = borders(bar.ts_open)
                assert span is not None  # the longer ones are wherever the shortest is
                buckets.append(Bucket.of(span, bar))
            else:
                buckets.append(bucket.plus(bar))
        held = Held(tuple(buckets), held.closed, held.since)
        shortest = buckets[0]
        if shortest is None or shortest.end > bar.ts_event:
            return held, None
        return self._tell(held, shortest, bar, bar.revision)

    def _tell(
        self, held: Held, shortest: Bucket, cause: Bar, revision: int
    ) -> tuple[Held, TimeframeBars | None]:
        held = self._close(held, shortest.end, cause, revision)
        if not shortest.is_whole:
            return held, None
        unfinished: tuple[Bar | None, ...] = ()
        if self._forming:
            unfinished = tuple(
                None if bucket is None else bucket.bar(cause, shortest.end, revision)
                for bucket in held.buckets
            )
        row = TimeframeBars(
            symbol=cause.symbol,
            ts_event=shortest.end,
            ts_recv=cause.ts_recv,
            provider=shortest.provider,
            seq=cause.seq,
            interval=shortest.end - shortest.begin,
            revision=revision,
            names=self._names,
            closed=held.closed,
            unfinished=unfinished,
            since=held.since,
        )
        return self.told(held), row

    def _close(self, held: Held, until: Nanos, cause: Bar, revision: int) -> Held:
        """With every bar closed that ends at *until* or before; one that lacks a price is told to nobody."""
        if not any(bucket is not None and bucket.end <= until for bucket in held.buckets):
            return held
        buckets, closed, since = list(held.buckets), list(held.closed), list(held.since)
        for place, bucket in enumerate(held.buckets):
            if bucket is not None and bucket.end <= until:
                buckets[place] = None
                if bucket.is_whole:
                    closed[place] = bar = bucket.bar(cause, bucket.end, revision)
                    since[place] = (*held.since[place], bar)
        return Held(tuple(buckets), tuple(closed), tuple(since))
