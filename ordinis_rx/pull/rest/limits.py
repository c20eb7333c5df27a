"""How often a vendor may be asked, as its answers tell: nobody is asked who has said that it will refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from ordinis_rx.wire.retry_after import LONGEST_SECONDS, retry_after

__all__ = ["RateLimit"]

UNTOLD_SECONDS = 60.0
"""How long to stay away after a refusal that does not say: limits are counted by the minute."""

EPOCH = 1_000_000_000
"""A reset above this is a moment in seconds since 1970; below, so many seconds from now."""


class RateLimit:
    """The state of one vendor's limit. *clock* tells seconds from an origin of its own, *now* seconds since 1970.

    >>> limit = RateLimit(clock=lambda: 5.0, now=lambda: 1_700_000_000.0)
    >>> limit.heard(200, {"X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "1700000042"})
    >>> limit.wait_seconds
    42.0
    """

    def __init__(self, *, clock: Callable[[], float], now: Callable[[], float]) -> None:
        self._clock = clock
        self._now = now
        self._until = clock()

    @property
    def wait_seconds(self) -> float:
        """How long not to ask; 0 when asking is allowed."""
        return max(self._until - self._clock(), 0.0)

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note of an answer. *headers* must know its names in any case, as those of httpx do."""
        wait = 0.0
        if headers.get("X-Ratelimit-Remaining", "").strip() == "0":
            wait = self._reset(headers)
        if status in (429, 503):
            wait = max(wait, retry_after(headers))
        if status == 429 and wait == 0.0:
            wait = UNTOLD_SECONDS
        self._until = max(self._until, self._clock() + wait)

    def _reset(self, headers: Mapping[str, str]) -> float:
        told = headers.get("X-Ratelimit-Reset", "").strip()
        if not (told.isascii() and told.isdecimal()):
            return 0.0
        seconds = float(told[:12])
        if seconds >= EPOCH:
            seconds -= self._server_time(headers)
        return min(max(seconds, 0.0), LONGEST_SECONDS)

    def _server_time(self, headers: Mapping[str, str]) -> float:
        # The moment is one of the server's clock; ours may differ by minutes.
        try:
            return parsedate_to_datetime(headers["Date"]).timestamp()
        except (KeyError, ValueError, TypeError):
            return self._now()
