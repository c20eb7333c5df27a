"""Facts by column: which 8-byte columns each kind of fact has, and how facts become columns and columns facts.

Numbers are columns of int64 or float64; symbols and providers are codes of a stream's dictionary (`Names`), enumerations are
codes of their members. What has no fixed width (ids, conditions, messages) stays an object, beside the columns.
"""

from __future__ import annotations

import enum
import functools
import struct
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple, TypeAlias, get_origin, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx.events import PROVIDERS
from ordinis_rx.written import define

__all__ = [
    "Block",
    "Field",
    "Place",
    "Schema",
    "schema_of",
]

_MOST_KEYWORDS = 15
"""CPython makes a dict of more keywords than that in one call, which takes twice as long as two calls."""

_FEW = 4
"""As many numbers are written sooner one by one than all of them by `struct`."""

_LINE = 8
"""Numbers that a processor moves at once."""


class Block:
    """*capacity* rows of 8-byte columns (``i`` int64, ``f`` float64) in one allocation.

    It belongs to its producer, who uses it again for the next frame. Where there are many rows each column begins with a
    cache line, an odd number of them behind the one before: else a row of all columns may fall on one place in the cache,
    which has room for eight (of 16,384 rows each it does; a consensus took a quarter longer).
    """

    __slots__ = ("_step", "addresses", "capacity", "columns", "data", "kinds", "views")

    def __init__(self, kinds: str, capacity: int) -> None:
        self.capacity = capacity
        self.kinds = kinds
        many = capacity > _LINE
        step = (-(-capacity // _LINE) | 1) * _LINE if many else capacity
        room = np.zeros(len(kinds) * step + (_LINE if many else 0), np.int64)
        start = -(room.ctypes.data // 8) % _LINE if many else 0
        data = room[start : start + len(kinds) * step]
        self._step = step
        parts = [data[j * step : j * step + capacity] for j in range(len(kinds))]
        self.columns: list[NDArray[Any]] = [
            part if kind == "i" else part.view(np.float64)
            for part, kind in zip(parts, kinds, strict=True)
        ]
        self.views: list[Any] = [memoryview(column) for column in self.columns]  # type: ignore[arg-type]
        base: int = data.ctypes.data
        self.addresses = [base + j * step * 8 for j in range(len(kinds))]
        self.data = data
        """The memory of all columns, one after the other."""

    @classmethod
    def resting(
        cls, kinds: str, rows: int, columns: list[NDArray[Any]], addresses: list[int]
    ) -> Block:
        """*rows* rows in *columns* that lie at *addresses*, where others have put them: to be read, and nothing else."""
        block = cls.__new__(cls)
        block.capacity, block.kinds = rows, kinds
        block.columns, block.addresses = columns, addresses
        block.views = list(map(memoryview, columns))  # type: ignore[arg-type]
        return block

    def reader(self) -> Callable[[], tuple[Any, ...]]:
        """Reads the first row in one call: live, as the only one, it takes a quarter of the time.

        >>> Block("if", 2).reader()()
        (0, 0.0)
        """
        memory: Any = memoryview(self.data)  # type: ignore[arg-type]
        return functools.partial(self._row(self.kinds).unpack_from, memory)

    def packer(self, columns: int) -> tuple[Callable[..., None], Any]:
        """``pack(memory, 0, *row)`` writes the first so many columns of the first row in one call: *pack*, and its *memory*.

        >>> block = Block("if", 2)
        >>> pack, memory = block.packer(2)
        >>> pack(memory, 0, 5, 9.5)
        >>> block.reader()()
        (5, 9.5)
        """
        return self._row(self.kinds[:columns]).pack_into, memoryview(self.data)  # type: ignore[arg-type]

    def _row(self, kinds: str) -> struct.Struct:
        codes = kinds.replace("i", "q").replace("f", "d")
        return struct.Struct(f"{8 * (self._step - 1)}x".join(codes))


Place: TypeAlias = tuple[Block, int]
"""Where a column lies: a block, and which of its columns."""


class Field(NamedTuple):
    """One field of a fact: its column's kind, and the members that its codes stand for; no kind: an object.

    `many` tells that its numbers are sets of providers.
    """

    name: str
    kind: str | None
    members: tuple[Any, ...] | None = None
    many: bool = False

    @property
    def codes(self) -> dict[Any, int] | None:
        """The code of each member; None where there are none, or each is its own (flags, False and True)."""
        if self.members is None or isinstance(self.members[0], int):
            return None
        return {member: code for code, member in enumerate(self.members)}

    def decoded(
        self, code: str, members: str, symbols: str = "symbols", providers: str = "providers"
    ) -> str:
        """The expression for the value that *code* stands for; the other words are those for what it is looked up in."""
        if self.name == "symbol":
            return f"{symbols}[{code}]"
        if self.name == "provider":
            return f"{providers}[{code}]"
        if self.many:
            return f"{providers}.sets[{code}]"
        return code if self.members is None else f"{members}[{code}]"


class Schema:
    """The fields of one kind of fact, and code made for just them.

    `columns` are the fields that have a column, `objects` the others, with their defaults.
    """

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self.kind = kind
        hints = get_type_hints(kind, include_extras=True)
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
        values, scope = self._coded(names)
        unpack = "".join(f"v{k}, " for k in range(len(names)))
        lines = [f"v{k}[i] = {value}" for k, value in enumerate(values)]
        row, indent = "\n        ".join(lines), " " * 8
        source = (
            f"def write(facts, views, symbols, providers):\n    {unpack}= views\n    i = 0\n"
            f"    for fact in facts:\n        {row}\n{indent}i += 1\n"
        )
        # As namedtuple does: code for just these fields, since a loop over them would cost twice as much a fact.
        define(source, scope)
        written: Callable[..., None] = scope["write"]
        return written

    def row_writer(self, names: tuple[str, ...], block: Block) -> Callable[..., None]:
        """``write(fact, symbols, providers)`` puts the fields *names* of one fact into the first columns of *block*.

        Live, fact by fact, that takes half the time of a writer of many.
        """
        values, scope = self._coded(names)
        if len(values) > _FEW:
            scope["pack"], scope["memory"] = block.packer(len(values))
            lines = [f"pack(memory, 0, {', '.join(values)})"]
        else:
            scope |= {f"v{k}": block.views[k] for k in range(len(values))}
            lines = [f"v{k}[0] = {value}" for k, value in enumerate(values)]
        # What is local is found sooner.
        bound = "".join(f", {word}={word}" for word in scope)
        body = "\n    ".join(lines) or "pass"
        define(f"def write(fact, symbols, providers{bound}):\n    {body}", scope)
        written: Callable[..., None] = scope["write"]
        return written

    def _coded(self, names: tuple[str, ...]) -> tuple[list[str], dict[str, Any]]:
        """The expressions for the fields *names* of a `fact` as numbers, and what they are evaluated with."""
        scope: dict[str, Any] = {}
        values: list[str] = []
        for k, name in enumerate(names):
            field = self.fields.get(name)
            value = f"fact.{name}"
            if field is None:
                pass  # not a field, but a number that each fact works out of its own
            elif name == "symbol":
                value = f"symbols[{value}]"
            elif name == "provider":
                value = f"providers[{value}]"
            elif field.many:
                value = f"providers.bits({value})"
            elif (codes := field.codes) is not None:
                scope[f"codes{k}"] = codes
                value = f"codes{k}[{value}]"
            values.append(value)
        return values, scope

    @functools.cached_property
    def build(self) -> Callable[..., list[Any]]:
        """``build(columns, objects, symbols, providers)``: facts from a list a column and an iterable an object field."""
        scope: dict[str, Any] = {}
        values: dict[str, str] = {}
        for j, field in enumerate(self.columns):
            scope[f"members{j}"] = field.members
            values[field.name] = field.decoded(f"c{j}", f"members{j}")
        values |= {name: f"o{k}" for k, name in enumerate(self.objects)}
        columns = "".join(f"c{j}, " for j in range(len(self.columns)))
        objects = "".join(f"o{k}, " for k in range(len(self.objects)))
        source = (
            "def build(columns, objects, symbols, providers):\n"
            f"    return [{self.making(values, scope)} for {columns}{objects}in zip(*columns, *objects)]\n"
        )
        define(source, scope)
        made: Callable[..., list[Any]] = scope["build"]
        return made

    def making(self, values: Mapping[str, str], scope: dict[str, Any]) -> str:
        """The expression that makes a fact of expressions for its fields; *scope* gets what it refers to."""
        scope |= {"kind": self.kind, "replace": msgspec.structs.replace}
        names = sorted(values, key=lambda name: name not in self.required)
        arguments = [f"{name}={values[name]}" for name in names]
        at_once = max(_MOST_KEYWORDS, sum(name in self.required for name in names))
        first, rest = arguments[:at_once], arguments[at_once:]
        made = f"kind({', '.join(first)})"
        return f"replace({made}, {', '.join(rest)})" if rest else made

    def code(self, name: str, value: Any) -> int | float:
        """What stands for *value* in the column *name*; symbols and providers are coded by `Names` instead."""
        field = self.fields[name]
        if field.many:
            if value:
                raise TypeError(
                    f"{name}: a set of providers other than the empty one has no code of its own"
                )
            return 0
        coded: int | float = value if field.members is None else field.members.index(value)
        return coded


def _field(name: str, hint: Any) -> Field:
    if name in ("symbol", "provider") or hint is int:
        return Field(name, "i")
    if get_origin(hint) is Annotated and PROVIDERS in hint.__metadata__:
        return Field(name, "i", many=True)
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


_SCHEMAS: dict[type[msgspec.Struct], Schema] = {}


def schema_of(kind: type[msgspec.Struct]) -> Schema:
    """The one schema of a kind of fact."""
    schema = _SCHEMAS.get(kind)
    if schema is None:
        schema = _SCHEMAS[kind] = Schema(kind)
    return schema
