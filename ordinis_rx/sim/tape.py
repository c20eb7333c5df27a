"""The tape: who quotes and trades what and when, around the true price. By column, in chunks; facts are built from them.

A chunk holds quotes and trades in the order they are told. Its numbers are drawn from one seeded generator in a fixed order,
so the same seed prints the same tape.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ordinis_rx.sim.truth import Floats, Ints, Truth
from ordinis_rx.timebase import SECOND, Nanos

__all__ = ["Chunk", "Model", "chunks", "shifted"]

Bools = npt.NDArray[np.bool_]

ODD_LOT = 100
LATENESS: Nanos = 10 * SECOND
DECIMALS = 9
"""Prices are rounded to this many, to undo binary noise (100.01000000000001) and keep half ticks."""

REGULAR, SMALL, FORM_T, AVERAGE, LATE = range(5)
"""Kinds of print."""

SELL, BUY, NO_SIDE = range(3)
"""Whose side a trade took."""

VENUES = ("Q", "N", "P", "Z", "V", "D")
"""Codes of the consolidated tape: Nasdaq, NYSE, Arca, Cboe BZX, IEX and FINRA's trade reporting facilities."""


@dataclass(frozen=True, slots=True)
class Model:
    """How busy and how tight the market is."""

    rate: float
    """Quotes and trades a second, of all symbols together."""
    spread_bps: float
    """The usual spread; it widens and narrows with volatility."""
    tick_size: float
    """The smallest step of a price."""
    quote_share: float
    """Share of quotes among all that is told."""
    irregular: float
    """Share of trades that must not move the last price: late, Form T, average price."""
    latency: Nanos
    """From the clock of the venue to `ts_recv`."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of tape; a quote has no meaning in the columns of trades, and the other way round."""

    code: Ints
    is_quote: Bools
    clock: Ints
    """When it is told by the venue; rises."""
    ts_event: Ints
    """When it happened: `clock`, but for late prints."""
    ts_recv: Ints
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
    price: Floats
    size: Floats
    side: Ints
    print_kind: Ints
    venue: Ints

    def __len__(self) -> int:
        return len(self.code)

    def where(self, rows: Bools | slice) -> Chunk:
        """The chosen rows."""
        return Chunk(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))


def chunks(truth: Truth, model: Model, seed: int, end: Nanos | None) -> Iterator[Chunk]:
    """The whole tape from the truth's start to *end* (None: for ever)."""
    random = np.random.default_rng([seed, len(truth.symbols)])
    # Fewer rows where little happens: a chunk should not look hours ahead.
    rows = int(np.clip(60 * model.rate, 64, 4096))
    every = np.arange(len(truth.symbols))
    opening = np.full(len(every), truth.start)
    standing = _quotes(truth, model, every, opening, np.ones(len(every)))
    clock = truth.start
    while end is None or clock < end:
        gaps = random.exponential(SECOND / model.rate, rows)
        clocks = clock + np.cumsum(gaps).astype(np.int64)
        clock = int(clocks[-1])
        chunk = _chunk(truth, model, random, clocks, standing)
        yield chunk if end is None or clock < end else chunk.where(clocks < end)


