"""How a fault strikes a stream: which facts it chooses, what it makes of them, and who counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace
from reactivex import Observable, abc

from ordinis_rx.checks import check_is
from ordinis_rx.events import Bar, Event, Quote, Trade
from ordinis_rx.typing import Operator

__all__ = [
    "Fault",
    "Faults",
    "MarketData",
    "chooser",
    "counting",
    "seeded",
    "striking",
]

MarketData: TypeAlias = Quote | Trade | Bar
"""What faults touch."""


@dataclass(slots=True)
class Faults:
    """How many facts met each fault, over all subscriptions of the operators that it was handed to (``tally=``)."""

    dropped: int = 0
    """Lost by `drop`, and by `delay` and `reorder` when the stream ended in an error."""
    duplicated: int = 0
    delayed: int = 0
    reordered: int = 0
    spiked: int = 0
    frozen: int = 0
    biased: int = 0


class Fault(NamedTuple):
    """What a subscription does with each event, and with what it still holds when the source completes."""

    step: Callable[[Event], Iterable[Event]]
    rest: Callable[[], list[Event]] = list


def striking(
    begin: Callable[[], Fault], counts: Faults, *, renumber: bool = False
) -> Operator[Event, Event]:
    """Pass every event through a fault of the subscription's own."""

    def operator(source: Observable[Event]) -> Observable[Event]:
        def subscribe(
            observer: abc.ObserverBase[Event], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            step, rest = begin()
            number: int | None = None

            def tell(events: Iterable[Event]) -> None:
                nonlocal number
                for event in events:
                    if number is not None and event.seq != number:
                        event = replace(event, seq=number)
                    if number is not None:
                        number += 1
                    observer.on_next(event)

            def on_next(event: Event) -> None:
                nonlocal number
                if renumber and number is None:
                    number = event.seq
                tell(step(event))

            def on_error(error: Exception) -> None:
                counts.dropped += len(rest())
                observer.on_error(error)

            def on_completed() -> None:
                tell(rest())
                observer.on_completed()

            return source.subscribe(on_next, on_error, on_completed, scheduler=scheduler)

        return Observable(subscribe)

    return operator


def seeded(fault: str, seed: int) -> Random:
    """Each fault draws from its own sequence: two with one seed must not strike the same facts."""
    return Random(f"{fault} {seed}")


def chooser(fault: str, seed: int, share: float) -> Callable[[Event], bool]:
    """A function that says which facts to strike: a *share* of all market data."""
    random = seeded(fault, seed)

    def chosen(event: Event) -> bool:
        return isinstance(event, MarketData) and random.random() < share

    return chosen


def counting(fault: str, tally: Faults | None) -> Faults:
    """Where *fault* counts; raises `TypeError`, in its name, where *tally* is no `Faults`."""
    check_is(f"{fault}: tally", tally, Faults | None, "a Faults()")
    return Faults() if tally is None else tally
