"""How a subscription begins and ends: what comes is handed on until the subscriber has left, or was told the end."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Self

from reactivex import abc
from reactivex.disposable import SingleAssignmentDisposable
from reactivex.internal import default_error, noop
from reactivex.scheduler import CurrentThreadScheduler

from ordinis_rx.turns import tell_error

__all__ = ["Ending", "leaving", "on_trampoline"]


def on_trampoline(connect: Callable[[], None]) -> None:
    """Run *connect* on this thread's trampoline, so that no cold source begins before everything is connected."""
    trampoline = CurrentThreadScheduler.singleton()

    def run(_: abc.SchedulerBase, __: object = None) -> None:
        connect()

    if trampoline.schedule_required():
        trampoline.schedule(run)
    else:
        connect()


@contextmanager
def leaving(upstream: abc.DisposableBase) -> Generator[None]:
    """Where a subscription raises inside, leave what was subscribed to before: nobody could let go of it any more."""
    try:
        yield
    except BaseException:
        upstream.dispose()
        raise


class Ending:
    """The end of a subscription: hands on what comes, until the subscriber has left or was told the end."""

    __slots__ = ("_on_completed", "_on_error", "on_next", "stopped", "upstream")

    def __init__(
        self,
        on_next: Callable[[Any], None],
        on_error: Callable[[Exception], None],
        on_completed: Callable[[], None],
    ) -> None:
        self.on_next = on_next
        """The subscriber's own function; what has stopped has none."""
        self._on_error = on_error
        self._on_completed = on_completed
        self.stopped = False
        self.upstream = SingleAssignmentDisposable()

    @classmethod
    def of(
        cls,
        on_next: abc.ObserverBase[Any] | abc.OnNext[Any] | None,
        on_error: abc.OnError | None,
        on_completed: abc.OnCompleted | None,
    ) -> Self:
        """The end of what is subscribed to as in Rx: by an observer, or by up to three functions."""
        observer: Any = on_next
        if hasattr(observer, "on_next"):
            return cls(observer.on_next, observer.on_error, observer.on_completed)
        return cls(observer or noop, on_error or default_error, on_completed or noop)

    def leave(self) -> None:
        """Hear nothing more."""
        self._stop()
        self.upstream.dispose()

    def on_error(self, error: Exception) -> None:
        """Hand on the error, once."""
        if not self.stopped:
            self._stop()
            try:
                tell_error(self._on_error, error)
            finally:
                self.upstream.dispose()

    def on_completed(self) -> None:
        """Hand on the end, once. Who raises at it is told that, so that nobody further down waits for an end for ever."""
        if not self.stopped:
            self._stop()
            try:
                self._on_completed()
            except Exception as error:
                tell_error(self._on_error, error)
                raise  # whoever has ended there already is told nothing any more
            finally:
                self.upstream.dispose()

    def _stop(self) -> None:
        self.stopped = True
        self.on_next = noop
