"""Raw messages of a feed, both directions, for a journal."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Literal, NamedTuple

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ordinis_rx.timebase import Nanos
from ordinis_rx.turns import RAISED

__all__ = ["Taps", "WireFrame"]

_log = logging.getLogger(__name__)


class WireFrame(NamedTuple):
    """One message as it crossed the wire: ``"in"`` or ``"out"``, when (ns, by our clock), and its bytes."""

    direction: Literal["in", "out"]
    ts_recv: Nanos
    data: bytes


class Taps:
    """Tells raw messages to whoever taps the wire; costs nothing while nobody does.

    What is in *secret* goes out as ``b"(login)"``, so that no recording holds a key.
    """

    def __init__(self, secret: Iterable[str | bytes]) -> None:
        self._secret = {text.encode() if isinstance(text, str) else text for text in secret}
        self._observers: tuple[abc.ObserverBase[WireFrame], ...] = ()
        self._complete = False
        self.frames: Observable[WireFrame] = Observable(self._subscribe)

    def received(self, data: bytes, now: Nanos) -> None:
        """Tell an inbound message."""
        if self._observers:
            self._tell(WireFrame("in", now, data))

    def sent(self, data: bytes, now: Nanos) -> None:
        """Tell an outbound message."""
        if self._observers:
            self._tell(WireFrame("out", now, b"(login)" if data in self._secret else data))

    def complete(self) -> None:
        """Nothing will cross the wire any more."""
        self._complete = True
        observers, self._observers = self._observers, ()
        for observer in observers:
            try:
                observer.on_completed()
            except RAISED:
                _log.exception("a tap on the wire raised at its end")

    def _tell(self, frame: WireFrame) -> None:
        for observer in self._observers:
            try:
                observer.on_next(frame)
            except RAISED:
                _log.exception("a tap on the wire raised; it is dropped, the feed goes on")
                self._drop(observer)

    def _drop(self, observer: abc.ObserverBase[WireFrame]) -> None:
        self._observers = tuple(other for other in self._observers if other is not observer)

    def _subscribe(
        self, observer: abc.ObserverBase[WireFrame], _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        if self._complete:
            observer.on_completed()
            return Disposable()
        self._observers = (*self._observers, observer)
        return Disposable(lambda: self._drop(observer))
