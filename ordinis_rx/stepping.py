"""From a step on items to an operator: `telling` for one that makes facts of facts, `each_item` for one that makes an item.

Both give every subscriber a state of its own, forward errors, completion, dispose and the scheduler, and turn an error of
their own step (and of nothing else) into `on_error`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reactivex import Observable, abc

from ordinis_rx.batches import Item, item_of
from ordinis_rx.paving import Paving
from ordinis_rx.stream import Stream, flow_of
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import A, B

__all__ = [
    "Stage",
    "Step",
    "Telling",
    "TellingStage",
    "as_far_as_told",
    "each_item",
    "staged",
    "telling",
]

Step = Callable[[Item], Item | None]
"""One item in, one item or nothing out."""

Telling = Callable[[Item], Iterable[Any]]
"""One item in, facts out, each as it is made."""


class Stage:
    """An operator between two observers of items."""

    __slots__ = ("_ended", "_observer", "on_completed", "on_error")

    def __init__(self, observer: FlowObserver) -> None:
        self._ended = False
        """Whether its own step has failed: then it is told no more."""
        self._observer = observer
        self.on_error = observer.on_error
        self.on_completed = observer.on_completed

    def exits(self, found: set[int]) -> None:
        """Ask those below where facts leave for plain Rx."""
        self._observer.exits(found)

    def _fail(self, error: Exception) -> None:
        """End the stream with an *error* of its own step."""
        self._ended = True
        self._observer.on_error(error)


def staged(source: Observable[Any], stage: Callable[[FlowObserver], FlowObserver]) -> Stream[Any]:
    """*source* through a stage that is made for each subscriber."""

    def flow(
        observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return flow_of(source, stage(observer), scheduler)

    return Stream(flow)


def each_item(
    make: Callable[[], Step], *, passes: Callable[[Any], bool] | None = None
) -> Callable[[Observable[Any]], Stream[Any]]:
    """An operator that runs ``make()``, a step of its own for every subscriber, on each item.

    What the step raises ends the stream with that error, and nothing of its item is told: a step that may fail at one fact
    is for `telling`. A step that only chooses among facts, each for itself, may be asked in fewer calls about one that comes
    alone: *passes* tells whether it would let it through.
    """

    def operator(source: Observable[Any]) -> Stream[Any]:
        def stage(observer: FlowObserver) -> FlowObserver:
            if passes is None:
                return _Stepping(observer, make())
            return _Choosing(observer, make(), passes)

        return staged(source, stage)

    return operator


class _Stepping(Stage):
    __slots__ = ("_step",)

    def __init__(self, observer: FlowObserver, step: Step) -> None:
        super().__init__(observer)
        self._step = step

    def on_item(self, item: Item) -> None:
        if self._ended:
            return
        try:
            out = self._step(item)
        except Exception as error:
            self._fail(error)
            return
        if out is not None:
            out.turn = item.turn
            self._observer.on_item(out)


_CHOOSE = """
if stage._ended:
    leave
try:
    passed = passes(fact)
except Exception as error:
    fail(error)
    leave
if not passed:
    leave
"""


class _Choosing(_Stepping):
    """The same, which can be asked about a fact alone as it is."""

    __slots__ = ("_passes",)

    def __init__(self, observer: FlowObserver, step: Step, passes: Callable[[Any], bool]) -> None:
        super().__init__(observer, step)
        self._passes = passes

    def pave(self, paving: Paving, kind: type[Any]) -> None:
        """Write the way of one fact alone."""
        paving.write(_CHOOSE, fail=self._fail, passes=self._passes, stage=self)
        paving.into(self._observer, kind)


def telling(make: Callable[[], Telling]) -> Callable[[Observable[Any]], Stream[Any]]:
    """An operator that tells the facts that ``make()``, a step of its own for every subscriber, makes of each item.

    What the step raises ends the stream with that error, after the facts that it has made before.

    >>> from ordinis_rx.events import Heartbeat
    >>> from ordinis_rx.stream import from_events
    >>> def halves(item):
    ...     return (Heartbeat(ts_event=12 // beat.ts_event, seq=beat.seq) for beat in item.facts)
    >>> beats = from_events([Heartbeat(ts_event=at) for at in (2, 3, 0, 4)]).pipe(telling(lambda: halves))
    >>> beats.subscribe(lambda beat: print(beat.ts_event), print).dispose()
    6
    4
    integer division or modulo by zero
    """

    def operator(source: Observable[Any]) -> Stream[Any]:
        return staged(source, lambda observer: TellingStage(observer, make()))

    return operator


def as_far_as_told(tell: Callable[[A], Iterable[B]], item: A) -> tuple[list[B], Exception | None]:
    """All that *tell* makes of *item*; where that fails, what was made before, and why it did."""
    told: list[B] = []
    try:
        for fact in tell(item):
            told.append(fact)  # noqa: PERF402  (what is there by then counts)
    except Exception as error:
        return told, error
    return told, None


class TellingStage(Stage):
    """The stage of such an operator, for one subscriber."""

    __slots__ = ("_tell",)

    def __init__(self, observer: FlowObserver, tell: Telling) -> None:
        super().__init__(observer)
        self._tell = tell

    def on_item(self, item: Item) -> None:
        """Hand on what is told of *item*."""
        if self._ended:
            return
        told, error = as_far_as_told(self._tell, item)
        if told:
            out = item_of(told, item.names)
            out.turn = item.turn
            self._observer.on_item(out)
        if error is not None:
            self._fail(error)
