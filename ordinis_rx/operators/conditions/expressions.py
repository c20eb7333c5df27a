"""Numbers and conditions over named columns of rows, written as they are said: ``(col("rsi") > 70) & col("rsi").rising(3)``.

An expression is a value: it can be kept, combined and used in many streams, since what it remembers of a symbol is held
outside of it, by whoever evaluates it, and is never changed in place. A number that is missing is NaN, and a condition that
rests on it is neither true nor false but unknown (None), in the three-valued logic of S. C. Kleene (1938): unknown and false
is false, unknown or true is true, everything else with an unknown part is unknown.
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from ordinis_rx.events import NAN, Bar, Quote, Reading, Trade
from ordinis_rx.kinds import Direction
from ordinis_rx.operators.timeframes.facts import TimeframeBars
from ordinis_rx.timebase import check_whole
from ordinis_rx.typing import check_is

__all__ = [
    "Column",
    "Condition",
    "Expression",
    "Known",
    "Node",
    "State",
    "check_condition",
    "col",
    "term",
]

State: TypeAlias = Any
"""What a node remembers of one symbol: immutable, of its own kind."""

Known: TypeAlias = bool | None
"""Whether something holds; None where that is unknown."""

_DIRECTIONS = {Direction.BULLISH: 1.0, Direction.BEARISH: -1.0, Direction.NEUTRAL: 0.0}


class Node(abc.ABC):
    """What can be worked out row by row."""

    __slots__ = ()

    @property
    def start(self) -> State:
        """What is remembered before the first row."""
        return ()

    @abc.abstractmethod
    def step(self, state: State, row: Any) -> tuple[Any, State]:
        """The value at *row*, and what is remembered after it."""

    @abc.abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """The columns whose numbers it rests on: not those that `is_` compares as they are."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """In words: what stands in the reason of a signal."""

    def __repr__(self) -> str:
        return str(self)

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self} is true or false only at a row: combine with & | ~, and not chained"
        )


class Expression(Node):
    """A number at every row; NaN where it is not known."""

    __slots__ = ()

    def __gt__(self, other: Expression | float) -> Condition:
        return _Comparison(">", lambda a, b: a > b, self, term(other))

    def __ge__(self, other: Expression | float) -> Condition:
        return _Comparison(">=", lambda a, b: a >= b, self, term(other))

    def __lt__(self, other: Expression | float) -> Condition:
        return _Comparison("<", lambda a, b: a < b, self, term(other))

    def __le__(self, other: Expression | float) -> Condition:
        return _Comparison("<=", lambda a, b: a <= b, self, term(other))

    def __add__(self, other: Expression | float) -> Expression:
        return _Arithmetic("+", lambda a, b: a + b, self, term(other))

    def __radd__(self, other: float) -> Expression:
        return term(other) + self

    def __sub__(self, other: Expression | float) -> Expression:
        return _Arithmetic("-", lambda a, b: a - b, self, term(other))

    def __rsub__(self, other: float) -> Expression:
        return term(other) - self

    def __mul__(self, other: Expression | float) -> Expression:
        return _Arithmetic("*", lambda a, b: a * b, self, term(other))

    def __rmul__(self, other: float) -> Expression:
        return term(other) * self

    def __truediv__(self, other: Expression | float) -> Expression:
        """The quotient; NaN where the divisor is 0."""
        return _Arithmetic("/", lambda a, b: a / b if b else NAN, self, term(other))

    def __rtruediv__(self, other: float) -> Expression:
        return term(other) / self

    def __neg__(self) -> Expression:
        return term(0.0) - self

    def between(self, low: Expression | float, high: Expression | float) -> Condition:
        """Whether it lies from *low* to *high*, both included."""
        return (self >= low) & (self <= high)

    def crosses_above(self, other: Expression | float) -> Condition:
        """Whether it is above *other* with this row, having been below when they last differed.

        However long the two were equal in between, or one of them missing. Unknown until they have differed once.
        """
        return _Crossing(self, term(other), above=True)

    def crosses_below(self, other: Expression | float) -> Condition:
        """Whether it is below *other* with this row, having been above when they last differed."""
        return _Crossing(self, term(other), above=False)

    def rising(self, n: int = 1) -> Condition:
        """Whether each of the last *n* rows was higher than the one before.

        One that was not is enough to know that they were not; that they were is known of n + 1 in a row.
        """
        return _Run(self, n, up=True)

    def falling(self, n: int = 1) -> Condition:
        """Whether each of the last *n* rows was lower than the one before."""
        return _Run(self, n, up=False)


class Condition(Node):
    """True, False or unknown (None) at every row."""

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        return _Both("&", False, self, check_condition("& or |", other))

    def __or__(self, other: Condition) -> Condition:
        return _Both("|", True, self, check_condition("& or |", other))

    def __invert__(self) -> Condition:
        return _Not(self)

    def within_last(self, n: int) -> Condition:
        """Whether it held at any of the last *n* rows, this one included.

        Unknown where it did not, as far as is known, but one of them is unknown or before the first row.
        """
        return _Within(self, n)


def check_condition(who: str, value: object) -> Condition:
    """*value*, where it is a condition; raises TypeError that begins with *who*."""
    if not isinstance(value, Condition):
        how = "put comparisons in parentheses"
        if isinstance(value, bool):  # of an expression, == tells whether it is the same object
            how = "columns are compared by < and >, or between(low, high), not by =="
        raise TypeError(f"{who} wants a condition, got {value!r}; {how}")
    return value


def col(name: str) -> Column:
    """The column *name* of a row: an attribute of a bar, a reading or any other fact; dots lead further in.

    Of a row of `timeframes`, ``col("1h.close")`` is the close of the last hour that is over. What is missing or None is NaN;
    a `Direction` counts 1, -1 or 0, and UNKNOWN as NaN. A row without such an attribute raises AttributeError.

    >>> from ordinis_rx.testing import a_bar
    >>> warm = (col("close") > col("open")) & ~col("volume").between(0, 5)
    >>> str(warm), warm.step(warm.start, a_bar(9.0, open=8.0, volume=6.0))[0]
    ('(close > open) & (~((volume >= 0) & (volume <= 5)))', True)
    """
    return Column(name)


def term(value: Node | float | str) -> Expression:
    """An expression of whatever may stand for one: a number, the name of a column, a condition (1 or 0)."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, Condition):
        return _Counted(value)
    if isinstance(value, str):
        return Column(value)
    if isinstance(cast(object, value), int | float) and not isinstance(value, bool):
        return _Constant(float(cast(float, value)))
    raise TypeError(f"an expression wants a number, a column or a condition, got {value!r}")


