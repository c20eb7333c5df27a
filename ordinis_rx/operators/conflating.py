"""Of each interval the latest fact alone."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeVar

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from ordinis_rx.batches import Item, item_of
from ordinis_rx.checks import check_duration
from ordinis_rx.codes import Names
from ordinis_rx.events import Event, Reading
from ordinis_rx.frames import BarFrame, Frame
from ordinis_rx.misfits import MISFIT, misfit
from ordinis_rx.operators.event_time import moment, moments
from ordinis_rx.operators.overflow import BY_SYMBOL, KEYS
from ordinis_rx.stepping import staged
from ordinis_rx.timebase import SECOND, Nanos
from ordinis_rx.turns import FlowObserver, Turn
from ordinis_rx.typing import Operator

__all__ = ["conflate"]

E = TypeVar("E", bound=Event)

_MOST_BITS = 63
"""Of an interval that a column of integers can be divided by."""

FEW = 32
"""Up to so many rows by column are made facts all together: arrays would take longer."""


def conflate(interval: Nanos) -> Operator[E, E]:
    """Of each interval of *interval* nanoseconds (counted from 1970) only the latest fact of each symbol and provider.

    Of the answers of a consensus the latest of each symbol, whoever has led to it.

    The latest is the one that came last: a late one counts for the interval that is open when it comes. Bars of another
    `interval` are held apart, and so are readings of another name; bars by count or volume, whose length varies, are not.

    Told when a fact of a later interval comes, or at completion, in the order in which they came; each has the `seq` of the
    fact that ended the interval, so that what goes by `seq` sees it when it was told. While the stream is quiet they are
    held. Time is the highest `ts_event`, where a stamp more than a second after its own `ts_recv` counts as that. Quotes,
    trades, bars, readings and heartbeats are conflated, each kind by itself; statuses, gaps, halts, errors, cancels and
    corrections pass at once, after what is held. After an error what is held is not told. Raises TypeError for an *interval*
    that is not whole, ValueError for one below 1.

    >>> from ordinis_rx.testing import a_quote, through
    >>> quotes = [a_quote(bid, 20, at=at) for at, bid in ((1, 9), (4, 8), (12, 7), (31, 6))]
    >>> [(quote.ts_event, quote.bid, quote.seq) for quote in through(conflate(10), quotes)]
    [(4, 8.0, 3), (12, 7.0, 4), (31, 6.0, 4)]
    """
    check_duration("conflate: interval", interval)
    return lambda source: staged(source, lambda observer: _Conflating(observer, interval))


class _Conflating:
    """One subscriber's latest facts of the interval that is open."""

    __slots__ = ("_held", "_interval", "_names", "_observer", "_open", "_seq", "_turn", "exits")

    def __init__(self, observer: FlowObserver, interval: Nanos) -> None:
        self._observer = observer
        self.exits = observer.exits
        self._interval = interval
        self._open: int | None = None
        self._held: dict[Hashable, Any] = {}
        self._seq = 0
        self._names = Names()
        self._turn: Turn | None = None

    def on_item(self, item: Item) -> None:
        told: list[Any] = []
        failed: Exception | None = None
        try:
            for fact in self._facts_of(item):
                self._seq = fact.seq
                key_of = KEYS.get(type(fact))
                if key_of is None:
                    self._release(told)
                    told.append(fact)
                    continue
                try:
                    now = moment(fact) // self._interval
                except MISFIT as error:
                    raise misfit([fact], ("ts_event", "ts_recv"), error) from error
                if self._open is None or now > self._open:
                    self._release(told)
                    self._open = now
                key = key_of(fact)
                self._held.pop(key, None)  # so that the order is that of the latest
                self._held[key] = fact
        except Exception as error:
            failed = error
        self._turn, self._names = item.turn, item.names
        self._tell(told)
        if failed is not None:
            self.on_error(failed)

    def _facts_of(self, item: Item) -> list[Event]:
        """The facts of *item*; of columns those alone that may be told or end an interval: the rest need not become any."""
        if (
            not isinstance(item, Frame)
            or item.kind not in KEYS
            or item.n <= FEW
            or self._interval.bit_length() > _MOST_BITS
            or item.held is not None
            or item.rests_on_facts
        ):
            return item.facts
        now = moments(item.ts_event, item.ts_recv) // self._interval
        np.maximum.accumulate(now, out=now)
        if self._open is not None:
            np.maximum(now, self._open, out=now)
        begins = np.empty(item.n, np.bool_)
        begins[0] = self._open is None or now[0] > self._open
        np.greater(now[1:], now[:-1], out=begins[1:])
        number: NDArray[np.int64] = np.cumsum(begins, dtype=np.int64)
        matters: NDArray[np.bool_] = begins | _last_of_each(number, item)
        return item.facts_at(np.flatnonzero(matters).tolist())

    def on_error(self, error: Exception) -> None:
        self._observer.on_error(error)

    def on_completed(self) -> None:
        told: list[Any] = []
        self._release(told)
        self._tell(told)
        if self._turn is not None and not self._turn.entry.busy:
            self._turn.settle()
        self._observer.on_completed()

    def _release(self, told: list[Any]) -> None:
        seq = self._seq
        told += [
            fact if fact.seq == seq else replace(fact, seq=seq) for fact in self._held.values()
        ]
        self._held.clear()

    def _tell(self, facts: list[Any]) -> None:
        if facts:
            item = item_of(facts, self._names)
            item.turn = self._turn
            self._observer.on_item(item)


def _last_of_each(interval: NDArray[np.int64], frame: Frame) -> NDArray[np.bool_]:
    """Which rows are the last of their interval and key (see `KEYS`); intervals are numbered from 0 or 1 on."""
    # The columns first, since words may be coded only now.
    symbol, provider, names = frame.symbol, frame.provider, frame.names
    key = interval * len(names.symbols) + symbol
    if frame.kind not in BY_SYMBOL:
        key = key * len(names.providers) + provider
    if isinstance(frame, BarFrame):
        key = _apart(key, _timeframes(frame).tolist())
    elif frame.kind is Reading:
        key = _apart(key, list(frame.object_column("name")))
    order = np.argsort(key, kind="stable")
    ends: NDArray[np.bool_] = np.append(key[order[1:]] != key[order[:-1]], True)
    last = np.empty(frame.n, np.bool_)
    last[order] = ends
    return last


def _timeframes(bars: BarFrame) -> NDArray[np.int64]:
    """The length of each bar where it counts (see `KEYS`), and 0."""
    interval, at = bars.interval, bars.ts_event
    framed = (interval % SECOND == 0) | (at % np.maximum(interval, 1) == 0)
    return np.where((interval > 0) & framed, interval, 0)


def _apart(key: NDArray[np.int64], words: list[Hashable]) -> NDArray[np.int64]:
    """Keys that differ where the *words* beside them do, too."""
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    if len(numbers) > 1:
        key = key * len(numbers) + np.fromiter(map(numbers.__getitem__, words), np.int64, len(key))
    return key
