"""Observables of the wire: every message goes through each of them, so that a call that does nothing is one too many."""

from __future__ import annotations

from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable
from reactivex.internal import default_error, noop

from ordinis_rx.doors import on_trampoline
from ordinis_rx.typing import A

__all__ = ["Passing"]


class Passing(Observable[A]):
    """As an Observable of reactivex, but whoever tells an item calls the subscriber's own function.

    There, an observer in between looks at each item whether the subscriber has left; here, leaving takes the function away.
    So what tells items must ask its observer for ``on_next`` anew each time.
    """

    def subscribe(
        self,
        on_next: abc.ObserverBase[A] | abc.OnNext[A] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        """Subscribe an observer, or up to three functions."""
        observer: Any = on_next
        if not hasattr(observer, "on_next"):
            end = _End(observer or noop, on_error or default_error, on_completed or noop)
        else:
            end = _End(observer.on_next, observer.on_error, observer.on_completed)
        told: Any = end

        def connect() -> None:
            try:
                end.upstream.disposable = self._subscribe_core(told, scheduler)
            except Exception as error:
                if end.stopped:
                    raise
                end.on_error(error)

        on_trampoline(connect)
        return Disposable(end.leave)


class _End:
    """The subscriber, an observer until it has left or was told the end."""

    __slots__ = ("_on_completed", "_on_error", "on_next", "stopped", "upstream")

    def __init__(
        self, on_next: abc.OnNext[Any], on_error: abc.OnError, on_completed: abc.OnCompleted
    ) -> None:
        self.on_next = on_next
        self._on_error = on_error
        self._on_completed = on_completed
        self.stopped = False
        self.upstream = SingleAssignmentDisposable()

    def _stop(self) -> None:
        self.stopped = True
        self.on_next = noop

    def leave(self) -> None:
        """Hear nothing more."""
        self._stop()
        self.upstream.dispose()

    def on_error(self, error: Exception) -> None:
        """Hand on the error, once."""
        if not self.stopped:
            self._stop()
            try:
                self._on_error(error)
            finally:
                self.upstream.dispose()

    def on_completed(self) -> None:
        """Hand on the end, once."""
        if not self.stopped:
            self._stop()
            try:
                self._on_completed()
            finally:
                self.upstream.dispose()
