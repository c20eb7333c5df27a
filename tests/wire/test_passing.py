"""Observables of the wire keep the promises of Rx, without a call between who tells and who hears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import reactivex
from reactivex import Observer, abc
from reactivex.disposable import Disposable

from ordinis_rx.wire.passing import Passing


class Source:
    """Told by hand; counts who has left."""

    def __init__(self) -> None:
        self.observer: Any = None
        self.left = 0
        self.stream = Passing[int](self._subscribe)

    def _subscribe(
        self, observer: abc.ObserverBase[int], _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        self.observer = observer

        def leave() -> None:
            self.left += 1

        return Disposable(leave)


class Ear:
    def __init__(self) -> None:
        self.told: list[Any] = []

    def subscribe(self, source: Source) -> abc.DisposableBase:
        return source.stream.subscribe(
            self.told.append,
            lambda error: self.told.append(str(error)),
            lambda: self.told.append("end"),
        )


def test_items_reach_the_function_itself() -> None:
    source, ear = Source(), Ear()
    ear.subscribe(source)
    assert source.observer.on_next == ear.told.append
    source.observer.on_next(1)
    assert ear.told == [1]


def test_an_observer_is_as_good_as_three_functions() -> None:
    source, ear = Source(), Ear()
    source.stream.subscribe(Observer(ear.told.append, None, lambda: ear.told.append("end")))
    source.observer.on_next(1)
    source.observer.on_completed()
    assert ear.told == [1, "end"]


def test_who_has_left_hears_nothing_more_and_lets_the_source_go_once() -> None:
    source, ear = Source(), Ear()
    hang_up = ear.subscribe(source)
    hang_up.dispose()
    hang_up.dispose()
    source.observer.on_next(1)
    source.observer.on_error(OSError("gone"))
    source.observer.on_completed()
    assert (ear.told, source.left) == ([], 1)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (lambda observer: observer.on_completed(), "end"),
        (lambda observer: observer.on_error(OSError("gone")), "gone"),
    ],
)
def test_the_end_is_told_once_and_lets_the_source_go(end: Callable[[Any], None], told: str) -> None:
    source, ear = Source(), Ear()
    ear.subscribe(source)
    end(source.observer)
    end(source.observer)
    source.observer.on_completed()
    source.observer.on_next(1)
    assert (ear.told, source.left) == ([told], 1)


@pytest.mark.parametrize(
    "end",
    [lambda observer: observer.on_completed(), lambda observer: observer.on_error(OSError())],
)
def test_the_source_is_let_go_also_where_the_end_is_ill_received(
    end: Callable[[Any], None],
) -> None:
    def raising(*_: object) -> None:
        raise ValueError("no end, please")

    source = Source()
    source.stream.subscribe(lambda _: None, raising, raising)
    with pytest.raises(ValueError, match="no end"):
        end(source.observer)
    assert source.left == 1


def test_what_goes_wrong_with_subscribing_is_told_unless_the_end_was() -> None:
    def failing(observer: abc.ObserverBase[int], _: abc.SchedulerBase | None = None) -> Any:
        raise OSError("cannot begin")

    def ended(observer: abc.ObserverBase[int], _: abc.SchedulerBase | None = None) -> Any:
        observer.on_completed()
        raise OSError("too late")

    told: list[Any] = []
    Passing[int](failing).subscribe(told.append, lambda error: told.append(str(error)))
    assert told == ["cannot begin"]
    with pytest.raises(OSError, match="too late"):
        Passing[int](ended).subscribe(told.append)


def test_who_gives_no_functions_is_told_nothing_but_an_error_nobody_takes() -> None:
    source = Source()
    source.stream.subscribe()
    source.observer.on_next(1)
    with pytest.raises(OSError, match="nobody"):
        source.observer.on_error(OSError("nobody"))


def test_a_cold_source_begins_when_everything_is_connected() -> None:
    told: list[int] = []
    cold = Passing[int](lambda observer, scheduler: reactivex.of(1, 2, 3).subscribe(observer))
    cold.pipe(reactivex.operators.take(2)).subscribe(told.append)
    assert told == [1, 2]
