"""Faults of market data, made to order: operators that lose, repeat, delay, disorder and falsify what passes.

Each is seeded: a subscription hears the same faults every time. What was done is counted in the `Faults` handed in, so that
a test can ask whether what arrived is what was sent, but for what was counted. Only quotes, trades and bars are touched; the
other facts pass. Where facts change their order or number, `seq` is given anew in the order of arrival.

>>> from reactivex import operators as ops
>>> from ordinis_rx.sim import market
>>> tally = Faults()
>>> sent = list(market(["AAPL"], seed=1).events())
>>> arrived = market(["AAPL"], seed=1).pipe(drop(0.1, tally=tally), ops.to_list()).run()
>>> len(sent) - len(arrived) == tally.dropped > 0
True
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from itertools import count

from msgspec.structs import replace

from ordinis_rx.checks import (
    check_count,
    check_duration,
    check_flag,
    check_is,
    check_number,
    check_share,
)
from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.sim.striking import (
    Fault,
    Faults,
    MarketData,
    chooser,
    counting,
    seeded,
    striking,
)
from ordinis_rx.timebase import Nanos, check_whole
from ordinis_rx.typing import Operator

__all__ = [
    "Faults",
    "bias",
    "delay",
    "drop",
    "duplicate",
    "freeze",
    "reorder",
    "spike",
]


def drop(share: float, *, seed: int = 0, tally: Faults | None = None) -> Operator[Event, Event]:
    """Lose a *share* (0 to 1) of all quotes, trades and bars; without a trace, as a network does.

    >>> drop(1.1)
    Traceback (most recent call last):
    ValueError: drop: share must be a share between 0 and 1, got 1.1
    """
    check_share("drop: share", share)
    counts = counting("drop", tally)

    def begin() -> Fault:
        chosen = chooser("drop", seed, share)

        def step(event: Event) -> Iterable[Event]:
            if chosen(event):
                counts.dropped += 1
                return ()
            return (event,)

        return Fault(step)

    return striking(begin, counts)


def duplicate(
    share: float, *, seed: int = 0, tally: Faults | None = None
) -> Operator[Event, Event]:
    """Tell a *share* (0 to 1) of all quotes, trades and bars twice in a row, each time with a `seq` of its own.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [(trade.seq, trade.price) for trade in through(duplicate(1.0), [a_trade(9.0), a_trade(8.0)])]
    [(1, 9.0), (2, 9.0), (3, 8.0), (4, 8.0)]
    """
    check_share("duplicate: share", share)
    counts = counting("duplicate", tally)

    def begin() -> Fault:
        chosen = chooser("duplicate", seed, share)

        def step(event: Event) -> Iterable[Event]:
            if chosen(event):
                counts.duplicated += 1
                return (event, event)
            return (event,)

        return Fault(step)

    return striking(begin, counts, renumber=True)


def delay(
    share: float, by: Nanos, *, seed: int = 0, tally: Faults | None = None
) -> Operator[Event, Event]:
    """Let a *share* (0 to 1) of all market data arrive *by* nanoseconds later: its `ts_recv` rises, its `ts_event` does not.

    Time is the arrival of the other facts: a delayed one is told before the first that arrives after it, or at the end. An
    error tells nothing that is still on its way; that counts as dropped.
    """
    check_share("delay: share", share)
    check_duration("delay: by", by, least=0)
    counts = counting("delay", tally)

    def begin() -> Fault:
        chosen = chooser("delay", seed, share)
        held: list[tuple[Nanos, int, Event]] = []
        order = count()

        def step(event: Event) -> Iterable[Event]:
            now = event.arrived
            while held and held[0][0] < now:
                yield heapq.heappop(held)[2]
            if chosen(event):
                counts.delayed += 1
                later = replace(event, ts_recv=now + by)
                heapq.heappush(held, (now + by, next(order), later))
            else:
                yield event

        def rest() -> list[Event]:
            return [event for _, _, event in sorted(held)]

        return Fault(step, rest)

    return striking(begin, counts, renumber=True)


def reorder(
    share: float, depth: int = 3, *, seed: int = 0, tally: Faults | None = None
) -> Operator[Event, Event]:
    """Let a *share* of all market data be overtaken by the next one to *depth* facts.

    Times are kept as they are. What waits when the stream ends is told then; after an error it counts as dropped.
    """
    check_share("reorder: share", share)
    check_count("reorder: depth", depth, "facts")
    counts = counting("reorder", tally)

    def begin() -> Fault:
        chosen = chooser("reorder", seed, share)
        random = seeded("reorder depth", seed)
        held: list[tuple[int, int, Event]] = []
        position = count()

        def step(event: Event) -> Iterable[Event]:
            now = next(position)
            if chosen(event):
                counts.reordered += 1
                heapq.heappush(held, (now + random.randint(1, depth), now, event))
            else:
                yield event
            while held and held[0][0] <= now:
                yield heapq.heappop(held)[2]

        def rest() -> list[Event]:
            return [event for _, _, event in sorted(held)]

        return Fault(step, rest)

    return striking(begin, counts, renumber=True)


def spike(
    share: float, bps: float, *, seed: int = 0, tally: Faults | None = None
) -> Operator[Event, Event]:
    """Move a *share* (0 to 1) of quotes, trades and bars by *bps* basis points, up or down: a fat finger, a bad print.

    All prices of a fact move together. Raises ValueError for *bps* of 10,000 and more, which would leave no price above 0.
    """
    check_share("spike: share", share)
    _check_bps("spike", bps)
    _check_bps("spike", -bps)
    counts = counting("spike", tally)
    factors = (1 - bps / 10_000, 1 + bps / 10_000)

    def begin() -> Fault:
        chosen = chooser("spike", seed, share)
        random = seeded("spike side", seed)

        def step(event: Event) -> Iterable[Event]:
            if isinstance(event, MarketData) and chosen(event):
                counts.spiked += 1
                return (_scaled(event, random.choice(factors)),)
            return (event,)

        return Fault(step)

    return striking(begin, counts)


def bias(bps: float, *, tally: Faults | None = None) -> Operator[Event, Event]:
    """Move every price by *bps* basis points: a provider with the wrong instrument, currency or adjustment.

    Raises ValueError for *bps* of -10,000 and less, which would leave no price above 0.

    >>> from ordinis_rx.testing import a_trade, through
    >>> [trade.price for trade in through(bias(-5_000), [a_trade(100.0)])]
    [50.0]
    """
    _check_bps("bias", bps)
    counts = counting("bias", tally)

    def begin() -> Fault:
        def step(event: Event) -> Iterable[Event]:
            if isinstance(event, MarketData):
                counts.biased += 1
                return (_scaled(event, 1 + bps / 10_000),)
            return (event,)

        return Fault(step)

    return striking(begin, counts)


def freeze(
    symbol: str,
    ts_from: Nanos,
    ts_to: Nanos,
    *,
    times: bool = False,
    tally: Faults | None = None,
) -> Operator[Event, Event]:
    """From *ts_from* to before *ts_to*, keep telling *symbol* at the last prices of before; times and sizes move on.

    Quotes, trades and bars each repeat the last of their own kind; without one, the first inside becomes the price held.
    With *times*, `ts_event` is held as well: a cache that is served again and again.
    """
    check_is("freeze: symbol", symbol, str, "one of those traded")
    check_whole("freeze: ts_from", ts_from)
    check_whole("freeze: ts_to", ts_to)
    check_flag("freeze: times", times)
    if ts_to <= ts_from:
        raise ValueError(f"freeze: ts_to must be after ts_from, got {ts_from} to {ts_to}")
    counts = counting("freeze", tally)

    def begin() -> Fault:
        before: dict[type[Event], MarketData] = {}

        def step(event: Event) -> Iterable[Event]:
            if not isinstance(event, MarketData) or event.symbol != symbol:
                return (event,)
            if not ts_from <= event.ts_event < ts_to or type(event) not in before:
                before[type(event)] = event
                return (event,)
            counts.frozen += 1
            last = before[type(event)]
            held = _held(event, last)
            return (replace(held, ts_event=last.ts_event) if times else held,)

        return Fault(step)

    return striking(begin, counts)


def _check_bps(fault: str, bps: float) -> None:
    check_number(f"{fault}: bps", bps)
    if not -10_000 < bps < math.inf:
        raise ValueError(f"{fault}: bps must leave a price above 0, got {bps}")


def _scaled(event: MarketData, factor: float) -> MarketData:
    match event:
        case Quote():
            return replace(event, bid=event.bid * factor, ask=event.ask * factor)
        case Trade():
            return replace(event, price=event.price * factor)
        case Bar():
            return replace(
                event,
                open=event.open * factor,
                high=event.high * factor,
                low=event.low * factor,
                close=event.close * factor,
                vwap=event.vwap * factor,
            )


def _held(event: MarketData, before: MarketData) -> MarketData:
    match event, before:
        case Quote(), Quote():
            return replace(event, bid=before.bid, ask=before.ask)
        case Trade(), Trade():
            return replace(event, price=before.price)
        case Bar(), Bar():
            price = before.close
            return replace(event, open=price, high=price, low=price, close=price, vwap=price)
        case _:
            raise TypeError(f"{type(event).__name__} cannot be held at {type(before).__name__}")
