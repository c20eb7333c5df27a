"""Facts: what a market or a feed told us. Frozen, cheap to build, tagged for JSON.

Every fact has a `symbol` (``""`` when it is about a whole stream), `ts_event` (when it happened, by the venue's clock) and
`ts_recv` (when it arrived, by ours), both integer nanoseconds UTC, the `provider` that told it, and `seq`, which rises
strictly within one root stream. A missing number is NaN, never 0.

>>> Quote(symbol="AAPL", ts_event=0, bid=99.0, ask=101.0, bid_size=3.0, ask_size=1.0).microprice
100.5
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, ClassVar, TypeAlias, get_args

import msgspec

from ordinis_rx.kinds import (
    MOVES_ALL,
    GapReason,
    Side,
    StreamEventType,
    StreamStatus,
    TradeFlags,
)
from ordinis_rx.outputs import outputs_of
from ordinis_rx.timebase import Nanos, to_datetime

__all__ = [
    "EVENT_TYPES",
    "MOVES_ALL",
    "NAN",
    "PROVIDERS",
    "Bar",
    "Event",
    "FeedError",
    "Gap",
    "GapReason",
    "Halt",
    "Heartbeat",
    "Providers",
    "Quote",
    "Reading",
    "Side",
    "StatusChange",
    "StreamEventType",
    "StreamStatus",
    "Timed",
    "Trade",
    "TradeCancel",
    "TradeCorrection",
    "TradeFlags",
]

NAN = math.nan


PROVIDERS = "providers"
"""Marks a field whose words are names of providers, so that columns hold it as a set of bits."""

Providers: TypeAlias = Annotated[tuple[str, ...], PROVIDERS]
"""Names of providers, sorted."""


class Timed:
    """What every fact can tell about its time."""

    __slots__ = ()
    ts_event: Nanos
    ts_recv: Nanos

    @property
    def arrived(self) -> Nanos:
        """`ts_recv`, or `ts_event` where that is unknown."""
        return self.ts_recv or self.ts_event

    @property
    def time(self) -> datetime:
        """`ts_event` as an aware UTC datetime, cut to microseconds."""
        return to_datetime(self.ts_event)


class Quote(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="QUOTE"
):
    """The best bid and ask of one venue, or of one provider's view of them; prices in the symbol's currency.

    A side that is missing is NaN, and so is all that is derived from it. Sizes are in the vendor's unit, 0 where unknown.

    >>> quote = Quote(symbol="AAPL", ts_event=0, bid=99.0, ask=101.0)
    >>> quote.mid, quote.spread, quote.spread_bps
    (100.0, 2.0, 200.0)
    """

    type: ClassVar[StreamEventType] = StreamEventType.QUOTE

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    bid: float
    ask: float
    bid_size: float = 0.0
    ask_size: float = 0.0
    bid_venue: str = ""
    ask_venue: str = ""

    @property
    def mid(self) -> float:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> float:
        """Ask - bid; negative when crossed."""
        return self.ask - self.bid

    @property
    def spread_bps(self) -> float:
        """The spread in basis points of the mid; 0 when the mid is 0."""
        mid = self.mid
        return (self.ask - self.bid) / mid * 10_000 if mid else 0.0

    @property
    def microprice(self) -> float:
        """``(bid * ask_size + ask * bid_size) / (bid_size + ask_size)``: the mid, drawn toward the thinner side.

        The plain mid where no size is known (both 0).
        """
        depth = self.bid_size + self.ask_size
        if not depth > 0:
            return self.mid
        return (self.bid * self.ask_size + self.ask * self.bid_size) / depth

    @property
    def is_crossed(self) -> bool:
        """True when bid > ask: stale or faulty on one venue, an arbitrage across two."""
        return self.bid > self.ask

    @property
    def is_locked(self) -> bool:
        """True when bid == ask."""
        return self.bid == self.ask


class Trade(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="TRADE"
):
    """A print: *size* changed hands at *price*, in the symbol's currency.

    `flags` say what it may move (the last price, high and low, the volume: `TradeFlags`), `side` who crossed the spread, and
    `conditions` are the vendor's codes. `trade_id` is empty where the vendor gives none.

    >>> Trade(symbol="BTC-USD", ts_event=0, price=43_000.0, size=0.5).notional
    21500.0
    """

    type: ClassVar[StreamEventType] = StreamEventType.TRADE

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    price: float
    size: float
    venue: str = ""
    trade_id: str = ""
    conditions: tuple[str, ...] = ()
    side: Side = Side.UNKNOWN
    flags: TradeFlags = MOVES_ALL

    @property
    def notional(self) -> float:
        """Price x size."""
        return self.price * self.size


class Bar(msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="BAR"):
    """Open, high, low, close and volume of one interval of so many nanoseconds; `ts_event` is its **end**.

    A later bar of the same symbol, interval and end with a higher `revision` replaces the earlier one. What the interval had
    nothing of is NaN: prices without a trade that may move them, `vwap` where it is unknown or there was no volume.
    """

    type: ClassVar[StreamEventType] = StreamEventType.BAR

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    interval: Nanos
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float = NAN
    trade_count: int = 0
    revision: int = 0

    @property
    def ts_open(self) -> Nanos:
        """When the interval began."""
        return self.ts_event - self.interval

    @property
    def range(self) -> float:
        """High - low."""
        return self.high - self.low

    @property
    def body(self) -> float:
        """How far close and open are apart; never negative."""
        return abs(self.close - self.open)

    @property
    def is_bullish(self) -> bool:
        """True when the close is at or above the open."""
        return self.close >= self.open

    @property
    def typical(self) -> float:
        """(high + low + close) / 3."""
        return (self.high + self.low + self.close) / 3


class StatusChange(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="STATUS"
):
    """A feed's connection changed its state, at `ts_event` by our clock; `message` says why, in words.

    `attempt` is the number of the try to connect again in a row of failures (1, 2, ...), 0 where it is none.
    """

    type: ClassVar[StreamEventType] = StreamEventType.STATUS

    symbol: str = ""
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    status: StreamStatus
    message: str = ""
    attempt: int = 0


class Gap(msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="GAP"):
    """Between `ts_from` and `ts_to` data of `symbols` (empty: of all) was, or may have been, missed; told when it is over.

    Both are times of arrival, by our clock; of what a `buffer` dropped (reason DROPPED) they are the times of the events.
    Where a backfill has supplied what was missed, a second Gap with the same bounds is `filled`, and the facts of the
    backfill follow it.

    >>> Gap(ts_event=5, ts_from=2, ts_to=5, reason=GapReason.DISCONNECTED).duration
    3
    """

    type: ClassVar[StreamEventType] = StreamEventType.GAP

    symbol: str = ""
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    ts_from: Nanos
    ts_to: Nanos
    reason: GapReason
    symbols: tuple[str, ...] = ()
    filled: bool = False

    @property
    def duration(self) -> Nanos:
        """How long data was missing, nanoseconds."""
        return self.ts_to - self.ts_from


class FeedError(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="ERROR"
):
    """A vendor's message, or a field of it, that could not be used; told by our clock. The stream goes on.

    `kind` is a short stable word for counting (``"missing-price"``, ``"unsupported"``), `message` says it in words, and
    `raw` holds the message itself, at most its first KiB. An error that ends a stream is no fact: it comes by `on_error`.
    """

    type: ClassVar[StreamEventType] = StreamEventType.ERROR

    symbol: str = ""
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    kind: str
    message: str = ""
    raw: bytes = b""


class Heartbeat(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="HEARTBEAT"
):
    """A sign of life, and a tick of time in the stream: it is `ts_event` now, though nothing else may have happened.

    What waits for time to pass (`reorder`, a consensus, `time_bars` with *flush_after*) is moved by it while data is quiet.
    """

    type: ClassVar[StreamEventType] = StreamEventType.HEARTBEAT

    symbol: str = ""
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0


class Halt(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="HALT"
):
    """Trading in a symbol stopped (`halted`) or resumed; `code` and `reason` are the vendor's."""

    type: ClassVar[StreamEventType] = StreamEventType.HALT

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    halted: bool
    code: str = ""
    reason: str = ""


