"""How a fact becomes a row of numbers: where each comes from, as data and as machine code.

What is not usual, a symbol never seen, say, or a number in a text, goes to where the assembly has what is not usual go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from ordinis_rx.codes import Names
from ordinis_rx.columns import Place, Schema
from ordinis_rx.native.assembly import Assembly, Value
from ordinis_rx.native.builtin import offset_of

__all__ = ["Row", "Take", "placed", "row_of", "taken"]

_Source: TypeAlias = Literal["slot", "placed", "attribute", "known", "listed"]


class Take(NamedTuple):
    """Where a number of the row comes from, and what it is: itself, or what a dictionary or a function makes of it.

    It comes from a field of the fact, *at* an offset, at one that is known, or by its name; from what is known; or from a
    list, at the number that the take *at* gave.
    """

    source: _Source
    kind: Literal["f", "i", "code", "symbol", "called"] = "i"
    at: int = 0

    @property
    def knows(self) -> int:
        """How many things it knows, and where its number goes."""
        return 1 + (self.source != "slot") + (self.kind not in "fi")


class Row(NamedTuple):
    """How a fact becomes a row; and what each take knows, at the end of which is where its number goes."""

    takes: tuple[Take, ...]
    known: tuple[tuple[Any, ...], ...]


def row_of(schema: Schema, reads: Sequence[str], places: Sequence[Place], names: Names) -> Row:
    """The row of a fact, coded by *names*: its fields *reads*, each in the column at one of *places*."""
    takes: list[Take] = []
    known: list[tuple[Any, ...]] = []
    for name, (block, j) in zip(reads, places, strict=True):
        address = block.addresses[j]
        field, offset = schema.fields.get(name), offset_of(schema.kind, name)
        source: _Source = "attribute" if offset is None else "slot"
        called = (name,) if offset is None else ()
        at = offset or 0
        if name == "symbol":
            takes.append(Take(source, "symbol", at))
            known.append((*called, names.symbols, address))
        elif name == "provider":
            takes.append(Take(source, "code", at))
            known.append((*called, names.providers, address))
        elif field is not None and field.many:
            takes.append(Take(source, "called", at))
            known.append((*called, names.providers.bits, address))
        elif field is not None and (codes := field.codes) is not None:
            takes.append(Take(source, "code", at))
            known.append((*called, codes, address))
        else:
            takes.append(Take(source, "f" if block.kinds[j] == "f" else "i", at))
            known.append((*called, address))
    return Row(tuple(takes), tuple(known))


def placed(row: Row) -> Row:
    """The same row, by code that serves every offset."""
    each = zip(row.takes, row.known, strict=True)
    return Row(
        tuple(Take("placed", take.kind) if take.source == "slot" else take for take in row.takes),
        tuple((take.at, *known) if take.source == "slot" else known for take, known in each),
    )


def taken(
    assembly: Assembly,
    take: Take,
    known: Sequence[Value],
    fact: Value,
    numbers: Sequence[Value],
    most: Value | None,
) -> Value:
    """The number that *take* gives of *fact*, by what is *known*; a symbol's is below *most*, if that is given."""
    if take.source == "known":
        return known[0]
    if take.source == "slot":
        thing = assembly.there(assembly.load(fact, take.at))
    elif take.source == "placed":
        thing = assembly.there(assembly.load(assembly.build.add(fact, known[0])))
    elif take.source == "listed":
        thing = assembly.there(assembly.call("PyList_GetItem", known[0], numbers[take.at]))
    else:
        thing = assembly.there(assembly.call("PyObject_GetAttr", fact, known[0]))
    owned = take.source == "attribute"
    if take.kind == "f":
        return assembly.as_float(thing, owned=owned)
    if take.kind == "i":
        return assembly.as_integer(thing, owned=owned)
    book = known[-2]
    if take.kind == "called":
        found = assembly.called(book, [thing])
    else:
        found = assembly.call("PyDict_GetItemWithError", book, thing)
    if owned:
        assembly.forget(thing)
    number = assembly.as_integer(assembly.there(found), owned=take.kind == "called")
    if take.kind == "symbol" and most is not None:
        assembly.unless(assembly.build.icmp_signed("<", number, most), assembly.otherwise)
    return number
