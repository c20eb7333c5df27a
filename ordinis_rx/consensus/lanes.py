"""The way of a report that comes alone through the consensus to its answer, as code of a lane."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ordinis_rx.codes import Names
from ordinis_rx.columns import Schema
from ordinis_rx.consensus.beside import AT, COLUMNS, KIND_OF
from ordinis_rx.consensus.frames import AggregatedQuoteFrame
from ordinis_rx.consensus.methods import AggregationMethod
from ordinis_rx.consensus.outliers import moves_are_logged
from ordinis_rx.frames import FRAMES
from ordinis_rx.kernels.compiled import address_of
from ordinis_rx.kernels.consensus_layout import CONSENSUS, MOVED_NOW, REFUSED_NOW
from ordinis_rx.kernels.record import STOP
from ordinis_rx.native.builtin import is_possible
from ordinis_rx.native.facts import making_of
from ordinis_rx.native.lone import CompiledKernel, lone
from ordinis_rx.native.rows import Row, Take, row_of
from ordinis_rx.recipes import Recipe

if TYPE_CHECKING:
    from ordinis_rx.consensus.fused import Fused

__all__ = ["LONE", "METERED", "LoneReport"]

_OF_REPORT = ("symbol", "ts_recv", "provider", "seq")
"""What an answer has of the report that led to it."""

_SLOTS = CONSENSUS.written_at
_TOLD = [
    name for name in AggregatedQuoteFrame.schema.index if name in _SLOTS.keys() - {*_OF_REPORT}
]

LONE = """
if stage._ended:
    leave
if stage._pointed is not one:
    point_at_one()
if known.names is not names:
    known.learn(names)
made = slowly(fact) if doubts.any else take(fact)
if made is None:
    leave
"""
"""What the stage does with a lone report, as far as `LoneReport.take` does not."""

METERED = """
if meter.names is not names:
    meter.learn(call, names)
"""
"""What it does before, where there is a meter."""


@functools.cache
def _recipe(source: Schema, method: AggregationMethod) -> Recipe:
    """How an answer by *method* is made of a report of *source*, and of what the kernel tells."""
    return Recipe(source, AggregatedQuoteFrame.schema, _TOLD, {"method": method})


class LoneReport:
    """What a consensus does with a report of *kind* that comes alone, coded by *names*.

    It leads to one answer at most, and there is room for one; to none, if it is refused.
    """

    __slots__ = ("_kind", "_names", "_put", "_recipe", "_stage")

    def __init__(self, stage: Fused, kind: type[Any], names: Names) -> None:
        self._stage = stage
        self._kind = kind
        self._names = names
        self._put = stage.rows.taker(kind, names)
        self._recipe = _recipe(FRAMES[kind].schema, stage.config.method)

    def take(self, fact: Any) -> Any:
        """The answer to *fact*, or None."""
        stage, names = self._stage, self._names
        try:
            self._put(fact)
        except Exception as error:
            stage.refuse(error, fact, names)
            return None
        if len(names.symbols) > stage.call.symbols:
            stage.call.grow(len(names.symbols))
        run, argument = stage.run
        return self.tell(fact, run(1, argument))

    def tell(self, fact: Any, written: int | None) -> Any:
        """The same, of a fact of which the kernel has written so many answers; None, which none does, where it raised."""
        assert written is not None
        stage, names = self._stage, self._names
        stage.rows.block = stage.rows.one
        if stage.doubts.any or (not written and stage.notes[REFUSED_NOW]):
            stage.look_back(0, 1, names)
        if not written:
            return None
        if stage.notes[MOVED_NOW] and moves_are_logged():
            stage.log_moves(1, names)
        derive = self._recipe.derive_one
        assert derive is not None
        return derive(fact, stage.out.views, names)

    def taking(self) -> Callable[[Any], Any]:
        """What does as `take`; a builtin, where that is possible."""
        stage, call = self._stage, self._stage.call
        kernel = address_of(stage.run[0])
        if kernel is None or not is_possible():
            return self.take
        notes = call.state("notes").ctypes.data
        zeros = (notes + 8 * REFUSED_NOW, notes + 8 * MOVED_NOW)
        runs = CompiledKernel(
            self._kind, kernel, call.address, call.capacity, call.record[STOP], False, True, zeros
        )
        source, out = FRAMES[self._kind].schema, AggregatedQuoteFrame.schema
        making = making_of(self._recipe, source, out, _SLOTS, self._names)
        return lone(runs, self._row(), making, self.take, self.tell)

    def _row(self) -> Row:
        """How the report becomes a row; columns that it lacks are 0."""
        rows, code = self._stage.rows, KIND_OF[self._kind]
        places, known = rows.one.addresses, rows.known
        reads = COLUMNS[code]
        told = row_of(
            FRAMES[self._kind].schema, reads, [(rows.one, AT[name]) for name in reads], self._names
        )
        tabled = (
            Take("listed", "f", reads.index("provider")),
            Take("listed", "i", reads.index("symbol")),
        )
        needs = ((known.weights, places[AT["weight"]]), (known.ages, places[AT["max_age"]]))
        lacking = [name for name in AT if name not in (*reads, "kind", "weight", "max_age")]
        numbers = {"kind": code, **dict.fromkeys(lacking, 0)}
        fixed = [(number, places[AT[name]]) for name, number in numbers.items()]
        return Row(
            (*told.takes, *tabled, *[Take("known")] * len(fixed)), (*told.known, *needs, *fixed)
        )
