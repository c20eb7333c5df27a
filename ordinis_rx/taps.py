"""Raw messages of a feed, both directions, for a journal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ordinis_rx.timebase import Nanos

__all__ = ["Taps", "WireFrame"]

_log = logging.getLogger(__name__)


class WireFrame(NamedTuple):
    """One message as it crossed the wire: in or out, when by our clock, and its bytes."""

    direction: Literal["in", "out"]
    ts_recv: Nanos
    data: bytes


class Taps:
    """Tells raw messages to whoever taps the wire; costs nothing while nobody does.

    What is in *secret* goes out as ``b"(login)"``, so that no recording holds a key.
    """

    def __init__(self, secret: Iterable[str | bytes], now: Callable[[], Nanos]) -> None:
        self._secret = {text.encode() if isinstance(text, str) else text for text in secret}
        self._now = now
        self._observers: tuple[abc.ObserverBase[WireFrame], ...] = ()
        self.frames: Observable[WireFrame] = Observable(self._subscribe)

    def received(self, data: bytes) -> None:
        """Tell an inbound message; the empty ones that stand for pongs are none."""
        if self._observers and data:
            self._tell(WireFrame("in", self._now(), data))

    def sent(self, data: bytes) -> None:
        """Tell an outbound message."""
        if self._observers:
            self._tell(WireFrame("out", self._now(), b"(login)" if data in self._secret else data))

    def _tell(self, frame: WireFrame) -> None:
        for observer in self._observers:
            try:
                observer.on_next(frame)
            except Exception:
                _log.exception("a tap on the wire raised; it is dropped, the feed goes on")
                self._drop(observer)

    def _drop(self, observer: abc.ObserverBase[WireFrame]) -> None:
        self._observers = tuple(other for other in self._observers if other is not observer)

    def _subscribe(
        self, observer: abc.ObserverBase[WireFrame], _: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        self._observers = (*self._observers, observer)
        return Disposable(lambda: self._drop(observer))
