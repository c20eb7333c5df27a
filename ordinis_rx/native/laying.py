"""Many facts of one kind into columns of numbers, in one builtin."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ordinis_rx.native.assembly import Assembly, Value
from ordinis_rx.native.builtin import Code, builtin, code_of
from ordinis_rx.native.rows import Row, Take, taken

__all__ = ["laying"]


def laying(kind: type[Any], row: Row) -> Callable[[list[Any]], int]:
    """A builtin that writes a list of facts of *kind* into columns, one below the other; gives how many it has written.

    It stops at a fact of another kind, and at one that is not usual: a symbol never seen, say, or a number in a text; and of
    what is no list it writes none.
    """
    known = [each for needs in row.known for each in needs]
    return builtin(_code(row.takes), (kind, *known))


@functools.cache
def _code(takes: tuple[Take, ...]) -> Code:
    assembly = Assembly("laying")
    build, number = assembly.build, assembly.number
    kind = assembly.known()
    needs = [assembly.knows(take.knows) for take in takes]
    raised, end, odd, other = assembly.otherwise, *(assembly.block() for _ in range(3))
    assembly.unless(assembly.is_a(assembly.argument, number(id(list))), other)
    count = assembly.call("PyList_Size", assembly.argument)
    assembly.otherwise = odd
    with assembly.each(count, end) as row:
        fact = assembly.there(assembly.call("PyList_GetItem", assembly.argument, row))
        assembly.unless(assembly.is_a(fact, kind), odd)
        offset = build.shl(row, number(3))
        numbers: list[Value] = []
        for take, known in zip(takes, needs, strict=True):
            numbers.append(taken(assembly, take, known, fact, numbers, None))
            assembly.store(numbers[-1], build.add(known[-1], offset))

    assembly.otherwise = raised
    build.position_at_end(odd)
    assembly.forgive()
    build.branch(end)
    build.position_at_end(end)
    assembly.give(assembly.call("PyLong_FromLongLong", row))
    build.position_at_end(other)
    assembly.give(assembly.call("PyLong_FromLongLong", number(0)))
    return code_of(assembly)
