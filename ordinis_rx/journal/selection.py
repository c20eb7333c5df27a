"""Which facts of a recording are wanted: by kind, by symbol, by time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np

from ordinis_rx.batches import Item, item_of, only_frames, only_rows
from ordinis_rx.checks import check_is
from ordinis_rx.events import StreamEventType
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.journal.tables import KINDS
from ordinis_rx.stepping import each_item
from ordinis_rx.timebase import Nanos, check_whole, from_datetime
from ordinis_rx.typing import Operator

__all__ = ["Kind", "Moment", "between", "kinds_of", "moment_of", "of_kinds"]

Kind: TypeAlias = str | StreamEventType | type[Any]
"""A kind of fact: its class, its type, or the name of that."""

Moment: TypeAlias = Nanos | datetime
"""Nanoseconds since 1970 UTC, or an aware datetime."""


def kinds_of(kinds: Iterable[Kind] | Kind) -> frozenset[type[Any]]:
    """The classes of the *kinds*; raises ValueError for one that there is not.

    >>> sorted(kind.__name__ for kind in kinds_of(["trade", StreamEventType.QUOTE]))
    ['Quote', 'Trade']
    """
    several = (
        kinds if isinstance(kinds, Iterable) and not isinstance(kinds, str | type) else [kinds]
    )
    chosen = frozenset(map(_kind_of, several))
    if not chosen:
        raise ValueError(f"kinds must be one at least, got {kinds!r}")
    return chosen


def _kind_of(kind: Kind) -> type[Any]:
    if isinstance(kind, type):
        found = kind if kind in FRAMES else None
    else:
        word = kind.value if isinstance(kind, StreamEventType) else kind
        check_is("kinds", word, str, "a kind of fact, as in 'trade'")
        found = KINDS.get(word.lower())
    if found is None:
        alike = get_close_matches(str(kind).lower(), KINDS, 1)
        meant = f" (did you mean {alike[0]!r}?)" if alike else ""
        raise ValueError(f"no kind of fact: {kind!r}{meant}; there are {', '.join(KINDS)}")
    return found


def moment_of(what: str, moment: Moment | None) -> Nanos | None:
    """A moment in nanoseconds; raises TypeError, which says *what* it is, for what is none."""
    if isinstance(moment, datetime):
        return from_datetime(moment)
    if moment is not None:
        check_whole(what, moment)
    return moment


def of_kinds(kinds: frozenset[type[Any]]) -> Operator[Any, Any]:
    """Facts of these kinds alone."""

    def step(item: Item) -> Item | None:
        return only_frames(item, [frame for frame in item.frames() if frame.kind in kinds])

    return each_item(lambda: step)


def between(start: Nanos | None, end: Nanos | None) -> Operator[Any, Any]:
    """Facts whose `ts_event` is at or after *start* and before *end*."""
    return each_item(lambda: _Between(start, end).step)


class _Between:
    __slots__ = ("_end", "_lent", "_start")

    def __init__(self, start: Nanos | None, end: Nanos | None) -> None:
        self._start = -(2**63) if start is None else start
        self._end = 2**63 if end is None else end
        self._lent: dict[type[Any], Frame] = {}

    def step(self, item: Item) -> Item | None:
        if item.rests_on_facts:
            kept = [f for f in item.facts if self._start <= f.ts_event < self._end]
            return item_of(kept, item.names) if kept else None
        return only_frames(item, [out for frame in item.frames() if (out := self._chosen(frame))])

    def _chosen(self, frame: Frame) -> Frame | None:
        stamps = frame.ts_event
        inside = (stamps >= self._start) & (stamps < self._end)
        return only_rows(frame, np.flatnonzero(inside), self._lent)
