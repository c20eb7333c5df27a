"""How a fact is made of what a kernel has written: where each field comes from, as data and as machine code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from ordinis_rx.codes import Names
from ordinis_rx.columns import Field, Schema
from ordinis_rx.native.assembly import Assembly, Value
from ordinis_rx.native.builtin import Thing, offset_of, places_in
from ordinis_rx.recipes import Recipe

__all__ = ["Give", "Making", "building_of", "made", "making_of"]


class Give(NamedTuple):
    """Where a field comes from: the fact before, *at* an offset or by its name; what is known; or what lies *at* a place.

    That is an object, or a number: itself, or the place in a tuple (`member`), a list (`word`) or a dictionary (`set`).
    """

    source: Literal["slot", "attribute", "known", "object", "f", "i", "member", "word", "set"]
    at: int = 0
    into: int = 0
    """How many bytes behind its beginning the fact keeps it; 0 where that is its kind's affair."""

    @property
    def is_new(self) -> bool:
        """Whether the builtin gets a reference of its own."""
        return self.source in ("attribute", "f", "i", "set")

    @property
    def knows(self) -> int:
        """How many things it knows."""
        return 2 if self.source == "set" else int(self.source not in ("slot", "object", "f", "i"))


class Making(NamedTuple):
    """How a fact is made, and what each give knows; at the end, the kind and the names of its fields."""

    gives: tuple[Give, ...]
    known: tuple[tuple[Any, ...], ...]


def making_of(
    recipe: Recipe, source: Schema, out: Schema, at: Mapping[str, int], names: Names
) -> Making:
    """How a fact of *out* is made by *recipe* of one of *source*, and of the columns that are *at* these places."""
    parts: dict[str, _Part] = {}
    for name, field in out.fields.items():
        if name in recipe.carried:
            offset = offset_of(source.kind, name)
            parts[name] = (
                (Give("attribute"), (name,)) if offset is None else (Give("slot", offset), ())
            )
        elif name in recipe.constants:
            parts[name] = Give("known"), (Thing(recipe.constants[name]),)
        elif name in recipe.written:
            parts[name] = _decoded(field, at[name], names)
        else:
            parts[name] = Give("known"), (Thing(out.defaults[name]),)
    return _making(out, parts)


def building_of(out: Schema, at: Mapping[str, int], names: Names) -> Making:
    """How a fact of *out* is made of columns of numbers and of objects that are *at* these places; the rest are defaults."""
    parts: dict[str, _Part] = {}
    for name, field in out.fields.items():
        if name not in at:
            parts[name] = Give("known"), (Thing(out.defaults[name]),)
        elif field.kind is None:
            parts[name] = Give("object", at[name]), ()
        else:
            parts[name] = _decoded(field, at[name], names)
    return _making(out, parts)


_Part: TypeAlias = tuple[Give, tuple[Any, ...]]


def _making(out: Schema, parts: Mapping[str, _Part]) -> Making:
    places = places_in(out.kind)
    gives = tuple(give._replace(into=places.get(name, 0)) for name, (give, _) in parts.items())
    return Making(gives, (*(known for _, known in parts.values()), (out.kind, tuple(parts))))


def _decoded(field: Field, at: int, names: Names) -> _Part:
    """What the numbers *at* a place stand for."""
    if field.name in ("symbol", "provider"):
        words = names.symbols if field.name == "symbol" else names.providers
        return Give("word", at), (words.words,)
    if field.many:
        return Give("set", at), (names.providers.words.sets, ())
    if field.members is not None:
        return Give("member", at), (field.members,)
    return Give("f" if field.kind == "f" else "i", at), ()


def made(
    assembly: Assembly,
    gives: Sequence[Give],
    known: Sequence[Sequence[Value]],
    fact: Value,
    lies: Callable[[int], Value],
) -> Value:
    """A new fact, by what is *known*, of *fact* and the numbers that lie where *lies* says; null where the kind refuses."""
    values: dict[int, Value] = {}
    owned: list[Value] = []
    elsewhere = assembly.otherwise
    # First what others have the references to: where one is not there, nothing has to be given back.
    for k in sorted(range(len(gives)), key=lambda k: gives[k].is_new):
        values[k] = value = _given(assembly, gives[k], known[k], fact, lies)
        if gives[k].is_new:
            owned.append(value)
            assembly.give_back_first(value)
    kind, names = known[-1]
    if all(give.into for give in gives):
        # As the kind would do it, which looks up the place of each field by its name.
        thing = assembly.there(assembly.call("PyType_GenericAlloc", kind, assembly.number(0)))
        for k, give in enumerate(gives):
            if not give.is_new:
                assembly.keep(values[k])
            assembly.store(values[k], thing, give.into)
        assembly.otherwise = elsewhere
        return thing
    assembly.otherwise = elsewhere
    thing = assembly.called(kind, [values[k] for k in range(len(gives))], names)
    for value in owned:
        assembly.forget(value)
    return thing


def _given(
    assembly: Assembly,
    give: Give,
    known: Sequence[Value],
    fact: Value,
    lies: Callable[[int], Value],
) -> Value:
    if give.source == "known":
        return known[0]
    if give.source == "object":
        return assembly.there(lies(give.at))
    if give.source == "slot":
        return assembly.there(assembly.load(fact, give.at))
    if give.source == "attribute":
        return assembly.there(assembly.call("PyObject_GetAttr", fact, known[0]))
    if give.source == "f":
        number = assembly.load(lies(give.at), kind=assembly.real)
        return assembly.there(assembly.call("PyFloat_FromDouble", number))
    code = assembly.load(lies(give.at))
    if give.source == "member":
        return assembly.there(assembly.call("PyTuple_GetItem", known[0], code))
    if give.source == "word":
        return assembly.there(assembly.call("PyList_GetItem", known[0], code))
    if give.source == "i":
        return assembly.there(assembly.call("PyLong_FromLongLong", code))
    return _set_of(assembly, code, *known)


def _set_of(assembly: Assembly, code: Value, sets: Value, no_words: Value) -> Value:
    """The words of a set, a new reference; mostly there are none."""
    build = assembly.build
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
