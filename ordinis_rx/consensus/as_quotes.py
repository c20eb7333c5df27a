"""Answers as quotes: the way from a consensus to bars and indicators."""

from __future__ import annotations

from typing import Literal

from ordinis_rx.checks import check_choice
from ordinis_rx.consensus.facts import AggregatedQuote
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.events import Quote
from ordinis_rx.frames import QuoteFrame
from ordinis_rx.kernels import agreed
from ordinis_rx.lifting import operator
from ordinis_rx.typing import Operator

__all__ = ["as_quotes"]


def as_quotes(of: Literal["price", "book"] = "price") -> Operator[AggregatedQuote, Quote]:
    """Each answer as a quote, for all that takes quotes: bars of mids, indicators, timeframes, conditions.

    Of the *price* that is both bid and ask, so that the mid is the price; of the *book* they are the median bid and ask of
    those who quote, whose mid need not be the price. An answer that has none (no quorum, or nobody quotes) tells no quote.
    Times, `seq` and provider (whose report it follows) are the answer's: so times do not go back, as those of reports do.
    Sizes are 0, since nobody stands behind them. What goes by provider comes before:
    ``consensus() | conflate(SECOND) | as_quotes()``.

    >>> from ordinis_rx.consensus import consensus
    >>> from ordinis_rx.operators import time_bars
    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_quote
    >>> told = [a_quote(99, 101, at=1, provider="a"), a_quote(101, 103, at=2, provider="b")]
    >>> told.append(a_quote(99, 101, at=12, provider="b"))
    >>> bars = from_events(told).pipe(consensus(), as_quotes(), time_bars(10, of="mid"))
    >>> bars.subscribe(lambda bar: print(bar.ts_event, bar.open, bar.close)).dispose()
    10 100.0 101.0
    20 100.0 100.0
    """
    check_choice("as_quotes: of", of, ("price", "book"))
    kernel, layout = {
        "price": (agreed.of_price, agreed.OF_PRICE),
        "book": (agreed.of_book, agreed.OF_BOOK),
    }[of]
    return operator(kernel, layout, reads=AggregatedQuoteFrame, writes=QuoteFrame)
