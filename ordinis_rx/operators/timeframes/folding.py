"""The bars of several timeframes out of the bars of one symbol, one after the other.

What is held is immutable: who wants to take a bar back holds on to what was held before it.
"""

from __future__ import annotations

import msgspec

from ordinis_rx.calendars import Session
from ordinis_rx.events import NAN, Bar
from ordinis_rx.operators.timeframes.facts import TimeframeBars
from ordinis_rx.operators.timeframes.spans import Borders
from ordinis_rx.timebase import Nanos

__all__ = ["Bucket", "Folding", "Held"]


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """A bar in the making. Its arithmetic is that of `resample`, to the last bit."""

    begin: Nanos
    end: Nanos
    open: float
    high: float
    low: float
    close: float
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
        return cls(*span, bar.open, bar.high, bar.low, bar.close).plus(bar)

    def plus(self, bar: Bar) -> Bucket:
        """The same with one more bar."""
        volume, base, worth, weight = self.volume, self.base, self.worth, self.weight
        plain = self.plain
        amount, average = bar.volume, bar.vwap
        if amount - amount == 0.0 and amount > 0.0:
            volume += amount
            if average - average == 0.0:
                if weight == 0.0:
                    base = average
                weight += amount
                worth += (average - base) * amount
                plain = plain and bar.low <= average <= bar.high
        return Bucket(
            self.begin,
            self.end,
            self.open,
            max(self.high, bar.high),
            min(self.low, bar.low),
            bar.close,
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

    def takes(self, bar: Bar) -> bool:
        """Whether there is a bar of the shortest timeframe that *bar* lies wholly in."""
        span = self._borders[0](bar.ts_open)
        return span is not None and bar.ts_event <= span.close and bar.interval > 0

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
    ) -> tuple[Held, TimeframeBars]:
        held = self._close(held, shortest.end, cause, revision)
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
        """With every bar closed that ends at *until* or before."""
        if not any(bucket is not None and bucket.end <= until for bucket in held.buckets):
            return held
        buckets, closed, since = list(held.buckets), list(held.closed), list(held.since)
        for place, bucket in enumerate(held.buckets):
            if bucket is not None and bucket.end <= until:
                bar = bucket.bar(cause, bucket.end, revision)
                buckets[place], closed[place] = None, bar
                since[place] = (*held.since[place], bar)
        return Held(tuple(buckets), tuple(closed), tuple(since))