class Column(Expression):
    """A column by name; made by `col`."""

    __slots__ = ("_parts", "name")

    def __init__(self, name: str) -> None:
        check_is(str, name, "col: name", 'the name of a column, col("close") say')
        self.name = name
        self._parts = name.split(".")
        if not all(self._parts):
            raise ValueError(f"a column has a name, got {name!r}")

    def of(self, row: Any) -> Any:
        """What stands in the column at *row*, as it is."""
        value = row
        for part in self._parts:
            if value is None:
                return None
            value = _part_of(value, part)
        return value

    def is_(self, member: object) -> Condition:
        """Whether the column holds *member*: a word, or a member of an enumeration. None and UNKNOWN are unknown."""
        return _Is(self, member)

    def step(self, state: State, row: Any) -> tuple[float, State]:
        """The number that stands in the column."""
        value = self.of(row)
        if isinstance(value, float):
            return value, state
        if value is None:
            return NAN, state
        if isinstance(value, Direction):
            return _DIRECTIONS.get(value, NAN), state
        if isinstance(value, int):
            return float(value), state
        raise TypeError(f"column {self.name} of a {type(row).__name__} is no number: {value!r}")

    def columns(self) -> tuple[Column, ...]:
        """This one."""
        return (self,)

    def __str__(self) -> str:
        return self.name


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


_SELECTIONS: dict[type[Any], str] = {Quote: "quotes()", Trade: "trades()", Bar: "bars()"}


class _Constant(Expression):
    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def step(self, state: State, row: Any) -> tuple[float, State]:
        return self._value, state

    def columns(self) -> tuple[Column, ...]:
        return ()

    def __str__(self) -> str:
        return f"{self._value:g}"


class _Single:
    """What one node remembers, and the columns whose numbers it rests on."""

    __slots__ = ("_of",)

    def __init__(self, of: Node) -> None:
        self._of = of

    @property
    def start(self) -> State:
        return self._of.start

    def columns(self) -> tuple[Column, ...]:
        return self._of.columns()


class _Counted(_Single, Expression):
    """A condition as a number: 1 or 0."""

    __slots__ = ()

    def step(self, state: State, row: Any) -> tuple[float, State]:
        holds, state = self._of.step(state, row)
        return NAN if holds is None else float(holds), state

    def __str__(self) -> str:
        return f"({self._of})"


class _Pair:
    """What two nodes remember, side by side."""

    __slots__ = ("_a", "_b")

    def __init__(self, a: Node, b: Node) -> None:
        self._a, self._b = a, b

    @property
    def start(self) -> State:
        return self._a.start, self._b.start

    def _both(self, state: State, row: Any) -> tuple[Any, Any, State]:
        a, one = self._a.step(state[0], row)
        b, other = self._b.step(state[1], row)
        return a, b, (one, other)

    def columns(self) -> tuple[Column, ...]:
        return *self._a.columns(), *self._b.columns()


