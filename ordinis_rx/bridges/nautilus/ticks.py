"""From facts to the ticks and bars of nautilus_trader."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ordinis_rx.bridges.engines import engine, facts_of
from ordinis_rx.events import Bar, Quote, Side, Trade, TradeFlags
from ordinis_rx.timebase import DAY, HOUR, MILLI, MINUTE, SECOND, Nanos

__all__ = ["NautilusTicks", "bar_type", "to_nautilus"]

_log = logging.getLogger(__name__)

_PACKAGE: Final = "nautilus_trader"

_UNITS: Final = (
    (DAY, "DAY"),
    (HOUR, "HOUR"),
    (MINUTE, "MINUTE"),
    (SECOND, "SECOND"),
    (MILLI, "MILLISECOND"),
)

_SIDES: Final = {Side.BUY: "BUYER", Side.SELL: "SELLER", Side.UNKNOWN: "NO_AGGRESSOR"}

_ID_LENGTH: Final = 36
"""As many characters as the id of a trade may have over there; its end is what tells it from others."""


def to_nautilus(
    facts: Iterable[Any], instruments: Mapping[str, Any], *, price_type: str = "LAST"
) -> list[Any]:
    """The quotes, trades and bars among *facts* (facts, a frame, or frames) for ``BacktestEngine.add_data``.

    What becomes of each fact, and what is left out, is told by `NautilusTicks`. What was left out is logged, counted by
    reason. They stand in the order of the facts: sort them by ``ts_init`` (``add_data`` does, unless told not to).

    >>> from nautilus_trader.test_kit.providers import TestInstrumentProvider
    >>> shares = TestInstrumentProvider.equity("AAPL", "XNAS")
    >>> trade = Trade(symbol="AAPL", ts_event=1, ts_recv=3, price=185.5, size=100.0, trade_id="7", side=Side.BUY)
    >>> to_nautilus([trade], {"AAPL": shares})
    [TradeTick(AAPL.XNAS,185.50,100,BUYER,7,1)]
    """
    tick_of = NautilusTicks(instruments, price_type=price_type)
    ticks = [tick for fact in facts_of(facts) if (tick := tick_of(fact)) is not None]
    if tick_of.skipped:
        counts = ", ".join(f"{n} {reason}" for reason, n in sorted(tick_of.skipped.items()))
        _log.warning("to_nautilus left out what nautilus_trader cannot take: %s", counts)
    return ticks


def bar_type(instrument_id: Any, interval: Nanos, price_type: str = "LAST") -> Any:
    """The nautilus type of a bar that we make and hand over (``EXTERNAL``), as strategies subscribe to it.

    A step must go evenly into the next larger unit (5 minutes do, 7 do not): else ValueError, from nautilus_trader.

    >>> from nautilus_trader.model.identifiers import InstrumentId
    >>> bar_type(InstrumentId.from_str("AAPL.XNAS"), 5 * MINUTE)
    BarType(AAPL.XNAS-5-MINUTE-LAST-EXTERNAL)
    """
    for unit, name in _UNITS:
        if interval > 0 and interval % unit == 0:
            data = engine(_PACKAGE, "nautilus_trader.model.data")
            enums = engine(_PACKAGE, "nautilus_trader.model.enums")
            of = getattr(enums.BarAggregation, name), getattr(enums.PriceType, price_type)
            spec = data.BarSpecification(interval // unit, *of)
            return data.BarType(instrument_id, spec, enums.AggregationSource.EXTERNAL)
    raise ValueError(
        f"nautilus_trader has bars of whole milliseconds, got an interval of {interval} ns"
    )


class NautilusTicks:
    """Makes of a fact the tick or bar of nautilus_trader, one at a time; None where there is none.

    *instruments* are those of nautilus_trader by our symbols; prices and sizes are rounded to theirs, half to even.
    ``ts_event`` stays what it is (of a bar: its end), ``ts_init`` is our `ts_recv`, or `ts_event` where nobody noted it. A
    quote whose sizes are unknown has sizes of 0. A trade without an id of plain ASCII (any other would end the process over
    there) has its `seq` as one; the aggressor's side is kept.
    A bar is of the type that `bar_type` gives for *price_type* (``"MID"``, say, for bars of mids), and a later version of
    one ``is_revision``.

    Left out and counted in `skipped`: a ``"symbol"`` without an instrument, a price or a size that is ``"missing"``, a trade
    that may not move the ``"last"`` price (late or odd: a tick has nowhere to say so, and would fill orders), and what is
    ``"refused"`` over there: a size that rounds to 0, a high below the low, an interval of no step. Facts of other kinds are
    None, uncounted.
    """

    def __init__(self, instruments: Mapping[str, Any], *, price_type: str = "LAST") -> None:
        data = engine(_PACKAGE, "nautilus_trader.model.data")
        sides = engine(_PACKAGE, "nautilus_trader.model.enums").AggressorSide
        self._instruments = dict(instruments)
        self._price_type = price_type
        self._quote, self._trade, self._bar = data.QuoteTick, data.TradeTick, data.Bar
        self._trade_id = engine(_PACKAGE, "nautilus_trader.model.identifiers").TradeId
        self._sides = {side: getattr(sides, name) for side, name in _SIDES.items()}
        self._types: dict[tuple[str, Nanos], Any] = {}
        self._makers: dict[type[Any], Callable[[Any, Any], Any]] = {
            Quote: self._of_quote,
            Trade: self._of_trade,
            Bar: self._of_bar,
        }
        self.skipped: Counter[str] = Counter()

    def __call__(self, fact: Any) -> Any:
        """The tick of *fact*, or None."""
        make = self._makers.get(fact.__class__)
        if make is None:
            return None
        instrument = self._instruments.get(fact.symbol)
        if instrument is None:
            self.skipped["symbol"] += 1
            return None
        try:
            return make(fact, instrument)
        except (ValueError, OverflowError):
            self.skipped["refused"] += 1
            return None

    def _of_quote(self, quote: Quote, instrument: Any) -> Any:
        if math.isnan(quote.bid + quote.ask):
            self.skipped["missing"] += 1
            return None
        return self._quote(
            instrument.id,
            instrument.make_price(quote.bid),
            instrument.make_price(quote.ask),
            instrument.make_qty(0.0 if math.isnan(quote.bid_size) else quote.bid_size),
            instrument.make_qty(0.0 if math.isnan(quote.ask_size) else quote.ask_size),
            quote.ts_event,
            quote.arrived,
        )

    def _of_trade(self, trade: Trade, instrument: Any) -> Any:
        if math.isnan(trade.price + trade.size):
            self.skipped["missing"] += 1
            return None
        if not trade.flags & TradeFlags.LAST:
            self.skipped["last"] += 1
            return None
        name = trade.trade_id
        if not (name and name.isascii() and name.isprintable()):
            name = str(trade.seq)
        return self._trade(
            instrument.id,
            instrument.make_price(trade.price),
            instrument.make_qty(trade.size),
            self._sides[trade.side],
            self._trade_id(name[-_ID_LENGTH:]),
            trade.ts_event,
            trade.arrived,
        )

    def _of_bar(self, bar: Bar, instrument: Any) -> Any:
        if math.isnan(bar.open + bar.high + bar.low + bar.close + bar.volume):
            self.skipped["missing"] += 1
            return None
        of = self._types.get((bar.symbol, bar.interval))
        if of is None:
            of = bar_type(instrument.id, bar.interval, self._price_type)
            self._types[bar.symbol, bar.interval] = of
        return self._bar(
            of,
            instrument.make_price(bar.open),
            instrument.make_price(bar.high),
            instrument.make_price(bar.low),
            instrument.make_price(bar.close),
            instrument.make_qty(bar.volume),
            bar.ts_event,
            bar.arrived,
            bar.revision > 0,
        )
