"""One number out of several: a weighted score, a vote, the lowest, the highest, z-scores put together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ordinis_rx.checks import check_count, check_flag, check_number, check_several
from ordinis_rx.events import NAN
from ordinis_rx.operators.conditions.expressions import Expression, Term, term
from ordinis_rx.operators.conditions.nodes import Node, Number, Single, State

__all__ = ["highest", "lowest", "vote", "weighted", "zscores"]


def weighted(
    *terms: Term,
    weights: Sequence[float] | None = None,
    normalize: bool = True,
    skip_unknown: bool = False,
) -> Expression:
    """The sum of the terms times their *weights* (all 1 without), over the sum of the weights' sizes with *normalize*.

    A condition counts 1 or 0. The score is NaN where a term that weighs is; with *skip_unknown* such a term and its weight
    are left out, and it is NaN only where all are. Raises ValueError for weights that are not finite, alone or
    together, all 0, or not one for each term.

    >>> from ordinis_rx.operators.conditions.expressions import col
    >>> from ordinis_rx.testing import a_bar
    >>> score = weighted(col("close") > col("open"), "volume", weights=(3, 1))
    >>> score.step(score.start, a_bar(9.0, open=8.0, volume=5.0))[0]
    2.0
    """
    check_flag("weighted: normalize", normalize)
    check_flag("weighted: skip_unknown", skip_unknown)
    made = _terms("weighted", terms)
    factors = _weights("weighted", len(made), weights)

    def sum_up(values: Sequence[float]) -> float:
        known = [(w, x) for w, x in zip(factors, values, strict=True) if w and x == x]
        if not known or (not skip_unknown and len(known) < sum(map(bool, factors))):
            return NAN
        total = _sum([w * x for w, x in known])
        return total / math.fsum(abs(w) for w, _ in known) if normalize else total

    return Expression(_Many("weighted", sum_up, made))


def _sum(numbers: Sequence[float]) -> float:
    """The exact sum; infinite where it is further than numbers reach, NaN where that is both ways."""
    try:
        return math.fsum(numbers)
    except OverflowError:
        return sum(numbers)
    except ValueError:  # both infinities
        return NAN


def vote(*terms: Term, quorum: int | None = None) -> Expression:
    """1, -1 or 0: on which side of 0 most terms are; a tie is 0, and so is a majority of those that are exactly 0.

    A `Direction` votes by itself (``vote("trend", "twist")``). Unknown terms do not vote; the vote is NaN where fewer than
    *quorum* do (all of them without). Raises ValueError for a quorum that cannot be reached.

    >>> from ordinis_rx.testing import a_bar
    >>> majority = vote("open", "close", -5.0)
    >>> majority.step(majority.start, a_bar(9.0, open=8.0))[0]
    1.0
    """
    made = _terms("vote", terms)
    needed = len(made) if quorum is None else quorum
    check_count("vote: quorum", needed, "terms", most=len(made))

    def count(values: Sequence[float]) -> float:
        known = [x for x in values if x == x]
        if len(known) < needed:
            return NAN
        up, down = sum(x > 0 for x in known), sum(x < 0 for x in known)
        level = len(known) - up - down
        if up > max(down, level):
            return 1.0
        return -1.0 if down > max(up, level) else 0.0

    return Expression(_Many("vote", count, made))


def lowest(*terms: Term) -> Expression:
    """The lowest of the terms at each row; NaN where one of them is. A condition counts 1 or 0, a text names a column.

    Raises ValueError without terms, TypeError for what is no term.

    >>> from ordinis_rx.testing import a_bar
    >>> price = lowest("open", "close")
    >>> price.step(price.start, a_bar(9.0, open=8.0))[0]
    8.0
    """
    return Expression(_Many("lowest", _unless_unknown(min), _terms("lowest", terms)))


def highest(*terms: Term) -> Expression:
    """The highest of the terms at each row; NaN where one of them is. A condition counts 1 or 0, a text names a column.

    Raises ValueError without terms, TypeError for what is no term.

    >>> from ordinis_rx.testing import a_bar
    >>> price = highest("open", "close")
    >>> price.step(price.start, a_bar(9.0, open=8.0))[0]
    9.0
    """
    return Expression(_Many("highest", _unless_unknown(max), _terms("highest", terms)))


def zscores(*terms: Term, window: int, weights: Sequence[float] | None = None) -> Expression:
    """The weighted mean of the terms' z-scores: each less the mean of its last *window* values, over their deviation.

    This row's value is one of them; the deviation is that of the population (divided by n), so that no z-score is above
    sqrt(window - 1). Values that are missing are passed over; NaN until each term has *window* of them, where this row has
    none, where one has not moved, and where squares are beyond what numbers reach. Raises ValueError for a window below 2.

    >>> from ordinis_rx.testing import a_bar
    >>> together = zscores("close", window=2)
    >>> _, state = together.step(together.start, a_bar(9.0))
    >>> together.step(state, a_bar(11.0))[0]
    1.0
    """
    check_count("zscores: window", window, "rows", least=2)
    made = [Expression(_ZScore(each, window)) for each in _terms("zscores", terms)]
    return weighted(*made, weights=weights)


def _terms(who: str, terms: Sequence[Term]) -> tuple[Node[float], ...]:
    if not terms:
        raise ValueError(f"{who} wants at least one term")
    return tuple(term(each).node for each in terms)


def _weights(who: str, count: int, weights: Sequence[float] | None) -> tuple[float, ...]:
    given = (1.0,) * count
    if weights is not None:
        check_several(f"{who}: weights", weights, "(3, 1)")
        told = tuple(weights)
        for weight in told:
            check_number(f"{who}: a weight", weight)
        given = tuple(map(float, told))
    if len(given) != count:
        raise ValueError(f"{who} has {count} terms, got {len(given)} weights")
    for weight in given:
        if not math.isfinite(weight):
            raise ValueError(f"{who}: a weight must be a finite number, got {weight}")
    if math.isinf(_sum([abs(weight) for weight in given])):
        raise ValueError(f"{who}: the sum of the weights must be finite, got {given}")
    if not any(given):
        raise ValueError(f"{who}: one weight at least must not be 0")
    return given


def _unless_unknown(pick: Callable[..., float]) -> Callable[[Sequence[float]], float]:
    def picked(values: Sequence[float]) -> float:
        return NAN if any(x != x for x in values) else pick(values)

    return picked


class _Many(Node[float]):
    """Several terms, and one number out of them."""

    __slots__ = ("_fold", "_name", "_terms")

    def __init__(
        self, name: str, fold: Callable[[Sequence[float]], float], terms: tuple[Node[float], ...]
    ) -> None:
        self._name, self._fold, self._terms = name, fold, terms

    @property
    def start(self) -> State:
        return tuple(each.start for each in self._terms)

    def step(self, state: State, row: Any) -> tuple[float, State]:
        steps = [each.step(one, row) for each, one in zip(self._terms, state, strict=True)]
        return self._fold([value for value, _ in steps]), tuple(after for _, after in steps)

    def columns(self) -> tuple[Number, ...]:
        return tuple(column for each in self._terms for column in each.columns())

    def __str__(self) -> str:
        return f"{self._name}({', '.join(map(str, self._terms))})"


class _ZScore(Single[float]):
    """Remembers the last values."""

    __slots__ = ("_window",)

    def __init__(self, of: Node[float], window: int) -> None:
        super().__init__(of)
        self._window = window

    @property
    def start(self) -> State:
        return super().start, ()

    def step(self, state: State, row: Any) -> tuple[float, State]:
        inner, values = state
        now, inner = self._of.step(inner, row)
        if not math.isfinite(now):
            return NAN, (inner, values)
        values = (*values[-(self._window - 1) :], now)
        if len(values) < self._window or min(values) == max(values):
            return NAN, (inner, values)
        mean = _sum(values) / len(values)
        variance = _sum([(x - mean) * (x - mean) for x in values]) / len(values)
        known = 0.0 < variance < math.inf
        return (now - mean) / math.sqrt(variance) if known else NAN, (inner, values)

    def __str__(self) -> str:
        return f"z{self._window}({self._of})"
