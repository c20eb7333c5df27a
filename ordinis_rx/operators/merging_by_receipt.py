"""Merging recordings: by the time at which each fact came in."""

from __future__ import annotations

import heapq
from collections import deque
from typing import NamedTuple

from msgspec.structs import replace

from ordinis_rx.batches import Item, item_of
from ordinis_rx.entries import Entry
from ordinis_rx.events import Event
from ordinis_rx.operators.merging_arms import Merging
from ordinis_rx.timebase import Nanos

__all__ = ["ByReceipt"]

_ROWS = 1024
"""How many rows of recordings are told as one item."""


class _Held(NamedTuple):
    """A fact that waits for its turn."""

    at: Nanos
    fact: Event


class ByReceipt(Merging):
    """Tells the earliest fact as soon as every stream that may still tell one has a fact waiting."""

    def __init__(self, out: Entry, arms: int) -> None:
        super().__init__(out, arms)
        self._waiting: list[deque[_Held]] = [deque() for _ in range(arms)]
        self._errors: dict[int, Exception] = {}
        self._silent = set(range(arms))
        """The streams that are open and have nothing waiting."""
        self._heads: list[tuple[Nanos, int]] = []
        self._before: tuple[int, int] | None = None

    def take(self, item: Item, k: int) -> None:
        """Let the facts wait for their turn, and tell those whose turn it is now."""
        waiting = self._waiting[k]
        had_none = not waiting
        waiting.extend(_Held(fact.arrived, fact) for fact in item.facts)
        if had_none and waiting:
            heapq.heappush(self._heads, (waiting[0].at, k))
            self._silent.discard(k)
            self._advance()

    def end(self, k: int, error: Exception | None) -> None:
        """Nobody waits for *k* any more; its error comes after the facts that wait."""
        self.open.discard(k)
        if error is not None:
            self._errors[k] = error
        if k in self._silent:
            self._silent.discard(k)
            if error is not None:
                self.finish(error)
                return
        self._advance()

    def _advance(self) -> None:
        told: list[Event] = []
        error: Exception | None = None
        while error is None and self._heads and not self._silent:
            if self.upstream.is_disposed:
                return
            _, k = heapq.heappop(self._heads)
            waiting = self._waiting[k]
            fact = waiting.popleft().fact
            if (k, fact.seq) != self._before:
                self._before = k, fact.seq
                self.seq += 1
                if len(told) >= _ROWS:
                    self.out.on_item(item_of(told, self.names))
                    told = []
            told.append(replace(fact, seq=self.seq))
            if waiting:
                heapq.heappush(self._heads, (waiting[0].at, k))
            elif k in self.open:
                self._silent.add(k)
            else:
                error = self._errors.get(k)
        if told:
            self.out.on_item(item_of(told, self.names))
        if error is not None or not (self.open or self._heads):
            self.finish(error)
