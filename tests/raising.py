"""An operator of somebody's own that raises when its source has ended."""

from __future__ import annotations

from typing import Any

import reactivex as rx
from reactivex import Observable, abc

__all__ = ["raising_at_the_end"]


def raising_at_the_end(source: Observable[Any]) -> Observable[Any]:
    """Every value of *source*, and no end: what is done at the end fails."""

    def subscribe(
        observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        def on_completed() -> None:
            raise LookupError("at the end")

        return source.subscribe(
            observer.on_next, observer.on_error, on_completed, scheduler=scheduler
        )

    return rx.create(subscribe)
