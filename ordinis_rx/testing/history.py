"""Whether a feed told the truth: each event that a server sent was delivered once and in order, or its loss was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ordinis_rx.events import Event, Gap, Trade
from ordinis_rx.timebase import Nanos

__all__ = ["Sent", "check_history"]


class Sent(NamedTuple):
    """An event as a server sent it, for `check_history`; one that it sent twice is two of these."""

    symbol: str
    key: str
    """What tells it from others of its symbol: a trade's id."""
    at: Nanos
    """When it arrived, or would have, by the feed's clock of arrival (UTC nanoseconds)."""


def check_history(
    sent: Iterable[Sent],
    received: Iterable[Event],
    *,
    dropped: int = 0,
) -> list[str]:
    """What in *received* is not explained by *sent*: a sentence a fault; none is the proof.

    For each symbol the delivered events must be those sent, in the order sent, none twice. One that is missing must lie
    inside a `Gap` (both ends count) about its symbol, or be among the *dropped* ones that some queue counted. What a
    backfill supplies may come late if a `Gap` that covers it was told as filled before; a Gap that was told as filled
    excuses no loss any more. The key of a fact is the id of a trade; other kinds
    do not matter here.

    >>> from ordinis_rx.testing import a_gap, a_trade
    >>> sent = [Sent("AAPL", "1", 10), Sent("AAPL", "2", 20), Sent("AAPL", "3", 30)]
    >>> heard = [a_trade(symbol="AAPL", trade_id=key) for key in ("1", "3")]
    >>> check_history(sent, heard)
    ["AAPL '2' of 20 was lost without a word"]
    >>> check_history(sent, [*heard, a_gap(ts_from=15, ts_to=25)])
    []
    """
    by_symbol: dict[str, list[Sent]] = {}
    for each in sent:
        by_symbol.setdefault(each.symbol, []).append(each)
    places: dict[tuple[str, str], list[int]] = {}
    for symbol, events in by_symbol.items():
        for place, each in enumerate(events):
            places.setdefault((symbol, each.key), []).append(place)

    problems: list[str] = []
    taken: dict[str, set[int]] = {symbol: set() for symbol in by_symbol}
    newest: dict[str, int] = {}
    gaps: list[Gap] = []
    for fact in received:
        if isinstance(fact, Gap):
            gaps.append(fact)
            continue
        if not isinstance(fact, Trade):
            continue
        symbol, key = fact.symbol, fact.trade_id
        known = places.get((symbol, key))
        if known is None:
            problems.append(f"{symbol} {key!r} was never sent")
            continue
        free = [place for place in known if place not in taken[symbol]]
        if not free:
            problems.append(f"{symbol} {key!r} was delivered more often than sent")
            continue
        place = free[0]
        taken[symbol].add(place)
        if place > newest.get(symbol, -1):
            newest[symbol] = place
        elif not _covered(by_symbol[symbol][place], (gap for gap in gaps if gap.filled)):
            problems.append(f"{symbol} {key!r} was delivered out of order")

    excuses = _not_filled(gaps)
    lost = [
        f"{symbol} {each.key!r} of {each.at} was lost without a word"
        for symbol, events in by_symbol.items()
        for place, each in enumerate(events)
        if place not in taken[symbol] and not _covered(each, excuses)
    ]
    if len(lost) > dropped:
        problems += lost
    elif len(lost) < dropped:
        problems.append(f"{dropped} drops were counted, and {len(lost)} events are missing")
    return problems


def _covered(event: Sent, gaps: Iterable[Gap]) -> bool:
    return any(
        gap.ts_from <= event.at <= gap.ts_to and (not gap.symbols or event.symbol in gap.symbols)
        for gap in gaps
    )


def _not_filled(gaps: Iterable[Gap]) -> list[Gap]:
    filled = Counter((gap.ts_from, gap.ts_to, gap.symbols) for gap in gaps if gap.filled)
    left: list[Gap] = []
    for gap in gaps:
        if not gap.filled:
            bounds = gap.ts_from, gap.ts_to, gap.symbols
            if filled[bounds] > 0:
                filled[bounds] -= 1
            else:
                left.append(gap)
    return left
