"""Many facts of one kind out of columns of numbers, and of the facts that caused them, in one builtin."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ordinis_rx.native.assembly import Assembly, Value
from ordinis_rx.native.builtin import Code, builtin, code_of
from ordinis_rx.native.facts import Give, Making, made

__all__ = ["FIRST", "deriving"]

FIRST = 2
"""Where the columns begin in what such a builtin is handed."""


def deriving(parent: type[Any], making: Making) -> Callable[[tuple[Any, ...]], list[Any] | None]:
    """A builtin that makes facts of ``(parents, n, *columns)``.

    *n* are those of a list of facts of the kind *parent*, or None; each column is the address of as many numbers, or a list.

    Gives None where something is not usual: a parent of another kind, say, or a code that stands for nothing.
    """
    known = [each for needs in making.known for each in needs]
    return builtin(_code(making.gives), (parent, *known))


@functools.cache
def _code(gives: tuple[Give, ...]) -> Code:
    assembly = Assembly("deriving")
    build, number, given = assembly.build, assembly.number, assembly.argument
    kind = assembly.known()
    needs = [*(assembly.knows(give.knows) for give in gives), assembly.knows(2)]
    parents = assembly.there(assembly.call("PyTuple_GetItem", given, number(0)))
    count = assembly.as_integer(assembly.there(assembly.call("PyTuple_GetItem", given, number(1))))
    columns: dict[int, Value] = {}
    for give in gives:
        if give.source in ("object", "f", "i", "member", "word", "set") and give.at not in columns:
            thing = assembly.there(assembly.call("PyTuple_GetItem", given, number(give.at)))
            columns[give.at] = thing if give.source == "object" else assembly.as_integer(thing)
    facts = assembly.there(assembly.call("PyList_New", count))
    raised, end, odd = assembly.otherwise, assembly.block(), assembly.block()
    caused = any(give.source in ("slot", "attribute") for give in gives)
    if caused:
        assembly.unless(assembly.is_a(parents, number(id(list))), odd)
    assembly.otherwise = odd
    objects = {give.at for give in gives if give.source == "object"}
    with assembly.each(count, end) as row:
        fact = number(0)
        if caused:
            fact = assembly.there(assembly.call("PyList_GetItem", parents, row))
            assembly.unless(assembly.is_a(fact, kind), odd)
        offset = build.shl(row, number(3))

        def lies(at: int) -> Value:
            if at in objects:
                return assembly.call("PyList_GetItem", columns[at], row)
            return build.add(columns[at], offset)

        thing = assembly.there(made(assembly, gives, needs, fact, lies))
        assembly.call("PyList_SetItem", facts, row, thing, returns=assembly.half)

    assembly.otherwise = raised
    build.position_at_end(odd)
    assembly.forget(facts)
    assembly.forgive()
    assembly.give_borrowed(number(id(None)))
    build.position_at_end(end)
    assembly.give(facts)
    return code_of(assembly)
