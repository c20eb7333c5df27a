"""The end of a subscription: once, and nothing after it."""

from __future__ import annotations

from typing import Any

import pytest
from reactivex.disposable import Disposable

from ordinis_rx.endings import Ending, on_trampoline
from ordinis_rx.stream import from_events
from ordinis_rx.testing import a_trade


class Told:
    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.left = 0
        self.end = Ending(self.heard.append, self.heard.append, lambda: self.heard.append("|"))
        self.end.upstream.disposable = Disposable(self._leave)

    def _leave(self) -> None:
        self.left += 1


def test_what_is_connected_on_the_trampoline_is_so_before_a_cold_source_begins() -> None:
    order: list[str] = []

    def connect() -> None:
        from_events([a_trade()]).subscribe(lambda _: order.append("fact"))
        order.append("connected")

    on_trampoline(connect)

    assert order == ["connected", "fact"]


def test_the_end_is_told_once_and_lets_go_of_the_source() -> None:
    told, gone = Told(), OSError("gone")

    told.end.on_next(1)
    told.end.on_error(gone)
    told.end.on_next(2)
    told.end.on_error(OSError("again"))
    told.end.on_completed()

    assert (told.heard, told.left, told.end.stopped) == ([1, gone], 1, True)


def test_who_has_left_is_told_nothing() -> None:
    told = Told()

    told.end.leave()
    told.end.on_next(1)
    told.end.on_completed()

    assert (told.heard, told.left) == ([], 1)


def test_who_raises_at_the_end_is_told_that_and_so_is_whoever_pushes() -> None:
    heard: list[Exception] = []

    def refuse() -> None:
        raise ValueError("no end")

    end = Ending(lambda _: None, heard.append, refuse)
    with pytest.raises(ValueError, match="no end") as raised:
        end.on_completed()

    assert heard == [raised.value]


def test_it_is_made_of_an_observer_or_of_up_to_three_functions() -> None:
    told = Told()
    of_observer, of_nothing = Ending.of(told.end, None, None), Ending.of(None, None, None)

    for end in (of_observer, of_nothing):
        end.on_next(1)
        end.on_completed()

    assert told.heard == [1, "|"]
    with pytest.raises(OSError, match="gone"):
        Ending.of(None, None, None).on_error(OSError("gone"))