class TradeCancel(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="CANCEL"
):
    """The trade with the id `trade_id`, told before, is void; `action` is the vendor's word for why.

    `price` and `size` are those of that trade, NaN where the vendor does not repeat them. What bars and averages have made
    of the trade stays as it is.
    """

    type: ClassVar[StreamEventType] = StreamEventType.CANCEL

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    trade_id: str
    price: float = NAN
    size: float = NAN
    venue: str = ""
    action: str = ""


class TradeCorrection(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="CORRECTION"
):
    """The trade with the id `original_id`, told before, had other figures: it is now `trade_id`, of `size` at `price`.

    `original_price` and `original_size` are what was told, NaN where the vendor does not repeat them. What bars and averages
    have made of the trade stays as it is.
    """

    type: ClassVar[StreamEventType] = StreamEventType.CORRECTION

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    original_id: str
    original_price: float = NAN
    original_size: float = NAN
    trade_id: str
    price: float
    size: float
    venue: str = ""
    conditions: tuple[str, ...] = ()


class Reading(
    msgspec.Struct, Timed, frozen=True, gc=False, kw_only=True, tag_field="type", tag="READING"
):
    """A number about a symbol: a mid, a rolling mean, an indicator, a price band.

    One with several outputs has them in `values`, in a fixed order, and each by its name too; `value` is the first. Which
    names there are is told by `name`: that of an indicator, or the names themselves with commas between. The only output of
    an indicator is called as that is. `revision` is that of the bar that it is about: a reading with one above 0 takes the
    place of the last one of its name and time.

    >>> band = Reading(symbol="A", ts_event=0, name="bbands", value=3.0, values=(3.0, 2.0, 1.0))
    >>> band.upper, band.lower
    (3.0, 1.0)
    >>> Reading(symbol="A", ts_event=0, name="rsi", value=44.5).rsi
    44.5
    """

    type: ClassVar[StreamEventType] = StreamEventType.READING

    symbol: str
    ts_event: Nanos
    ts_recv: Nanos = 0
    provider: str = ""
    seq: int = 0
    name: str = ""
    value: float
    values: tuple[float, ...] = ()
    revision: int = 0

    def __getattr__(self, word: str) -> float:
        """The output called *word*; raises AttributeError that lists what there is."""
        j, several = outputs_of(self.name).get(word), len(self.values) > 1
        if several and j is not None and j < len(self.values):
            return self.values[j]
        if word == self.name and not several:
            return self.value
        names = list(outputs_of(self.name)) or ([] if several else [self.name])
        words = " ".join(filter(None, names)) or "no outputs with names"
        raise AttributeError(f"a reading of {self.name!r} has no {word!r}: it has {words}")


Event: TypeAlias = (
    Quote
    | Trade
    | Bar
    | StatusChange
    | Gap
    | FeedError
    | Heartbeat
    | Halt
    | TradeCancel
    | TradeCorrection
    | Reading
)

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)
"""Every kind of fact, in the fixed order that breaks ties of `seq`."""
