"""A market of our own: seeded trades, quotes and bars around a hidden true price. Needs no key and no network.

>>> from reactivex import operators as ops
>>> prices = market(["AAPL", "MSFT"], seed=7)
>>> first, *rest = prices.pipe(ops.to_list()).run()
>>> first.symbol, len(rest) > 5000
('MSFT', True)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from reactivex import abc

from ordinis_rx.batches import Item, item_of
from ordinis_rx.checks import (
    check_duration,
    check_flag,
    check_is,
    check_not_negative,
    check_positive,
    check_several,
    check_share,
    check_words,
)
from ordinis_rx.codes import Names
from ordinis_rx.display import listed
from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.hearing import known_to_tell
from ordinis_rx.pacing import paced as at_its_pace
from ordinis_rx.sim.bars import with_bars
from ordinis_rx.sim.tape import Chunk, Model, chunks, shifted
from ordinis_rx.sim.tape_facts import facts
from ordinis_rx.sim.truth import Truth
from ordinis_rx.stream import Stream, from_items
from ordinis_rx.timebase import MILLI, MINUTE, Nanos, check_whole, doubt_short
from ordinis_rx.turns import FlowObserver

__all__ = ["START", "Market", "market"]

START: Nanos = 1_704_205_800_000_000_000
"""When a market begins unless told otherwise: 2024-01-02 14:30 UTC, the opening bell in New York."""

_FAR: Nanos = 1 << 62

ROWS = 1024
"""Facts in one item, for those who take frames."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What a market is made of; `chunks` begins the same tape anew each time it is called."""

    chunks: Callable[[], Iterator[Chunk]]
    truth: Truth
    provider: str
    bars: Nanos | None
    end: Nanos | None
    latency: Nanos
    tick_size: float
    paced: bool


