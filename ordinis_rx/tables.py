"""Frames in the hands of users: made of columns or of Arrow, cut, compared, looked at, and handed to other tools."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from ordinis_rx import arrow
from ordinis_rx.codes import Names
from ordinis_rx.columns import Block, Field
from ordinis_rx.construction import built
from ordinis_rx.display import Column, Sheet, moments
from ordinis_rx.translation import Translation

if TYPE_CHECKING:
    from ordinis_rx.columnar import Columnar as _Rows
else:  # with a protocol among its bases, isinstance(x, Frame) would take ten times as long
    _Rows = object

__all__ = ["Table"]

_SHOWN = 5
"""How many rows are shown at either end of a table."""


class Table(_Rows):
    """What a frame can do as a value of its own, beyond the call that lends it.

    >>> from ordinis_rx.frames import TradeFrame
    >>> trades = TradeFrame.from_columns(symbol=["A", "B", "A"], ts_event=[1, 2, 3], price=[9.0, 5.0, 8.0], size=1.0)
    >>> trades[1:].price.tolist(), trades[trades.price > 6][0].symbol
    ([5.0, 8.0], 'A')
    """

    __slots__ = ()

    @classmethod
    def from_columns(cls, **columns: Any) -> Self:
        """A frame of columns: arrays or lists of one length, which are copied; a lone value stands for all rows.

        `symbol` and `provider` are texts, or a pair of codes and the names that they number; members of enumerations may be
        given by name; times are nanoseconds since 1970 or datetime64. What is left out has its default. A number that is
        missing (None) becomes NaN where it may, a text its default, a symbol the empty one. Rows stand in the order of
        `seq`, or without one of `ts_recv`, or without that too of `ts_event`. TypeError and ValueError name the column, and
        the row, that is wrong.

        >>> from ordinis_rx.frames import QuoteFrame
        >>> quotes = QuoteFrame.from_columns(symbol=([0, 1, 0], ["A", "B"]), ts_event=[1, 2, 3], bid=[9, None, 8], ask=10)
        >>> quotes.bid.tolist(), [quote.symbol for quote in quotes.to_events()]
        ([9.0, nan, 8.0], ['A', 'B', 'A'])
        """
        return cls._built(columns)

    @classmethod
    def from_arrow(cls, source: Any) -> Self:
        """A frame of anything with an Arrow C stream: of polars, DuckDB, pandas or pyarrow. Needs the extra ``arrow``.

        Columns are read by name; the rules are those of `from_columns`. What numbers the rows of a recording's tables
        (`arrival`) is left out. Raises `MissingExtra` without pyarrow.
        """
        return cls._built(arrow.columns_of(cls.schema, source))

    @classmethod
    def _built(cls, columns: Mapping[str, Any]) -> Self:
        names, block, n, objects = built(cls.schema, columns)
        frame = cls(names)
        frame.hold_columns(block, n, objects)
        return frame

    def to_events(self) -> list[Any]:
        """The rows as facts."""
        return list(self.facts)

    def __reduce__(self) -> tuple[Any, ...]:
        """The rows alone, for `pickle` and `copy`: what they make is a frame of its own."""
        columns = [self.lookup(field.name) for field in self.schema.columns]
        values = [block.columns[j][: self.n] for block, j in columns]
        told = {
            name: list(self.object_column(name))
            for name in self.schema.objects
            if self.has_objects(name)
        }
        words = [list(codes.words) for codes in (self.names.symbols, self.names.providers)]
        return _remade, (type(self), self.n, words, values, told)

    def to_arrow(self) -> Any:
        """The rows as a `pyarrow.Table`. Needs the extra ``arrow``; raises `MissingExtra` without pyarrow.

        Its numbers lie in the frame's own memory: of a frame that is only lent for a call, take a `copy` first.
        """
        return arrow.table_of(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """What polars, DuckDB and others ask for, so that they take a frame as it is."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    @overload
    def __getitem__(self, rows: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, rows: slice | NDArray[Any]) -> Self: ...
    def __getitem__(self, rows: SupportsIndex | slice | NDArray[Any]) -> Any:
        """One row as a fact; or the rows of a slice, of a mask or of an array of positions, in memory of their own."""
        chosen: Any = rows
        try:
            row = operator.index(chosen)  # a number of NumPy's, too
        except TypeError:
            return self.picked(chosen if isinstance(rows, slice) else _several(chosen))
        if not -self.n <= row < self.n:
            raise IndexError(f"{type(self).__name__} has no row {row}, but {self.n} rows")
        return self.facts_at([row % self.n])[0]

    def __iter__(self) -> Iterator[Any]:
        """The rows as facts, all made at once."""
        return iter(self.facts)

    def picked(self, rows: slice | NDArray[Any], names: Names | None = None) -> Self:
        """Those rows in memory of their own, coded by *names* where they are given."""
        part = type(self)(names or self.names)
        chosen = (
            np.arange(*rows.indices(self.n)) if isinstance(rows, slice) else np.arange(self.n)[rows]
        )
        n = len(chosen)
        whole = isinstance(rows, slice) and rows.step in (None, 1) and n == self.n
        places: list[int] | None = None if whole else chosen.tolist()
        if self.rests_on_facts:
            facts = self.facts
            part.hold(list(facts) if places is None else [facts[r] for r in places])
            return part
        translation = None if part.names is self.names else Translation(self.names, part.names)
        block = Block(self.schema.kinds, max(n, 1))
        for j, field in enumerate(self.schema.columns):
            source, k = self.lookup(field.name)
            column = source.columns[k][: self.n][rows]
            if translation is not None and translation.concerns(field):
                column = translation.column(field, column)
            block.columns[j][:n] = column
        objects: dict[str, Sequence[Any]] = {}
        for name in self.schema.objects:
            if self.has_objects(name):
                objects[name] = (
                    list(self.object_column(name))
                    if places is None
                    else self.objects_at(name, places)
                )
        part.hold_columns(block, n, objects)
        return part

    def facts_at(self, rows: Sequence[int]) -> list[Any]:
        """Those rows as facts; the others are not made ones, if they are not yet."""
        if self.held is not None or self.rests_on_facts or self.n == 1:
            facts = self.facts
            return [facts[row] for row in rows]
        lone = slice(rows[0], rows[0] + 1) if len(rows) == 1 else None
        return self.picked(np.array(rows, np.int64) if lone is None else lone).facts

    def same_as(self, other: Table) -> bool:
        """Whether the other frame has the same rows, to the last bit: NaN is NaN, and -0.0 is not 0.0."""
        if type(other) is not type(self) or other.n != self.n:
            return False
        mine = self.names
        translation = None if other.names is mine else Translation(other.names, mine)
        for field in self.schema.columns:
            one, another = self._bits(field.name), other._bits(field.name)
            if translation is not None and translation.concerns(field):
                another = translation.column(field, another)
            if not np.array_equal(one, another):
                return False
        encode = msgspec.msgpack.encode
        return all(
            encode(list(self.object_column(name))) == encode(list(other.object_column(name)))
            for name in self.schema.objects
        )

    def _bits(self, name: str) -> NDArray[np.int64]:
        block, j = self.lookup(name)
        return block.columns[j][: self.n].view(np.int64)

    def _sheet(self) -> Sheet:
        """The first and the last rows, and of what kind each column is."""
        n = self.n
        shown = list(range(n)) if n <= 2 * _SHOWN else [*range(_SHOWN), *range(n - _SHOWN, n)]
        facts = self.picked(np.array(shown, np.int64)).facts
        defaults = self.schema.defaults
        fields = [
            field
            for name, field in self.schema.fields.items()
            if name in self.schema.required
            or any(_told(getattr(fact, name), defaults[name]) for fact in facts)
        ]
        made = [
            _column(field, defaults[field.name], [getattr(fact, field.name) for fact in facts])
            for field in fields
        ]
        rows = [list(row) for row in zip(*(cells for _, cells in made), strict=True)]
        if n > len(rows):
            rows.insert(_SHOWN, ["…"] * len(fields))
        title = f"{type(self).__name__}, {n:,} {'row' if n == 1 else 'rows'}"
        return Sheet(title, tuple(column for column, _ in made), rows)