def _chunk(
    truth: Truth,
    model: Model,
    random: np.random.Generator,
    clock: Ints,
    standing: tuple[Floats, Floats],
) -> Chunk:
    n = len(clock)
    code = random.integers(0, len(truth.symbols), n)
    is_quote = random.random(n) < model.quote_share
    fresh_bid, fresh_ask = _quotes(truth, model, code, clock, random.uniform(0.6, 1.4, n))
    bid, ask = _stand(code, is_quote, fresh_bid, fresh_ask, standing)

    size = np.ceil(random.lognormal(np.log(90), 1.2, n))
    in_lots = (size > ODD_LOT) & (random.random(n) < 0.8)
    size[in_lots] = size[in_lots] // ODD_LOT * ODD_LOT
    print_kind = np.where(size < ODD_LOT, SMALL, REGULAR)
    irregular = random.random(n) < model.irregular
    print_kind[irregular] = random.integers(FORM_T, LATE + 1, n)[irregular]

    # Most trades take the standing bid or ask, some meet halfway, a few sweep one tick through.
    side = random.integers(0, 2, n)
    manner = random.random(n)
    outward = np.where(side == BUY, model.tick_size, -model.tick_size)
    price = np.where(side == BUY, ask, bid)
    price = np.where(manner < 0.15, (bid + ask) / 2, price)
    price = np.where(manner > 0.97, price + outward, price)
    average = print_kind == AVERAGE
    price = np.where(average, price * (1 + 0.002 * random.standard_normal(n)), price)
    late = ~is_quote & (print_kind == LATE)
    lateness = random.exponential(LATENESS, n).astype(np.int64)
    ts_event = np.where(late, np.maximum(clock - lateness, truth.start), clock)
    if late.any():
        price[late] = truth.at(code[late], ts_event[late])[0]
    off_grid = average | late
    price[off_grid] = np.rint(price[off_grid] / model.tick_size) * model.tick_size
    side[(print_kind >= FORM_T) | (manner < 0.15)] = NO_SIDE

    depth = np.ceil(random.lognormal(1.0, 0.8, (2, n))) * ODD_LOT
    return Chunk(
        code=code,
        is_quote=is_quote,
        clock=clock,
        ts_event=ts_event,
        ts_recv=clock + model.latency,
        bid=bid,
        ask=ask,
        bid_size=depth[0],
        ask_size=depth[1],
        price=np.maximum(price, model.tick_size).round(DECIMALS),
        size=size,
        side=side,
        print_kind=print_kind,
        venue=random.integers(0, len(VENUES), n),
    )


def _quotes(
    truth: Truth, model: Model, code: Ints, ts: Ints, width: Floats
) -> tuple[Floats, Floats]:
    """Bids and asks on the grid of ticks, around the true price, wider where volatility is high."""
    price, level = truth.at(code, ts)
    half = price * model.spread_bps / 20_000 * level * width
    bid = np.maximum(np.floor((price - half) / model.tick_size), 1)
    ask = np.maximum(np.ceil((price + half) / model.tick_size), bid + 1)
    return (bid * model.tick_size).round(DECIMALS), (ask * model.tick_size).round(DECIMALS)


def _stand(
    code: Ints, is_quote: Bools, bid: Floats, ask: Floats, standing: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """The quote of its symbol that stands at each row; *standing*, by symbol, is carried from chunk to chunk."""
    symbols = np.arange(len(standing[0]))
    every = np.concatenate([symbols, code])
    told = np.concatenate([np.ones(len(symbols), dtype=bool), is_quote])
    order = np.argsort(every, kind="stable")
    # Each symbol's run begins with what stood before, so looking back never leaves the run.
    newest = np.maximum.accumulate(np.where(told[order], np.arange(len(order)), 0))
    source = np.empty_like(order)
    source[order] = order[newest]
    bids, asks = np.concatenate([standing[0], bid]), np.concatenate([standing[1], ask])
    last = np.searchsorted(every[order], symbols, side="right") - 1
    kept = order[newest[last]]
    standing[0][:], standing[1][:] = bids[kept], asks[kept]
    return bids[source[len(symbols) :]], asks[source[len(symbols) :]]


def shifted(chunk: Chunk, noise: Floats, latency: Nanos, tick_size: float) -> Chunk:
    """The chunk as told with relative price errors *noise*, a row each, and *latency* later.

    Both sides of a quote move together by whole ticks, so that it neither crosses nor leaves the grid.
    """
    level = np.where(chunk.is_quote, chunk.bid, chunk.price)
    steps = np.rint(noise * level / tick_size)
    # However large the error, a price stays above zero.
    shift = np.maximum(steps, 1 - np.floor(level / tick_size)) * tick_size
    return dataclasses.replace(
        chunk,
        bid=(chunk.bid + shift).round(DECIMALS),
        ask=(chunk.ask + shift).round(DECIMALS),
        price=(chunk.price + shift).round(DECIMALS),
        ts_recv=chunk.ts_recv + latency,
    )
