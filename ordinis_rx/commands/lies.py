"""What a provider tells, and the faults that can be put into it while it goes on."""

from __future__ import annotations

from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import BehaviorSubject

from ordinis_rx.events import Event
from ordinis_rx.typing import Operator

__all__ = ["Liar"]


class Liar:
    """Passes on what it is given, as it is or through a fault that may change at any time.

    >>> from reactivex import Subject
    >>> from ordinis_rx.sim.faults import bias
    >>> from ordinis_rx.testing import a_trade
    >>> liar, truth = Liar(), Subject()
    >>> told = liar.tells(truth).subscribe(lambda trade: print(trade.price))
    >>> truth.on_next(a_trade(100.0))
    100.0
    >>> liar.lie(bias(5000))
    >>> truth.on_next(a_trade(100.0))
    150.0
    >>> liar.be_honest()
    >>> truth.on_next(a_trade(100.0))
    100.0
    """

    def __init__(self) -> None:
        self._fault: BehaviorSubject[Operator[Event, Event]] = BehaviorSubject(_as_it_is)

    def tells(self, truth: Observable[Event]) -> Observable[Event]:
        """*truth*, heard once, through whatever fault there is at the moment."""

        def through(heard: Observable[Event]) -> Observable[Event]:
            return self._fault.pipe(ops.map(heard.pipe), ops.switch_latest())

        return truth.pipe(ops.publish(through))

    def lie(self, fault: Operator[Event, Event]) -> None:
        """Put *fault* into all that is told from now on."""
        self._fault.on_next(fault)

    def be_honest(self) -> None:
        """Tell everything as it is from now on."""
        self._fault.on_next(_as_it_is)


def _as_it_is(events: Observable[Event]) -> Observable[Event]:
    return events