def _remade(
    kind: type[Table], n: int, words: list[list[str]], values: list[Any], told: dict[str, list[Any]]
) -> Table:
    """What `Table.__reduce__` took apart."""
    names = Names()
    for codes, known in zip((names.symbols, names.providers), words, strict=True):
        for word in known:
            _ = codes[word]
    block = Block(kind.schema.kinds, max(n, 1))
    for column, given in zip(block.columns, values, strict=True):
        column[:n] = given
    frame = kind(names)
    frame.hold_columns(block, n, {name: list(each) for name, each in told.items()})
    return frame


def _several(rows: Any) -> NDArray[Any]:
    """A mask or positions; raises TypeError for what is neither."""
    chosen = np.asarray(rows)
    if chosen.ndim == 1 and not len(chosen) and chosen.dtype.kind == "f":  # an empty list
        chosen = chosen.astype(np.int64)
    if chosen.ndim != 1 or chosen.dtype.kind not in "bui":
        raise TypeError(
            "rows are chosen by a number, a slice, a mask or an array of positions, not by "
            f"{rows!r:.80}; a column is an attribute, as in frame.price"
        )
    return chosen


def _told(value: Any, default: Any) -> bool:
    """Whether *value* says more than that nothing was said."""
    return bool(value == value and value != default)


def _is_number(field: Field) -> bool:
    return field.kind is not None and field.name not in ("symbol", "provider") and not field.many


def _column(field: Field, default: Any, values: list[Any]) -> tuple[Column, list[str]]:
    """What stands above a column, and the texts in it."""
    name = field.name
    if name.startswith("ts_"):
        day, cells = moments(None if name == "ts_recv" and not at else at for at in values)
        kind = f"{day} UTC".strip()
    else:
        kind, cells = _kind(field, default), list(map(_shown, values))
    return Column(name, kind, _is_number(field), minor=name in ("ts_recv", "seq")), cells


def _kind(field: Field, default: Any) -> str:
    """What a column holds, in a word: the kind of its numbers, or the type of what they stand for."""
    if field.name in ("symbol", "provider"):
        return "str"
    if field.many:
        return "providers"
    if field.members is not None:
        return type(field.members[0]).__name__
    return {"i": "int64", "f": "float64", None: type(default).__name__}[field.kind]


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, tuple):
        return " ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return str(getattr(value, "name", value))
