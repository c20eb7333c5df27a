"""What stands in a named column of a row: as it is, as a number, or held against a word."""

from __future__ import annotations

import enum
from numbers import Real
from typing import Any

from ordinis_rx.events import NAN, Bar, Quote, Reading, Trade
from ordinis_rx.kinds import Direction
from ordinis_rx.operators.conditions.nodes import Known, Node, Number, State
from ordinis_rx.operators.timeframes.facts import TimeframeBars

__all__ = ["Lookup", "Match"]

_DIRECTIONS = {Direction.BULLISH: 1.0, Direction.BEARISH: -1.0, Direction.NEUTRAL: 0.0}

_SELECTIONS: dict[type[Any], str] = {Quote: "quotes()", Trade: "trades()", Bar: "bars()"}


class Lookup(Number):
    """A column by name; dots lead further in. Raises ValueError for a name with an empty part."""

    __slots__ = ("_parts",)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._parts = name.split(".")
        if not all(self._parts):
            raise ValueError(f"a column has a name, got {name!r}")

    def of(self, row: Any) -> Any:
        """What stands there, as it is; None where something on the way is. Raises AttributeError without such a column."""
        value = row
        for part in self._parts:
            if value is None:
                return None
            value = _part_of(value, part)
        return value

    def step(self, state: State, row: Any) -> tuple[float, State]:
        """What stands there as a number; NaN for None. Raises TypeError where it is none."""
        value = self.of(row)
        if type(value) is float:
            return value, state
        if value is None:
            return NAN, state
        if isinstance(value, Direction):
            return _DIRECTIONS.get(value, NAN), state
        if isinstance(value, Real):  # NumPy's, too, whose truths would not be Python's
            return float(value), state
        raise TypeError(f"column {self.name} of a {type(row).__name__} is no number: {value!r}")


class Match(Node[Known]):
    """Whether a column holds a word, or a member of an enumeration, for which its word may stand."""

    __slots__ = ("_member", "_of")

    def __init__(self, of: Lookup, member: object) -> None:
        self._of, self._member = of, member

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        """Unknown where the column holds None, or a member called UNKNOWN."""
        value = self._of.of(row)
        if value is None or getattr(value, "name", "") == "UNKNOWN":
            return None, state
        word = value.value if isinstance(value, enum.Enum) else value
        return bool(value == self._member or word == self._member), state

    def columns(self) -> tuple[Number, ...]:
        """None: no number is looked at."""
        return ()

    def __str__(self) -> str:
        return f"{self._of} is {getattr(self._member, 'name', self._member)}"


def _part_of(value: Any, name: str) -> Any:
    if isinstance(value, TimeframeBars) and name in value.names:
        return value.of(name)
    try:
        return getattr(value, name)
    except AttributeError as error:
        fields: tuple[str, ...] = getattr(value, "__struct_fields__", ())
        if isinstance(value, Reading) or not fields:
            raise
        have = [how for kind, how in _SELECTIONS.items() if hasattr(kind, name)]
        why = f"where facts of several kinds come, put {' or '.join(have)} before"
        if type(value) not in _SELECTIONS or not have:
            why = f"it has {', '.join(fields)}"
        raise AttributeError(f"a {type(value).__name__} has no {name}: {why}") from error
