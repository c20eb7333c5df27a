"""Recipes: where each field of a fact that an operator makes comes from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ordinis_rx.columns import Schema
from ordinis_rx.written import define

__all__ = ["Recipe", "unchanged"]


class Recipe:
    """How facts of one kind (*out*) come about from facts of another (*source*), row by row.

    The columns *written* are given; of the other fields, those with the same value in every fact are *constants*, those that
    *source* has too are `carried` over from the row that caused the fact, and the rest keep their defaults. `fixed` are the
    columns that are the same in every row, with their codes.
    """

    __slots__ = (
        "carried",
        "constants",
        "derive",
        "derive_one",
        "filled",
        "fixed",
        "written",
    )

    def __init__(
        self,
        source: Schema,
        out: Schema,
        written: Sequence[str] = (),
        constants: Mapping[str, Any] | None = None,
    ) -> None:
        self.written = tuple(written)
        self.constants = dict(constants or {})
        for name in self.constants:
            if name not in out.fields or name in (*self.written, "symbol", "provider"):
                raise TypeError(f"{name} of a {out.kind.__name__} cannot be a constant")
        given = {*self.written, *self.constants}
        self.carried = frozenset(
            name
            for name, field in out.fields.items()
            if name not in given and source.fields.get(name) == field
        )
        missing = [n for n in out.required if n not in given and n not in self.carried]
        if missing:
            raise TypeError(f"nothing tells the {' '.join(missing)} of a {out.kind.__name__}")
        self.fixed: dict[int, int | float] = {
            j: out.code(name, self.constants.get(name, out.defaults[name]))
            for name, j in out.index.items()
            if name not in self.written and name not in self.carried
        }
        self.filled = bytes(
            name in self.written or j in self.fixed for name, j in out.index.items()
        )
        self.derive: Callable[..., list[Any]] | None = None
        self.derive_one: Callable[..., Any] | None = None
        if given or source is not out:
            self._make_derive(out)
        """``derive(parents, columns, symbols, providers)``: the facts, from their parents and the columns written.

        ``derive_one(fact, views, names)``: the first alone, from its parent and the views of a block of the kind. None where
        facts are the parents.
        """

    def _make_derive(self, out: Schema) -> None:
        scope: dict[str, Any] = {}
        of_many = {name: f"fact.{name}" for name in out.fields if name in self.carried}
        for name, value in self.constants.items():
            scope[f"the_{name}"] = value
            of_many[name] = f"the_{name}"
        of_one = dict(of_many)
        for k, name in enumerate(self.written):
            field = out.fields[name]
            scope[f"members{k}"] = field.members
            of_many[name] = field.decoded(f"w{k}", f"members{k}")
            of_one[name] = field.decoded(
                f"w{k}", f"members{k}", "names.symbols.words", "names.providers.words"
            )
        columns = "".join(f"w{k}, " for k in range(len(self.written)))
        places = [out.index[name] for name in self.written]
        reading = "; ".join(f"w{k} = views[{j}][0]" for k, j in enumerate(places)) or "pass"
        source = (
            "def derive(parents, columns, symbols, providers):\n"
            f"    return [{out.making(of_many, scope)} for fact, {columns}in zip(parents, *columns)]\n"
            f"def derive_one(fact, views, names):\n    {reading}\n    return {out.making(of_one, scope)}\n"
        )
        define(source, scope)
        self.derive, self.derive_one = scope["derive"], scope["derive_one"]


@functools.cache
def unchanged(schema: Schema) -> Recipe:
    """The recipe of rows that are kept as they are."""
    return Recipe(schema, schema)
