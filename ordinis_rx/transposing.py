"""Facts to columns and columns to facts: in one builtin where there are many, else as Python does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Place, Schema
from ordinis_rx.native.builtin import is_possible
from ordinis_rx.native.deriving import FIRST, deriving
from ordinis_rx.native.facts import building_of, making_of
from ordinis_rx.native.laying import laying
from ordinis_rx.native.rows import placed, row_of
from ordinis_rx.recipes import Recipe

__all__ = ["FactMaker", "FactWriter", "laid_out"]

_MANY = 64
"""Facts for which a builtin is worth its while."""

_VERY_MANY = 512
"""Facts for which one is that is used once."""


def laid_out(facts: list[Any], schema: Schema, name: str, block: Block, names: Names) -> bool:
    """Whether the field *name* of so many *facts* stands in its column of *block* now."""
    if len(facts) < _VERY_MANY or not is_possible():
        return False
    row = row_of(schema, (name,), [(block, schema.index[name])], names)
    return laying(schema.kind, placed(row))(facts) == len(facts)


class FactWriter:
    """Writes the fields *reads* of facts, coded by *names*, into the columns at *places*; in a builtin, if *native*."""

    __slots__ = ("_lay", "_views", "_write", "names")

    def __init__(
        self,
        schema: Schema,
        reads: tuple[str, ...],
        places: Sequence[Place],
        names: Names,
        *,
        native: bool,
    ) -> None:
        self.names = names
        self._write = schema.writer(reads)
        self._views = [block.views[j] for block, j in places]
        self._lay: Callable[[list[Any]], int] | None = None
        if native and is_possible():
            self._lay = laying(schema.kind, row_of(schema, reads, places, names))

    def write(self, facts: list[Any]) -> None:
        """Write *facts* into the first rows; raises what a fact raises that does not fit."""
        if self._lay is None or self._lay(facts) != len(facts):
            self._write(facts, self._views, self.names.symbols, self.names.providers)


class FactMaker:
    """Makes the facts that rows of one kind stand for, again and again."""

    __slots__ = ("_key", "_made", "_make")

    def __init__(self) -> None:
        self._made = 0
        self._key: tuple[Any, ...] = ()
        """What the builtin is for, which there is when it is worth its while."""
        self._make: Callable[[tuple[Any, ...]], list[Any] | None] | None = None

    def derived(
        self,
        parents: list[Any],
        recipe: Recipe,
        source: Schema,
        out: Schema,
        places: Sequence[Place],
        names: Names,
    ) -> list[Any]:
        """The facts of *out* that *recipe* makes of *parents*, and of the columns that it says are written."""
        assert recipe.derive is not None
        n = len(parents)
        if self._is_worth_while(n, (recipe, source, names)):
            if self._make is None:
                at = {name: FIRST + k for k, name in enumerate(recipe.written)}
                self._make = deriving(source.kind, making_of(recipe, source, out, at, names))
            made = self._make((parents, n, *_addresses(places)))
            if made is not None:
                return made
        values = [_values(place, n) for place in places]
        return recipe.derive(parents, values, names.symbols.words, names.providers.words)

    def built(
        self,
        n: int,
        schema: Schema,
        places: Sequence[Place],
        objects: Mapping[str, Iterable[Any]],
        names: Names,
    ) -> list[Any]:
        """The *n* facts of *schema* whose columns lie at *places*; their other fields are those *objects*, or defaults."""
        lists = {
            name: values if isinstance(values, list) else list(values)
            for name, values in objects.items()
        }
        if self._is_worth_while(n, (schema, names, *lists)):
            if self._make is None:
                order = [*(field.name for field in schema.columns), *lists]
                at = {name: FIRST + k for k, name in enumerate(order)}
                self._make = deriving(schema.kind, building_of(schema, at, names))
            made = self._make((None, n, *_addresses(places), *lists.values()))
            if made is not None:
                return made
        columns = [_values(place, n) for place in places]
        rest = [lists.get(name) or repeat(schema.defaults[name], n) for name in schema.objects]
        return schema.build(columns, rest, names.symbols.words, names.providers.words)

    def _is_worth_while(self, n: int, key: tuple[Any, ...]) -> bool:
        self._made += n
        if self._made < _MANY or not is_possible():
            return False
        if key != self._key:  # but for names of fields, these are equal where they are the same
            self._key, self._make = key, None
        return True


def _addresses(places: Sequence[Place]) -> list[int]:
    return [block.addresses[j] for block, j in places]


def _values(place: Place, n: int) -> list[Any]:
    block, j = place
    # Of a lone row, live: half the time of a slice.
    return [block.views[j][0]] if n == 1 else block.columns[j][:n].tolist()
