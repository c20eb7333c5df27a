"""Bars by how much was traded: so many trades, so much volume, or so much money.

Which trades count, and what is missing, is as in `time_bars`. With *memory* what does not fill a bar yet can be saved and
taken up again (see `OperatorMemory`); TypeError for what is no such memory.
"""

from __future__ import annotations

from ordinis_rx.checks import check_count, check_positive
from ordinis_rx.events import Bar, Event
from ordinis_rx.frames import BarFrame, TradeFrame
from ordinis_rx.kernels.filling import COUNTED, FILLING, NOTIONAL, SIZED, filled_bars
from ordinis_rx.lifting import operator
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.timebase import doubt_count
from ordinis_rx.typing import Operator

__all__ = ["notional_bars", "tick_bars", "volume_bars"]


def tick_bars(n: int, *, memory: OperatorMemory | None = None) -> Operator[Event, Bar]:
    """A bar for every *n* trades of each symbol that may move the volume, told with the last of them.

    Trades count in the order of their arrival: none is late, and open and close are the first and last to come. `ts_event`
    is the latest of the symbol's trades so far, so that no bar is stamped before what is in it, or before the bar that was
    told last (a stamp more than a second after its own `ts_recv` counts as that, one 2**62 or more from 1970 as none);
    `interval` is the nanoseconds since the earliest in the bar. What does not fill a bar by the end of the stream is not
    told. A trade without a price is not counted and moves nothing; one without a size is counted and moves prices, not the
    volume.

    Raises TypeError for an *n* that is not whole, ValueError for one below 1.

    >>> from ordinis_rx.testing import a_trade, through
    >>> trades = [a_trade(price, at=at) for at, price in enumerate((10, 12, 11, 13, 12))]
    >>> [(bar.ts_event, bar.interval, bar.open, bar.close) for bar in through(tick_bars(2), trades)]
    [(1, 1, 10.0, 12.0), (3, 1, 11.0, 13.0)]
    """
    check_count("tick_bars: n", n, "trades")
    doubt_count("tick_bars: n", n)
    return _by_amount("tick_bars", COUNTED, float(n), memory)


def volume_bars(volume: float, *, memory: OperatorMemory | None = None) -> Operator[Event, Bar]:
    """A bar whenever *volume* of a symbol has changed hands, in the unit of sizes; told with the trade that made it full.

    That trade is wholly in it, so that a bar may hold more than *volume*; trades are not split. A billionth may be missing,
    as sums are rounded: ten sizes of 0.1 fill a bar of 1. Which trades count, in which order, times, and what is left at the
    end are as in `tick_bars`; a trade without a size adds no volume.

    Raises TypeError where *volume* is no number, ValueError where it is not above 0 and finite.

    >>> from ordinis_rx.testing import a_trade, through
    >>> trades = [a_trade(10, size=size) for size in (60, 70, 10, 200)]
    >>> [bar.volume for bar in through(volume_bars(100), trades)]
    [130.0, 210.0]
    """
    check_positive("volume_bars: volume", volume)
    return _by_amount("volume_bars", SIZED, volume, memory)


def notional_bars(notional: float, *, memory: OperatorMemory | None = None) -> Operator[Event, Bar]:
    """A bar whenever trades of a symbol worth *notional* have happened: price x size, in the currency of prices.

    The sign of a price does not count. Otherwise as `volume_bars`, errors included.

    >>> from ordinis_rx.testing import a_trade, through
    >>> trades = [a_trade(10, size=size) for size in (60, 70, 10, 200)]
    >>> [bar.volume for bar in through(notional_bars(1_000), trades)]
    [130.0, 210.0]
    """
    check_positive("notional_bars: notional", notional)
    return _by_amount("notional_bars", NOTIONAL, notional, memory)


def _by_amount(
    who: str, measure: int, full: float, memory: OperatorMemory | None
) -> Operator[Event, Bar]:
    check_memory(who, memory)
    return operator(
        filled_bars,
        FILLING,
        reads=TradeFrame,
        writes=BarFrame,
        params=(measure, full),
        constants={"revision": 0},
        memory=memory,
    )
