"""Side outputs: where an operator tells what it leaves out, counted, instead of losing it in silence."""

from __future__ import annotations

from typing import Any

from reactivex import abc
from reactivex.disposable import Disposable

from ordinis_rx.batches import item_of
from ordinis_rx.checks import check_is
from ordinis_rx.codes import Names
from ordinis_rx.entries import Entry
from ordinis_rx.hub import Hub
from ordinis_rx.stream import Stream
from ordinis_rx.turns import FlowObserver
from ordinis_rx.typing import A

__all__ = ["SideOutput", "check_side"]


class SideOutput(Stream[A]):
    """A hot stream of what operators leave out: hand one to them (as ``late=``, ``rejects=``, ``skipped=``), and listen.

    Facts are told when they are left out, on the thread of the operator, whether anybody listens or not; who subscribes
    later hears what comes from then on. `told` counts them all, over every subscription of every operator that it was handed
    to. It never ends, since another subscription of an operator may begin at any time.

    >>> from ordinis_rx.operators import drop_crossed
    >>> from ordinis_rx.testing import a_quote, through
    >>> crossed = SideOutput()
    >>> _ = crossed.subscribe(lambda quote: print("crossed:", quote.bid, quote.ask))
    >>> good = through(drop_crossed(crossed), [a_quote(99.0, 101.0), a_quote(102.0, 101.0)])
    crossed: 102.0 101.0
    >>> len(good), crossed.told
    (1, 1)
    """

    def __init__(self) -> None:
        super().__init__(self._listen)
        self.told = 0
        self._hub = Hub()
        self._entry = Entry(self._hub)
        self._names = Names()

    def tell(self, facts: list[Any]) -> None:
        """Count facts, and tell them to those who listen."""
        self.told += len(facts)
        if self._hub.branches:
            self._entry.on_item(item_of(facts, self._names))

    def _listen(
        self, observer: FlowObserver, scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        remove = self._hub.add(observer)

        def leave() -> None:
            remove()

        return Disposable(leave)

    def __repr__(self) -> str:
        return f"SideOutput({self.told} told)"


def check_side(what: str, given: object) -> None:
    """Raise a TypeError where *given*, which is called *what*, is neither a `SideOutput` nor None.

    Here, where it is handed over: the first fact to be left out may come hours later.

    >>> check_side("time_bars: late", print)
    Traceback (most recent call last):
    TypeError: time_bars: late must be a SideOutput, got <built-in function print>
    """
    if given is not None:
        check_is(what, given, SideOutput, "a SideOutput")
