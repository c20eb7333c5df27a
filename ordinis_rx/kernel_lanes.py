"""The way of a fact that comes alone through a kernel, as code of a lane: into the kernel's input, and out of its output.

A kernel of machine code is called by a builtin that does all of that (`ordinis_rx.native`). Python does what is not usual,
and all of it where the kernel is Python.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ordinis_rx.codes import Names
from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.kernels.compiled import address_of
from ordinis_rx.kernels.faults import raised_once, wrong_count
from ordinis_rx.kernels.record import STOP
from ordinis_rx.native.builtin import is_possible
from ordinis_rx.native.facts import making_of
from ordinis_rx.native.lone import CompiledKernel, lone
from ordinis_rx.native.rows import row_of
from ordinis_rx.paving import Paving
from ordinis_rx.running import KernelRun

__all__ = ["pave", "pave_framed"]

_TAKE = """
try:
    if inputs.pointed is not alone:
        look_at_alone()
    {told} = take(fact)
except Exception as error:
    fail(error)
    leave
if {told} is None:
    leave
"""
_FRAME = """
if frame.dirty:
    frame.hold([fact])
else:
    frame.held = [fact]
frame.turn = turn = entry.outer or own
if out.dirty:
    out.hold_derived(frame, 1, run.rows, recipe)
else:
    out.held = None
    out.n, out.parent, out.names, out.turn = 1, frame, names, turn
"""


def pave(
    run: KernelRun, paving: Paving, fail: Callable[[Exception], None], zeros: Sequence[int] = ()
) -> None:
    """Write the way through *run*; what that raises goes to *fail*.

    What the kernel makes of the fact is the fact from there on; or, where it expands, `told` holds all that. A kernel that
    expands has its way go on, too, while one of the numbers at the addresses *zeros* is not 0, though it tell nothing.
    """
    _pave(run, paving, fail, "told" if run.expands else "made", _Alone(run, paving.names), zeros)


def pave_framed(
    run: KernelRun,
    paving: Paving,
    fail: Callable[[Exception], None],
    on_item: Callable[[Frame], None],
) -> None:
    """The same of one that derives facts; what it makes is handed to *on_item* in a frame, which is less than a fact."""
    entry, frame, names = paving.entry, FRAMES[run.kind](paving.names), paving.names
    _pave(run, paving, fail, "kept", _Alone(run, names, makes=False))
    known = {"entry": entry, "frame": frame, "own": entry.own, "recipe": run.recipe}
    paving.write(_FRAME, names=names, out=run.out, run=run, **known)
    paving.to_frames = True
    paving.write("on_item(out)", on_item=on_item, out=run.out)


def _pave(
    run: KernelRun,
    paving: Paving,
    fail: Callable[[Exception], None],
    told: str,
    alone: _Alone,
    zeros: Sequence[int] = (),
) -> None:
    inputs = run.inputs
    paving.write(
        _TAKE.format(told=told),
        alone=inputs.alone,
        fail=fail,
        inputs=inputs,
        look_at_alone=run.look_at_alone,
        take=alone.taking(zeros),
    )


class _Alone:
    """What *run* does with one fact alone, coded by *names*.

    It *makes* what is told; else it gives the fact itself, where something is told of it.
    """

    __slots__ = ("_makes", "_names", "_run")

    def __init__(self, run: KernelRun, names: Names, *, makes: bool = True) -> None:
        self._run = run
        self._names = names
        self._makes = makes and run.derives

    def take(self, fact: Any) -> Any:
        """What is told of *fact*: a fact, None for nothing; or a list of all, where the kernel expands."""
        return self.tell(fact, self._run.written_of(fact, self._names))

    def tell(self, fact: Any, written: int | None) -> Any:
        """The same, of a fact of which the kernel has written so many rows; None where it raised, as machine code."""
        run = self._run
        if written is None:
            run.kernel(1, run.argument)  # which says what it raises, if it does so again
            raise raised_once(run.name)
        if run.expands:
            return run.all_of(fact, self._names, written)
        if written != 1:
            if written or run.rows is None:
                raise wrong_count(run.name, written, 1, 1)
            return None
        return run.made_of(fact, self._names) if self._makes else fact

    def taking(self, zeros: Sequence[int]) -> Callable[[Any], Any]:
        """What does as `take`; a builtin, where that is possible."""
        run, names = self._run, self._names
        inputs, call = run.inputs, run.call
        kernel = address_of(run.kernel)
        by_symbol = any(column.per_symbol for column in call.layout.state)
        if kernel is None or not is_possible() or (by_symbol and "symbol" not in inputs.reads):
            return self.take  # of which symbols there is state, the row does not tell
        row = row_of(inputs.schema, inputs.reads, inputs.alone[: len(inputs.reads)], names)
        making = None
        if self._makes:
            slots = call.layout.written_at
            making = making_of(run.recipe, inputs.schema, run.out.schema, slots, names)
        runs = CompiledKernel(
            run.kind,
            kernel,
            call.address,
            call.capacity,
            call.record[STOP],
            run.expands,
            run.rows is not None,
            tuple(zeros),
        )
        return lone(runs, row, making, self.take, self.tell)
