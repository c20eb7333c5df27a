"""A fact that comes alone, all the way through a compiled kernel in one builtin: into its row, and what is told out of it.

That is the usual way. What is not usual is left to Python.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from ordinis_rx.native.assembly import Assembly, Value
from ordinis_rx.native.builtin import Code, builtin, code_of
from ordinis_rx.native.facts import Give, Making, made
from ordinis_rx.native.rows import Row, Take, taken

__all__ = ["CompiledKernel", "lone"]


class CompiledKernel(NamedTuple):
    """A compiled kernel, where things lie that it is called with, and what it does with facts of a kind.

    `most` is where it says for how many symbols there is state, `stop` where it says how many rows it took. It *expands*,
    *chooses*, or tells of every row. *zeros* are where numbers lie that are 0 as long as all is usual.
    """

    kind: type[Any]
    kernel: int
    record: int
    most: int
    stop: int
    expands: bool
    chooses: bool
    zeros: tuple[int, ...] = ()


def lone(
    runs: CompiledKernel,
    row: Row,
    making: Making | None,
    instead: Callable[[Any], Any],
    rest: Callable[[Any, int | None], Any],
) -> Callable[[Any], Any]:
    """A builtin that takes a fact alone through a kernel.

    It gives what is told of the fact (itself, without a *making*), or None. What is not usual it leaves to Python: where the
    fact has not gone through the kernel yet, or is of another kind, that is ``instead(fact)``; else ``rest(fact, written)``:
    what the kernel tells expands, or is no single row, or one of the `zeros` is not 0. Where it raised, *written* is None.
    """
    gives = None if making is None else making.gives
    code = _code(row.takes, runs.expands, runs.chooses, len(runs.zeros), gives)
    told = () if making is None else making.known
    known = [each for needs in (*row.known, *told) for each in needs]
    places = runs.kernel, runs.record, runs.most, runs.stop
    return builtin(code, (runs.kind, *places, instead, rest, *runs.zeros, *known))


@functools.cache
def _code(
    takes: tuple[Take, ...],
    expands: bool,
    chooses: bool,
    zeros: int,
    gives: tuple[Give, ...] | None,
) -> Code:
    assembly = Assembly("lone")
    build, fact = assembly.build, assembly.argument
    kind, kernel, record, most, stop, instead, rest = assembly.knows(7)
    odd = assembly.knows(zeros)
    nothing = assembly.number(id(None))
    raised, unfit, unusual = assembly.otherwise, assembly.block(), assembly.block()

    assembly.otherwise = unfit
    assembly.unless(assembly.is_a(fact, kind), unfit)
    numbers: list[Value] = []
    room = assembly.load(most)
    for take in takes:
        known = assembly.knows(take.knows)
        number = taken(assembly, take, known, fact, numbers, room)
        assembly.store(number, known[-1])
        numbers.append(number)
    raises = assembly.block()
    written = _run(assembly, kernel, record, raises)
    for zero in odd:
        assembly.unless(assembly.is_equal(assembly.load(zero), 0), unusual)
    if expands:
        assembly.unless(assembly.is_equal(written, 0), unusual)
        assembly.unless(assembly.is_equal(assembly.load(stop), 1), unusual)
        assembly.give_borrowed(nothing)
    else:
        other = assembly.block()
        assembly.unless(assembly.is_equal(written, 1), other)
        assembly.otherwise = unusual
        if gives is None:
            assembly.give_borrowed(fact)
        else:
            needs = [assembly.knows(give.knows) for give in gives]
            needs.append(assembly.knows(2))
            # The kernel has written each column where a slot of its record says.
            assembly.give(
                made(assembly, gives, needs, fact, lambda slot: assembly.load(record, 8 * slot))
            )
        build.position_at_end(other)
        if chooses:
            assembly.unless(assembly.is_equal(written, 0), unusual)
            assembly.give_borrowed(nothing)
        else:
            build.branch(unusual)

    assembly.otherwise = raised
    build.position_at_end(unfit)
    assembly.forgive()
    assembly.give(assembly.called(instead, [fact]))
    build.position_at_end(raises)
    assembly.give(assembly.called(rest, [fact, nothing]))
    build.position_at_end(unusual)
    assembly.forgive()
    count = assembly.there(assembly.call("PyLong_FromLongLong", written))
    told = assembly.called(rest, [fact, count])
    assembly.forget(count)
    assembly.give(told)
    return code_of(assembly)


def _run(assembly: Assembly, kernel: Value, record: Value, raises: Value) -> Value:
    """How many rows the kernel has written of the one that it took; it goes on at *raises* where the kernel raises."""
    room = assembly.space(2)
    answer, raised = room, assembly.build.add(room, assembly.number(8))
    half = assembly.half
    # As numba's own code calls it: where the answer goes, where what was raised goes, and the arguments.
    state = assembly.call(kernel, answer, raised, assembly.number(1), record, returns=half)
    assembly.unless(assembly.build.icmp_signed("==", state, half(0)), raises)
    return assembly.load(answer)
