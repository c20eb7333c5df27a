"""Facts by column: which 8-byte columns each kind of fact has, and how facts become columns and columns facts.

Numbers are columns of int64 or float64; symbols and providers are codes of a stream's dictionary (`Names`), enumerations are
codes of their members. What has no fixed width (ids, conditions, messages) stays an object, beside the columns.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from typing import Any, NamedTuple, get_origin, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import EVENT_TYPES, Event

__all__ = ["Block", "Codes", "Field", "Names", "Schema", "schema_of"]


class Codes(dict[str, int]):
    """A dictionary that gives each new word the next number; `words` reads it backwards.

    >>> codes = Codes()
    >>> codes["AAPL"], codes["MSFT"], codes["AAPL"], codes.words
    (0, 1, 0, ['AAPL', 'MSFT'])
    """

    __slots__ = ("words",)

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def __missing__(self, word: str) -> int:
        code = self[word] = len(self.words)
        self.words.append(word)
        return code


class Names:
    """The dictionaries of one root stream. Its codes mean nothing in another."""

    __slots__ = ("providers", "symbols")

    def __init__(self) -> None:
        self.symbols = Codes()
        self.providers = Codes()


class Block:
    """*capacity* rows of 8-byte columns (``i`` int64, ``f`` float64) in one allocation.

    It belongs to its producer, who uses it again for the next frame.
    """

    __slots__ = ("addresses", "capacity", "columns", "views")

    def __init__(self, kinds: str, capacity: int) -> None:
        self.capacity = capacity
        data = np.zeros(len(kinds) * capacity, np.int64)
        parts = [data[j * capacity : (j + 1) * capacity] for j in range(len(kinds))]
        self.columns: list[NDArray[Any]] = [
            part if kind == "i" else part.view(np.float64)
            for part, kind in zip(parts, kinds, strict=True)
        ]
        self.views: list[Any] = [memoryview(column) for column in self.columns]  # type: ignore[arg-type]
        base: int = data.ctypes.data
        self.addresses = [base + j * capacity * 8 for j in range(len(kinds))]


class Field(NamedTuple):
    """One field of a fact: its column's kind, and the members that its codes stand for; no kind: an object."""

    name: str
    kind: str | None
    members: tuple[Any, ...] | None = None


class Schema:
    """The fields of one kind of fact, and code made for just them.

    `columns` are the fields that have a column, `objects` the others, with their defaults.
    """

    def __init__(self, kind: type[Event]) -> None:
        self.kind = kind
        hints = get_type_hints(kind)
        fields = [_field(name, hints[name]) for name in kind.__struct_fields__]
        self.columns = [field for field in fields if field.kind is not None]
        self.kinds = "".join(field.kind or "" for field in self.columns)
        self.index = {field.name: j for j, field in enumerate(self.columns)}
        self.objects = [field.name for field in fields if field.kind is None]
        defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
        self.fields = {field.name: field for field in fields}
        self.required = [name for name in defaults if defaults[name] is msgspec.NODEFAULT]
        self.defaults: dict[str, Any] = {
            name: "" if name in self.required and name in self.objects else defaults[name]
            for name in defaults
        }
        self._writers: dict[tuple[str, ...], Callable[..., None]] = {}

    def writer(self, names: tuple[str, ...]) -> Callable[..., None]:
        """``write(facts, views, symbols, providers)`` puts the fields *names* of the facts into as many columns."""
        made = self._writers.get(names)
        if made is None:
            made = self._writers[names] = self._make_writer(names)
        return made

    def _make_writer(self, names: tuple[str, ...]) -> Callable[..., None]:
        scope: dict[str, Any] = {}
        lines: list[str] = []
        for k, name in enumerate(names):
            field = self.columns[self.index[name]]
            value = f"f.{name}"
            if name == "symbol":
                value = f"symbols[{value}]"
            elif name == "provider":
                value = f"providers[{value}]"
            elif field.members is not None and not isinstance(field.members[0], int):
                scope[f"codes{k}"] = {member: j for j, member in enumerate(field.members)}
                value = f"codes{k}[{value}]"
            lines.append(f"v{k}[i] = {value}")
        unpack = "".join(f"v{k}, " for k in range(len(names)))
        body = "\n        ".join([*lines, "i += 1"])
        source = (
            f"def write(facts, views, symbols, providers):\n    {unpack}= views\n    i = 0\n"
            f"    for f in facts:\n        {body}\n"
        )
        # As namedtuple does: code for just these fields, since a loop over them would cost twice as much a fact.
        exec(source, scope)
        written: Callable[..., None] = scope["write"]
        return written

    @functools.cached_property
    def build(self) -> Callable[..., list[Any]]:
        """``build(columns, objects, symbols, providers)``: facts from a list a column and an iterable an object field."""
        scope: dict[str, Any] = {"kind": self.kind}
        arguments: list[str] = []
        for j, field in enumerate(self.columns):
            value = f"c{j}"
            if field.name == "symbol":
                value = f"symbols[{value}]"
            elif field.name == "provider":
                value = f"providers[{value}]"
            elif field.members is not None:
                scope[f"members{j}"] = field.members
                value = f"members{j}[{value}]"
            arguments.append(f"{field.name}={value}")
        arguments += [f"{name}=o{k}" for k, name in enumerate(self.objects)]
        columns = "".join(f"c{j}, " for j in range(len(self.columns)))
        objects = "".join(f"o{k}, " for k in range(len(self.objects)))
        source = (
            "def build(columns, objects, symbols, providers):\n"
            f"    return [kind({', '.join(arguments)}) for {columns}{objects}in zip(*columns, *objects)]\n"
        )
        exec(source, scope)
        made: Callable[..., list[Any]] = scope["build"]
        return made

    def code(self, name: str, value: Any) -> int | float:
        """What stands for *value* in the column *name*; symbols and providers are coded by `Names` instead."""
        members = self.fields[name].members
        coded: int | float = value if members is None else members.index(value)
        return coded


def _field(name: str, hint: Any) -> Field:
    if name in ("symbol", "provider") or hint is int:
        return Field(name, "i")
    if hint is float:
        return Field(name, "f")
    if hint is bool:
        return Field(name, "i", (False, True))
    if get_origin(hint) is None and isinstance(hint, type):
        if issubclass(hint, enum.IntFlag):
            highest = 1 << len(hint)
            return Field(name, "i", tuple(hint(j) for j in range(highest)))
        if issubclass(hint, enum.Enum):
            return Field(name, "i", tuple(hint))
    return Field(name, None)


_SCHEMAS = {kind: Schema(kind) for kind in EVENT_TYPES}


def schema_of(kind: type[Event]) -> Schema:
    """The one schema of a kind of fact."""
    return _SCHEMAS[kind]
