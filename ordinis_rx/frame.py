"""One frame: several facts of one kind as one item, by column.

A frame may rest on facts, on columns, or on another frame of which it keeps some rows; the rest is made when somebody asks,
and once. It lives for the call that hands it over: who keeps it longer takes a `copy`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ordinis_rx.checks import check_several
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Schema, schema_of
from ordinis_rx.display import Shown
from ordinis_rx.recipes import Recipe
from ordinis_rx.tables import Table
from ordinis_rx.transposing import FactMaker, laid_out

__all__ = ["FRAMES", "Frame", "column_of"]

FRAMES: dict[type[Any], type[Frame]] = {}
"""The class of frames of each kind of fact; their order breaks ties of `seq`."""


class Frame(Table, Shown):
    """*n* rows of one kind of fact.

    ``frame.facts`` are its rows as facts (built once, shared), ``frame.price`` and the like its columns as arrays; symbols
    and providers are codes of ``frame.names``. A frame that an operator is handed is valid only during that call: who keeps
    it longer takes a `copy`. What `frames`, `from_events` and `from_columns` give is yours.

    >>> from ordinis_rx.events import Trade
    >>> from ordinis_rx.frames import TradeFrame
    >>> frame = TradeFrame.from_events([Trade(symbol="AAPL", ts_event=5, price=100.0, size=2.0)])
    >>> len(frame), frame.price.tolist(), frame.names.symbols.words
    (1, [100.0], ['AAPL'])
    """

    __slots__ = (
        "_derived",
        "_filled",
        "_maker",
        "_objects",
        "_recipe",
        "_rows",
        "_worked_out",
        "block",
        "dirty",
        "held",
        "n",
        "names",
        "parent",
        "rests_on_facts",
        "turn",
        "whole",
    )

    kind: ClassVar[type[Any]]
    schema: ClassVar[Schema]
    derived: ClassVar[dict[str, tuple[tuple[str, ...], Callable[..., Any]]]] = {}
    """Numbers that are worked out of columns: out of which, and how; each fact has them as a property, too.

    The function gives the number of a row out of numbers; of arrays and a third one, it writes it there.
    """

    if TYPE_CHECKING:
        symbol: NDArray[np.int64]
        provider: NDArray[np.int64]
        ts_event: NDArray[np.int64]
        ts_recv: NDArray[np.int64]
        seq: NDArray[np.int64]

    def __init_subclass__(cls, *, kind: type[Any]) -> None:
        cls.kind = kind
        cls.schema = schema_of(kind)
        FRAMES[kind] = cls
        for name in (*cls.schema.index, *cls.derived):
            # Properties, and no __getattr__: that one would slow down every other attribute of a frame.
            # A column named like something of every frame (a report's kind) is found by lookup alone.
            if not hasattr(cls, name):
                setattr(cls, name, property(functools.partial(column_of, name=name)))

    def __init__(self, names: Names) -> None:
        self.names = names
        self.n = 0
        self.block: Block | None = None
        self.whole: Block | None = None
        """The block that holds every column, where there is one."""
        self.rests_on_facts = False
        """True where facts are at hand and columns would have to be made."""
        self.turn: Any = None
        """The turn that this item is in (see `ordinis_rx.turns`)."""
        self._derived: Block | None = None
        self._worked_out = 0
        """Which of the derived columns are in there, as bits."""
        self.dirty = True
        """Whether more than `held` (and `parent`) must be told anew before the frame can be used again."""
        self.held: list[Any] | None = None
        """The facts, where they are at hand."""
        self._filled: bytearray | None = None
        self.parent: Frame | None = None
        """The frame whose rows caused ours, where there is one."""
        self._recipe: Recipe | None = None
        self._rows: NDArray[np.int64] | None = None
        self._objects: dict[str, Sequence[Any]] = {}
        self._maker: FactMaker | None = None

    # How a frame comes about

    @classmethod
    def from_events(cls, events: Iterable[Any], names: Names | None = None) -> Frame:
        """A frame of its own that holds *events*, all of the frame's kind."""
        check_several(f"{cls.__name__}.from_events: events", events, "[fact]")
        frame = cls(names or Names())
        facts = list(events)
        for fact in facts:
            if type(fact) is not cls.kind:
                raise TypeError(f"{cls.__name__} holds {cls.kind.__name__} facts, got {fact!r}")
        frame.hold(facts)
        frame.lookup("symbol")
        return frame

    def hold(self, facts: list[Any]) -> None:
        """Rest on *facts*; what was filled before is void."""
        self.held = facts
        self._worked_out, self.n = 0, len(facts)
        self.rests_on_facts = True
        if self.dirty or self._recipe is not None:
            self._filled = bytearray(len(self.schema.kinds))
            self.dirty, self._recipe, self.whole = False, None, None

    def hold_columns(
        self, block: Block, n: int, objects: dict[str, Sequence[Any]] | None = None
    ) -> None:
        """Rest on the first *n* rows of *block*, which has every column of the kind."""
        self.block, self.whole, self.n = block, block, n
        self._worked_out, self.held, self._filled = 0, None, None
        self._objects = objects or {}
        self.rests_on_facts, self.dirty = False, True

    def hold_derived(
        self,
        parent: Frame,
        n: int,
        rows: NDArray[np.int64] | None,
        recipe: Recipe,
    ) -> None:
        """Rest on the first *n* of *rows* of *parent* (`None`: of all its rows), by *recipe*.

        The columns that the recipe does not carry over are in the own block already.
        """
        self.parent, self._rows, self.n = parent, rows, n
        self._worked_out, self.held, self.rests_on_facts = 0, None, False
        if self.dirty or self._recipe is not recipe:
            self._recipe, self._filled = recipe, bytearray(recipe.filled)
            self.dirty, self.whole = False, None
        self.names, self.turn = parent.names, parent.turn

    def copy(self) -> Frame:
        """The same rows in memory of their own."""
        other = type(self)(self.names)
        if self.held is not None:
            other.hold(list(self.held))
            return other
        block = Block(self.schema.kinds, max(self.n, 1))
        for j, field in enumerate(self.schema.columns):
            source, k = self.lookup(field.name)
            block.columns[j][: self.n] = source.columns[k][: self.n]
        objects: dict[str, Sequence[Any]] = {
            name: list(self.object_column(name))
            for name in self.schema.objects
            if self.has_objects(name)
        }
        other.hold_columns(block, self.n, objects)
        return other

    # What is in it

    @classmethod
    def kind_of(cls, name: str) -> str | None:
        """Whether the numbers called *name* are integers (``i``) or floats (``f``); None where there are none."""
        if name in cls.derived:
            return "f"
        j = cls.schema.index.get(name)
        return None if j is None else cls.schema.kinds[j]

    def __len__(self) -> int:
        return self.n

    def of(self, kind: type[Any]) -> Frame | None:
        """This frame, if it is of that kind."""
        return self if kind is self.kind else None

    def frames(self) -> tuple[Frame, ...]:
        """One frame a kind: this one."""
        return (self,)

    def lookup(self, name: str) -> tuple[Block, int]:
        """Where the column *name* lies: a block, and which of its columns."""
        j = self.schema.index.get(name)
        if j is None:
            return self._derive(name)
        filled = self._filled
        if self.block is not None and (filled is None or filled[j]):
            return self.block, j
        parent = self.parent
        if parent is not None and self._rows is None and self.held is None:
            return parent.lookup(name)
        block = self.block
        if block is None or block.capacity < self.n:
            block = self.block = Block(self.schema.kinds, max(self.n, 1))
        if self.held is not None:
            if not laid_out(self.held, self.schema, name, block, self.names):
                write = self.schema.writer((name,))
                write(self.held, (block.views[j],), self.names.symbols, self.names.providers)
        elif parent is not None and self._rows is not None:
            source, k = parent.lookup(name)
            if self.n == 1:  # NumPy is dear for a lone row
                block.views[j][0] = source.views[k][self._rows.item(0)]
            else:
                rows = self._rows[: self.n]
                np.take(source.columns[k], rows, out=block.columns[j][: self.n], mode="clip")
        if filled is not None:
            filled[j] = 1
            self.dirty = True
        return block, j

    def _derive(self, name: str) -> tuple[Block, int]:
        """Work a number out of the columns that it takes."""
        names, work_out = self.derived[name]
        n, block = self.n, self._derived
        j = list(self.derived).index(name)
        # A frame of one row is used again in fewer words than those that make void what it had worked out.
        if n > 1 and self._worked_out >> j & 1 and block is not None:
            return block, j
        places = [self.lookup(each) for each in names]
        if block is None or block.capacity < n:
            block = self._derived = Block("f" * len(self.derived), max(n, 1))
            self._worked_out = 0
        if n == 1:
            block.views[j][0] = work_out(*(source.views[k][0] for source, k in places))
        else:
            with np.errstate(all="ignore"):
                work_out(*(source.columns[k][:n] for source, k in places), block.columns[j][:n])
            self._worked_out |= 1 << j
        return block, j

    def has_objects(self, name: str) -> bool:
        """True when the object field *name* may differ from its default somewhere."""
        if self.held is not None:
            return True
        recipe = self._recipe
        if recipe is not None and self.parent is not None:
            carried = name in recipe.carried and self.parent.has_objects(name)
            return carried or name in recipe.constants
        return name in self._objects

    def object_column(self, name: str) -> Iterable[Any]:
        """The values of a field that has no column of numbers."""
        if self.held is not None:
            return [getattr(fact, name) for fact in self.held]
        parent, recipe, rows = self.parent, self._recipe, self._rows
        if recipe is not None and name in recipe.constants:
            return repeat(recipe.constants[name], self.n)
        if parent is not None and self.has_objects(name):
            values = list(parent.object_column(name))
            return values if rows is None else [values[r] for r in self._picked(rows)]
        if name in self._objects:
            return self._objects[name][: self.n]
        return repeat(self.schema.defaults[name], self.n)

    def objects_at(self, name: str, rows: Sequence[int]) -> list[Any]:
        """The values of a field that has no column of numbers in those rows, at no cost of the others."""
        if self.held is None and self.parent is None and name in self._objects:
            column = self._objects[name]
            return [column[row] for row in rows]
        values = list(self.object_column(name))
        return [values[row] for row in rows]

    @property
    def facts(self) -> list[Any]:
        """The rows as facts. A row kept unchanged is the very fact that it came from."""
        held = self.held
        if held is None:
            parent, recipe, block = self.parent, self._recipe, self.block
            if (  # live: a lone fact made of another one
                self.n == 1
                and recipe is not None
                and recipe.derive_one is not None
                and parent is not None
                and parent.n == 1
                and parent.held is not None
                and block is not None
            ):
                held = [recipe.derive_one(parent.held[0], block.views, self.names)]
            else:
                held = self._explode()
            self.held = held
        return held

    def _explode(self) -> list[Any]:
        parent, recipe, n = self.parent, self._recipe, self.n
        if n == 0:
            return []
        maker = self._maker
        if maker is None:
            maker = self._maker = FactMaker()
        if parent is not None and recipe is not None:
            rows = None if n == parent.n == 1 else self._rows
            facts = parent._at_hand(None if rows is None else self._picked(rows))
            if facts is not None:
                if recipe.derive is None or recipe.derive_one is None:
                    return facts
                if n == 1 and self.block is not None:
                    return [recipe.derive_one(facts[0], self.block.views, self.names)]
                places = [self.lookup(name) for name in recipe.written]
                return maker.derived(facts, recipe, parent.schema, self.schema, places, self.names)
        schema = self.schema
        objects = {
            name: self.object_column(name) for name in schema.objects if self.has_objects(name)
        }
        places = [self.lookup(field.name) for field in schema.columns]
        return maker.built(n, schema, places, objects, self.names)

    def _at_hand(self, rows: list[int] | None) -> list[Any] | None:
        """The facts of *rows* (`None`: of all), where they need not be built."""
        facts, parent, recipe = self.held, self.parent, self._recipe
        if facts is not None:
            return facts if rows is None else [facts[r] for r in rows]
        if parent is None or recipe is None or recipe.derive is not None:
            return None
        if self._rows is not None:
            mine = self._picked(self._rows)
            rows = mine if rows is None else [mine[r] for r in rows]
        return parent._at_hand(rows)

    def _picked(self, rows: NDArray[np.int64]) -> list[int]:
        return [rows.item(0)] if self.n == 1 else rows[: self.n].tolist()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.n} rows)"


def column_of(frame: Frame, name: str) -> NDArray[Any]:
    """The column *name* of a frame; what its attribute of that name is."""
    block, j = frame.lookup(name)
    return block.columns[j][: frame.n]
