"""Join what belongs together: one fact with the latest of another stream, or every provider's latest quote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from reactivex import Observable, abc

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_choice, check_is, check_several, check_stream
from ordinis_rx.events import Event, Quote
from ordinis_rx.operators.outlet import ItemOutlet, ending_in
from ordinis_rx.operators.pairing import Pairing, paired
from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import Turn
from ordinis_rx.typing import A, B, Operator

__all__ = ["Latest", "with_latest", "zip_latest_by"]


class Latest(msgspec.Struct, frozen=True, kw_only=True):
    """The newest quotes of one symbol, told by `zip_latest_by`; `ts_event` and `seq` are those of the quote that came."""

    symbol: str
    ts_event: Nanos
    seq: int
    quotes: Mapping[str, Quote]
    """By provider, or by venue of the bid or ask; cannot be changed."""


def zip_latest_by(
    by: Literal["provider", "bid_venue", "ask_venue"] = "provider", *, providers: Iterable[str] = ()
) -> Operator[Event, Latest]:
    """Every provider's newest quote of a symbol in one row, told again with each quote of that symbol.

    With *providers*, rows are told once all of them have quoted the symbol, and quotes of others are left out; without, from
    the first quote on with those that are known. No clock is asked: a quote stays until its provider tells a newer one,
    however old it is, so look at its `ts_event`. What is newest is what came last, a late quote too. *by* says whose quotes
    are held apart: each provider's, or those of each venue of the bid or of the ask (*providers* are venues then). Facts
    other than quotes are left out. Raises ValueError for another *by*, TypeError for *providers* that are not several names.

    >>> from ordinis_rx.testing import a_quote, through
    >>> told = [a_quote(9, 11, provider="x"), a_quote(8, 10, provider="y"), a_quote(9, 12, provider="y")]
    >>> for row in through(zip_latest_by("provider", providers=["x", "y"]), told):
    ...     print(row.symbol, {name: (quote.bid, quote.ask) for name, quote in row.quotes.items()})
    A {'x': (9.0, 11.0), 'y': (8.0, 10.0)}
    A {'x': (9.0, 11.0), 'y': (9.0, 12.0)}
    """
    check_choice("zip_latest_by: by", by, ("provider", "bid_venue", "ask_venue"))
    check_several("zip_latest_by: providers", providers, "['polygon', 'alpaca']")
    asked = tuple(providers)
    for name in asked:
        check_is("zip_latest_by: providers: each", name, str, "a name")
    return ending_in(lambda observer: _Zipping(observer, by, asked))


class _Zipping(ItemOutlet):
    """One subscriber's table of quotes, by symbol and origin."""

    def __init__(self, observer: abc.ObserverBase[Any], by: str, asked: tuple[str, ...]) -> None:
        super().__init__(observer)
        self._by = by
        self._asked = frozenset(asked)
        self._table: dict[str, dict[str, Quote]] = {}

    def on_item(self, item: Item) -> None:
        frame = item.of(Quote)
        if frame is None:
            return
        asked = self._asked
        quotes: list[Quote] = frame.facts
        for quote in quotes:
            origin: str = getattr(quote, self._by)
            if asked and origin not in asked:
                continue
            row = self._table.setdefault(quote.symbol, {})
            row[origin] = quote
            if len(row) >= len(asked):
                told = Latest(
                    symbol=quote.symbol,
                    ts_event=quote.ts_event,
                    seq=quote.seq,
                    quotes=MappingProxyType(dict(row)),
                )
                self.tell(told, item.turn, quote.seq)


def with_latest(other: Observable[B]) -> Operator[A, tuple[A, B]]:
    """Each fact with the latest one of *other* about the same symbol; facts that come before there is one are left out.

    Both must come from one root: branches of one ``share()``, or of one ``merge()``. If one event updates both inputs,
    *other* is updated first, whichever branch is told first. The latest is the one that came last, by `seq`: late facts are
    not sorted, and no clock is asked, so that it may be old (put ``reorder`` above the ``share()`` where order of time
    matters).

    Ends with the source, or with the first error of either. Raises TypeError where *other* is no stream; inputs of different
    roots, which have no common order, end the stream with a ValueError that says so.

    >>> from ordinis_rx.multicast import share
    >>> from ordinis_rx.operators import quotes, trades
    >>> from ordinis_rx.stream import from_events
    >>> from ordinis_rx.testing import a_quote, a_trade
    >>> events = from_events([a_quote(99, 101), a_trade(100), a_quote(98, 100), a_trade(99)]).pipe(share())
    >>> pairs = events.pipe(trades(), with_latest(events.pipe(quotes())))
    >>> _ = pairs.subscribe(lambda pair: print(pair[0].price, pair[1].bid))
    100.0 99.0
    99.0 98.0
    """

    check_stream("with_latest", other)

    def operator(source: Observable[A]) -> Observable[tuple[A, B]]:
        return paired(_WithLatest, "with_latest", looked_up=other, looking=source)

    return operator


class _WithLatest(Pairing):
    """One subscriber's facts with the latest of their symbols."""

    def __init__(self, observer: abc.ObserverBase[Any], who: str) -> None:
        super().__init__(observer, who)
        self._latest: dict[str, Any] = {}

    def keep(self, fact: Any) -> None:
        self._latest[fact.symbol] = fact

    def look(self, fact: Any, turn: Turn) -> None:
        if fact.symbol in self._latest:
            self.tell((fact, self._latest[fact.symbol]), turn, fact.seq)
