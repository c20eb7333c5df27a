"""From a kernel to an operator: `operator` lifts a function of numbers.

It gives every subscriber a state of its own, forwards errors, completion, dispose and the scheduler, and turns an error of
the kernel (and of nothing else) into `on_error`: after all that the rows before the one that failed have led to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from types import FunctionType
from typing import Any, get_type_hints

import msgspec
import numpy as np
from reactivex import Observable

from ordinis_rx.batches import Item, item_of, only_frames
from ordinis_rx.checks import check_is
from ordinis_rx.frames import Frame
from ordinis_rx.hearing import hears
from ordinis_rx.kernel_lanes import pave, pave_framed
from ordinis_rx.kernels.record import Kernel, Layout
from ordinis_rx.memory import OperatorMemory, check_memory
from ordinis_rx.paving import Paving
from ordinis_rx.recipes import Recipe
from ordinis_rx.remembering import Recall, Remembering, StillToTell
from ordinis_rx.running import KernelRun
from ordinis_rx.stepping import Stage, staged
from ordinis_rx.stream import Stream
from ordinis_rx.turns import FlowObserver

__all__ = ["operator"]


def operator(
    kernel: Kernel,
    layout: Layout,
    *,
    reads: type[Frame],
    writes: type[Frame] | None = None,
    keeps: bool = False,
    params: Sequence[float] = (),
    constants: Mapping[str, Any] | None = None,
    others: bool = False,
    memory: OperatorMemory | None = None,
) -> Callable[[Observable[Any]], Stream[Any]]:
    """Lift *kernel* into an operator on streams of the facts that *reads* names.

    With ``keeps=True`` the kernel writes one column ``row:i``, the numbers of the rows to keep, and those rows are handed on
    as they are. With ``writes=`` it writes columns of facts of that kind; the fields that it does not write are taken from
    the row that caused each, as far as that one has them (its layout writes ``row:i`` too, or one row for every row), and
    otherwise keep their defaults. *constants* are fields with the same value in every fact written. Facts of other kinds are
    left out, or handed on with ``others=True``. With *memory* the kernel's state can be saved and taken up again.

    *params* become the kinds that the layout declares. What cannot be is refused at once by name, with TypeError or
    ValueError: a parameter that leaves a state without a row, say.

    Behind a stream that tells no facts of the kind that it reads it raises `WrongKind`.

    An expanding layout may write more rows than it reads: it asks for room before it touches state, and is resumed.

    >>> from ordinis_rx.events import Quote
    >>> from ordinis_rx.frames import QuoteFrame, ReadingFrame
    >>> from ordinis_rx.kernels.record import floats
    >>> from ordinis_rx.stream import from_events
    >>> LAYOUT = Layout(reads="bid:f ask:f", writes="value:f")
    >>> BID, ASK, VALUE = LAYOUT.slots
    >>> def spread(n, call):
    ...     bid, ask, value = floats(call, BID), floats(call, ASK), floats(call, VALUE)
    ...     for i in range(n):
    ...         value[i] = ask[i] - bid[i]
    ...     return n
    >>> spreads = operator(spread, LAYOUT, reads=QuoteFrame, writes=ReadingFrame, constants={"name": "spread"})
    >>> quotes = from_events([Quote(symbol="AAPL", ts_event=1, bid=99.0, ask=101.0)])
    >>> quotes.pipe(spreads).subscribe(lambda reading: print(reading.symbol, reading.name, reading.value)).dispose()
    AAPL spread 2.0
    """
    if keeps == (writes is not None):
        raise TypeError("an operator either writes facts (writes=...) or keeps rows (keeps=True)")
    if others and not keeps:
        raise TypeError("only an operator that keeps rows can hand on facts of other kinds")
    _check_parts(kernel, layout, reads, writes, constants)
    check_memory(kernel.__name__, memory)
    layout.rows(layout.coerce(params))
    out = reads if writes is None else writes
    _check_columns(layout, reads, out, keeps=keeps)
    written = [column.name for column in layout.writes if column.name != "row"]
    recipe = Recipe(reads.schema, out.schema, written, constants)
    _check_constants(out, recipe.constants)

    def stage(observer: FlowObserver) -> FlowObserver:
        run = KernelRun(kernel, layout, reads, out, params, recipe)
        recall = None if memory is None else Recall(run, memory)
        still = None
        if memory is not None and layout.expands:
            observer = still = StillToTell(observer, memory, out.kind)
        kernel_stage = _KernelStage(observer, run, reads, others)
        return kernel_stage if recall is None else Remembering(kernel_stage, recall, still)

    told = None if keeps else out.kind
    return hears(lambda source: staged(source, stage), *() if others else (reads.kind,), tells=told)


def _check_parts(kernel: Any, layout: Any, reads: Any, writes: Any, constants: Any) -> None:
    check_is("operator: the kernel", kernel, FunctionType, "a function of (n, call)")
    check_is("operator: layout", layout, Layout, 'a Layout("price:f", "row:i")')
    check_is("operator: constants", constants or {}, Mapping, "a mapping, as in {'name': 'mine'}")
    for name, frame in {"reads": reads, "writes": writes or reads}.items():
        if not (isinstance(frame, type) and issubclass(frame, Frame)):
            raise TypeError(
                f"operator: {name} must be the frame of one kind of facts, TradeFrame say, got {frame!r}"
            )


def _check_constants(out: type[Frame], constants: Mapping[str, Any]) -> None:
    hints = get_type_hints(out.kind)
    for name, value in constants.items():
        try:
            msgspec.convert(_plain(value), hints[name])
        except msgspec.ValidationError:
            raise TypeError(f"{name} of a {out.kind.__name__} cannot be {value!r}") from None


def _plain(value: Any) -> Any:
    """A value without what NumPy has put around it."""
    if value.__class__ is tuple:
        return tuple(map(_plain, value))
    generic: type[Any] = np.generic
    return value.item() if isinstance(value, generic) else value


def _check_columns(layout: Layout, reads: type[Frame], out: type[Frame], *, keeps: bool) -> None:
    for columns, frame in ((layout.reads, reads), (layout.writes, out)):
        for column in columns:
            if column.name == "row" and columns is layout.writes:
                continue
            kind = frame.kind_of(column.name)
            if kind is None and column.default is not None:
                continue
            if kind != column.kind:
                raise TypeError(f"{frame.kind.__name__} has no column {column.name}:{column.kind}")
    names = [column.name for column in layout.writes]
    if keeps and names != ["row"]:
        raise TypeError(f"a kernel that keeps rows writes row:i alone, not {' '.join(names)}")
    if keeps and layout.expands:
        raise TypeError("a kernel that keeps rows keeps each once: its layout cannot expand")
    if layout.expands and "row" not in names:
        raise TypeError("an expanding kernel says which row caused each: it must write row:i")


def _before(fact: Any, item: Item) -> Item:
    """What comes in *item* before *fact*."""
    before = item_of(list(takewhile(lambda each: each is not fact, item.facts)), item.names)
    before.turn = item.turn
    return before


class _KernelStage(Stage):
    __slots__ = ("_lone", "_on_item", "_others", "_reads", "_run", "_takes_lone")

    def __init__(
        self, observer: FlowObserver, run: KernelRun, reads: type[Frame], others: bool
    ) -> None:
        super().__init__(observer)
        self._on_item = observer.on_item
        self._run = run
        self._lone: Callable[[Any], Frame | None] = run.lone
        self._reads = reads
        self._others = others
        self._takes_lone = not run.expands

    def on_item(self, item: Item) -> None:
        if item.__class__ is self._reads:
            if self._takes_lone and item.n == 1 and item.rests_on_facts:  # live, fact by fact
                try:
                    out = self._lone(item)
                except Exception as error:
                    self._fail(error)
                    return
                if out is not None:
                    self._on_item(out)
                return
            frame: Any = item
        else:
            frame = item.of(self._run.kind)
            if frame is None:
                if self._others and not self._ended:
                    self._on_item(item)
                return
        run, at = self._run, 0
        while at < frame.n and not self._ended:
            try:
                out, at = run.rows_of(frame, at)
            except Exception as error:
                if item is not frame and self._others and not at:
                    before = _before(frame.facts[0], item)
                    if before.n:
                        self._on_item(before)
                self._fail(error)
                return
            if item is not frame and self._others:
                if out is not frame:
                    seen = item if at == frame.n else _before(frame.facts[at], item)
                    rest = [other for other in seen.frames() if other.kind is not run.kind]
                    mixed = only_frames(seen, [*rest, out] if out.n else rest)
                    if mixed is None:
                        continue
                    mixed.turn = item.turn
                    item = mixed
                self._on_item(item)
            elif out.n:
                self._on_item(out)

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone."""
        run, below = self._run, self._observer
        if kind is not run.kind and not self._others:
            return
        paving.write("if stage._ended:\n    leave", stage=self)
        if kind is not run.kind:
            paving.into(below, kind)
        elif run.derives and not hasattr(below, "pave"):
            pave_framed(run, paving, self._fail, below.on_item)
        else:
            pave(run, paving, self._fail)
            paving.into(below, run.makes, of="told" if run.expands else "")

    def _fail(self, error: Exception) -> None:
        error.add_note(f"in kernel {self._run.name}, at a {self._run.kind.__name__}")
        self._takes_lone = False
        super()._fail(error)
