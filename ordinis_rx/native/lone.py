"""A fact that comes alone, all the way through a compiled kernel in one builtin: into its row, and what is told out of it.

That is the usual way. What is not usual, a symbol never seen, say, or a number in a text, is left to Python.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from ordinis_rx.columns import Names, Schema
from ordinis_rx.kernels.record import STOP, Call
from ordinis_rx.native.assembly import Assembly, Value
from ordinis_rx.native.builtin import Code, Thing, builtin, code_of, offset_of
from ordinis_rx.recipes import Recipe

__all__ = ["Give", "Lone", "Making", "Row", "Take", "lone", "making_of", "row_of"]

Source: TypeAlias = Literal["slot", "attribute", "known", "listed"]


class Take(NamedTuple):
    """Where a number of the row comes from: a field of the fact, *at* an offset or by its name; what is known; or a list, at
    the number that the take *at* gave. And what it is: itself, or what a dictionary or a function makes of it."""

    source: Source
    kind: Literal["f", "i", "code", "symbol", "called"] = "i"
    at: int = 0


class Give(NamedTuple):
    """Where a field of what is told comes from: the fact, what is known, or the column *at* that slot of the record, by
    itself or as the place in a tuple (`member`), a list (`word`) or a dictionary (`set`)."""

    source: Literal["slot", "attribute", "known", "f", "i", "member", "word", "set"]
    at: int = 0


class Row(NamedTuple):
    """How a fact becomes a row, and what that takes to know."""

    takes: tuple[Take, ...]
    known: tuple[Any, ...]


class Making(NamedTuple):
    """How what is told is made, and what that takes to know."""

    gives: tuple[Give, ...]
    known: tuple[Any, ...]


class Lone(NamedTuple):
    """What a kernel does with a fact alone: it *expands*, *chooses*, or tells of every row; *zeros* are numbers in its state
    that are 0 as long as all is usual."""

    expands: bool
    chooses: bool
    zeros: int


def row_of(
    kind: type[Any],
    schema: Schema,
    reads: Sequence[str],
    kinds: str,
    addresses: Sequence[int],
    names: Names,
) -> Row:
    """The row of a fact of *kind*: its fields *reads*, in columns of these *kinds* that begin at *addresses*."""
    takes: list[Take] = []
    known: list[Any] = []
    for k, name in enumerate(reads):
        field, offset = schema.fields.get(name), offset_of(kind, name)
        source: Source = "attribute" if offset is None else "slot"
        if offset is None:
            known.append(name)
        at = offset or 0
        if name == "symbol":
            takes.append(Take(source, "symbol", at))
            known.append(names.symbols)
        elif name == "provider":
            takes.append(Take(source, "code", at))
            known.append(names.providers)
        elif field is not None and field.many:
            takes.append(Take(source, "called", at))
            known.append(names.providers.bits)
        elif field is not None and field.members and not isinstance(field.members[0], int):
            takes.append(Take(source, "code", at))
            known.append({member: j for j, member in enumerate(field.members)})
        else:
            takes.append(Take(source, "f" if kinds[k] == "f" else "i", at))
        known.append(addresses[k])
    return Row(tuple(takes), tuple(known))


def making_of(
    kind: type[Any], recipe: Recipe, out: Schema, slots: dict[str, int], names: Names
) -> Making:
    """How a fact of *out* is made by *recipe* of one of *kind*, and of the columns at those *slots* of the record."""
    gives: list[Give] = []
    known: list[Any] = []
    fields: list[str] = []
    for name in out.kind.__struct_fields__:
        field = out.fields[name]
        if name in recipe.carried:
            offset = offset_of(kind, name)
            gives.append(Give("attribute") if offset is None else Give("slot", offset))
            known += [name] if offset is None else []
        elif name in recipe.constants:
            gives.append(Give("known"))
            known.append(Thing(recipe.constants[name]))
        elif name not in recipe.written:
            continue
        elif name in ("symbol", "provider"):
            gives.append(Give("word", slots[name]))
            known.append(names.symbols.words if name == "symbol" else names.providers.words)
        elif field.many:
            gives.append(Give("set", slots[name]))
            known += [names.providers.words.sets, ()]
        elif field.members is not None:
            gives.append(Give("member", slots[name]))
            known.append(field.members)
        else:
            gives.append(Give("f" if field.kind == "f" else "i", slots[name]))
        fields.append(name)
    return Making(tuple(gives), (*known, out.kind, tuple(fields)))


def lone(
    call: Call,
    kernel: int,
    does: Lone,
    row: Row,
    making: Making | None,
    zeros: Sequence[int],
    instead: Callable[[Any], Any],
    rest: Callable[[Any, int], Any],
) -> Callable[[Any], Any]:
    """A builtin that takes a fact alone through the *kernel* at that address, to be called with *call*.

    It gives what is told of the fact (itself, without a *making*), or None. What is not usual it leaves to Python: where the
    fact has not gone through the kernel yet, that is ``instead(fact)``; else ``rest(fact, written)``: what the kernel tells
    expands, or is no single row, or one of the numbers at the addresses *zeros* is not 0.
    """
    code = _code(row.takes, does, None if making is None else making.gives)
    told = () if making is None else making.known
    table = (instead, rest, call.address, kernel, call.capacity, *row.known, *zeros, *told)
    return builtin(code, table)


@functools.cache
def _code(takes: tuple[Take, ...], does: Lone, gives: tuple[Give, ...] | None) -> Code:
    assembly = Assembly("lone")
    build, fact = assembly.build, assembly.argument
    instead, rest, record, kernel, capacity = [assembly.known() for _ in range(5)]
    raised, unfit, unusual = assembly.otherwise, assembly.block(), assembly.block()

    assembly.otherwise = unfit
    numbers: list[Value] = []
    for take in takes:
        number = _taken(assembly, take, numbers, capacity)
        assembly.store(number, assembly.known())
        numbers.append(number)
    written = _run(assembly, kernel, record)
    for _ in range(does.zeros):
        assembly.unless(assembly.is_equal(assembly.load(assembly.known()), 0), unusual)
    nothing = assembly.number(id(None))
    if does.expands:
        assembly.unless(assembly.is_equal(written, 0), unusual)
        took = assembly.load(assembly.load(record, 8 * STOP))
        assembly.unless(assembly.is_equal(took, 1), unusual)
        assembly.give_borrowed(nothing)
    else:
        other = assembly.block()
        assembly.unless(assembly.is_equal(written, 1), other)
        assembly.otherwise = unusual
        if gives is None:
            assembly.give_borrowed(fact)
        else:
            _make(assembly, gives, record)
        build.position_at_end(other)
        if does.chooses:
            assembly.unless(assembly.is_equal(written, 0), unusual)
            assembly.give_borrowed(nothing)
        else:
            build.branch(unusual)

    assembly.otherwise = raised
    build.position_at_end(unfit)
    assembly.clear()
    assembly.give(assembly.called(instead, [fact]))
    build.position_at_end(unusual)
    assembly.clear()
    count = assembly.there(assembly.call("PyLong_FromLongLong", written))
    told = assembly.called(rest, [fact, count])
    assembly.forget(count)
    assembly.give(told)
    return code_of(assembly)


def _taken(assembly: Assembly, take: Take, numbers: Sequence[Value], capacity: Value) -> Value:
    """The number that is written to the row."""
    if take.source == "known":
        return assembly.known()
    if take.source == "slot":
        thing = assembly.there(assembly.load(assembly.argument, take.at))
    elif take.source == "listed":
        thing = assembly.there(assembly.call("PyList_GetItem", assembly.known(), numbers[take.at]))
    else:
        name = assembly.known()
        thing = assembly.there(assembly.call("PyObject_GetAttr", assembly.argument, name))
    owned = take.source == "attribute"
    if take.kind == "f":
        return assembly.as_float(thing, owned=owned)
    if take.kind == "i":
        return assembly.as_integer(thing, owned=owned)
    if take.kind == "called":
        found = assembly.called(assembly.known(), [thing])
    else:
        found = assembly.call("PyDict_GetItemWithError", assembly.known(), thing)
    if owned:
        assembly.forget(thing)
    number = assembly.as_integer(assembly.there(found), owned=take.kind == "called")
    if take.kind == "symbol":  # there is state for so many
        assembly.unless(
            assembly.build.icmp_signed("<", number, assembly.load(capacity)), assembly.otherwise
        )
    return number


def _run(assembly: Assembly, kernel: Value, record: Value) -> Value:
    """How many rows the kernel has written of the one that it took; -1 where it raised."""
    room = assembly.space(2)
    answer, raised = room, assembly.build.add(room, assembly.number(8))
    half = assembly.half
    # As numba's own code calls it: where the answer goes, where what was raised goes, and the arguments.
    state = assembly.call(kernel, answer, raised, assembly.number(1), record, returns=half)
    went_well = assembly.build.icmp_signed("==", state, half(0))
    return assembly.build.select(went_well, assembly.load(answer), assembly.number(-1))


def _make(assembly: Assembly, gives: Sequence[Give], record: Value) -> None:
    """Return the fact that is told, made of what the kernel has written."""
    values: list[Value] = []
    owned: list[Value] = []
    for give in gives:
        value = _given(assembly, give, record)
        values.append(value)
        if give.source in ("attribute", "f", "i", "set"):
            owned.append(value)
    kind, names = assembly.known(), assembly.known()
    made = assembly.called(kind, values, names)
    for value in owned:
        assembly.forget(value)
    assembly.give(made)


def _given(assembly: Assembly, give: Give, record: Value) -> Value:
    if give.source == "known":
        return assembly.known()
    if give.source == "slot":
        return assembly.there(assembly.load(assembly.argument, give.at))
    if give.source == "attribute":
        return assembly.there(
            assembly.call("PyObject_GetAttr", assembly.argument, assembly.known())
        )
    column = assembly.load(record, 8 * give.at)
    if give.source == "f":
        number = assembly.load(column, kind=assembly.real)
        return assembly.there(assembly.call("PyFloat_FromDouble", number))
    code = assembly.load(column)
    if give.source == "member":
        return assembly.there(assembly.call("PyTuple_GetItem", assembly.known(), code))
    if give.source == "word":
        return assembly.there(assembly.call("PyList_GetItem", assembly.known(), code))
    if give.source == "i":
        return assembly.there(assembly.call("PyLong_FromLongLong", code))
    return _set_of(assembly, code)


def _set_of(assembly: Assembly, code: Value) -> Value:
    """The words of a set, a new reference; mostly there are none."""
    build, sets, no_words = assembly.build, assembly.known(), assembly.known()
    some, none, both = assembly.block(), assembly.block(), assembly.block()
    build.cbranch(assembly.is_equal(code, 0), none, some)
    build.position_at_end(some)
    boxed = assembly.there(assembly.call("PyLong_FromLongLong", code))
    found = assembly.call("PyObject_GetItem", sets, boxed)
    assembly.forget(boxed)
    assembly.there(found)
    looked_up = build.block
    build.branch(both)
    build.position_at_end(none)
    assembly.keep(no_words)
    build.branch(both)
    build.position_at_end(both)
    words = build.phi(assembly.number)
    words.add_incoming(found, looked_up)
    words.add_incoming(no_words, none)
    return words
