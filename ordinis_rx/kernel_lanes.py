"""The way of a fact that comes alone through a kernel, as code of a lane: into the kernel's input, and out of its output."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent
from typing import Any

from ordinis_rx.frames import FRAMES, Frame
from ordinis_rx.kernels.faults import wrong_count
from ordinis_rx.misfits import MISFIT, misfit
from ordinis_rx.paving import Paving
from ordinis_rx.running import KernelRun

__all__ = ["pave", "pave_framed"]

_RUN = """
try:
    try:
{put}
    except MISFIT as error:
        raise misfit([fact], reads, error) from error
    if inputs.pointed is not alone:
        look_at_alone()
    if len(symbols) > call.symbols:
        call.grow(len(symbols))
{rest}
except Exception as error:
    fail(error)
    leave
"""
_ALL = """
written = kernel(1, argument)
told = all_of(fact, names, written) if written or stop[0] != 1 else ()
"""
_ONE = """
written = kernel(1, argument)
if written != 1:
    if written or not chooses:
        raise wrong_count(who, written, 1, 1)
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


def pave(run: KernelRun, paving: Paving, fail: Callable[[Exception], None]) -> None:
    """Write the way through *run*; what that raises goes to *fail*.

    What the kernel makes of the fact is the fact from there on; or, where it expands, `told` holds all that.
    """
    recipe = run.recipe
    if run.expands:
        _pave(run, paving, fail, _ALL, all_of=run.all_of, stop=run.call.stop)
    elif recipe.deriving_one is None:
        _pave(run, paving, fail, _ONE)
    else:
        making, known = recipe.deriving_one
        _pave(run, paving, fail, f"{_ONE}{recipe.reading_one}\nmade = {making}", **known)


def pave_framed(
    run: KernelRun,
    paving: Paving,
    fail: Callable[[Exception], None],
    on_item: Callable[[Frame], None],
) -> None:
    """The same of one that derives facts; what it makes is handed to *on_item* in a frame, which is less than a fact."""
    entry, frame = paving.entry, FRAMES[run.kind](paving.names)
    known = {"entry": entry, "frame": frame, "own": entry.own, "recipe": run.recipe}
    _pave(run, paving, fail, _ONE + _FRAME, **known)
    paving.to_frames = True
    paving.write("on_item(out)", on_item=on_item, out=run.out)


def _pave(
    run: KernelRun, paving: Paving, fail: Callable[[Exception], None], rest: str, **known: Any
) -> None:
    names, inputs = paving.names, run.inputs
    put, more = inputs.schema.row_writing(inputs.reads, inputs.block)
    paving.write(
        _RUN.format(put=indent(put, " " * 8), rest=indent(rest, " " * 4)),
        **known,
        **more,
        MISFIT=MISFIT,
        alone=inputs.alone,
        argument=run.argument,
        call=run.call,
        chooses=run.rows is not None,
        fail=fail,
        inputs=inputs,
        kernel=run.kernel,
        look_at_alone=run.look_at_alone,
        misfit=misfit,
        names=names,
        out=run.out,
        providers=names.providers,
        reads=inputs.reads,
        run=run,
        symbols=names.symbols,
        who=run.name,
        wrong_count=wrong_count,
    )
