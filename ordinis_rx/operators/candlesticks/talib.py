"""TA-Lib's patterns, bar by bar: its handles, fed with what comes, so that all answers are those of its batch functions.

A handle knows nothing before it has as many bars as its function looks back on; until then the batch function is asked. It
cannot go back, either: for a bar that is told again, copies from some bars ago are brought up to the bar before it. From
then on the last bar of that symbol is only shown to the handles, and entered when the next one comes.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ordinis_rx.errors import MissingExtra
from ordinis_rx.operators.candlesticks.names import Pattern

__all__ = ["Found", "Prices", "TalibBank", "TalibPattern", "talib_patterns"]

Prices: TypeAlias = tuple[float, float, float, float]
"""Open, high, low and close of a bar."""

Found: TypeAlias = list[tuple[int, int]]
"""The patterns that a bar completes: which of those asked for, and TA-Lib's number."""

_COPY_EVERY = 64
"""Bars between two copies of the handles of a symbol: so many are entered again when a bar is told again."""


class TalibPattern(NamedTuple):
    """One of TA-Lib's functions: for a whole history, as a handle, and how many bars it looks back on."""

    batch: Any
    handle: Any
    lookback: int


def talib_patterns(names: Sequence[Pattern]) -> tuple[TalibPattern, ...]:
    """The functions of these names; raises `MissingExtra` without TA-Lib (extra ``indicators``)."""
    try:
        talib: Any = importlib.import_module("talib")
        abstract: Any = importlib.import_module("talib.abstract")
        handles: Any = importlib.import_module("talib.stream")
    except ImportError as error:
        raise MissingExtra("TA-Lib's patterns", package="ta-lib", extra="indicators") from error
    return tuple(
        TalibPattern(
            getattr(talib, name),
            getattr(handles, name),
            abstract.Function(str(name)).lookback,
        )
        for name in names
    )


class TalibBank:
    """The handles of one symbol."""

    __slots__ = ("_copies", "_early", "_enough", "_handles", "_patterns", "_shown", "_tail")

    def __init__(self, patterns: Sequence[TalibPattern]) -> None:
        self._patterns = patterns
        # One more than the longest history that a handle opens with, so that the last bar can be entered by itself.
        self._enough = max((each.lookback for each in patterns), default=0) + 2
        self._early: list[Prices] = []
        self._handles: list[Any] = []
        self._copies: list[Any] = []
        self._tail: list[Prices] = []
        self._shown: Prices | None = None

    def enter(self, bars: Sequence[Prices]) -> list[Found]:
        """What each of these new bars completes."""
        if not self._handles:
            return self._enter_early(bars)
        if self._shown is not None:
            return [self._show(bar) for bar in bars]
        found = self._update(bars[:-1])
        if len(self._tail) + len(bars) > _COPY_EVERY:
            self._copies = [handle.copy() for handle in self._handles]
            self._tail = [bars[-1]]
        else:
            self._tail += bars
        return found + self._update(bars[-1:])

    def enter_again(self, bar: Prices) -> Found:
        """What the last bar completes as it is told now."""
        if not self._handles:
            self._early[-1] = bar
            return self._from_history(1)[0]
        if self._shown is None:
            self._handles, self._copies = self._copies, []
            for handle in self._handles:
                for entered in islice(self._tail, len(self._tail) - 1):
                    handle.update(*entered)
            self._tail = []
        self._shown = bar
        return self._peek(bar)

    def _show(self, bar: Prices) -> Found:
        """Enter the bar that was shown last, and show this one."""
        if self._shown is not None:
            self._update([self._shown])
        self._shown = bar
        return self._peek(bar)

    def _peek(self, bar: Prices) -> Found:
        return [
            (j, raw) for j, handle in enumerate(self._handles) if (raw := handle.peek(*bar)) != 0
        ]

    def _update(self, bars: Sequence[Prices]) -> list[Found]:
        if len(bars) == 1:
            bar = bars[0]
            return [
                [
                    (j, raw)
                    for j, handle in enumerate(self._handles)
                    if (raw := handle.update(*bar)) != 0
                ]
            ]
        if not bars:
            return []
        found: list[Found] = [[] for _ in bars]
        columns = list(zip(*bars, strict=True))
        for j, handle in enumerate(self._handles):
            raws: map[int] = map(handle.update, *columns)
            for i, raw in enumerate(raws):
                if raw:
                    found[i].append((j, raw))
        return found

    def _enter_early(self, bars: Sequence[Prices]) -> list[Found]:
        """Enter bars of a short history; when it is long enough, the handles are opened with it."""
        self._early += bars
        if len(self._early) < self._enough:
            return self._from_history(len(bars))
        last = self._early.pop()
        columns = np.array(self._early).T.copy()
        before = len(self._early)
        found: list[Found] = [[] for _ in bars]
        for j, pattern in enumerate(self._patterns):
            handle, raws = pattern.handle.open_and_fill(*columns)
            self._handles.append(handle)
            self._note(raws, j, before - (len(bars) - 1), found)
        self._copies = [handle.copy() for handle in self._handles]
        self._early, self._tail = [], [last]
        found[-1:] = self._update([last])
        return found

    def _from_history(self, n: int) -> list[Found]:
        """What the last *n* of the early bars complete."""
        columns = np.array(self._early).T.copy()
        found: list[Found] = [[] for _ in range(n)]
        for j, pattern in enumerate(self._patterns):
            if len(self._early) > pattern.lookback:
                self._note(pattern.batch(*columns), j, len(self._early) - n, found)
        return found

    @staticmethod
    def _note(raws: Any, j: int, first: int, found: list[Found]) -> None:
        """Note what pattern *j* says of the bars from *first* on."""
        for i in np.flatnonzero(raws[first:]).tolist():
            found[i].append((j, int(raws[first + i])))
