"""Operators on conditions and expressions: signals when rules come true, scores, and rows that meet a condition."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from ordinis_rx.batches import Item
from ordinis_rx.checks import check_choice, check_flag, check_is
from ordinis_rx.events import NAN, Reading
from ordinis_rx.kinds import Direction
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.operators.conditions.expressions import (
    Condition,
    Expression,
    check_condition,
    term,
)
from ordinis_rx.operators.conditions.facts import Signal
from ordinis_rx.operators.conditions.following import Follower, is_row
from ordinis_rx.operators.conditions.nodes import Node, Number, State
from ordinis_rx.remembering import remembered_telling
from ordinis_rx.stepping import Telling
from ordinis_rx.typing import Operator

__all__ = ["Rule", "rule", "score", "signals", "where"]


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """What is to be told when a condition comes true; made by `rule`."""

    name: str
    when: Condition
    direction: Direction
    strength: Expression
    reason: str


def rule(
    name: str,
    when: Condition,
    direction: Direction = Direction.NEUTRAL,
    *,
    strength: Expression | float = 1.0,
    reason: str = "",
) -> Rule:
    """A rule for `signals`: *name* it, say *when*, which way it points, and how strongly (cut to 0 ... 1).

    Without a *reason* a signal says the condition and the numbers that it rested on. Raises ValueError for an empty name and
    for another direction, TypeError where *when* is no condition.

    >>> from ordinis_rx.operators.conditions.expressions import col
    >>> from ordinis_rx.testing import a_bar, through
    >>> dip = rule("dip", col("close") < 9, Direction.BULLISH, strength=(9 - col("close")) / 9)
    >>> print(*through(signals(dip), [a_bar(6.0)]))
    A ▲ dip 0.33: close < 9 (close 6)
    """
    given: Any = name
    if not isinstance(given, str) or not given:
        raise ValueError(f"rule: name must be a word, got {name!r}")
    way: Any = direction
    if not isinstance(way, Direction):
        check_choice(f"rule {name}: direction", way, [each.value for each in Direction])
    check_is(f"rule {name}: reason", reason, str, "a text")
    condition = check_condition(f"rule {name}", when)
    return Rule(name, condition, Direction(direction), term(strength), reason)


def signals(
    *rules: Rule,
    bullish: Condition | None = None,
    bearish: Condition | None = None,
    repeat: bool = False,
    memory: OperatorMemory | None = None,
) -> Operator[Any, Signal]:
    """A `Signal` whenever a rule comes true for a symbol; several at one row in the order of the rules.

    Rows are bars, readings, rows of timeframes, clouds, whatever has the columns that the conditions name; facts that are no
    rows (heartbeats, gaps, ...) are left out. *bullish* and *bearish* are short for rules of that name and direction. A rule
    is told when it turns true, be it from false or from unknown, and not again until it was false in between; with *repeat*
    at every row at which it holds. A signal has the times and the `seq` of its row, so that it knows nothing later.

    Rows with a `name` (readings, signals, patterns) are a story of their own for each name. A row with the time of its
    story's last one and a higher `revision` takes its place, and its signals are told anew (see `Signal`); older revisions
    are left out. Rows without a revision are one more each, also those of one time. With *memory* what the rules know can be
    saved and taken up again, so that a program that begins anew does not tell a rule that holds already. Raises ValueError
    without rules, and where two have one name; a row that lacks a column ends the stream with AttributeError.

    >>> from ordinis_rx.operators.conditions.expressions import col
    >>> from ordinis_rx.testing import a_bar, through
    >>> closes = [a_bar(close, at=at) for at, close in enumerate((9, 11, 12, 8))]
    >>> told = through(signals(bullish=col("close").crosses_above(10), bearish=col("close") < 9), closes)
    >>> for signal in told:
    ...     print(signal.ts_event, signal)
    1 A ▲ bullish 1.00: close crosses above 10 (close 11)
    3 A ▼ bearish 1.00: close < 9 (close 8)
    """
    check_flag("signals: repeat", repeat)
    check_memory("signals", memory)
    for each in rules:
        check_is("signals: each", each, Rule, "a rule(name, condition), or bullish=condition")
    chosen = list(rules)
    if bullish is not None:
        chosen.append(rule("bullish", bullish, Direction.BULLISH))
    if bearish is not None:
        chosen.append(rule("bearish", bearish, Direction.BEARISH))
    names = [each.name for each in chosen]
    if not chosen:
        raise ValueError("signals wants at least one rule")
    if len(set(names)) < len(names):
        raise ValueError(f"signals: every rule needs a name of its own, got {', '.join(names)}")

    def make() -> Telling:
        follower = Follower("signals", _Rules(tuple(chosen), repeat), memory)

        def step(item: Item) -> Iterator[Signal]:
            for row in item.facts:
                if is_row(row) and (found := follower.at(row)) is not None:
                    yield from found[0]

        return step

    return remembered_telling(make, memory, Signal)


def score(
    expression: Expression | str, name: str = "score", *, memory: OperatorMemory | None = None
) -> Operator[Any, Reading]:
    """A `Reading` called *name* with the expression's value at each row, told at once; NaN where it is not known.

    *expression* may be the name of a column. Rows, revisions, *memory* and a missing column are as in `signals`.

    >>> from ordinis_rx.operators.conditions.expressions import col
    >>> from ordinis_rx.testing import a_bar, through
    >>> [reading.value for reading in through(score(col("high") - col("low")), [a_bar(9, high=12, low=8)])]
    [4.0]
    """
    check_is("score: name", name, str, "a word")
    check_memory("score", memory)
    node = term(expression).node

    def make() -> Telling:
        follower = Follower("score", node, memory)

        def step(item: Item) -> Iterator[Reading]:
            for row in item.facts:
                if is_row(row) and (found := follower.at(row)) is not None:
                    yield _reading(row, name, found[0])

        return step

    return remembered_telling(make, memory, None)


def where(condition: Condition, *, memory: OperatorMemory | None = None) -> Operator[Any, Any]:
    """The rows at which *condition* holds, as they are, at once; those where that is unknown are left out.

    Rows, revisions, *memory* and a missing column are as in `signals`. Raises TypeError for what is no condition.

    >>> from ordinis_rx.operators.conditions.expressions import col
    >>> from ordinis_rx.testing import a_bar, through
    >>> [bar.close for bar in through(where(col("close").rising()), [a_bar(n, at=n) for n in (3, 5, 7)])]
    [5.0, 7.0]
    """
    node = check_condition("where", condition).node
    check_memory("where", memory)

    def make() -> Telling:
        follower = Follower("where", node, memory)
        return lambda item: (
            row for row in item.facts if is_row(row) and follower.at(row) == (True,)
        )

    return remembered_telling(make, memory, None)


class _Rules(Node[list[Signal]]):
    """All rules at once; remembers of each whether it held when that was last known."""

    __slots__ = ("_repeat", "_rules")

    def __init__(self, rules: tuple[Rule, ...], repeat: bool) -> None:
        self._rules, self._repeat = rules, repeat

    @property
    def start(self) -> State:
        return tuple((each.when.start, each.strength.start, False) for each in self._rules)

    def step(self, state: State, row: Any) -> tuple[list[Signal], State]:
        told: list[Signal] = []
        after: list[State] = []
        for each, (when, strength, held) in zip(self._rules, state, strict=True):
            holds, when = each.when.step(when, row)
            size, strength = each.strength.step(strength, row)
            if holds and (self._repeat or not held):
                told.append(_signal(each, row, size))
            after.append((when, strength, held if holds is None else holds))
        return told, tuple(after)

    def columns(self) -> tuple[Number, ...]:
        return tuple(column for each in self._rules for column in each.when.columns())

    def __str__(self) -> str:
        return "; ".join(f"{each.name}: {each.when} by {each.strength}" for each in self._rules)


def _signal(of: Rule, row: Any, size: float) -> Signal:
    return Signal(
        symbol=row.symbol,
        ts_event=row.ts_event,
        ts_recv=row.ts_recv,
        provider=row.provider,
        seq=row.seq,
        revision=getattr(row, "revision", 0),
        name=of.name,
        direction=of.direction,
        strength=min(max(size, 0.0), 1.0) if size == size else NAN,
        reason=of.reason or _reason(of.when, row),
    )


def _reason(when: Condition, row: Any) -> str:
    """The condition, and what stood in its columns."""
    seen = {column.name: column.step((), row)[0] for column in when.columns()}
    values = ", ".join(f"{name} {value:.6g}" for name, value in seen.items())
    return f"{when} ({values})" if values else str(when)


def _reading(row: Any, name: str, value: float) -> Reading:
    return Reading(
        symbol=row.symbol,
        ts_event=row.ts_event,
        ts_recv=row.ts_recv,
        provider=row.provider,
        seq=row.seq,
        name=name,
        value=value,
        revision=getattr(row, "revision", 0),
    )
