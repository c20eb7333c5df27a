"""Numbers and conditions over named columns of rows, written as they are said: ``(col("rsi") > 70) & col("rsi").rising(3)``.

An expression is a value: it can be kept, combined and used in many streams, since what it remembers of a symbol is held
outside of it. What it does is done by the node that it stands for (`nodes`); here is how it is written. Missing numbers are
NaN, and what rests on them is unknown.
"""

from __future__ import annotations

import operator
from numbers import Real
from typing import Any, Generic, Never, NoReturn, TypeAlias, TypeVar, cast

from ordinis_rx.checks import check_is
from ordinis_rx.events import NAN
from ordinis_rx.operators.conditions.lookup import Lookup, Match
from ordinis_rx.operators.conditions.nodes import (
    Arithmetic,
    Comparison,
    Constant,
    Counted,
    Either,
    Known,
    Magnitude,
    Node,
    Not,
    Number,
    State,
)
from ordinis_rx.operators.conditions.remembering import Crossing, Run, Within

__all__ = ["Column", "Condition", "Expression", "Term", "check_condition", "col", "term"]

T = TypeVar("T", covariant=True)


class _Written(Generic[T]):
    """A node as it is written. It is true or false only at a row: ``and`` and chained comparisons raise TypeError."""

    __slots__ = ("node",)

    def __init__(self, node: Node[T]) -> None:
        self.node = node

    @property
    def start(self) -> State:
        """What is remembered before the first row."""
        return self.node.start

    def step(self, state: State, row: Any) -> tuple[T, State]:
        """The value at *row*, and what is remembered after it."""
        return self.node.step(state, row)

    def columns(self) -> tuple[Number, ...]:
        """The columns whose numbers it rests on: not those that `is_` compares as they are."""
        return self.node.columns()

    def __str__(self) -> str:
        return str(self.node)

    def __repr__(self) -> str:
        return str(self.node)

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self} is true or false only at a row: combine with & | ~, and not chained"
        )


_NO_CONDITION = "is a number, and & and | take conditions: put comparisons in parentheses, (col('a') > 1) & (col('b') > 1)"


class Expression(_Written[float]):
    """A number at every row of a symbol, NaN where it is not known; built of columns, numbers, ``+ - * /`` and ``abs``.

    ``< <= > >=`` make a `Condition` of it; ``==`` does not: take `between`. A division by 0 is NaN.

    >>> from ordinis_rx.testing import a_bar
    >>> spread = (col("high") - col("low")) / col("close")
    >>> spread.step(spread.start, a_bar(10.0, high=12.0, low=8.0))[0]
    0.4
    """

    __slots__ = ()

    def __gt__(self, other: Expression | float) -> Condition:
        return Condition(Comparison(">", operator.gt, self.node, term(other).node))

    def __ge__(self, other: Expression | float) -> Condition:
        return Condition(Comparison(">=", operator.ge, self.node, term(other).node))

    def __lt__(self, other: Expression | float) -> Condition:
        return Condition(Comparison("<", operator.lt, self.node, term(other).node))

    def __le__(self, other: Expression | float) -> Condition:
        return Condition(Comparison("<=", operator.le, self.node, term(other).node))

    def __add__(self, other: Expression | float) -> Expression:
        return Expression(Arithmetic("+", operator.add, self.node, term(other).node))

    def __radd__(self, other: float) -> Expression:
        return term(other) + self

    def __sub__(self, other: Expression | float) -> Expression:
        return Expression(Arithmetic("-", operator.sub, self.node, term(other).node))

    def __rsub__(self, other: float) -> Expression:
        return term(other) - self

    def __mul__(self, other: Expression | float) -> Expression:
        return Expression(Arithmetic("*", operator.mul, self.node, term(other).node))

    def __rmul__(self, other: float) -> Expression:
        return term(other) * self

    def __truediv__(self, other: Expression | float) -> Expression:
        """The quotient; NaN where the divisor is 0."""
        return Expression(Arithmetic("/", _quotient, self.node, term(other).node))

    def __rtruediv__(self, other: float) -> Expression:
        return term(other) / self

    def __neg__(self) -> Expression:
        return term(0.0) - self

    def __abs__(self) -> Expression:
        """How far from 0 it is: ``abs(col("z")) > 3``."""
        return Expression(Magnitude(self.node))

    # Said at once, since & binds closer than > does. Never: type checkers refuse it as well.

    def __and__(self, other: Never) -> NoReturn:
        raise TypeError(f"{self} {_NO_CONDITION}")

    __or__ = __rand__ = __ror__ = __and__

    def between(self, low: Expression | float, high: Expression | float) -> Condition:
        """Whether it lies from *low* to *high*, both included."""
        return (self >= low) & (self <= high)

    def crosses_above(self, other: Expression | float) -> Condition:
        """Whether it is above *other* at this row, and was below when the two last differed before.

        How long they were equal in between, or one of them was missing, does not matter. Unknown at a row where one of them
        is, and until they have differed at an earlier one.
        """
        return Condition(Crossing(self.node, term(other).node, above=True))

    def crosses_below(self, other: Expression | float) -> Condition:
        """Whether it is below *other* at this row, and was above when the two last differed before; see `crosses_above`."""
        return Condition(Crossing(self.node, term(other).node, above=False))

    def rising(self, n: int = 1) -> Condition:
        """Whether each of the last *n* rows was higher than the one before.

        False as soon as one is known that was not, True when ``n + 1`` known rows in a row rise, unknown otherwise. Raises
        TypeError where *n* is not whole, ValueError below 1.
        """
        return Condition(Run(self.node, n, up=True))

    def falling(self, n: int = 1) -> Condition:
        """Whether each of the last *n* rows was lower than the one before; what is known when is as in `rising`."""
        return Condition(Run(self.node, n, up=False))


