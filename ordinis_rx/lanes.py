"""Lanes: the short way of a fact that comes alone, as most do live.

A frame of one row is dear for what it carries. So an observer of items may also offer a `Lane` for facts of one kind: a
function that does with one fact what ``on_item`` does with a frame of one row that rests on it. It offers it as the code of
one, behind which those further down write theirs (`ordinis_rx.paving`). An `Entry` asks for lanes when the first fact of a
kind comes, and again when a branch has come or gone. Who offers none is handed frames, `by_frame`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from ordinis_rx.codes import Names
from ordinis_rx.frames import FRAMES

if TYPE_CHECKING:
    from ordinis_rx.entries import Entry
    from ordinis_rx.turns import FlowObserver

__all__ = ["Lane", "by_frame", "together"]

Lane: TypeAlias = Callable[[Any], None]
"""Takes one fact of the kind that it was made for."""


def by_frame(observer: FlowObserver, kind: type[Any], names: Names, entry: Entry) -> Lane:
    """The way into an observer that has no lane: each fact as a frame of one row, the same frame again and again."""
    frame = FRAMES[kind](names)
    on_item, own = observer.on_item, entry.own

    def tell(fact: Any) -> None:
        if frame.dirty:
            frame.hold([fact])
        else:
            frame.held = [fact]
        frame.turn = entry.outer or own
        on_item(frame)

    return tell


def together(
    observer: FlowObserver, kind: type[Any], names: Names, entry: Entry
) -> Callable[[list[Any]], None]:
    """The way into such an observer of facts that one fact has caused: all in one frame."""
    frame = FRAMES[kind](names)

    def tell(facts: list[Any]) -> None:
        frame.hold(facts)
        frame.turn = entry.outer or entry.own
        observer.on_item(frame)

    return tell
