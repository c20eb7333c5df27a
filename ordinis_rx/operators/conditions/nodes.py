"""What numbers and conditions are made of: nodes that are worked out row by row, and what each remembers of a symbol.

What is remembered is held outside of a node, by whoever works it out, and is never changed in place. A number that is
missing is NaN, and a condition that rests on it is neither true nor false but unknown (None), in the three-valued logic of
S. C. Kleene (1938): unknown and false is false, unknown or true is true, everything else with an unknown part is unknown.
"""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

from ordinis_rx.events import NAN

__all__ = [
    "Arithmetic",
    "Comparison",
    "Constant",
    "Counted",
    "Either",
    "Known",
    "Magnitude",
    "Node",
    "Not",
    "Number",
    "Pair",
    "Single",
    "State",
]

T = TypeVar("T", covariant=True)

State: TypeAlias = Any
"""What a node remembers of one symbol: immutable, of its own kind."""

Known: TypeAlias = bool | None
"""Whether something holds; None where that is unknown."""


class Node(abc.ABC, Generic[T]):
    """What can be worked out row by row."""

    __slots__ = ()

    @property
    def start(self) -> State:
        """What is remembered before the first row."""
        return ()

    @abc.abstractmethod
    def step(self, state: State, row: Any) -> tuple[T, State]:
        """The value at *row*, and what is remembered after it."""

    @abc.abstractmethod
    def columns(self) -> tuple[Number, ...]:
        """The columns whose numbers it rests on: not those that are compared as they are."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """In words: what stands in the reason of a signal."""


class Number(Node[float]):
    """The number that stands in a column, whose name is `name`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def columns(self) -> tuple[Number, ...]:
        """This one."""
        return (self,)

    def __str__(self) -> str:
        return self.name


class Constant(Node[float]):
    """The same number at every row."""

    __slots__ = ("_value",)

    def __init__(self, value: float) -> None:
        self._value = value

    def step(self, state: State, row: Any) -> tuple[float, State]:
        """That number."""
        return self._value, state

    def columns(self) -> tuple[Number, ...]:
        """None."""
        return ()

    def __str__(self) -> str:
        return f"{self._value:g}"


class Single(Node[T]):
    """A node that rests on one other, and remembers what that does."""

    __slots__ = ("_of",)

    def __init__(self, of: Node[Any]) -> None:
        self._of = of

    @property
    def start(self) -> State:
        """What the other remembers."""
        return self._of.start

    def columns(self) -> tuple[Number, ...]:
        """Those of the other."""
        return self._of.columns()


class Pair(Node[T]):
    """A node that rests on two others, and remembers what these do, side by side."""

    __slots__ = ("_a", "_b")

    def __init__(self, a: Node[Any], b: Node[Any]) -> None:
        self._a, self._b = a, b

    @property
    def start(self) -> State:
        """What the two remember."""
        return self._a.start, self._b.start

    def both(self, state: State, row: Any) -> tuple[Any, Any, State]:
        """The values of the two at *row*, and what they remember after it."""
        a, one = self._a.step(state[0], row)
        b, other = self._b.step(state[1], row)
        return a, b, (one, other)

    def columns(self) -> tuple[Number, ...]:
        """Those of the two."""
        return *self._a.columns(), *self._b.columns()


class Counted(Single[float]):
    """A condition as a number: 1 or 0."""

    __slots__ = ()

    def step(self, state: State, row: Any) -> tuple[float, State]:
        """NaN where the condition is unknown."""
        holds, state = self._of.step(state, row)
        return NAN if holds is None else float(holds), state

    def __str__(self) -> str:
        return f"({self._of})"


class Arithmetic(Pair[float]):
    """What *by*, written as *sign*, makes of two numbers."""

    __slots__ = ("_by", "_sign")

    def __init__(
        self, sign: str, by: Callable[[float, float], float], a: Node[float], b: Node[float]
    ) -> None:
        super().__init__(a, b)
        self._sign, self._by = sign, by

    def step(self, state: State, row: Any) -> tuple[float, State]:
        """As *by* has it."""
        a, b, state = self.both(state, row)
        return self._by(a, b), state

    def __str__(self) -> str:
        return f"({self._a} {self._sign} {self._b})"


class Magnitude(Single[float]):
    """A number without its sign."""

    __slots__ = ()

    def step(self, state: State, row: Any) -> tuple[float, State]:
        """NaN where the number is."""
        value, state = self._of.step(state, row)
        return abs(value), state

    def __str__(self) -> str:
        return f"abs({self._of})"


class Comparison(Pair[Known]):
    """Whether *by*, written as *sign*, holds of two numbers."""

    __slots__ = ("_by", "_sign")

    def __init__(
        self, sign: str, by: Callable[[float, float], bool], a: Node[float], b: Node[float]
    ) -> None:
        super().__init__(a, b)
        self._sign, self._by = sign, by

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        """Unknown where one of them is NaN."""
        a, b, state = self.both(state, row)
        return (None if a != a or b != b else self._by(a, b)), state

    def __str__(self) -> str:
        return f"{self._a} {self._sign} {self._b}"


class Either(Pair[Known]):
    """And, or: one of the two values, *decides*, settles it by itself."""

    __slots__ = ("_decides", "_sign")

    def __init__(self, sign: str, decides: bool, a: Node[Known], b: Node[Known]) -> None:
        super().__init__(a, b)
        self._sign, self._decides = sign, decides

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        """Unknown where neither settles it and one is unknown."""
        a, b, state = self.both(state, row)
        if a is self._decides or b is self._decides:
            return self._decides, state
        return (None if a is None or b is None else not self._decides), state

    def __str__(self) -> str:
        return f"({self._a}) {self._sign} ({self._b})"


class Not(Single[Known]):
    """The contrary."""

    __slots__ = ()

    def step(self, state: State, row: Any) -> tuple[Known, State]:
        """Unknown where the other is."""
        holds, state = self._of.step(state, row)
        return (None if holds is None else not holds), state

    def __str__(self) -> str:
        return f"~({self._of})"
