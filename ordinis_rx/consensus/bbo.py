"""The best bid and ask across venues, each of which is believed."""

from __future__ import annotations

from ordinis_rx.checks import check_duration
from ordinis_rx.consensus.rows import losses
from ordinis_rx.events import Event, Quote
from ordinis_rx.hearing import hears
from ordinis_rx.operators.event_time import moment
from ordinis_rx.stepping import Telling, telling
from ordinis_rx.timebase import SECOND, Nanos
from ordinis_rx.typing import Operator

__all__ = ["bbo"]

_EVERY_SYMBOL = ""


def bbo(max_age: Nanos | None = 60 * SECOND) -> Operator[Event, Quote]:
    """The highest bid and the lowest ask of all providers' newest quotes, whenever one of them changes.

    Where `consensus` holds fallible reports of one price against each other, here every quote is true of its own venue.
    Sizes are added up over the venues at the best price; `bid_venue` and `ask_venue` name the providers there. The result
    may be locked or crossed, and says so: ``quote.is_locked``, ``quote.is_crossed``. It is our own merge, not the national
    best.

    A side that a quote lacks (NaN, or no price above 0) does not count, nor does a quote older than *max_age* by the time of
    the newest (None: however old), nor one from before its provider's disconnect or gap. A `ts_event` more than a second
    ahead of `ts_recv` counts as that. What is told is stamped with the time of the newest by then, since a late quote's best
    is made of newer ones, too. While all are quiet nothing is told. Raises TypeError for a *max_age* that is not
    whole, ValueError for one that is not positive.

    >>> from ordinis_rx.testing import a_quote, through
    >>> told = [a_quote(9.0, 12.0, provider="x"), a_quote(10.0, 13.0, provider="y")]
    >>> [(quote.bid, quote.ask, quote.bid_venue, quote.ask_venue) for quote in through(bbo(), told)]
    [(9.0, 12.0, 'x', 'x'), (10.0, 12.0, 'y', 'x')]
    """
    if max_age is not None:
        check_duration("bbo: max_age", max_age)

    def make() -> Telling:
        books = _Books(max_age)
        return lambda item: (quote for fact in item.facts for quote in books.told_by(fact))

    return hears(telling(make), Quote)


class _Books:
    """One subscriber's newest quotes, by symbol and provider."""

    __slots__ = ("_last", "_max_age", "_now", "_quotes")

    def __init__(self, max_age: Nanos | None) -> None:
        self._max_age = max_age
        self._now: Nanos | None = None
        self._quotes: dict[str, dict[str, Quote]] = {}
        self._last: dict[str, tuple[float, float, float, float, str, str]] = {}

    def told_by(self, fact: Event) -> list[Quote]:
        """The best quotes that change by *fact*."""
        if isinstance(fact, Quote):
            at = moment(fact)
            self._now = at if self._now is None else max(self._now, at)
            mine = self._quotes.setdefault(fact.symbol, {})
            before = mine.get(fact.provider)
            if before is not None and at < moment(before):
                return []
            mine[fact.provider] = fact
            return self._best(fact.symbol, fact)
        told: list[Quote] = []
        for _, symbol in losses(fact):
            for name in [symbol] if symbol != _EVERY_SYMBOL else list(self._quotes):
                known = self._quotes.get(name, {})
                lost = [fact.provider] if fact.provider else list(known)
                if [known.pop(provider, None) for provider in lost if provider in known]:
                    told += self._best(name, fact)
        return told

    def _best(self, symbol: str, cause: Event) -> list[Quote]:
        fresh = [q for q in self._quotes[symbol].values() if self._is_fresh(q)]
        bids, asks = [q for q in fresh if q.bid > 0], [q for q in fresh if q.ask > 0]
        bid = max((q.bid for q in bids), default=float("nan"))
        ask = min((q.ask for q in asks), default=float("nan"))
        at_bid, at_ask = [q for q in bids if q.bid == bid], [q for q in asks if q.ask == ask]
        quote = Quote(
            symbol=symbol,
            ts_event=max(moment(cause), self._now or moment(cause)),
            ts_recv=cause.ts_recv,
            provider="bbo",
            seq=cause.seq,
            bid=bid,
            ask=ask,
            bid_size=sum(sorted(q.bid_size for q in at_bid if q.bid_size > 0)),
            ask_size=sum(sorted(q.ask_size for q in at_ask if q.ask_size > 0)),
            bid_venue=",".join(sorted(q.provider for q in at_bid)),
            ask_venue=",".join(sorted(q.provider for q in at_ask)),
        )
        told = (bid, ask, quote.bid_size, quote.ask_size, quote.bid_venue, quote.ask_venue)
        before, self._last[symbol] = self._last.get(symbol), told
        return [] if before is not None and _same(before, told) else [quote]

    def _is_fresh(self, quote: Quote) -> bool:
        return (
            self._max_age is None or self._now is None or self._now - moment(quote) <= self._max_age
        )


def _same(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    return all(x == y or (x != x and y != y) for x, y in zip(a, b, strict=True))
