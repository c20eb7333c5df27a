"""Conditions that remember rows: crossings, runs in one direction, and what held a short while ago."""

from __future__ import annotations

from typing import Any

from ordinis_rx.checks import check_count
from ordinis_rx.events import NAN
from ordinis_rx.operators.conditions.nodes import Known, Node, Pair, Single, State

__all__ = ["Crossing", "Run", "Within"]


class Crossing(Pair[Known]):
    """Whether the one of two numbers comes to lie *above* the other, or below it.

    Remembers on which side it was when they last differed: 1, -1, or 0 where they never did.
    """

    __slots__ = ("_wanted",)

    def __init__(self, a: Node[float], b: Node[float], *, above: bool) -> None:
        super().__init__(a, b)
        self._wanted = 1 if above else -1

    @property
    def start(self) -> State:
        """They never differed."""
        return super().start, 0

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        """Unknown where one of them is NaN, and until they have differed."""
        pair, side = state
        a, b, pair = self.both(pair, row)
        if a != a or b != b:
            return None, (pair, side)
        now = (a > b) - (a < b)
        if side == 0:
            return None, (pair, now)
        return now == self._wanted and side != now, (pair, now or side)

    def __str__(self) -> str:
        return f"{self._a} crosses {'above' if self._wanted == 1 else 'below'} {self._b}"


class Run(Single[Known]):
    """Whether a number went *up*, or down, at each of the last *n* rows.

    Remembers the last number, and how many steps ago one did not go that way, or is not known.
    """

    __slots__ = ("_n", "_up")

    def __init__(self, of: Node[float], n: int, *, up: bool) -> None:
        super().__init__(of)
        self._n, self._up = _rows("rising" if up else "falling", n), up

    @property
    def start(self) -> State:
        """Of no step it is known which way it went."""
        return super().start, NAN, self._n, 0

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        """One step the other way is enough to know that it did not."""
        inner, last, failed, unknown = state
        now, inner = self._of.step(inner, row)
        goes = None if now != now or last != last else now > last if self._up else now < last
        failed = 0 if goes is False else min(failed + 1, self._n)
        unknown = 0 if goes is None else min(unknown + 1, self._n)
        holds = False if failed < self._n else None if unknown < self._n else True
        return holds, (inner, now, failed, unknown)

    def __str__(self) -> str:
        return f"{self._of} {'rising' if self._up else 'falling'} {self._n}"


class Within(Single[Known]):
    """Whether a condition held at any of the last *n* rows.

    Remembers how many rows ago it held, and how many rows ago that was unknown.
    """

    __slots__ = ("_n",)

    def __init__(self, of: Node[Known], n: int) -> None:
        super().__init__(of)
        self._n = _rows("within_last", n)

    @property
    def start(self) -> State:
        """It never held, and just before that was unknown."""
        return super().start, self._n, 0

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        """Unknown where it did not, as far as is known, but one of the rows is unknown."""
        inner, held, unknown = state
        holds, inner = self._of.step(inner, row)
        held = 0 if holds else min(held + 1, self._n)
        unknown = 0 if holds is None else min(unknown + 1, self._n)
        answer: Known = False
        if held < self._n:
            answer = True
        elif unknown < self._n:
            answer = None
        return answer, (inner, held, unknown)

    def __str__(self) -> str:
        return f"({self._of}) within the last {self._n}"


def _rows(who: str, n: int) -> int:
    check_count(f"{who}: n", n, "rows")
    return n
