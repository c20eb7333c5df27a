"""When a recording goes to the disk: a thread that sees to it, so that no event loop waits for a disk."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ordinis_rx.checks import check_duration
from ordinis_rx.timebase import Nanos, seconds

__all__ = ["Syncer", "check_period"]


def check_period(every: Nanos | None) -> None:
    """Raise TypeError or ValueError for what is no period."""
    if every is not None:
        check_duration("sync_every", every)


class Syncer:
    """Calls *sync* in a thread of its own, *every* so many nanoseconds, until it is stopped or *sync* raises.

    What it raises goes to *failed*, in that thread. Without *every* there is no thread, and nothing is called.
    """

    def __init__(
        self,
        sync: Callable[[], None],
        every: Nanos | None,
        failed: Callable[[Exception], None],
    ) -> None:
        self._sync = sync
        self._every = every
        self._failed = failed
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        if every is not None:
            self._thread = threading.Thread(target=self._run, name="ordinis-journal", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        assert self._every is not None
        while not self._stop.wait(seconds(self._every)):
            try:
                self._sync()
            except Exception as error:
                self._failed(error)
                return