class Market(Stream[Event]):
    """A cold stream of `Trade`, `Quote` and `Bar`, made by `market()`. Every subscription hears the same story.

    `seq` rises strictly in the order of telling, `ts_recv` and `ts_event` with it, but for late prints.
    """

    def __init__(self, source: _Source) -> None:
        self._source = source
        super().__init__(self._open)
        known_to_tell(self, (Trade, Quote) if source.bars is None else (Trade, Quote, Bar))

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded here."""
        return self._source.truth.symbols

    @property
    def start(self) -> Nanos:
        """When it begins."""
        return self._source.truth.start

    @property
    def provider(self) -> str:
        """The name in its facts."""
        return self._source.provider

    def __repr__(self) -> str:
        return f"<Market of {listed(self.symbols, 5)} as {self.provider}>"

    def truth(self, symbol: str, ts: Nanos) -> float:
        """The hidden true price of *symbol* at *ts*, around which the market quotes.

        Raises `ValueError` for a symbol it lacks and for a moment before its start.

        >>> quotes = [e for e in market(["AAPL"], seed=1).events() if e.type.name == "QUOTE"]
        >>> all(q.bid <= market(["AAPL"], seed=1).truth("AAPL", q.ts_event) <= q.ask for q in quotes[:9])
        True
        """
        return self._source.truth.price(symbol, ts)

    def events(self) -> Iterator[Event]:
        """Its facts from the start, made as they are taken. Never paced."""
        source = self._source
        if source.bars is not None:
            return with_bars(
                source.chunks(),
                self.symbols,
                source.provider,
                source.bars,
                end=source.end,
                latency=source.latency,
            )
        return self._plain()

    def paced(self) -> Market:
        """The same market in real time: each fact is told when its moment has come, counted from subscribing.

        Runs on the scheduler of the subscription, by default on the running asyncio loop.
        """
        return Market(dataclasses.replace(self._source, paced=True))

    def seen_by(
        self,
        provider: str,
        *,
        seed: int = 0,
        latency: Nanos = 0,
        noise_bps: float = 0.0,
        drop: float = 0.0,
    ) -> Market:
        """How one provider reports this market: the same truth, with its own delay, errors and omissions.

        Each fact arrives *latency* later, its price is off by a Gaussian error of *noise_bps* (to the next tick), and a
        share *drop* of all facts is never told. Bars are the provider's own, made of the trades that it tells.

        >>> prices = market(["AAPL"], seed=1)
        >>> slow = prices.seen_by("slow", latency=250 * MILLI)
        >>> honest, late = next(prices.events()), next(slow.events())
        >>> late.provider, late.ts_recv - honest.ts_recv == 250 * MILLI, late.ts_event == honest.ts_event
        ('slow', True, True)
        """
        check_duration("seen_by: latency", latency, least=0)
        check_not_negative("seen_by: noise_bps", noise_bps)
        check_share("seen_by: drop", drop)
        source = self._source

        def seen() -> Iterator[Chunk]:
            random = np.random.default_rng([seed, 1])
            for chunk in source.chunks():
                told = random.random(len(chunk)) >= drop
                noise = noise_bps / 10_000 * random.standard_normal(len(chunk))
                yield shifted(chunk, noise, latency, source.tick_size).where(told)

        return Market(
            dataclasses.replace(
                source, chunks=seen, provider=provider, latency=source.latency + latency
            )
        )

    def _plain(self) -> Iterator[Event]:
        seq = 1
        for chunk in self._source.chunks():
            yield from facts(chunk, self.symbols, self._source.provider, seq)
            seq += len(chunk)

    def _open(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        source = self._source
        told = at_its_pace(self.events, self.start) if source.paced else from_items(self._items)
        return told.flow(observer, scheduler)

    def _items(self, names: Names) -> Iterator[Item]:
        events = self.events()
        while rows := list(islice(events, ROWS)):
            yield item_of(rows, names)


def market(
    symbols: Sequence[str],
    seed: int = 0,
    rate: float = 100.0,
    duration: Nanos | None = 1 * MINUTE,
    *,
    start: Nanos = START,
    bars: Nanos | None = None,
    prices: Mapping[str, float] | None = None,
    volatility: float = 0.3,
    spread_bps: float = 2.0,
    tick_size: float = 0.01,
    quote_share: float = 0.6,
    irregular: float = 0.01,
    latency: Nanos = 1 * MILLI,
    provider: str = "sim",
    paced: bool = False,
) -> Market:
    """A seeded market in *symbols*: *rate* quotes and trades a second in all, for *duration* nanoseconds (None: endless).

    Prices walk randomly from *prices* (or drawn ones) with *volatility* a year (0.3 = 30 %) as a rule, which comes in
    clusters (over a long time it is 1.28 times that); the spread, *spread_bps* as a rule, widens with it. Sizes are
    log-normal shares; regular lots under 100 carry the odd-lot flag, and a share *irregular* of trades are late, Form T or
    average-price prints, which must not move the last price. Conditions are codes of the consolidated tape (``@ I T W Z``).
    With *bars*, every interval of that many nanoseconds is told as bars too.

    Time is event time from *start* on, as fast as the subscriber takes it; with *paced*, in real time (see `Market.paced`).

    >>> [type(e).__name__ for e in market(["AAPL"], seed=3, duration=30 * MILLI).events()]
    ['Trade', 'Trade']
    """
    if not isinstance(symbols, str):
        check_several("market: symbols", symbols, "['AAPL', 'MSFT']")
    names = tuple(symbols)
    check_words("market: symbols", names, "['AAPL', 'MSFT']")
    if isinstance(symbols, str) or not names or len(set(names)) < len(names):
        raise ValueError(f"a market needs a list of different symbols, got {symbols!r}")
    check_whole("market: start", start)
    _check_size("market: start", start)
    for name, span, least in (
        ("duration", duration, 1),
        ("bars", bars, 1),
        ("latency", latency, 0),
    ):
        if span is not None:
            check_duration(f"market: {name}", span, least)
            _check_size(f"market: {name}", span)
    check_whole("market: seed", seed, "any size")
    check_not_negative("market: seed", seed)
    check_is("market: prices", prices or {}, Mapping, "a mapping, as in {'AAPL': 190.0}")
    check_positive("market: rate", rate)
    check_positive("market: tick_size", tick_size)
    check_positive("market: spread_bps", spread_bps)
    check_not_negative("market: volatility", volatility)
    check_share("market: quote_share", quote_share)
    check_share("market: irregular", irregular)
    check_flag("market: paced", paced)
    check_is("market: provider", provider, str, "a name")
    doubt_short("market: duration", duration or 0)
    for symbol, price in (prices or {}).items():
        check_positive(f"market: price of {symbol}", price)
    truth = Truth(names, seed=seed, start=start, prices=prices, volatility=volatility)
    model = Model(rate, spread_bps, tick_size, quote_share, irregular, latency)
    end = None if duration is None else start + duration
    return Market(
        _Source(
            chunks=lambda: chunks(truth, model, seed, end),
            truth=truth,
            provider=provider,
            bars=bars,
            end=end,
            latency=latency,
            tick_size=tick_size,
            paced=paced,
        )
    )


def _check_size(what: str, span: Nanos) -> None:
    if not abs(span) < _FAR:
        raise ValueError(f"{what} must fit 62 bits of nanoseconds, got {span}")
