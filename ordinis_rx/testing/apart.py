"""Does an operator take each symbol for itself? `check_apart` tells it one alone, and looks whether it says the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import reactivex
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.events import Event, Timed
from ordinis_rx.stream import numbered
from ordinis_rx.testing.given import check_given
from ordinis_rx.testing.identity import difference
from ordinis_rx.typing import Operator

__all__ = ["check_apart"]


def check_apart(make: Callable[[], Operator[Any, Any]], events: Sequence[Event]) -> None:
    """Assert that ``make()`` tells of each symbol what it would tell if there were no other.

    That finds a kernel whose state is one for all symbols, and one that reaches into its neighbour's. It is no promise of
    every operator: where time is told by all symbols together (bars by time, `reorder`, a consensus), or a memory is bounded
    for all of them (`dedupe`, `buffer`), others may be heard in what is said of one.

    Facts of a whole stream (a heartbeat) go to every symbol. Raises AssertionError that names the symbol and the first
    difference, and ValueError where nothing would be compared: there is one symbol, or nothing comes out with a symbol.

    >>> from ordinis_rx.operators import rolling_mean
    >>> from ordinis_rx.testing import a_trade
    >>> check_apart(lambda: rolling_mean(2), [a_trade(n, symbol=symbol) for n, symbol in enumerate("ABABBA")])
    """
    check_given("check_apart", make, events)
    facts = numbered(events)
    symbols = sorted({fact.symbol for fact in facts} - {""})
    if len(symbols) < 2:
        raise ValueError(f"check_apart wants facts of two symbols at least, got {len(symbols)}")
    among = _told(make, facts)
    if not any(fact.symbol for fact in among):
        raise ValueError(f"nothing with a symbol comes out of the operator for {len(facts)} facts")
    for symbol in symbols:
        alone = _told(make, [fact for fact in facts if fact.symbol in (symbol, "")])
        odd = difference(
            [fact for fact in among if fact.symbol == symbol],
            [fact for fact in alone if fact.symbol == symbol],
        )
        assert not odd, f"apart: what is told of {symbol} depends on other symbols: {odd}"


def _told(make: Callable[[], Operator[Any, Any]], facts: list[Any]) -> list[Any]:
    heard: list[Any] = []
    errors: list[Exception] = []
    clock = VirtualTimeScheduler()
    # As they are: each with the `seq` that it has among the others.
    source = reactivex.from_iterable(facts)
    source.pipe(make()).subscribe(heard.append, errors.append, scheduler=clock)
    clock.start()
    for error in errors:
        raise error
    return [fact for fact in heard if isinstance(fact, Timed)]