class Condition(_Written[Known]):
    """True, False or unknown (None) at every row of a symbol; combined with ``&``, ``|`` and ``~``, not with ``and``.

    ``&`` is False where one side is, ``|`` True where one side is, whatever the other; otherwise unknown where one side is.
    ``and``, ``or``, ``not`` and chained comparisons (``1 < x < 2``) raise TypeError, since they cannot wait for a row.
    """

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        return Condition(Either("&", False, self.node, check_condition("& or |", other).node))

    def __or__(self, other: Condition) -> Condition:
        return Condition(Either("|", True, self.node, check_condition("& or |", other).node))

    def __rand__(self, other: Never) -> Condition:
        # It is no condition, or it would have been asked first: this raises.
        return check_condition("& or |", other)

    __ror__ = __rand__

    def __invert__(self) -> Condition:
        return Condition(Not(self.node))

    def within_last(self, n: int) -> Condition:
        """Whether it held at any of the last *n* rows, this one included.

        Where it is not known to have held, it is unknown as long as one of them is, or there were fewer rows, and else
        False. Raises TypeError where *n* is not whole, ValueError below 1.
        """
        return Condition(Within(self.node, n))


class Column(Expression):
    """A column by name, as an expression; `col` makes it."""

    __slots__ = ("_lookup",)

    def __init__(self, name: str) -> None:
        check_is("col: name", name, str, 'the name of a column, col("close") say')
        self._lookup = Lookup(name)
        super().__init__(self._lookup)

    @property
    def name(self) -> str:
        """How it is called."""
        return self._lookup.name

    def of(self, row: Any) -> Any:
        """What stands in the column at *row*, as it is; AttributeError where *row* has no such column."""
        return self._lookup.of(row)

    def is_(self, member: object) -> Condition:
        """Whether the column holds *member*: a word, or a member of an enumeration, or the word for one (``"BULLISH"``).

        None and UNKNOWN are unknown.
        """
        return Condition(Match(self._lookup, member))


Term: TypeAlias = Expression | Condition | float | str
"""What may stand for an expression: `term`."""


def check_condition(who: str, value: object) -> Condition:
    """*value*, where it is a condition; raises TypeError that begins with *who*."""
    if not isinstance(value, Condition):
        how = "put comparisons in parentheses"
        if value is True:
            how = "that is so at every row, or at none, whatever is in it"
        if value is False:  # what == tells of two expressions: they are not the same object
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


def term(value: Term) -> Expression:
    """An expression of whatever may stand for one: a number, the name of a column, a condition (1 or 0)."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, Condition):
        return Expression(Counted(value.node))
    if isinstance(value, str):
        return Column(value)
    if isinstance(cast(object, value), Real) and not isinstance(value, bool):
        return Expression(Constant(float(value)))
    raise TypeError(f"an expression wants a number, a column or a condition, got {value!r}")


def _quotient(a: float, b: float) -> float:
    return a / b if b else NAN
