"""Doors between flows and plain Rx: the `Exit`, where facts leave a flow, and the `FactEntry`, where they come in.

What leaves by one door and comes back through another further down still belongs to the turn in which it left, so that
plain Rx operators may stand between ours.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeAlias

import msgspec
from reactivex import Observable, abc
from reactivex.disposable import SingleAssignmentDisposable

from ordinis_rx.batches import Item
from ordinis_rx.endings import Ending
from ordinis_rx.entries import Entry
from ordinis_rx.frames import FRAMES
from ordinis_rx.misfits import misfit
from ordinis_rx.paving import Paving
from ordinis_rx.turns import (
    RAISED,
    FlowObserver,
    Turn,
    as_exception,
    is_told,
    next_order,
    tell_error,
)

__all__ = ["Exit", "FactEntry", "Flow", "entry_below", "subscribing_for"]

Flow: TypeAlias = Callable[[FlowObserver, abc.SchedulerBase | None], abc.DisposableBase]
"""Subscribes an observer of items."""


class Exit(Ending):
    """Where a flow ends in plain Rx: hands the facts of each item to one subscriber, one by one.

    `below` is the entry of the next flow of ours, where plain Rx leads into one.
    """

    __slots__ = ("below",)

    def __init__(
        self,
        on_next: Callable[[Any], None],
        on_error: Callable[[Exception], None],
        on_completed: Callable[[], None],
    ) -> None:
        super().__init__(on_next, on_error, on_completed)
        self.below = entry_below()

    def connect(self, flow: Flow, scheduler: abc.SchedulerBase | None) -> None:
        """Subscribe to *flow*; what goes wrong with that is told by `on_error`."""
        try:
            with subscribing_for(None):
                self.upstream.disposable = flow(self, scheduler)
        except Exception as error:
            if self.stopped:
                raise
            self.on_error(error)

    def fail(self, error: BaseException, entry: Entry) -> None:
        """Let go of the subscriber, which raised *error* at what came in at *entry*, and tell it.

        Raises *error* where the subscriber had left already or does not take it, so that nobody is there to be told.
        """
        entry.failures += 1
        if self.stopped:
            raise error
        self.leave()
        tell_error(self._on_error, as_exception(error))

    def on_item(self, item: Item) -> None:
        """Hand on the facts, as long as they are wanted."""
        on_next = self.on_next
        if self.below is not None:
            self._feed(self.below, item)
            return
        try:
            for fact in item.held or item.facts:
                if self.stopped:
                    return
                on_next(fact)
        except RAISED as error:
            self.fail(error, item.turn.entry)

    def pave(self, paving: Paving, _: type[Any]) -> None:
        """Write the end of the way of one fact alone."""
        known = {"door": self, "on_next": self.on_next, "RAISED": RAISED, "entry": paving.entry}
        if self.below is None:
            paving.write(_TELL, **known)
        else:
            head = (
                "outside = below.outer\nbelow.outer, below.outer_seq = entry.turn, fact.seq\ntry:"
            )
            tail = "finally:\n    below.outer = outside"
            with paving.inside(head, tail, below=self.below, entry=paving.entry):
                paving.write(_TELL, **known)

    def _feed(self, below: FactEntry, item: Item) -> None:
        """Hand on the facts to where they enter the next flow, as part of the turn that they are in."""
        outside = below.outer
        try:
            for fact in item.facts:
                if self.stopped:
                    return
                below.outer, below.outer_seq = item.turn, fact.seq
                self.on_next(fact)
        except RAISED as error:
            self.fail(error, item.turn.entry)
        finally:
            below.outer = outside

    def exits(self, found: set[int]) -> None:
        """Here facts leave for plain Rx; if that leads into another flow of ours with several such places, those count."""
        below: set[int] = set()
        if self.below is not None:
            self.below.exits(below)
        found.update(below if len(below) > 1 else (id(self),))


_TELL = """
if not door.stopped:
    try:
        on_next(fact)
    except RAISED as error:
        door.fail(error, entry.turn.entry)
"""


class FactEntry(Entry):
    """The way from plain Rx into a flow. What comes from a door further up belongs to that one's turn."""

    __slots__ = ("_seq", "outer_seq", "upstream")

    def __init__(self, observer: FlowObserver) -> None:
        super().__init__(observer)
        self._seq = 0
        self.outer_seq = 0
        """The `seq` of what has left by the door further up, where there is one."""
        self.upstream = SingleAssignmentDisposable()

    def connect(self, source: Observable[Any], scheduler: abc.SchedulerBase | None) -> None:
        """Subscribe to *source*; what leaves a flow above on its way here will know whom it feeds."""
        with subscribing_for(self):
            self.upstream.disposable = source.subscribe(
                self.on_next, self.on_error, self.on_completed, scheduler=scheduler
            )

    @contextmanager
    def caused_by(self, turn: Turn, seq: int) -> Generator[None]:
        """What comes in meanwhile belongs to *turn*, and to what has that `seq` in it; doors made meanwhile feed us."""
        outside, self.outer, self.outer_seq = self.outer, turn, seq
        try:
            with subscribing_for(self):
                yield
        finally:
            self.outer = outside

    def on_next(self, fact: Any) -> None:
        """Hand down one fact."""
        if fact.__class__ not in FRAMES:
            self.upstream.dispose()
            self.on_error(TypeError(f"operators of ordinis_rx take facts, got {fact!r}"))
            return
        if fact.seq == 0:
            fact = msgspec.structs.replace(fact, seq=self._number())
        try:
            self.on_fact(fact)
        except RAISED as error:
            # Within a turn it goes up to the door by which the fact left, which ends with it all that is below.
            if self.outer is not None:
                raise
            self.upstream.dispose()
            if not is_told(self.on_error, misfit([fact], _OF_ALL, as_exception(error))):
                raise

    def on_error(self, error: Exception) -> None:
        """End the stream with *error*, after all that the turn which it is in has brought."""
        self._end_after_the_turn(error)

    def on_completed(self) -> None:
        """End the stream, after all that the turn which it is in has brought."""
        self._end_after_the_turn(None)

    def _end_after_the_turn(self, error: Exception | None) -> None:
        # What the end itself brings (the last bars, say) must not be seen by the fact with which it came.
        if self.outer is None or self.busy:
            self.end(error)
        else:
            self.outer.settle_later(_End(self, error))

    def _number(self) -> int:
        # What nothing above has caused, at the end of a stream say, comes after what something has.
        self._seq = self._seq + 1 if self.outer is None else self.outer_seq
        return self._seq


class _End:
    """The end of what comes in by a door, when the turn in which it came is over: a join of nothing, after all others."""

    def __init__(self, entry: FactEntry, error: Exception | None) -> None:
        self._entry = entry
        self._error = error
        self.order = _LAST + next_order()

    def settle(self) -> None:
        """End the stream."""
        self._entry.end(self._error)


_LAST = 1 << 62

_OF_ALL = ("symbol", "ts_event", "ts_recv", "provider", "seq")
"""The fields of every fact."""


class _Subscribing(threading.local):
    entry: FactEntry | None = None


_subscribing = _Subscribing()
"""Which fact entry this thread is subscribing for."""


def entry_below() -> FactEntry | None:
    """The entry that a door made now will feed, through whatever plain Rx lies between; None where there is none."""
    return _subscribing.entry


@contextmanager
def subscribing_for(entry: FactEntry | None) -> Generator[None]:
    """Doors made inside feed *entry*."""
    outside, _subscribing.entry = _subscribing.entry, entry
    try:
        yield
    finally:
        _subscribing.entry = outside
