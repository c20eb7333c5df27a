"""What a market tells in one go, handed on in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ordinis_rx.events import Event

__all__ = ["Beat"]

_MOST = 1_000
"""So many facts at once are enough of a source that can wait."""

_LOOK_SECONDS = 0.001
"""How long until it is looked again whether there is room."""


class Beat:
    """Collects the facts of one turn of the loop, and hands them to *tell* in the next.

    It is the `Gate` of a cold source: one without a pace of its own leaves the loop to others after each turn, and waits
    while there is no *room* where the facts go.
    """

    def __init__(self, tell: Callable[[list[Event]], None], room: Callable[[], bool]) -> None:
        self._hand_on = tell
        self._room = room
        self._facts: list[Event] = []
        self._waiting: list[Callable[[], None]] = []

    def take(self, fact: Event) -> None:
        """One more fact; on the running loop."""
        if not self._facts:
            asyncio.get_running_loop().call_soon(self._turn)
        self._facts.append(fact)

    def is_open(self) -> bool:
        """Whether there is room."""
        return len(self._facts) < _MOST and self._room()

    def when_open(self, action: Callable[[], None], /) -> None:
        """Call *action* in a later turn, when there is room."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._look)
        self._waiting.append(action)

    def have_room(self, values: int, /) -> None:
        """Where the facts go has a bound of its own."""

    def _turn(self) -> None:
        facts, self._facts = self._facts, []
        self._hand_on(facts)

    def _look(self) -> None:
        if not self.is_open():
            asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)
            return
        waiting, self._waiting = self._waiting, []
        for action in waiting:
            action()
