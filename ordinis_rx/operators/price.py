"""Prices out of quotes and trades, as readings: mid, spread, notional.

Each tells one reading a fact, at once and with that fact's times, provider and `seq`; facts of other kinds are left out. A
fact that lacks a number (a quote with one side) tells no reading.
"""

from __future__ import annotations

from ordinis_rx.events import Event, Reading
from ordinis_rx.frames import QuoteFrame, ReadingFrame, TradeFrame
from ordinis_rx.kernels import price as kernels
from ordinis_rx.lifting import operator
from ordinis_rx.typing import Operator

__all__ = ["mid", "notional", "spread"]


def mid() -> Operator[Event, Reading]:
    """Halfway between bid and ask of each quote, in the quote's currency, told at once.

    A quote that lacks a side (NaN) tells nothing; a crossed one has a mid as well.

    >>> from ordinis_rx.testing import a_quote, through
    >>> [(reading.name, reading.value) for reading in through(mid(), [a_quote(99.0, 101.0)])]
    [('mid', 100.0)]
    """
    return operator(
        kernels.mid,
        kernels.OF_QUOTE,
        reads=QuoteFrame,
        writes=ReadingFrame,
        constants={"name": "mid"},
    )


def spread() -> Operator[Event, Reading]:
    """Ask - bid of each quote, in the quote's currency, told at once; negative when the quote is crossed.

    A quote that lacks a side (NaN) tells nothing.

    >>> from ordinis_rx.testing import a_quote, through
    >>> quotes = [a_quote(99.0, 101.0), a_quote(float("nan"), 101.0)]
    >>> [reading.value for reading in through(spread(), quotes)]
    [2.0]
    """
    return operator(
        kernels.spread,
        kernels.OF_QUOTE,
        reads=QuoteFrame,
        writes=ReadingFrame,
        constants={"name": "spread"},
    )


def notional() -> Operator[Event, Reading]:
    """Price x size of each trade, in the trade's currency, told at once; whatever the trade's flags say.

    A trade that lacks its price or size (NaN) tells nothing.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [reading.value for reading in through(notional(), [a_trade(43_000.0, size=0.5)])]
    [21500.0]
    """
    return operator(
        kernels.notional,
        kernels.OF_TRADE,
        reads=TradeFrame,
        writes=ReadingFrame,
        constants={"name": "notional"},
    )
