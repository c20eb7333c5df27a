"""The stages of an operator that is remembered: what is saved of it is as of the fact that is heard below.

Above it rows come one by one, so that it knows nothing of those after that fact; below it, what it has still to tell of the
same row is part of what is saved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec
from reactivex import Observable

from ordinis_rx.batches import Item, item_of
from ordinis_rx.codes import Names
from ordinis_rx.kernels.record import Call
from ordinis_rx.kernels.state import read_state, restore_state, state_of
from ordinis_rx.memory import OperatorMemory
from ordinis_rx.paving import Paving
from ordinis_rx.running import KernelRun
from ordinis_rx.stepping import Telling, TellingStage, staged, telling
from ordinis_rx.stream import Stream
from ordinis_rx.turns import FlowObserver, Turn

__all__ = ["Recall", "Remembering", "RowByRow", "StillToTell", "remembered_telling"]


Recode: TypeAlias = Callable[[Call, Sequence[int], Sequence[int]], None]
"""Writes what a kernel remembers by the new numbers of its symbols and providers, which stand where the old ones say."""


class Recall:
    """What an `OperatorMemory` has to do with one subscriber's kernel, which knows its symbols from the first item on.

    A kernel that remembers numbers of symbols or providers has a function *recode*, which puts the new ones in their place.
    """

    __slots__ = ("_names", "_recode", "_run", "_saved", "_state", "kind")

    def __init__(
        self, run: KernelRun, memory: OperatorMemory, recode: Recode | None = None
    ) -> None:
        self._run = run
        self._recode = recode
        self.kind = run.kind
        """What the kernel reads."""
        self._names: Names | None = None
        self._saved = memory.attach(run.label, self._save)
        self._state = None if self._saved is None else read_state(run.call, self._saved)

    def begin(self, names: Names) -> None:
        """Let the kernel have what was saved, at the first time that this is asked."""
        if self._names is None:
            self._names = names
            state, call = self._state, self._run.call
            if state is not None:
                restore_state(call, state, names.symbols.__getitem__)
                if self._recode is not None:
                    symbols = [names.symbols[word] for word in state.symbols]
                    self._recode(call, symbols, [names.providers[word] for word in state.providers])

    def _save(self) -> bytes:
        if self._names is None and self._saved is not None:
            return self._saved
        if self._names is None:
            return state_of(self._run.call, [])
        providers: Sequence[str] = () if self._recode is None else self._names.providers.words
        return state_of(self._run.call, self._names.symbols.words, providers)


class StillToTell:
    """Behind a stage that may tell several facts of *kind* at one row: hands them on one by one, and knows the rest.

    Who saves while one of them is heard saves those below as they are before the rest, too. So what was still to be told
    then is told when it goes on, by `go_on`. A kernel may tell them in several frames, and has taken the row only then: from
    `hold` until it goes on they are gathered.
    """

    __slots__ = ("_facts", "_holds", "_names", "_observer", "_turn")

    def __init__(self, observer: FlowObserver, memory: OperatorMemory, kind: type[Any]) -> None:
        self._observer = observer
        self._names = Names()
        self._turn: Turn | None = None
        self._holds = False
        saved = memory.attach("still to tell", self._save, may_lack=True)
        self._facts: deque[Any] = deque(
            () if saved is None else msgspec.msgpack.decode(saved, type=list[kind])  # type: ignore[valid-type]
        )

    def __len__(self) -> int:
        return len(self._facts)

    def hold(self) -> None:
        """Gather what is told from now on."""
        self._holds = True

    def on_item(self, item: Item) -> None:
        """Hand on the facts, each by itself."""
        self._facts += item.facts
        if not self._holds:
            self.go_on(item.names, item.turn)

    def go_on(self, names: Names, turn: Turn) -> None:
        """Tell what is still to be told."""
        self._names, self._turn, self._holds = names, turn, False
        while self._facts:
            row = item_of([self._facts.popleft()], names)
            row.turn = turn
            self._observer.on_item(row)

    def exits(self, found: set[int]) -> None:
        """Ask those below where facts leave for plain Rx."""
        self._observer.exits(found)

    def on_error(self, error: Exception) -> None:
        """Tell what came before the *error*, and that."""
        if self._turn is not None:
            self.go_on(self._names, self._turn)
        self._observer.on_error(error)

    def on_completed(self) -> None:
        """Tell the end."""
        self._observer.on_completed()

    def _save(self) -> bytes:
        return msgspec.msgpack.encode(list(self._facts))


_GO_ON = "go_on(names, entry.outer or own)"


class RowByRow:
    """In front of a stage that is remembered, so that it knows nothing of rows after the one that is heard below.

    What it has *still* to tell is told before it hears another row.
    """

    __slots__ = ("_stage", "_still", "on_completed", "on_error")

    def __init__(self, stage: FlowObserver, still: StillToTell | None = None) -> None:
        self._stage = stage
        self._still = still
        self.on_error = stage.on_error
        self.on_completed = stage.on_completed

    def on_item(self, item: Item) -> None:
        """Hand on the rows, each by itself."""
        still, stage = self._still, self._stage
        if still:
            still.go_on(item.names, item.turn)
        if still is None and item.n == 1:
            stage.on_item(item)
            return
        for fact in item.facts:  # which the root has not told apart: one fact has caused them all
            row = item_of([fact], item.names)
            row.turn = item.turn
            if still is None:
                stage.on_item(row)
            else:
                still.hold()
                stage.on_item(row)
                still.go_on(item.names, item.turn)

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone."""
        if self._still:
            paving.write(f"if rest:\n    {_GO_ON}", rest=self._still, **self._known(paving))
        paving.into(self._stage, kind)

    def _known(self, paving: Paving) -> dict[str, Any]:
        """What is written of it stands for these."""
        entry, still = paving.entry, self._still
        assert still is not None
        known = {"go_on": still.go_on, "hold": still.hold, "names": paving.names}
        return known | {"entry": entry, "own": entry.own}

    def exits(self, found: set[int]) -> None:
        """Other branches may save it, too: two ends, whatever is below, so that the root delivers row by row."""
        found |= {id(self), id(self._stage)}


class Remembering(RowByRow):
    """The same in front of the stage of a kernel: sees to it that it has what was saved before the first item comes."""

    __slots__ = ("_recall",)

    def __init__(
        self, kernel: FlowObserver, recall: Recall, still: StillToTell | None = None
    ) -> None:
        super().__init__(kernel, still)
        self._recall = recall

    def on_item(self, item: Item) -> None:
        """Hand on the rows, to a kernel that knows what was saved."""
        self._recall.begin(item.names)
        super().on_item(item)

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone, to a kernel that knows what was saved."""
        self._recall.begin(paving.names)
        if self._still is None or kind is self._recall.kind:
            super().pave(paving, kind)
        else:  # which the kernel takes in frames
            with paving.inside("hold()\nif True:", _GO_ON, **self._known(paving)):
                paving.into(self._stage, kind)


def remembered_telling(
    make: Callable[[], Telling], memory: OperatorMemory | None, kind: type[Any] | None
) -> Callable[[Observable[Any]], Stream[Any]]:
    """As `telling`; with a *memory*, to which ``make()`` attaches its state, row by row.

    *kind* is that of what it tells; None where that is one fact a row, at most.
    """
    if memory is None:
        return telling(make)

    def stage(observer: FlowObserver) -> FlowObserver:
        tell = make()
        if kind is None:
            return RowByRow(TellingStage(observer, tell))
        still = StillToTell(observer, memory, kind)
        return RowByRow(TellingStage(still, tell), still)

    return lambda source: staged(source, stage)
