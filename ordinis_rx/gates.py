"""Gates: how a cold source waits for a consumer that can take only so much at a time.

Rx has no back-pressure, and a live source could not wait anyway. A cold one can: it asks the gate of whoever subscribed,
through any chain of operators, before it tells the next item, and goes on when the gate opens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol

from reactivex import abc

__all__ = ["Gate", "gate_of_subscriber", "subscribing_through"]


class Gate(Protocol):
    """What a consumer with a bounded queue shows to cold sources."""

    def is_open(self) -> bool:
        """Whether there is room. A source that asks says thereby that it will wait."""
        ...

    def when_open(self, action: Callable[[], None], /) -> None:
        """Call *action* once, from whatever thread, as soon as there is room; at once where there is."""

    def have_room(self, values: int, /) -> None:
        """A live source, which cannot wait, is set up for so many to wait where the consumer has no bound of its own."""


class _Current(threading.local):
    gate: Gate | None = None


_current = _Current()


@contextmanager
def subscribing_through(gate: Gate) -> Generator[None]:
    """Cold sources that are subscribed to inside wait at *gate*.

    Those that an operator of plain Rx subscribes to later (``catch``, ``concat``, ``flat_map``, ...) do where the scheduler
    of the subscription, which it hands down, has the gate as its attribute `gate`.
    """
    outside, _current.gate = _current.gate, gate
    try:
        yield
    finally:
        _current.gate = outside


def gate_of_subscriber(scheduler: abc.SchedulerBase | None = None) -> Gate | None:
    """The gate at which a source that is being subscribed to, with that *scheduler*, should wait, or None."""
    gate: Gate | None = getattr(scheduler, "gate", None)
    return _current.gate if gate is None else gate
