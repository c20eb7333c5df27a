"""Marbles: streams drawn as text and played in virtual time, so that no test waits.

One character is one tick: ``-`` nothing, a letter the fact of that name, ``|`` completion, ``#`` an error, ``(ab|)`` all of
it at the tick of the parenthesis; spaces are there to line drawings up.

>>> from reactivex import operators as ops
>>> play("a-b--c--|", ops.map(lambda x: 10 * x), {"a": 1, "b": 2, "c": 3})
[(0, 10), (2, 20), (5, 30), (8, '|')]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import reactivex
from reactivex import Observable, abc
from reactivex.disposable import CompositeDisposable
from reactivex.scheduler import VirtualTimeScheduler

from ordinis_rx.frames import FRAMES
from ordinis_rx.stream import from_events
from ordinis_rx.testing.given import check_given
from ordinis_rx.typing import A, B, Operator

__all__ = ["Heard", "cold", "parsed", "play", "through"]

Heard: TypeAlias = tuple[float, Any]
"""A tick, and what was heard at it: a value, ``"|"`` for completion, or the error."""

_LONG_ENOUGH = 1_000


def parsed(drawing: str, values: Mapping[str, Any] | None = None) -> list[Heard]:
    """What a drawing says, tick by tick. A letter that *values* does not have stands for itself.

    Raises ValueError for a parenthesis without its other half, and for what comes after the end.

    >>> parsed("a-(b|)", {"a": 1})
    [(0, 1), (2, 'b'), (2, '|')]
    """
    values = values or {}
    told: list[Heard] = []
    group: int | None = None
    ended = False
    for tick, mark in enumerate(drawing.replace(" ", "")):
        at = tick if group is None else group
        if mark == "(" and group is None:
            group = tick
        elif mark == ")" and group is not None:
            group = None
        elif mark in "()":
            raise ValueError(f"{mark!r} without its other half in {drawing!r}")
        elif mark != "-":
            if ended:
                raise ValueError(f"{mark!r} after the end in {drawing!r}")
            ended = mark in "|#"
            told.append((at, RuntimeError(drawing) if mark == "#" else values.get(mark, mark)))
    if group is not None:
        raise ValueError(f"'(' without its other half in {drawing!r}")
    return told


def cold(drawing: str, values: Mapping[str, Any] | None = None) -> Observable[Any]:
    """A source that plays the drawing to each subscriber, on the scheduler that it subscribes with.

    A character is a tick, and a tick a second of that scheduler; what the characters say is told at `play`. Raises
    ValueError for a drawing that cannot be read. Subscribed to without a scheduler it raises ValueError, too: a test must
    not wait for the wall clock.

    >>> from reactivex.testing import TestScheduler
    >>> scheduler = TestScheduler()
    >>> hang_up = cold("a--b|").subscribe(print, scheduler=scheduler)
    >>> scheduler.advance_to(2.0)
    a
    """
    told = parsed(drawing, values)

    def subscribe(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        if scheduler is None:
            raise ValueError(f"the drawing {drawing!r} was subscribed to without a scheduler")
        return CompositeDisposable(
            [scheduler.schedule_relative(tick, _telling(observer, said)) for tick, said in told]
        )

    return Observable(subscribe)


def _telling(observer: abc.ObserverBase[Any], said: Any) -> abc.ScheduledAction[Any]:
    def tell(_: abc.SchedulerBase, __: Any = None) -> None:
        if isinstance(said, Exception):
            observer.on_error(said)
        elif isinstance(said, str) and said == "|":
            observer.on_completed()
        else:
            observer.on_next(said)

    return tell


def play(
    drawing: str,
    operator: Operator[Any, Any],
    values: Mapping[str, Any] | None = None,
    *,
    until: float | None = None,
) -> list[Heard]:
    """What comes out of *operator* when the drawing goes in, as (tick, value), (tick, "|") or (tick, error).

    In the drawing a letter is a value (that of its name in *values*, or the letter itself), ``-`` nothing, ``|`` the end and
    ``#`` an error; what is in parentheses comes at one tick. Timers of the operator run in the same virtual time, a tick a
    second. The subscription is disposed at tick *until*, or else a thousand ticks after the drawing ends. Raises ValueError
    for a drawing that cannot be read.

    >>> from reactivex import operators as ops
    >>> play("a-(bc)-|", ops.skip(1))
    [(2, 'b'), (2, 'c'), (7, '|')]
    """
    scheduler = VirtualTimeScheduler()
    heard: list[Heard] = []

    def hear(value: Any) -> None:
        tick = scheduler.to_seconds(scheduler.now)
        heard.append((int(tick) if tick.is_integer() else tick, value))

    subscription = (
        cold(drawing, values)
        .pipe(operator)
        .subscribe(hear, hear, lambda: hear("|"), scheduler=scheduler)
    )
    scheduler.advance_to(len(drawing) + _LONG_ENOUGH if until is None else until)
    subscription.dispose()
    return heard


def through(operator: Operator[A, B], values: Iterable[A]) -> list[B]:
    """All that comes out of *operator* when *values* go in and end; raises the error that comes out.

    Facts go in as a stream does (numbered from 1 where they have no `seq`), anything else as plain Rx.

    >>> from reactivex import operators as ops
    >>> through(ops.skip(1), [1, 2, 3])
    [2, 3]
    """
    check_given("through", None, values)
    values = list(values)
    source: Observable[Any] = (
        from_events(values)
        if all(type(value) in FRAMES for value in values)
        else reactivex.from_iterable(values)
    )
    heard: list[B] = []
    errors: list[Exception] = []
    source.pipe(operator).subscribe(heard.append, errors.append)
    if errors:
        raise errors[0]
    return heard
