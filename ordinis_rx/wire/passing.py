"""Observables of the wire: every message goes through each of them, so that a call that does nothing is one too many."""

from __future__ import annotations

from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ordinis_rx.endings import Ending, on_trampoline
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
        end = Ending.of(on_next, on_error, on_completed)
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