class _Arithmetic(_Pair, Expression):
    __slots__ = ("_by", "_sign")

    def __init__(
        self, sign: str, by: Callable[[float, float], float], a: Expression, b: Expression
    ) -> None:
        super().__init__(a, b)
        self._sign, self._by = sign, by

    def step(self, state: State, row: Any) -> tuple[float, State]:
        a, b, state = self._both(state, row)
        return self._by(a, b), state

    def __str__(self) -> str:
        return f"({self._a} {self._sign} {self._b})"


class _Comparison(_Pair, Condition):
    __slots__ = ("_by", "_sign")

    def __init__(
        self, sign: str, by: Callable[[float, float], bool], a: Expression, b: Expression
    ) -> None:
        super().__init__(a, b)
        self._sign, self._by = sign, by

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        a, b, state = self._both(state, row)
        return (None if a != a or b != b else self._by(a, b)), state

    def __str__(self) -> str:
        return f"{self._a} {self._sign} {self._b}"


class _Crossing(_Pair, Condition):
    """Remembers on which side the one was when the two last differed: 1, -1, or 0 where they never did."""

    __slots__ = ("_wanted",)

    def __init__(self, a: Expression, b: Expression, *, above: bool) -> None:
        super().__init__(a, b)
        self._wanted = 1 if above else -1

    @property
    def start(self) -> State:
        return super().start, 0

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        pair, side = state
        a, b, pair = self._both(pair, row)
        if a != a or b != b:
            return None, (pair, side)
        now = (a > b) - (a < b)
        if side == 0:
            return None, (pair, now)
        return now == self._wanted and side != now, (pair, now or side)

    def __str__(self) -> str:
        return f"{self._a} crosses {'above' if self._wanted == 1 else 'below'} {self._b}"


class _Run(_Single, Condition):
    """Remembers the last number, and how many steps ago one did not go that way, or is not known."""

    __slots__ = ("_n", "_up")

    def __init__(self, of: Expression, n: int, *, up: bool) -> None:
        super().__init__(of)
        self._n, self._up = _rows("rising" if up else "falling", n), up

    @property
    def start(self) -> State:
        return super().start, NAN, self._n, 0

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        inner, last, failed, unknown = state
        now, inner = self._of.step(inner, row)
        goes = None if now != now or last != last else now > last if self._up else now < last
        failed = 0 if goes is False else min(failed + 1, self._n)
        unknown = 0 if goes is None else min(unknown + 1, self._n)
        # One step the other way is enough to know.
        holds = False if failed < self._n else None if unknown < self._n else True
        return holds, (inner, now, failed, unknown)

    def __str__(self) -> str:
        return f"{self._of} {'rising' if self._up else 'falling'} {self._n}"


class _Both(_Pair, Condition):
    """And, or: one of the two values decides by itself."""

    __slots__ = ("_decides", "_sign")

    def __init__(self, sign: str, decides: bool, a: Condition, b: Condition) -> None:
        super().__init__(a, b)
        self._sign, self._decides = sign, decides

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        a, b, state = self._both(state, row)
        if a is self._decides or b is self._decides:
            return self._decides, state
        return (None if a is None or b is None else not self._decides), state

    def __str__(self) -> str:
        return f"({self._a}) {self._sign} ({self._b})"


class _Not(_Single, Condition):
    __slots__ = ()

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        holds, state = self._of.step(state, row)
        return (None if holds is None else not holds), state

    def __str__(self) -> str:
        return f"~({self._of})"


class _Within(_Single, Condition):
    """Remembers how many rows ago it held, and how many rows ago that was unknown."""

    __slots__ = ("_n",)

    def __init__(self, of: Condition, n: int) -> None:
        super().__init__(of)
        self._n = _rows("within_last", n)

    @property
    def start(self) -> State:
        return super().start, self._n, 0

    def step(self, state: State, row: Any) -> tuple[Known, State]:
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


class _Is(Condition):
    __slots__ = ("_member", "_of")

    def __init__(self, of: Column, member: object) -> None:
        self._of, self._member = of, member

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        value = self._of.of(row)
        if value is None or getattr(value, "name", "") == "UNKNOWN":
            return None, state
        return bool(value == self._member), state

    def columns(self) -> tuple[Column, ...]:
        return ()

    def __str__(self) -> str:
        return f"{self._of} is {getattr(self._member, 'name', self._member)}"


def _rows(who: str, n: int) -> int:
    check_whole(f"{who}: n", n, "rows")
    if n < 1:
        raise ValueError(f"{who}: n must be at least 1 row, got {n}")
    return n
