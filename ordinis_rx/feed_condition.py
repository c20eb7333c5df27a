"""The state of a feed's connection, told as facts: what it is, why, and which attempt in a row this is."""

from __future__ import annotations

from collections.abc import Callable

from ordinis_rx.config import StreamConfig
from ordinis_rx.errors import WireError
from ordinis_rx.events import Event, StatusChange, StreamStatus
from ordinis_rx.session import Session

__all__ = ["Condition"]

_AT_REST = (StreamStatus.CLOSED, StreamStatus.DISCONNECTED)


class Condition:
    """Begins as DISCONNECTED, which is not told; *tell* takes every change."""

    def __init__(
        self,
        provider: str,
        session: Session,
        config: StreamConfig,
        *,
        tell: Callable[[list[Event]], None],
    ) -> None:
        self.status = StreamStatus.DISCONNECTED
        self._provider = provider
        self._session = session
        self._config = config
        self._tell = tell
        self._attempt = 0

    def begin(self) -> None:
        """Nothing has failed yet."""
        self._attempt = 0

    def dialling(self) -> None:
        """A connection is tried."""
        self.change(StreamStatus.CONNECTING, f"dialling {self._provider}")

    def let_in(self) -> None:
        """The provider knows us."""
        self.change(StreamStatus.CONNECTED, f"{self._provider} let us in")

    def retrying(self, error: Exception, attempt: int, delay: float) -> None:
        """The connection failed with *error*, and *attempt* follows in *delay* seconds."""
        self._attempt = attempt
        of = self._config.max_reconnect_attempts
        count = f"attempt {attempt}" if of is None else f"attempt {attempt} of {of}"
        wait = f"{delay:.1f}" if delay >= 1 else f"{delay:.2g}"
        self.change(StreamStatus.RECONNECTING, f"{error}; trying again in {wait} s ({count})")

    def failed(self, error: Exception) -> None:
        """It ends with *error*: trying again will not help, or has not."""
        why = ""
        if isinstance(error, WireError):
            given_up = f"given up after {self._attempt} attempts"
            why = given_up if self._config.reconnect_enabled else "reconnecting is disabled"
        self.change(StreamStatus.ERROR, "; ".join(filter(None, (str(error), why))))

    def change(self, status: StreamStatus, message: str) -> None:
        """Be in *status* from now on, and tell it with *message*."""
        self.status = status
        now = self._session.now()
        change = StatusChange(
            ts_event=now,
            ts_recv=now,
            provider=self._provider,
            seq=self._session.next_seq(),
            status=status,
            message=message,
            attempt=0 if status in _AT_REST else self._attempt,
        )
        self._tell([change])
